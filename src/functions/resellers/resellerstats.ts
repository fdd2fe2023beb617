import type { Account } from '../../accounts/account.ts'
import { Failure } from '../../failures.ts'
import { optional, wholeNumber } from '../../whm/params.ts'
import { switchOf } from '../accounts/forms.ts'
import type { Context } from '../context.ts'
import { defineRead } from '../define.ts'
import { resellerName } from './forms.ts'

const MIB = 1024 ** 2

/**
 * Sizes are MB. Traffic is 0, because the embedded host serves no pages; a limit that there is not is 0 too, as elsewhere in WHM.
 * Removed accounts are not kept, so that none is listed.
 */
export const resellerstats = defineRead({
  name: 'resellerstats',
  group: 'Resellers',
  summary: 'Tell what the accounts of a reseller were given and use.',
  source: 'WHM API 1, "Return reseller\'s account information"',
  acl: ['all', 'acct-summary'],
  params: {
    user: resellerName('The reseller.'),
    month: optional(wholeNumber({ doc: 'The month; this one when absent.', min: 1, max: 12 })),
    year: optional(wholeNumber({ doc: 'The year; this one when absent.', min: 1970, max: 9999 })),
    filter_deleted: optional(switchOf({ doc: '1 leaves removed accounts out; none are kept.' })),
    filter_suspended: optional(switchOf({ doc: '1 leaves suspended accounts out.' })),
  },
  failures: ['reseller-not-found', 'host-failed'],
  v0: 'list',
  async run(context, { user, month, year, filter_suspended }) {
    const { stores, now, caller } = context
    // A reseller may ask about nobody but themselves (documented); who else there is, is not told.
    const isAllowed = caller.kind === 'root' || user === caller.user
    const owner = isAllowed ? await stores.accounts.findUser(user) : undefined
    if (owner === undefined || owner.kind === 'account') throw new Failure('reseller-not-found', { user })
    const owned = await stores.accounts.listAccounts(owner.id)
    const shown = filter_suspended ? owned.filter(({ suspension }) => suspension === undefined) : owned
    const acct = await rowsOf(context, shown)
    const { limits } = await stores.resellers.settingsOf(owner.id)
    const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
    return {
      data: {
        reseller: {
          acct,
          user: owner.name,
          month: month ?? now.getUTCMonth() + 1,
          year: year ?? now.getUTCFullYear(),
          diskquota: (limits.hasResourceLimits && limits.diskLimitMb) || 0,
          diskused: sum(acct.map(({ diskused }) => diskused)),
          totaldiskalloc: sum(owned.map(({ diskLimitMb = 0 }) => diskLimitMb)),
          diskoverselling: limits.mayOversellDisk ? 1 : 0,
          bandwidthlimit: (limits.hasResourceLimits && limits.bandwidthLimitMb) || 0,
          totalbwused: 0,
          totalbwalloc: sum(owned.map(({ bandwidthLimitMb = 0 }) => bandwidthLimitMb)),
          bwoverselling: limits.mayOversellBandwidth ? 1 : 0,
        },
      },
    }
  },
})

async function rowsOf({ services }: Context, accounts: readonly Account[]) {
  const usages = await services.host.diskUsages(accounts.map(({ home }) => home))
  return accounts.map((account, index) => ({
    user: account.user,
    domain: account.domain,
    package: account.plan,
    suspended: account.suspension === undefined ? 0 : 1,
    deleted: 0,
    diskquota: account.diskLimitMb ?? 'unlimited',
    diskused: Math.ceil((usages[index]?.bytes ?? 0) / MIB),
    bandwidthlimit: account.bandwidthLimitMb ?? 'unlimited',
    bandwidthused: 0,
  }))
}
