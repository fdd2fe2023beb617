/**
 * WHM's search for accounts. WHM takes Perl's expressions; ours are RE2's, which need time in proportion to the text, so that nobody
 * can stop the server with a pattern. Some patterns are still dear, so a search has a budget and lets other calls in between.
 */
import { setImmediate as letOthersRun } from 'node:timers/promises'
import { RE2JS, RE2JSException } from 're2js'
import type { Account } from '../../accounts/account.ts'
import { Failure } from '../../failures.ts'

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

// An ordinary pattern takes 3 to 10 µs an account.
const BUDGET_MS = 50
const BUDGET_MS_PER_ACCOUNT = 0.03
const SLICE_MS = 5

/** The accounts that match, in their order. Throws `argument-invalid` for a pattern that RE2 does not take, or that is too dear. */
export async function searchAccounts(
  accounts: readonly Account[],
  { search, type, method }: AccountSearch,
): Promise<readonly Account[]> {
  const field = FIELDS[type]
  if (method === 'exact') {
    const wanted = type === 'package' ? search : search.toLowerCase()
    return accounts.filter((account) => field(account) === wanted)
  }
  const pattern = compile(search)
  return filterInSlices(accounts, (account) => pattern.matcher(field(account)).find(), search)
}

function compile(search: string): RE2JS {
  try {
    return RE2JS.compile(search, RE2JS.CASE_INSENSITIVE)
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    const problem = 'is not a regular expression that RE2 takes'
    throw new Failure('argument-invalid', { argument: 'search', value: search, problem }, { cause: error })
  }
}

async function filterInSlices(
  accounts: readonly Account[],
  matches: (account: Account) => boolean,
  search: string,
): Promise<readonly Account[]> {
  const budgetMs = BUDGET_MS + BUDGET_MS_PER_ACCOUNT * accounts.length
  const found: Account[] = []
  let spentMs = 0
  let sliceStart = performance.now()
  for (const account of accounts) {
    if (matches(account)) found.push(account)
    const sliceMs = performance.now() - sliceStart
    if (spentMs + sliceMs > budgetMs) {
      const problem = 'takes too long to search with; make it simpler'
      throw new Failure('argument-invalid', { argument: 'search', value: search, problem })
    }
    if (sliceMs < SLICE_MS) continue
    spentMs += sliceMs
    await letOthersRun()
    sliceStart = performance.now()
  }
  return found
}
