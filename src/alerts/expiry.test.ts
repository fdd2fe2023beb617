import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dueReminder, type ExpiringToken, reminderOf } from './expiry.ts'

const DAY_MS = 86_400_000
const END = Date.UTC(2026, 11, 31, 23, 59, 59)
const token = (more: Partial<ExpiringToken> = {}): ExpiringToken => ({
  tokenId: 'tok_1',
  name: 'backup',
  userId: 7,
  user: 'rita',
  createdAt: new Date(END - 365 * DAY_MS),
  expiresAt: new Date(END),
  lastUsedAt: undefined,
  remindedDays: undefined,
  ...more,
})

test('it is reminded of at 60, 30, 14, 7 and 1 days, each once, and not after the end', () => {
  const said: (readonly [number, number])[] = []
  let remindedDays: number | undefined
  for (let left = 90; left >= -1; left -= 0.25) {
    const due = dueReminder(token({ remindedDays }), END - left * DAY_MS)
    if (due === undefined) continue
    said.push([left, due])
    remindedDays = due
  }
  assert.deepEqual(said, [
    [60, 60],
    [30, 30],
    [14, 14],
    [7, 7],
    [1, 1],
  ])
})

test('after a time without a server only the nearest step is said', () => {
  assert.equal(dueReminder(token({ remindedDays: 60 }), END - 5 * DAY_MS), 7)
  assert.equal(dueReminder(token({ remindedDays: 7 }), END - 5 * DAY_MS), undefined)
  assert.equal(dueReminder(token(), END - 0.5 * DAY_MS), 1)
})

test('a token whose life hardly exceeds a step is not reminded at it', () => {
  const living = (days: number) => token({ createdAt: new Date(END - days * DAY_MS) })
  for (const [days, first] of [
    [365, 60],
    [60, 30],
    [45, 30],
    [30, 14],
    [10, 7],
    [7, 1],
    [2, 1],
  ] as const) {
    const at = [60, 30, 14, 7, 1].find(
      (left) => left < days && dueReminder(living(days), END - left * DAY_MS) !== undefined,
    )
    assert.equal(at, first, String(days))
  }
  for (const hours of [1, 24, 47])
    for (let left = hours; left > 0; left -= 1)
      assert.equal(dueReminder(living(hours / 24), END - (left / 24) * DAY_MS), undefined, `${hours} ${left}`)
})

test('the reminder says which token, when, and whether anybody uses it', () => {
  assert.equal(
    reminderOf(token(), new Date(END - 7 * DAY_MS)).reason,
    'The token “backup” of “rita” expires in 7 days, on 2026-12-31 23:59:59 UTC. It was never used.',
  )
  assert.equal(
    reminderOf(token({ lastUsedAt: new Date(END - 8 * DAY_MS) }), new Date(END - 1000)).reason,
    'The token “backup” of “rita” expires within a day, on 2026-12-31 23:59:59 UTC. It was last used on 2026-12-23.',
  )
})
