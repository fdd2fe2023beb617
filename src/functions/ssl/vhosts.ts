/** The sites of accounts that can show a certificate. */
import type { Account } from '../../accounts/account.ts'
import { Failure } from '../../failures.ts'
import type { Installed } from '../../hosting/certificates/store.ts'
import { findAccountOfDomain, isInReach, listAccountsInReach } from '../accounts-in-reach.ts'
import type { Context, Stores } from '../context.ts'
import { ALIASES, type Site, sitesOf } from '../domains/domain-facts.ts'

/** A site with all names that lead to it, its own first. */
export type Vhost = Site & { readonly domains: readonly string[] }

/** A parked domain has no site of its own: it is a name of the main one. */
export function vhostsOf(account: Account, further: Parameters<typeof sitesOf>[1]): readonly Vhost[] {
  const sites = sitesOf(account, further)
  const withAliases = (name: string): readonly string[] => [name, ...ALIASES.map((alias) => `${alias}.${name}`)]
  const parked = sites.filter(({ type }) => type === 'parked_domain').map(({ name }) => name)
  return sites
    .filter(({ type }) => type !== 'parked_domain')
    .map((site) => {
      const names = site.type === 'main_domain' ? [site.name, ...parked] : [site.name]
      return { ...site, domains: names.flatMap(withAliases) }
    })
}

/** Those of one account. */
export async function vhostsOfAccount(stores: Stores, account: Account): Promise<readonly Vhost[]> {
  return vhostsOf(account, await stores.domains.listOf(account.userId))
}

/** The account's site that the domain leads to. Throws `domain-not-found`. */
export async function loadVhostOf(stores: Stores, account: Account, domain: string): Promise<Vhost> {
  const vhosts = await vhostsOfAccount(stores, account)
  const found = vhosts.find(({ name }) => name === domain) ?? vhosts.find(({ domains }) => domains.includes(domain))
  if (found === undefined) throw new Failure('domain-not-found', { domain })
  return found
}

/** The site that the domain leads to, of an account that the caller may act on. Throws `domain-not-found`. */
export async function loadVhost({ stores, caller }: Context, domain: string): Promise<Vhost> {
  const account = await accountOf(stores, domain)
  if (account === undefined || !isInReach(caller, account)) throw new Failure('domain-not-found', { domain })
  return loadVhostOf(stores, account, domain)
}

/** By the domain, or without the alias in front of it. */
async function accountOf(stores: Stores, domain: string): Promise<Account | undefined> {
  const alias = ALIASES.find((one) => domain.startsWith(`${one}.`))
  const account = await findAccountOfDomain(stores, domain)
  return account === undefined && alias !== undefined
    ? findAccountOfDomain(stores, domain.slice(alias.length + 1))
    : account
}

export type SecureVhost = { readonly vhost: Vhost; readonly installed: Installed }

/** The sites with a certificate, of all accounts that the caller may act on. */
export async function listSecureVhosts({ stores, caller }: Context): Promise<readonly SecureVhost[]> {
  const whose = caller.kind === 'root' ? {} : { ownerId: caller.userId }
  const further = Map.groupBy(await stores.domains.listOwned(whose.ownerId), ({ userId }) => userId)
  const accounts = await listAccountsInReach(stores, caller)
  const vhosts = accounts.flatMap((account) => vhostsOf(account, further.get(account.userId) ?? []))
  return joined(vhosts, await stores.certificates.listInstalled(whose))
}

/** The same of one account. */
export async function listSecureVhostsOf(stores: Stores, account: Account): Promise<readonly SecureVhost[]> {
  const installed = await stores.certificates.listInstalled({ userId: account.userId })
  return joined(await vhostsOfAccount(stores, account), installed)
}

function joined(vhosts: readonly Vhost[], installed: readonly Installed[]): readonly SecureVhost[] {
  const bySite = new Map(installed.map((one) => [one.site, one]))
  return vhosts.flatMap((vhost) => {
    const one = bySite.get(vhost.name)
    return one === undefined ? [] : [{ vhost, installed: one }]
  })
}
