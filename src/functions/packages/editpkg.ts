import type { AccountChange } from '../../accounts/account.ts'
import type { Package } from '../../hosting/packages.ts'
import { withinResellerLimits } from '../accounts/reseller-bounds.ts'
import { shellOf } from '../accounts/shells.ts'
import type { WriteContext } from '../context.ts'
import { defineWrite } from '../define.ts'
import { limitsAfterChange } from './account-limits.ts'
import { makePackage, packageOutcome } from './addpkg.ts'
import { packageName, packageParams, withValues } from './forms.ts'
import { assertMayPack, withoutMoreDomains } from './package-gates.ts'
import { findOwnPackage } from './packages-in-reach.ts'

/**
 * What changes in the package changes in every account on it (documented), whoever owns the account; where an account differs from its
 * package in something else, it goes on doing so. Addresses stay: they were given one by one.
 */
export const editpkg = defineWrite({
  name: 'editpkg',
  group: 'Packages',
  summary: 'Change a package and every account on it; a package that does not exist is created.',
  source: 'WHM API 1, "Update hosting plan"',
  acl: 'edit-pkg',
  params: { name: packageName('The package.', ['pkgname']), ...packageParams },
  failures: ['feature-list-not-found', 'privilege-not-held', 'reseller-limit-reached'],
  v0: 'result',
  audit: (values) => values.name,
  async run(context, values) {
    const { stores, caller, note, now } = context
    const before = await findOwnPackage(stores, caller, values.name)
    if (before === undefined) return makePackage(context, values.name, values)
    const { made: after, warnings } = withoutMoreDomains(context, before, await withValues(context, before, values))
    assertMayPack(context, before, after)
    await stores.packages.save(after, now)
    const { result: changed, warnings: beyond } = await withinResellerLimits(context, caller.userId, () =>
      carryOver(context, before, after),
    )
    note('accounts_changed', changed)
    return packageOutcome(after.name, `Package ${after.name} was changed.`, [...warnings, ...beyond])
  },
})

/** Gives the number of accounts on the package. */
function carryOver({ stores }: WriteContext, before: Package, after: Package): Promise<number> {
  const sizes: AccountChange = {
    ...(after.diskLimitMb !== before.diskLimitMb && { diskLimitMb: after.diskLimitMb ?? 'unlimited' }),
    ...(after.bandwidthLimitMb !== before.bandwidthLimitMb && {
      bandwidthLimitMb: after.bandwidthLimitMb ?? 'unlimited',
    }),
    ...(after.hasShell !== before.hasShell && { shell: shellOf(after.hasShell) }),
    ...(after.theme !== before.theme && { theme: after.theme }),
    ...(after.locale !== before.locale && { locale: after.locale }),
  }
  return stores.accounts.changeAccountsOnPlan(after.name, (kept) => ({
    ...sizes,
    limits: limitsAfterChange(kept, before, after),
  }))
}
