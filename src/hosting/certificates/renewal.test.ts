import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type AutoSslState, isDue, pickForRound, renewalAt, type Shown, waitMsAfter } from './renewal.ts'

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

const siteOf = (site: string, end?: number, lastTry?: number) => ({
  site,
  shown: end === undefined ? undefined : { site, provider: 'authority', notBefore: day(0), notAfter: day(end) },
  state: stateOf(site, lastTry),
})

function stateOf(site: string, lastTry: number | undefined): AutoSslState {
  const lastTryAt = lastTry === undefined ? undefined : day(lastTry)
  return { site, userId: 1, lastTryAt, result: 'none', problem: '', failures: 0, nextTryAt: day(0) }
}

test('of an account a round tries five sites: renewals, the nearest end first, then those that waited longest', () => {
  const due = [
    siteOf('new 1', undefined, 90),
    siteOf('new 2'),
    siteOf('ended, by hand', 20, 80),
    siteOf('ends last', 109),
    siteOf('ends first', 101),
    siteOf('ends second', 105),
    siteOf('new 3', undefined, 95),
  ].map((one) => (one.site === 'ended, by hand' ? { ...one, shown: { ...SHOWN, notAfter: day(20) } } : one))
  assert.deepEqual(
    pickForRound(due, [], day(100)).map(({ site }) => site),
    ['ends first', 'ends second', 'ends last', 'new 2', 'ended, by hand'],
  )
})

test('an account with fifty sites tried within a day gets no further ones, and its renewals all the same', () => {
  const tried = (count: number, at: number) => Array.from({ length: count }, (_, index) => stateOf(`${index}`, at))
  const due = [siteOf('new'), siteOf('ends', 110)]
  const picked = (states: readonly AutoSslState[]) => pickForRound(due, states, day(100)).map(({ site }) => site)
  assert.deepEqual(picked(tried(50, 99.5)), ['ends'])
  assert.deepEqual(picked(tried(49, 99.5)), ['ends', 'new'])
  assert.deepEqual(picked([...tried(50, 98.9), stateOf('never', undefined)]), ['ends', 'new'])
})

const SHOWN = { site: '', provider: undefined, notBefore: day(0), notAfter: day(0) }
