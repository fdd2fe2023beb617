/**
 * Which accounts a caller may act on: root on all, a reseller on those they own, nobody else on any. "Not yours" and "does not
 * exist" give the same failure, so that a name tells nothing.
 */
import type { Account } from '../accounts/account.ts'
import type { Caller } from '../acl/caller.ts'
import { Failure } from '../failures.ts'
import type { Stores } from './context.ts'

/** The account by its user name. Throws `account-not-found`. */
export async function loadAccount(stores: Stores, caller: Caller, user: string): Promise<Account> {
  const account = await stores.accounts.findAccount(user)
  if (account === undefined || !isInReach(caller, account)) throw new Failure('account-not-found', { user })
  return account
}

/** The account by its main domain. Throws `domain-not-found`. */
export async function loadAccountByDomain(stores: Stores, caller: Caller, domain: string): Promise<Account> {
  const account = await stores.accounts.findAccountByDomain(domain)
  if (account === undefined || !isInReach(caller, account)) throw new Failure('domain-not-found', { domain })
  return account
}

/** The account that has the domain, as its main one or as a further one; whoever may act on it. */
export async function findAccountOfDomain(stores: Stores, domain: string): Promise<Account | undefined> {
  const account = await stores.accounts.findAccountByDomain(domain)
  if (account !== undefined) return account
  const further = await stores.domains.find(domain)
  const user = further && (await stores.accounts.findUserById(further.userId))
  return user && stores.accounts.findAccount(user.name)
}

/** All accounts that the caller may act on, in order of their names. */
export function listAccountsInReach(stores: Stores, caller: Caller): Promise<readonly Account[]> {
  if (caller.kind === 'account') return Promise.resolve([])
  return stores.accounts.listAccounts(caller.kind === 'root' ? undefined : caller.userId)
}

/** Says whether the caller may act on the account. */
export function isInReach(caller: Caller, account: Account): boolean {
  return caller.kind === 'root' || (caller.kind === 'reseller' && account.ownerId === caller.userId)
}
