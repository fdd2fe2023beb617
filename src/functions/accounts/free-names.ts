/** Whether a name or a domain can be given to an account. Inside a transaction the answer holds until its end. */
import type { Account } from '../../accounts/account.ts'
import { isPublicSuffix } from '../../accounts/public-suffix.ts'
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
 * Throws `domain-taken` for a name that an account or the server has, and where `assertPlaceFree` does. `account` is the one that gets the name
 * by its own functions.
 */
export async function assertDomainFree(context: Context, domain: string, account?: Account): Promise<void> {
  const { stores, services } = context
  const isServer = domain === services.facts.hostname.toLowerCase()
  if (isServer || (await findAccountOfDomain(stores, domain)) !== undefined)
    throw new Failure('domain-taken', { domain })
  await assertPlaceFree(context, domain, account)
}

/**
 * Throws `domain-taken` for a name below a domain of somebody else: mail, cookies and what visitors believe would go there; for one above a
 * domain or zone of somebody else, and for a public suffix: it would stand in the way of others. Whose is somebody else's is judged for the
 * account, or else for the caller; root may do all.
 */
export async function assertPlaceFree({ stores, caller }: Context, domain: string, account?: Account): Promise<void> {
  if (account === undefined && caller.kind === 'root') return
  const above = await findAccountAbove(stores, domain)
  const isOurs = (one: Account) => (account === undefined ? isTheirs(caller, one) : one.userId === account.userId)
  if (
    (above !== undefined && !isOurs(above)) ||
    (await stores.domains.hasOthersBelow(domain, (account ?? caller).userId)) ||
    (await isPublicSuffix(domain))
  )
    throw new Failure('domain-taken', { domain })
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
