import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type AutoSslState, isDue, renewalAt, type Shown, waitMsAfter } from './renewal.ts'

const DAY_MS = 86_400_000
const day = (number: number) => new Date(number * DAY_MS)

test('a certificate is renewed thirty days before its end, or with a third of a short life left', () => {
  assert.deepEqual(renewalAt({ notBefore: day(0), notAfter: day(90) }), day(60))
  assert.deepEqual(renewalAt({ notBefore: day(0), notAfter: day(365) }), day(335))
  assert.deepEqual(renewalAt({ notBefore: day(0), notAfter: day(6) }), day(4))
  fc.assert(
    fc.property(fc.nat(10_000), fc.integer({ min: 1, max: 1000 }), (from, life) => {
      const at = renewalAt({ notBefore: day(from), notAfter: day(from + life) })
      assert.ok(at > day(from) && at < day(from + life))
    }),
  )
})

test('failures wait an hour, then twice as long up to a day, each a quarter more or less', () => {
  const hours = (failures: number, random: number) => waitMsAfter(failures, random) / 3_600_000
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 50].map((failures) => hours(failures, 0.5)),
    [1, 2, 4, 8, 16, 24, 24],
  )
  assert.deepEqual([hours(1, 0), hours(1, 1)], [0.75, 1.25])
})

test('due is what shows nothing, what is to be renewed, and what somebody installed and let end; not what waits after a failure', () => {
  const shown: Shown = { site: 'a.example.com', provider: 'acme', notBefore: day(0), notAfter: day(90) }
  const state: AutoSslState = {
    site: 'a.example.com',
    userId: 1,
    lastTryAt: day(60),
    result: 'failed',
    problem: 'x',
    failures: 1,
    nextTryAt: day(61),
  }
  assert.equal(isDue(undefined, undefined, day(0)), true)
  assert.equal(isDue(undefined, state, day(60)), false)
  assert.equal(isDue(undefined, state, day(61)), true)
  assert.equal(isDue(shown, undefined, day(59)), false)
  assert.equal(isDue(shown, undefined, day(60)), true)
  const byHand = { ...shown, provider: undefined }
  assert.equal(isDue(byHand, undefined, day(89)), false)
  assert.equal(isDue(byHand, undefined, day(90)), true)
})
