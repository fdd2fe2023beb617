import { flag, optional } from '../../../whm/params.ts'
import { oneOf } from '../../accounts/forms.ts'
import { defineUapiRead } from '../define.ts'
import { dataOf, ownSites } from './sites.ts'

/** Parked domains are names alone, as they have nothing of their own. */
export const domainInfoDomainsData = defineUapiRead({
  module: 'DomainInfo',
  function: 'domains_data',
  summary: 'Tell what a web server would be told of each domain of the account.',
  source: 'UAPI, "Return domains\' information"',
  feature: false,
  params: {
    format: optional(oneOf('hash (when absent): by kind; list: all in one list.', ['hash', 'list'])),
    return_https_redirects_status: optional(flag({ doc: '1 adds whether visitors are sent to HTTPS.' })),
  },
  failures: [],
  async run(context, { format = 'hash', return_https_redirects_status: withRedirects = false }) {
    const sites = await ownSites(context)
    const of = (type: string) =>
      sites.filter((site) => site.type === type).map((site) => dataOf(site, context, withRedirects))
    const [main] = of('main_domain')
    const parked = sites.filter(({ type }) => type === 'parked_domain').map(({ name }) => name)
    const others = { addon_domains: of('addon_domain'), sub_domains: of('sub_domain') }
    if (format === 'list') return { data: [main, ...others.addon_domains, ...others.sub_domains] }
    return { data: { main_domain: main, ...others, parked_domains: parked } }
  },
})
