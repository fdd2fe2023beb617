import { defineUapiRead } from '../define.ts'
import { ownSites } from './sites.ts'

export const domainInfoListDomains = defineUapiRead({
  module: 'DomainInfo',
  function: 'list_domains',
  summary: 'List the domains of the account by their kind.',
  source: 'UAPI, "List domains"',
  feature: false,
  params: {},
  failures: [],
  async run(context) {
    const sites = await ownSites(context)
    const names = (type: string): readonly string[] =>
      sites.filter((site) => site.type === type).map(({ name }) => name)
    return {
      data: {
        main_domain: context.account.domain,
        addon_domains: names('addon_domain'),
        parked_domains: names('parked_domain'),
        sub_domains: names('sub_domain'),
      },
    }
  },
})
