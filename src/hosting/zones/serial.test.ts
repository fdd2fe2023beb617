import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { firstSerialOf, isLaterSerial, nextSerial } from './serial.ts'

const day = new Date('2026-11-26T23:59:59Z')
const farDay = new Date('2200-01-01T00:00:00Z')
const serial = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  fc.integer({ min: 2_026_000_000, max: 2_026_999_999 }),
)

test('the first serial of a day is its date and 00', () => {
  assert.equal(firstSerialOf(day), 2_026_112_600)
})

test('the next serial is that of the day where it is later, and else one more', () => {
  for (const [now, next] of [
    [2_026_112_599, 2_026_112_600],
    [2_026_112_600, 2_026_112_601],
    [2_026_112_699, 2_026_112_700],
    [2_026_112_700, 2_026_112_701],
    [1, 2_026_112_600],
    // Half the circle away: the date is neither later nor earlier. One step on it is later.
    [4_173_596_248, 4_173_596_249],
    [4_173_596_249, 2_026_112_600],
    [4_294_967_295, 2_026_112_600],
    [0, 2_026_112_600],
  ] as const)
    assert.equal(nextSerial(now, day), next, String(now))
})

test('after 4294967295 comes 0, where the date is not later', () => {
  assert.equal(nextSerial(4_294_967_295, farDay), 0)
})

test('the next serial is always later in the arithmetic of RFC 1982, also where the days go back', () => {
  fc.assert(
    fc.property(
      serial,
      fc.array(fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })),
      (first, days) => {
        let now = first
        for (const at of [day, ...days]) {
          const next = nextSerial(now, at)
          assert.ok(Number.isInteger(next) && next >= 0 && next < 2 ** 32)
          assert.ok(isLaterSerial(next, now), `${now} → ${next}`)
          assert.ok(!isLaterSerial(now, next))
          now = next
        }
      },
    ),
  )
})
