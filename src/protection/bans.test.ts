import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Ban, nextBan } from './bans.ts'
import { PROTECTION_DEFAULTS } from './config.ts'

const MINUTE_MS = 60_000
const cause = { network: '192.0.2.7', claimedUser: 'root', attempts: 10, failures: 1 }

test('each ban within the lookback of the last one is twice as long, up to a day', () => {
  const spans: number[] = []
  let last: Ban | undefined
  let nowMs = 0
  for (let n = 0; n < 10; n += 1) {
    last = nextBan(last, cause, PROTECTION_DEFAULTS, nowMs)
    spans.push((last.untilMs - last.begunAtMs) / MINUTE_MS)
    nowMs = last.untilMs + 359 * MINUTE_MS
  }
  assert.deepEqual(spans, [15, 30, 60, 120, 240, 480, 960, 1440, 1440, 1440])
  assert.equal(last?.repetition, 10)
})

test('a ban that comes later than the lookback is a first one again', () => {
  const first = nextBan(undefined, cause, PROTECTION_DEFAULTS, 0)
  const later = nextBan(first, cause, PROTECTION_DEFAULTS, first.untilMs + 360 * MINUTE_MS)
  assert.deepEqual([later.repetition, later.failures], [1, 1])
})

test('so many failures as mark a brute make it a day, whatever the repetition', () => {
  const ban = nextBan(undefined, { ...cause, failures: 30 }, PROTECTION_DEFAULTS, 0)
  assert.deepEqual([ban.isExcessive, ban.untilMs], [true, 1440 * MINUTE_MS])
})
