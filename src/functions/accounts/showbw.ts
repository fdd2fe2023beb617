import { optional, text, wholeNumber } from '../../whm/params.ts'
import { listAccountsInReach } from '../accounts-in-reach.ts'
import { defineRead } from '../define.ts'
import { searchAccounts } from './account-search.ts'
import { oneOf, ownerName } from './forms.ts'

const MIB = 1024 ** 2

/** Bytes. They are 0, because the embedded host serves no pages; limits are real. Removed accounts are not kept. */
export const showbw = defineRead({
  name: 'showbw',
  group: 'Accounts',
  summary: 'Tell how much traffic the accounts that you may act on had in a month, and what they may have.',
  source: 'WHM API 1, "Return bandwidth usage"',
  acl: 'show-bandwidth',
  params: {
    month: optional(wholeNumber({ doc: 'The month; this one when absent.', min: 1, max: 12 })),
    year: optional(wholeNumber({ doc: 'The year; this one when absent.', min: 1970, max: 9999 })),
    search: optional(text({ doc: 'A regular expression (RE2).', max: 1000 })),
    searchtype: optional(
      oneOf('Where to search: domain (when absent), user, owner, ip or package.', [
        'domain',
        'user',
        'owner',
        'ip',
        'package',
      ]),
    ),
    showres: optional(ownerName('Only accounts of this owner.')),
  },
  failures: ['argument-invalid'],
  v0: 'plain',
  async run({ stores, caller, now }, { month, year, search, searchtype = 'domain', showres }) {
    const all = await listAccountsInReach(stores, caller)
    const ofOwner = showres === undefined ? all : all.filter(({ owner }) => owner === showres)
    const found = search ? await searchAccounts(ofOwner, { search, type: searchtype, method: 'regex' }) : ofOwner
    const data = {
      acct: found.map((account) => ({
        user: account.user,
        maindomain: account.domain,
        owner: account.owner,
        reseller: account.isReseller ? 1 : 0,
        deleted: 0,
        limit: account.bandwidthLimitMb === undefined ? 'unlimited' : account.bandwidthLimitMb * MIB,
        totalbytes: 0,
        bwusage: [{ domain: account.domain, usage: 0, deleted: 0 }],
      })),
      month: month ?? now.getUTCMonth() + 1,
      year: year ?? now.getUTCFullYear(),
      reseller: showres ?? caller.user,
      totalused: 0,
    }
    return { data, dataOfV0: { bandwidth: [data] } }
  },
})
