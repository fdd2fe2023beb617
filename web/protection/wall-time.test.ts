import assert from 'node:assert/strict'
import { test } from 'node:test'
import { secondsOfWallTime } from './wall-time.ts'

test('what a clock of the server shows is the moment that it shows it, in summer and in winter', () => {
  for (const [text, zone, iso] of [
    ['2026-11-25 23:08:09', 'UTC', '2026-11-25T23:08:09Z'],
    ['2026-11-25 00:08:09', 'Europe/Berlin', '2026-11-24T23:08:09Z'],
    ['2026-07-01 00:30:00', 'America/New_York', '2026-07-01T04:30:00Z'],
    ['2026-03-29 01:59:59', 'Europe/Berlin', '2026-03-29T00:59:59Z'],
    ['2026-03-29 03:00:00', 'Europe/Berlin', '2026-03-29T01:00:00Z'],
    ['2026-10-25 03:00:00', 'Europe/Berlin', '2026-10-25T02:00:00Z'],
    ['2026-11-25 05:30:00', 'Asia/Kolkata', '2026-11-25T00:00:00Z'],
  ] as const)
    assert.equal(secondsOfWallTime(text, zone), Date.parse(iso) / 1000, `${text} ${zone}`)
})

test('what is no such text is no moment', () => {
  for (const text of ['', '2026-11-25', '2026-11-25T00:00:00Z']) assert.equal(secondsOfWallTime(text, 'UTC'), undefined)
})
