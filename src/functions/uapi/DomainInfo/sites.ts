/** An account's domains as UAPI's DomainInfo shows them. */
import type { Context } from '../../context.ts'
import { type Site, siteFacts, sitesOf } from '../../domains/domain-facts.ts'
import type { OnAccount } from '../define.ts'

export async function ownSites({ stores, account }: Context & OnAccount): Promise<readonly Site[]> {
  return sitesOf(account, await stores.domains.listOf(account.userId))
}

/** No domain is redirected to HTTPS, since the embedded host serves no pages. */
export function dataOf(site: Site, { services }: Context, withRedirects: boolean) {
  const redirects = { all_aliases_valid: 0, can_https_redirect: 0, is_https_redirecting: 0 }
  return {
    ...siteFacts(site, services.host),
    domain: site.name,
    ipv6: null,
    type: site.type,
    ...(withRedirects && redirects),
  }
}
