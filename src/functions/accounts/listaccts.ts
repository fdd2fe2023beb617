import type { Account } from '../../accounts/account.ts'
import type { DiskUsage, Host } from '../../hosting/host.ts'
import { optional, text } from '../../whm/params.ts'
import { listAccountsInReach } from '../accounts-in-reach.ts'
import { defineRead } from '../define.ts'
import { accountFacts, pickFacts, USAGE_KEYS } from './account-facts.ts'
import { searchAccounts } from './account-search.ts'
import { oneOf } from './forms.ts'

const NO_USAGE = { bytes: 0, files: 0 }
const MEASURED_MAX = 100

/** Accounts of others are not in it, whatever is searched for. */
export const listaccts = defineRead({
  name: 'listaccts',
  group: 'Accounts',
  summary: 'List the accounts that you may act on, all or those that match a search.',
  source: 'WHM API 1, "List accounts"',
  acl: 'list-accts',
  params: {
    search: optional(
      text({ doc: 'A regular expression (RE2), or with searchmethod=exact the whole text.', max: 1000 }),
    ),
    searchtype: optional(
      oneOf('Where to search: domain (when absent), owner, user, ip or package.', [
        'domain',
        'owner',
        'user',
        'ip',
        'package',
      ]),
    ),
    searchmethod: optional(oneOf('How to search: regex (when absent) or exact.', ['regex', 'exact'])),
    want: optional(text({ doc: 'The keys to answer, with commas between them; all when absent.', max: 2000 })),
  },
  failures: ['argument-invalid', 'host-failed'],
  v0: 'list',
  async run({ caller, stores, services }, { search, searchtype = 'domain', searchmethod = 'regex', want }) {
    const all = await listAccountsInReach(stores, caller)
    const found = search ? await searchAccounts(all, { search, type: searchtype, method: searchmethod }) : all
    const wanted = want ? new Set(want.split(',').map((key) => key.trim())) : undefined
    const named = wanted && [...wanted].sort()
    const needsUsage = wanted === undefined || USAGE_KEYS.some((key) => wanted.has(key))
    const usages = needsUsage ? await usagesOf(services.host, found) : []
    const needsBackups = wanted === undefined || wanted.has('has_backup')
    const archives = needsBackups ? await services.host.listArchives() : []
    const withBackup = new Set(archives.map(({ home }) => home))
    const acct = found.map((account, index) => {
      const facts = accountFacts(account, needsUsage ? usages[index] : NO_USAGE, withBackup.has(account.home))
      return named === undefined ? facts : pickFacts(facts, named)
    })
    return { data: { acct } }
  },
})

/** A few accounts are measured, when their figures are more than a minute old; of many the last figures are taken. */
function usagesOf(host: Host, accounts: readonly Account[]): Promise<readonly (DiskUsage | undefined)[]> {
  const homes = accounts.map(({ home }) => home)
  return homes.length > MEASURED_MAX ? Promise.resolve(host.lastUsages(homes)) : host.diskUsages(homes)
}
