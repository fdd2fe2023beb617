/** Whether a name or a domain can be given to an account. Inside a transaction the answer holds until its end. */
import type { Account } from '../../accounts/account.ts'
import { assertUsernameAllowed } from '../../accounts/usernames.ts'
import { Failure } from '../../failures.ts'
import { homesIn } from '../../hosting/host.ts'
import { findAccountAbove, findAccountOfDomain, isTheirs } from '../accounts-in-reach.ts'
import type { Context } from '../context.ts'

/**
 * Throws for a name that is not legal or not free; `renamed` is the account that may keep its own. WHM: unique in its first eight
 * letters (documented), since names of databases begin with them.
 */
export async function assertUsernameFree({ stores }: Context, user: string, renamed?: number): Promise<void> {
  assertUsernameAllowed(user)
  const holder = await stores.accounts.findAccountByFirstEight(user)
  if (holder === undefined || holder.userId === renamed) return
  const by = holder.user === user ? 'an account has it' : 'another account begins with the same eight letters'
  throw new Failure('username-taken', { user, by })
}

/**
 * Throws `domain-taken` for a name that an account or the server has, and for one below a domain of somebody else: mail, cookies and what
 * visitors believe would go there. `isOurs` says whose domains may be divided, those of the caller's accounts when absent.
 */
export async function assertDomainFree(
  context: Context,
  domain: string,
  isOurs?: (account: Account) => boolean,
): Promise<void> {
  const { stores, services } = context
  const isServer = domain === services.facts.hostname.toLowerCase()
  if (isServer || (await findAccountOfDomain(stores, domain)) !== undefined)
    throw new Failure('domain-taken', { domain })
  await assertBelowNobodyElse(context, domain, isOurs)
}

/** Throws `domain-taken` where the nearest domain above the name is somebody else's. */
export async function assertBelowNobodyElse(
  { stores, caller }: Context,
  domain: string,
  isOurs = (account: Account): boolean => isTheirs(caller, account),
): Promise<void> {
  const above = await findAccountAbove(stores, domain)
  if (above !== undefined && !isOurs(above)) throw new Failure('domain-taken', { domain })
}

/**
 * Throws `host-failed` while work on one of these folders that was committed earlier is not finished. Otherwise a removal that is
 * tried again later would meet the folder of the next account with that name.
 */
export async function assertHomesSettled({ stores }: Context, homes: readonly string[]): Promise<void> {
  for (const { task } of await stores.hostTasks.list()) {
    const home = homesIn(task).find((name) => homes.includes(name))
    if (home !== undefined)
      throw new Failure('host-failed', { what: `take the folder “${home}”, on which earlier work is not finished` })
  }
}
