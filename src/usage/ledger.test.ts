import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type TakenUse, type UsageBatch, UsageLedger } from './ledger.ts'

/** A store that can be full. */
function makeStore(keepsDetails = true) {
  const batches: UsageBatch[] = []
  const heard: unknown[] = []
  const state = { isFull: false }
  const ledger = new UsageLedger(
    {
      write: async (batch) => {
        if (state.isFull) throw new Error('full')
        batches.push(batch)
      },
    },
    { keepsDetails, onTrouble: (error) => void heard.push(error) },
  )
  const written = (): readonly (readonly TakenUse[])[] => batches.map(({ uses }) => uses)
  /** All counts that were written, as `kind name: calls`. */
  const counted = (): Record<string, number> => {
    const sums: Record<string, number> = {}
    for (const { kind, name, calls } of batches.flatMap(({ counts }) => counts))
      sums[`${kind} ${name}`] = (sums[`${kind} ${name}`] ?? 0) + calls
    return sums
  }
  return { batches, written, counted, heard, state, ledger }
}

test('D2: what could not be written is kept as one record a token, however often it was tried, and no call is lost', async () => {
  const { written, counted, heard, state, ledger } = makeStore()
  const [a, b] = [ledger.newUse('a'), ledger.newUse('b')]
  state.isFull = true
  for (let round = 1; round <= 50; round++) {
    ledger.markToken(a, round, '192.0.2.1', 'version')
    if (round % 10 === 0) ledger.markToken(b, round, '192.0.2.2', 'listaccts')
    await assert.rejects(ledger.flush(), /full/)
  }
  assert.equal(heard.length, 1)
  state.isFull = false
  ledger.markToken(a, 60, '192.0.2.3', 'version')
  await ledger.close()
  const uses = written().flat()
  // What came after the last failure, and what had waited.
  assert.ok(uses.length <= 3)
  const calls = (id: string): number =>
    uses.filter(({ tokenId }) => tokenId === id).reduce((sum, use) => sum + use.calls, 0)
  assert.deepEqual([calls('a'), calls('b')], [51, 5])
  const last = uses.filter(({ tokenId }) => tokenId === 'a').sort((x, y) => y.lastUsedMs - x.lastUsedMs)[0]
  assert.deepEqual([last?.lastUsedMs, last?.lastUsedAddress], [60, '192.0.2.3'])
  assert.deepEqual(counted(), {
    'function version': 51,
    'address 192.0.2.1': 50,
    'address 192.0.2.3': 1,
    'function listaccts': 5,
    'address 192.0.2.2': 5,
  })
})

test('when a session was last seen is known without a gap while it is being written', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const ledger = new UsageLedger({ write: () => promise }, { keepsDetails: true, onTrouble: () => {} })
  ledger.markSession('digest', 5)
  const flushed = ledger.flush()
  await new Promise((done) => setImmediate(done))
  assert.equal(ledger.sessionSeenMs('digest'), 5)
  resolve()
  await flushed
  assert.equal(ledger.sessionSeenMs('digest'), undefined)
})

test('each call is counted once by function and once by address, each account and refusal by its name, in the hour of the call', async () => {
  const { batches, counted, ledger } = makeStore()
  const use = ledger.newUse('a', 2)
  const hourMs = 3_600_000
  ledger.markToken(use, hourMs - 1, '192.0.2.1', 'version')
  await ledger.flush()
  for (const [functionName, address] of [
    ['version', '192.0.2.1'],
    ['listaccts', '192.0.2.1'],
    ['version', '::1'],
    ['version', '192.0.2.1'],
  ] as const)
    ledger.markToken(use, hourMs, address, functionName)
  ledger.markAccount('a', 'alice')
  ledger.markRefusal('a', hourMs, '192.0.2.9', 'address-not-allowed')
  ledger.markRefusal('a', hourMs + 5, '192.0.2.8', 'privilege-missing')
  await ledger.close()
  assert.deepEqual(counted(), {
    'function version': 4,
    'address 192.0.2.1': 4,
    'function listaccts': 1,
    'address ::1': 1,
    'account alice': 1,
    'refusal address-not-allowed': 1,
    'refusal privilege-missing': 1,
  })
  const ofVersion = batches.map(({ counts }) => counts.find(({ name }) => name === 'version'))
  assert.deepEqual(
    ofVersion.map((count) => [count?.hourMs, count?.calls]),
    [
      [0, 1],
      [hourMs, 3],
    ],
  )
  const [refusals] = batches[1]?.refusals ?? []
  assert.deepEqual(
    [refusals?.refused, refusals?.lastMs, refusals?.lastAddress, refusals?.lastReason],
    [2, hourMs + 5, '192.0.2.8', 'privilege-missing'],
  )
  const [taken] = batches[1]?.uses ?? []
  assert.deepEqual(
    [taken?.secretNumber, taken?.calls, taken?.firstUsedMs, taken?.lastFunction],
    [2, 4, hourMs, 'version'],
  )
})

test('a token is told apart by 200 names of a kind in an hour, and no call beyond is lost', async () => {
  const { counted, ledger } = makeStore()
  const use = ledger.newUse('a')
  for (let round = 0; round < 3; round += 1) {
    for (let n = 0; n < 1000; n += 1) ledger.markToken(use, 1000, `2001:db8::${n}`, 'version')
    await ledger.flush()
  }
  await ledger.close()
  const addresses = Object.entries(counted()).filter(([name]) => name.startsWith('address'))
  assert.equal(addresses.length, 201)
  assert.equal(
    addresses.reduce((sum, [, calls]) => sum + calls, 0),
    3000,
  )
  assert.ok((counted()['address (other)'] ?? 0) > 2000)
})

test('without details only the last use and the number of calls are kept', async () => {
  const { batches, written, ledger } = makeStore(false)
  ledger.markToken(ledger.newUse('a'), 7, '192.0.2.1', 'version')
  ledger.markAccount('a', 'alice')
  await ledger.close()
  assert.deepEqual(
    written()[0]?.map(({ tokenId, calls, lastUsedMs }) => [tokenId, calls, lastUsedMs]),
    [['a', 1, 7]],
  )
  assert.deepEqual(
    batches.flatMap(({ counts }) => counts),
    [],
  )
})
