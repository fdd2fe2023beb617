import { Failure } from '../../../failures.ts'
import { flag, optional } from '../../../whm/params.ts'
import { domainName } from '../../accounts/forms.ts'
import { defineUapiRead } from '../define.ts'
import { dataOf, ownSites } from './sites.ts'

export const domainInfoSingleDomainData = defineUapiRead({
  module: 'DomainInfo',
  function: 'single_domain_data',
  summary: 'Tell what a web server would be told of one domain of the account.',
  source: 'UAPI, "Return domain information"',
  feature: false,
  params: {
    domain: domainName({ doc: 'The domain.' }),
    return_https_redirect_status: optional(flag({ doc: '1 adds whether visitors are sent to HTTPS.' })),
  },
  failures: ['argument-missing', 'domain-not-found'],
  async run(context, { domain, return_https_redirect_status: withRedirects = false }) {
    if (domain === undefined) throw new Failure('argument-missing', { argument: 'domain' })
    const site = (await ownSites(context)).find(({ name, type }) => name === domain && type !== 'parked_domain')
    if (site === undefined) throw new Failure('domain-not-found', { domain })
    return { data: { ...dataOf(site, context, withRedirects), options: 'ExecCGI,Includes,IncludesNOEXEC,Indexes' } }
  },
})
