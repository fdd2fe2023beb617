import type { Account, AccountChange } from '../../accounts/account.ts'
import { holds } from '../../acl/caller.ts'
import { Failure } from '../../failures.ts'
import type { Package } from '../../hosting/packages.ts'
import { freeDedicatedIp, isDedicated, sharedIpFor } from '../accounts/addresses.ts'
import { userName } from '../accounts/forms.ts'
import { withinResellerLimits } from '../accounts/reseller-bounds.ts'
import { NO_SHELL, shellOf } from '../accounts/shells.ts'
import { loadAccount } from '../accounts-in-reach.ts'
import type { WriteContext } from '../context.ts'
import { defineWrite } from '../define.ts'
import { limitsOnPackage } from './account-limits.ts'
import { packageName } from './forms.ts'
import { loadUsablePackage } from './packages-in-reach.ts'

/** The account gets all values of the package, also those in which it differed from its former one. */
export const changepackage = defineWrite({
  name: 'changepackage',
  group: 'Packages',
  summary: 'Move an account to another package, whose limits it gets.',
  source: 'WHM API 1, "Change package"',
  acl: 'upgrade-account',
  params: { user: userName({ doc: 'The account.' }), pkg: packageName('The package.') },
  failures: [
    'account-not-found',
    'package-not-found',
    'privilege-not-held',
    'reseller-limit-reached',
    'no-free-address',
  ],
  v0: 'result',
  audit: (values) => values.user,
  async run(context, { user, pkg }) {
    const { stores, caller, note } = context
    const account = await loadAccount(stores, caller, user)
    const found = await loadUsablePackage(stores, caller, pkg)
    const change = await changeTo(context, account, found)
    const { warnings } = await withinResellerLimits(context, account.ownerId, () =>
      stores.accounts.changeAccount(account.userId, change),
    )
    note('package', found.name)
    note('former_package', account.plan)
    const raw = [
      `Changing Package to ${found.name}`,
      `Disk space: ${found.diskLimitMb === undefined ? 'unlimited' : `${found.diskLimitMb} MB`}`,
      `Monthly traffic: ${found.bandwidthLimitMb === undefined ? 'unlimited' : `${found.bandwidthLimitMb} MB`}`,
      `Feature list: ${found.featureList}`,
      'Account Upgrade/Downgrade Complete',
    ].join('\n')
    return { data: {}, raw, warnings }
  },
})

async function changeTo(context: WriteContext, account: Account, found: Package): Promise<AccountChange> {
  const hadShell = account.shell !== NO_SHELL
  if (found.hasShell && !hadShell && !holds(context.caller, 'allow-shell'))
    throw new Failure('privilege-not-held', { acl: 'allow-shell' })
  return {
    plan: found.name,
    diskLimitMb: found.diskLimitMb ?? 'unlimited',
    bandwidthLimitMb: found.bandwidthLimitMb ?? 'unlimited',
    theme: found.theme,
    locale: found.locale,
    limits: limitsOnPackage(account.limits, found),
    ...(found.hasShell !== hadShell && { shell: shellOf(found.hasShell) }),
    ...(await addressOf(context, account, found)),
  }
}

/** An account keeps a dedicated address that its new package does not ask for no longer than needed. */
async function addressOf(context: WriteContext, account: Account, found: Package): Promise<AccountChange> {
  const has = isDedicated(context, account.ip)
  if (found.hasDedicatedIp === has) return {}
  return {
    ip: found.hasDedicatedIp
      ? await freeDedicatedIp(context, account.ownerId)
      : await sharedIpFor(context, account.ownerId),
  }
}
