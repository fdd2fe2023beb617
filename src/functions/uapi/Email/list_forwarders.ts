import { Failure } from '../../../failures.ts'
import { addressOf, formatAction } from '../../../hosting/mail/mail.ts'
import { optional } from '../../../whm/params.ts'
import { domainName } from '../../accounts/forms.ts'
import { assertOwnDomain, FORWARDERS, matching, regexText } from '../../mail/forms.ts'
import { defineUapiRead } from '../define.ts'

/** One entry for each destination of an address. */
export const emailListForwarders = defineUapiRead({
  module: 'Email',
  function: 'list_forwarders',
  summary: 'List the forwarders of a domain.',
  source: 'UAPI, "Return domain\'s forwarders"',
  feature: FORWARDERS,
  params: {
    domain: domainName({ doc: 'The domain.' }),
    regex: optional(regexText('Those alone whose address or destination matches it.')),
  },
  failures: ['argument-missing', 'domain-not-found'],
  async run(context, { domain, regex }) {
    if (domain === undefined) throw new Failure('argument-missing', { argument: 'domain' })
    await assertOwnDomain(context, domain)
    const all = await context.stores.mail.listForwarders(context.account.userId)
    const entries = all
      .filter((forwarder) => forwarder.domain === domain)
      .map((forwarder) => ({ dest: addressOf(forwarder), forward: formatAction(forwarder.action) }))
    const shown = await matching(entries, ({ dest, forward }) => `${dest} ${forward}`, regex)
    return {
      data: shown.map(({ dest, forward }) => ({
        dest,
        forward,
        html_dest: inHtml(dest),
        html_forward: inHtml(forward),
        uri_dest: encodeURIComponent(dest),
        uri_forward: encodeURIComponent(forward),
      })),
    }
  },
})

const IN_HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function inHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => IN_HTML[character] ?? character)
}
