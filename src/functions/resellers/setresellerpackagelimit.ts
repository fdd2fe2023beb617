import type { ResellerLimits } from '../../accounts/reseller-limits.ts'
import { Failure } from '../../failures.ts'
import { flag, optional, type Values, wholeNumber } from '../../whm/params.ts'
import { defineWrite } from '../define.ts'
import { packageName } from '../packages/forms.ts'
import { findPackage } from '../packages/packages-in-reach.ts'
import { loadReseller, resellerName } from './forms.ts'

const params = {
  user: resellerName('The reseller.'),
  no_limit: optional(flag({ doc: '1: every package may be used, without a number.' })),
  package: optional(packageName('The package that the rest is about.')),
  allowed: optional(flag({ doc: 'Whether the reseller may use it.' })),
  number: optional(wholeNumber({ doc: 'For how many accounts.', min: 1, max: 1_000_000 })),
}

/** The numbers count while setresellerlimits has switched them on. */
export const setresellerpackagelimit = defineWrite({
  name: 'setresellerpackagelimit',
  group: 'Resellers',
  summary: 'Allow a reseller a package, for so many accounts, or take it away.',
  source: 'WHM API 1, "Update reseller\'s hosting plan limits"',
  acl: 'all',
  params,
  failures: ['reseller-not-found', 'package-not-found', 'argument-missing'],
  v0: 'result',
  audit: (values) => values.user,
  async run({ stores, note }, values) {
    const reseller = await loadReseller(stores, values.user)
    const { package: name } = values
    if (name !== undefined && (await findPackage(stores, name)) === undefined)
      throw new Failure('package-not-found', { package: name })
    const settings = await stores.resellers.settingsOf(reseller.id)
    const limits = limitsAfter(settings.limits, values)
    await stores.resellers.save(reseller.id, { ...settings, limits })
    note('limits', JSON.stringify(limits))
    return { data: {} }
  },
})

function limitsAfter(before: ResellerLimits, { no_limit, package: name, allowed, number }: Values<typeof params>) {
  if (no_limit) return { ...before, hasPackageLimits: false }
  if (name === undefined) throw new Failure('argument-missing', { argument: 'package' })
  if (allowed === undefined && number === undefined) throw new Failure('argument-missing', { argument: 'allowed' })
  const former = Object.hasOwn(before.packages, name) ? before.packages[name] : undefined
  const allowance = { isAllowed: allowed ?? former?.isAllowed ?? true, number: number ?? former?.number }
  return { ...before, hasPackageLimits: true, packages: { ...before.packages, [name]: allowance } }
}
