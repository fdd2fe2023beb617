import { flag, optional } from '../../../whm/params.ts'
import { domainName } from '../../accounts/forms.ts'
import { mailDomainsOf } from '../../mail/forms.ts'
import { defineUapiRead } from '../define.ts'

/** The main domain always comes first (documented). */
export const emailListMailDomains = defineUapiRead({
  module: 'Email',
  function: 'list_mail_domains',
  summary: 'List the domains of the account that can have mail.',
  source: 'UAPI, "Return cPanel account\'s mail domains"',
  feature: false,
  params: {
    add_www: optional(flag({ doc: '1 lists each with “www.” before it as well.' })),
    include_wildcard: optional(flag({ doc: '1 lists each with “*.” before it as well.' })),
    select: optional(domainName({ doc: 'The domain to mark with `select`.' })),
  },
  failures: [],
  async run(context, { add_www, include_wildcard, select }) {
    const prefixes = ['', ...(add_www ? ['www.'] : []), ...(include_wildcard ? ['*.'] : [])]
    const names = (await mailDomainsOf(context)).flatMap((name) => prefixes.map((prefix) => `${prefix}${name}`))
    return { data: names.map((domain) => ({ domain, ...(domain === select && { select: 1 }) })) }
  },
})
