/**
 * Who may run a function on which account. At the cPanel service and on the machine the account is the caller's own; from WHM it is
 * named, the caller needs the privilege `cpanel-api` and must own it. Then the account's features decide, and a token that may only
 * read calls nothing that changes.
 */
import type { Account } from '../../accounts/account.ts'
import { type Caller, holds } from '../../acl/caller.ts'
import { Failure } from '../../failures.ts'
import { maskSecrets } from '../../whm/mask.ts'
import { findAccountOfDomain, findAccountOfZone, isInReach, loadAccount } from '../accounts-in-reach.ts'
import type { Stores } from '../context.ts'
import { featuresOf } from '../features/lists.ts'
import type { OnAccount, UapiFunction } from './define.ts'

/** Whose account is meant. `domains`: what may be a domain or zone of it, the first that is one counts. */
export type AccountNamed =
  | { readonly by: 'caller' }
  | { readonly by: 'user'; readonly user: string }
  | { readonly by: 'domains'; readonly domains: readonly string[] }

/** What is asked for, whether it exists or not. */
export type UapiName = { readonly module: string; readonly function: string }

/** WHM's privilege for calls into accounts ("Use WHM API to Call cPanel API and UAPI"). */
export const INTO_ACCOUNTS = 'cpanel-api'

/**
 * The account that the caller may act on, and its features. Throws `privilege-missing`, `account-not-found`, `domain-not-found`,
 * `account-not-named` and `no-account`; "not yours" and "does not exist" are one answer.
 */
export async function admitToAccount(
  stores: Stores,
  caller: Caller,
  named: AccountNamed,
  asked: UapiName,
): Promise<OnAccount> {
  const account =
    named.by === 'caller' ? await ownAccount(stores, caller) : await accountNamed(stores, caller, named, asked)
  return { account, features: await featuresOf(stores, account), named }
}

async function ownAccount(stores: Stores, caller: Caller): Promise<Account> {
  const account = await stores.accounts.findAccount(caller.user)
  if (account === undefined || account.userId !== caller.userId) throw new Failure('no-account', { user: caller.user })
  return account
}

async function accountNamed(
  stores: Stores,
  caller: Caller,
  named: Exclude<AccountNamed, { by: 'caller' }>,
  asked: UapiName,
): Promise<Account> {
  if (!holds(caller, INTO_ACCOUNTS))
    throw new Failure('privilege-missing', { function: shown(asked), acl: INTO_ACCOUNTS })
  if (named.by === 'user') return loadAccount(stores, caller, named.user)
  for (const domain of named.domains) {
    const account = (await findAccountOfDomain(stores, domain)) ?? (await findAccountOfZone(stores, domain))
    if (account !== undefined && isInReach(caller, account)) return account
  }
  const [domain] = named.domains
  throw domain === undefined ? new Failure('account-not-named') : new Failure('domain-not-found', { domain })
}

/** Throws unless the account's features and the caller's token open the function. */
export function assertOpen(
  { feature, effect, name }: UapiFunction,
  { credential }: Caller,
  { features }: OnAccount,
): void {
  if (feature !== false && !features.has(feature)) throw new Failure('feature-missing', { feature })
  if (effect === 'write' && credential.kind === 'token' && credential.isReadonly)
    throw new Failure('token-readonly', { function: name })
}

function shown(asked: UapiName): string {
  return maskSecrets(`${asked.module}::${asked.function}`)
}
