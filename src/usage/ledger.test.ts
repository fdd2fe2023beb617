import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type TokenUse, UsageLedger } from './ledger.ts'

/** A store that can be full. */
function makeStore() {
  const written: (readonly Readonly<TokenUse>[])[] = []
  const sessions: ReadonlyMap<string, number>[] = []
  const heard: unknown[] = []
  const state = { isFull: false }
  const ledger = new UsageLedger(
    {
      write: async (uses, seen) => {
        if (state.isFull) throw new Error('full')
        written.push(uses)
        sessions.push(seen)
      },
    },
    (error) => void heard.push(error),
  )
  return { written, sessions, heard, state, ledger }
}

test('D2: what could not be written is kept as one record a token, however often it was tried, and no call is lost', async () => {
  const { written, heard, state, ledger } = makeStore()
  const [a, b] = [ledger.newUse('a'), ledger.newUse('b')]
  state.isFull = true
  for (let round = 1; round <= 50; round++) {
    ledger.markToken(a, round, '192.0.2.1')
    if (round % 10 === 0) ledger.markToken(b, round, '192.0.2.2')
    await assert.rejects(ledger.flush(), /full/)
  }
  assert.equal(heard.length, 1)
  state.isFull = false
  ledger.markToken(a, 60, '192.0.2.3')
  await ledger.close()
  const uses = written.flat()
  // What came after the last failure, and what had waited.
  assert.ok(uses.length <= 3)
  const calls = (id: string): number =>
    uses.filter(({ tokenId }) => tokenId === id).reduce((sum, use) => sum + use.calls, 0)
  assert.deepEqual([calls('a'), calls('b')], [51, 5])
  const last = uses.filter(({ tokenId }) => tokenId === 'a').sort((x, y) => y.lastUsedMs - x.lastUsedMs)[0]
  assert.deepEqual([last?.lastUsedMs, last?.lastUsedAddress], [60, '192.0.2.3'])
})

test('when a session was last seen is known without a gap while it is being written', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const ledger = new UsageLedger({ write: () => promise }, () => {})
  ledger.markSession('digest', 5)
  const flushed = ledger.flush()
  await new Promise((done) => setImmediate(done))
  assert.equal(ledger.sessionSeenMs('digest'), 5)
  resolve()
  await flushed
  assert.equal(ledger.sessionSeenMs('digest'), undefined)
})
