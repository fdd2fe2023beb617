import type { Domain } from '../../hosting/domains.ts'
import { listAccountsInReach } from '../accounts-in-reach.ts'
import { defineRead } from '../define.ts'
import { domainInfo, sitesOf } from './domain-facts.ts'

export const getDomainInfo = defineRead({
  name: 'get_domain_info',
  group: 'Domains',
  summary: 'List the domains of the accounts that you may act on.',
  source: 'WHM API 1, "Return all domains\' information"',
  acl: 'acct-summary',
  params: {},
  failures: [],
  v0: 'none',
  async run({ stores, caller, services }) {
    const accounts = await listAccountsInReach(stores, caller)
    const further = await stores.domains.listOwned(caller.kind === 'root' ? undefined : caller.userId)
    const byAccount = Map.groupBy(further, ({ userId }: Domain) => userId)
    const sites = accounts.flatMap((account) => sitesOf(account, byAccount.get(account.userId) ?? []))
    return { data: { domains: sites.map((site) => domainInfo(site, services.host)) } }
  },
})
