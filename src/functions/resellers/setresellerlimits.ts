import type { ResellerLimits } from '../../accounts/reseller-limits.ts'
import { Failure } from '../../failures.ts'
import { optional, type Values } from '../../whm/params.ts'
import { limitOf, sizeOf, switchOf } from '../accounts/forms.ts'
import { defineWrite } from '../define.ts'
import { loadReseller, resellerName } from './forms.ts'

const params = {
  user: resellerName('The reseller.'),
  enable_account_limit: optional(switchOf({ doc: '1: no more accounts than account_limit.' })),
  account_limit: optional(limitOf({ doc: 'How many accounts.' })),
  enable_resource_limits: optional(switchOf({ doc: '1: no more space and traffic than the two limits.' })),
  diskspace_limit: optional(sizeOf({ doc: 'Disk space of all accounts together in MB; 0 for no limit.' })),
  bandwidth_limit: optional(sizeOf({ doc: 'Monthly traffic of all accounts together in MB; 0 for no limit.' })),
  enable_overselling: optional(
    switchOf({ doc: '1: more of both may be given away than there is, as long as no more is used.' }),
  ),
  enable_overselling_diskspace: optional(switchOf({ doc: 'The same for disk space alone.' })),
  enable_overselling_bandwidth: optional(switchOf({ doc: 'The same for traffic alone.' })),
  enable_package_limits: optional(
    switchOf({ doc: '1: no package but those that setresellerpackagelimit has allowed.' }),
  ),
  enable_package_limit_numbers: optional(switchOf({ doc: '1: none of them for more accounts than its number.' })),
}

/** What is left out stays (our choice): a limit must not end because a call was about another one. */
export const setresellerlimits = defineWrite({
  name: 'setresellerlimits',
  group: 'Resellers',
  summary: 'Limit how many accounts a reseller has, how much they get, and on which packages.',
  source: 'WHM API 1, "Update reseller\'s bandwidth and disk quotas"',
  acl: 'all',
  params,
  failures: ['reseller-not-found', 'argument-missing'],
  v0: 'result',
  audit: (values) => values.user,
  async run({ stores, note }, values) {
    const reseller = await loadReseller(stores, values.user)
    const settings = await stores.resellers.settingsOf(reseller.id)
    const limits = limitsAfter(settings.limits, values)
    await stores.resellers.save(reseller.id, { ...settings, limits })
    note('limits', JSON.stringify(limits))
    return { data: {} }
  },
})

function limitsAfter(before: ResellerLimits, values: Values<typeof params>): ResellerLimits {
  const { account_limit } = values
  const after: ResellerLimits = {
    ...before,
    hasAccountLimit: values.enable_account_limit ?? before.hasAccountLimit,
    accountLimit: account_limit === undefined ? before.accountLimit : numberOf(account_limit),
    hasResourceLimits: values.enable_resource_limits ?? before.hasResourceLimits,
    diskLimitMb: sizeAfter(before.diskLimitMb, values.diskspace_limit),
    bandwidthLimitMb: sizeAfter(before.bandwidthLimitMb, values.bandwidth_limit),
    mayOversellDisk: values.enable_overselling_diskspace ?? values.enable_overselling ?? before.mayOversellDisk,
    mayOversellBandwidth:
      values.enable_overselling_bandwidth ?? values.enable_overselling ?? before.mayOversellBandwidth,
    hasPackageLimits: values.enable_package_limits ?? before.hasPackageLimits,
    hasPackageNumbers: values.enable_package_limit_numbers ?? before.hasPackageNumbers,
  }
  if (after.hasAccountLimit && after.accountLimit === undefined)
    throw new Failure('argument-missing', { argument: 'account_limit' })
  if (values.enable_resource_limits && after.diskLimitMb === undefined && after.bandwidthLimitMb === undefined)
    throw new Failure('argument-missing', { argument: 'diskspace_limit' })
  return after
}

function numberOf(limit: string): number | undefined {
  return limit === 'unlimited' ? undefined : Number(limit)
}

function sizeAfter(before: number | undefined, given: number | 'unlimited' | undefined): number | undefined {
  if (given === undefined) return before
  return given === 'unlimited' ? undefined : given
}
