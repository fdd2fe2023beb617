import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import type { NewAlert } from './alert.ts'
import { AlertBatch } from './batch.ts'

const alert = (address: string, more: Partial<NewAlert> = {}): NewAlert => ({
  kind: 'refusal-burst',
  reason: `From ${address}.`,
  about: { address },
  at: new Date(0),
  ...more,
})

const noTrouble = (error: unknown): void => assert.fail(String(error))

test('alerts of one group are written as one, with the latest reason and all occurrences', async () => {
  const written: (readonly NewAlert[])[] = []
  const batch = new AlertBatch(async (alerts) => void written.push(alerts), noTrouble)
  for (let count = 0; count < 1000; count += 1) batch.add(alert('192.0.2.1', { reason: `Call ${count}.` }))
  batch.add(alert('192.0.2.2', { occurrences: 50 }))
  await batch.close()
  assert.deepEqual(written, [
    [alert('192.0.2.1', { reason: 'Call 999.', occurrences: 1000 }), alert('192.0.2.2', { occurrences: 50 })],
  ])
})

test('what waits is written within a second, without anybody asking', async () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  try {
    let written = 0
    const batch = new AlertBatch(async (alerts) => {
      written += alerts.length
    }, noTrouble)
    batch.add(alert('192.0.2.1'))
    assert.equal(written, 0)
    mock.timers.tick(1000)
    assert.equal(written, 1)
    await batch.flush()
    assert.equal(written, 1)
  } finally {
    mock.timers.reset()
  }
})

test('what cannot be written waits, keeps its count, and is written later; trouble is told once', async () => {
  let isBroken = true
  const troubles: unknown[] = []
  const written: NewAlert[] = []
  const write = async (alerts: readonly NewAlert[]): Promise<void> => {
    if (isBroken) throw new Error('the disk is full')
    written.push(...alerts)
  }
  const batch = new AlertBatch(write, (error) => troubles.push(error))
  batch.add(alert('192.0.2.1'))
  await assert.rejects(batch.flush(), /disk is full/)
  batch.add(alert('192.0.2.1'))
  await assert.rejects(batch.flush(), /disk is full/)
  assert.deepEqual([batch.size, troubles.length], [1, 1])
  isBroken = false
  await batch.close()
  assert.deepEqual(written, [alert('192.0.2.1', { occurrences: 2 })])
})

test('a flood of groups is counted by kind beyond a bound, so memory stays small and nothing goes uncounted', async () => {
  const written: NewAlert[] = []
  const batch = new AlertBatch(async (alerts) => void written.push(...alerts), noTrouble)
  for (let n = 0; n < 5000; n += 1) batch.add(alert(`2001:db8::${n.toString(16)}`))
  await batch.close()
  assert.equal(written.length, 1001)
  assert.equal(
    written.reduce((sum, { occurrences }) => sum + (occurrences ?? 1), 0),
    5000,
  )
  assert.deepEqual(written.at(-1)?.about, {})
})
