import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AuditBatch } from './batch.ts'
import type { AuditEntry } from './entry.ts'

const WAITING_MAX = 20_000

const entryOf = (n: number): AuditEntry => ({
  at: new Date(n),
  requestId: `r${n}`,
  caller: 'nobody',
  credential: 'none',
  tokenId: undefined,
  tokenName: undefined,
  address: '192.0.2.1',
  function: 'version',
  target: '',
  outcome: 'refused',
  reason: 'unknown-token',
  details: {},
})

/** A store that can be full. */
function makeStore() {
  const kept: AuditEntry[] = []
  const heard: unknown[] = []
  const state = { isFull: false, writes: 0 }
  const batch = new AuditBatch(
    async (entries) => {
      state.writes += 1
      if (state.isFull) throw new Error('full')
      kept.push(...entries)
    },
    (error) => void heard.push(error),
  )
  return { kept, heard, state, batch }
}

test('D2: while nothing can be written entries wait; later all are written, and one tells how many were not itemised', async () => {
  const { kept, heard, state, batch } = makeStore()
  state.isFull = true
  const given = WAITING_MAX + 1234
  for (let n = 0; n < given; n++) batch.add(entryOf(n))
  for (let i = 0; i < 3; i++) await assert.rejects(batch.flush(), /full/)
  assert.equal(heard.length, 1)
  assert.equal(kept.length, 0)
  state.isFull = false
  await batch.flush()
  assert.equal(kept.length, WAITING_MAX + 1)
  assert.deepEqual(
    kept.slice(0, WAITING_MAX).map(({ requestId }) => requestId),
    Array.from({ length: WAITING_MAX }, (_, n) => `r${n}`),
  )
  const last = kept.at(-1)
  assert.equal(last?.reason, 'not-itemised')
  assert.deepEqual(last?.details, { count: 1234, since: new Date(WAITING_MAX).toISOString() })
  // The next trouble is told again, and what is counted starts anew.
  state.isFull = true
  batch.add(entryOf(1))
  await assert.rejects(batch.flush(), /full/)
  assert.equal(heard.length, 2)
  state.isFull = false
  await batch.close()
  assert.equal(kept.length, WAITING_MAX + 2)
})

test('what was added before a flush is written by it, in large steps, once', async () => {
  const { kept, state, batch } = makeStore()
  for (let n = 0; n < 1200; n++) batch.add(entryOf(n))
  await Promise.all([batch.flush(), batch.flush(), batch.flush()])
  assert.equal(kept.length, 1200)
  assert.equal(state.writes, 3)
  await batch.close()
})

test('catching up writes what waits, and passes at once while nothing can be written', async () => {
  const { kept, state, batch } = makeStore()
  batch.add(entryOf(1))
  await batch.catchUp()
  assert.equal(kept.length, 1)
  await batch.catchUp()
  assert.equal(state.writes, 1)
  state.isFull = true
  batch.add(entryOf(2))
  await batch.catchUp()
  await batch.catchUp()
  assert.equal(state.writes, 2)
  state.isFull = false
  await batch.close()
  assert.equal(kept.length, 2)
})

test('after the close nothing is tried any more, also when the last try failed', async () => {
  const { state, batch } = makeStore()
  state.isFull = true
  batch.add(entryOf(1))
  await assert.rejects(batch.close(), /full/)
  const { writes } = state
  batch.add(entryOf(2))
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(state.writes, writes)
})
