import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Allotment, NO_LIMITS, problemWith, type ResellerLimits, withAccount } from './reseller-limits.ts'

const NOTHING: Allotment = {
  accounts: 0,
  diskMb: { limitedMb: 0, unlimited: 0 },
  bandwidthMb: { limitedMb: 0, unlimited: 0 },
  packages: new Map(),
}
const NO_USE = { diskMb: 0, bandwidthMb: 0 }
const size = fc.option(fc.integer({ min: 0, max: 1000 }), { nil: undefined })
const account = fc.record({ plan: fc.constantFrom('a', 'b', '__proto__'), diskLimitMb: size, bandwidthLimitMb: size })
const allotment = fc.array(account, { maxLength: 8 }).map((accounts) => accounts.reduce(withAccount, NOTHING))
const limits: fc.Arbitrary<ResellerLimits> = fc.record({
  hasAccountLimit: fc.boolean(),
  accountLimit: fc.option(fc.integer({ min: 0, max: 8 }), { nil: undefined }),
  hasResourceLimits: fc.boolean(),
  diskLimitMb: size,
  bandwidthLimitMb: size,
  mayOversellDisk: fc.boolean(),
  mayOversellBandwidth: fc.boolean(),
  hasPackageLimits: fc.boolean(),
  hasPackageNumbers: fc.boolean(),
  packages: fc.constant({ a: { isAllowed: true, number: 2 } }),
})

test('without limits nothing is refused, and what does not grow is refused by none', () => {
  fc.assert(
    fc.property(allotment, allotment, limits, (before, after, set) => {
      assert.equal(problemWith(NO_LIMITS, before, after, NO_USE), undefined)
      assert.equal(problemWith(set, before, before, NO_USE), undefined)
    }),
  )
})

test('account by account, what was let in keeps every limit that is switched on', () => {
  fc.assert(
    fc.property(fc.array(account, { maxLength: 12 }), limits, (accounts, set) => {
      let have = NOTHING
      for (const next of accounts) {
        const then = withAccount(have, next)
        if (problemWith(set, have, then, NO_USE) === undefined) have = then
      }
      if (set.hasAccountLimit) assert.ok(have.accounts <= (set.accountLimit ?? 0))
      if (set.hasPackageLimits) {
        assert.deepEqual(
          [...have.packages.keys()].filter((plan) => plan !== 'a'),
          [],
        )
        if (set.hasPackageNumbers) assert.ok((have.packages.get('a') ?? 0) <= 2)
      }
      if (!set.hasResourceLimits) return
      if (set.diskLimitMb !== undefined && !set.mayOversellDisk) {
        assert.ok(have.diskMb.limitedMb <= set.diskLimitMb)
        assert.equal(have.diskMb.unlimited, 0)
      }
      if (set.bandwidthLimitMb !== undefined && !set.mayOversellBandwidth)
        assert.ok(have.bandwidthMb.limitedMb <= set.bandwidthLimitMb)
    }),
  )
})

test('with overselling it is what is used that counts', () => {
  const set = { ...NO_LIMITS, hasResourceLimits: true, diskLimitMb: 100, mayOversellDisk: true }
  const more = withAccount(NOTHING, { plan: 'a', diskLimitMb: 5000, bandwidthLimitMb: undefined })
  assert.equal(problemWith(set, NOTHING, more, { diskMb: 99, bandwidthMb: 0 }), undefined)
  assert.match(problemWith(set, NOTHING, more, { diskMb: 100, bandwidthMb: 0 }) ?? '', /100 MB of disk space/)
})
