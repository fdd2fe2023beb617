/** WHM's search for accounts. */
import type { Account } from '../../accounts/account.ts'
import { filterByPattern } from '../pattern-filter.ts'

type SearchType = 'domain' | 'owner' | 'user' | 'ip' | 'package'

type AccountSearch = {
  readonly search: string
  readonly type: SearchType
  readonly method: 'regex' | 'exact'
}

const FIELDS: Readonly<Record<SearchType, (account: Account) => string>> = {
  domain: (account) => account.domain,
  owner: (account) => account.owner,
  user: (account) => account.user,
  ip: (account) => account.ip,
  package: (account) => account.plan,
}

/** The accounts that match, in their order. Throws `argument-invalid` for a pattern that RE2 does not take, or that is too dear. */
export async function searchAccounts(
  accounts: readonly Account[],
  { search, type, method }: AccountSearch,
): Promise<readonly Account[]> {
  const field = FIELDS[type]
  if (method === 'regex') return filterByPattern(accounts, field, { argument: 'search', text: search })
  const wanted = type === 'package' ? search : search.toLowerCase()
  return accounts.filter((account) => field(account) === wanted)
}
