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

/** The account that a zone belongs to, whether one of its domains lies there or not; whoever may act on it. */
export async function findAccountOfZone({ accounts, zones }: Stores, name: string): Promise<Account | undefined> {
  const ownerId = (await zones.find(name))?.ownerId
  const user = ownerId === undefined ? undefined : await accounts.findUserById(ownerId)
  return user && accounts.findAccount(user.name)
}

/** The account that has the nearest domain above this name. */
export async function findAccountAbove(stores: Stores, name: string): Promise<Account | undefined> {
  for (let above = parentOf(name); above.includes('.'); above = parentOf(above)) {
    const account = await findAccountOfDomain(stores, above)
    if (account !== undefined) return account
  }
  return undefined
}

function parentOf(name: string): string {
  return name.slice(name.indexOf('.') + 1)
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

/** The same, and a reseller's own account, whose domains are theirs although root acts on it. */
export function isTheirs(caller: Caller, account: Account): boolean {
  return isInReach(caller, account) || account.userId === caller.userId
}
