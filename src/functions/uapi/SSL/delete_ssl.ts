import { Failure } from '../../../failures.ts'
import { domainName } from '../../accounts/forms.ts'
import { uninstall } from '../../ssl/delete_ssl_vhost.ts'
import { loadVhostOf } from '../../ssl/vhosts.ts'
import { defineUapiWrite } from '../define.ts'

export const sslDeleteSsl = defineUapiWrite({
  module: 'SSL',
  function: 'delete_ssl',
  summary: 'Let a site of the account show no certificate any longer. Certificate and key are kept.',
  source: 'UAPI, "Remove SSL website"',
  feature: 'sslinstall',
  params: { domain: domainName({ doc: 'A domain of the site.' }) },
  failures: ['argument-missing', 'domain-not-found', 'certificate-not-found'],
  audit: ({ domain }) => domain ?? '',
  async run(context, { domain }) {
    if (domain === undefined) throw new Failure('argument-missing', { argument: 'domain' })
    await uninstall(context, await loadVhostOf(context.stores, context.account, domain))
    return { data: null, messages: ['The SSL host was successfully removed.'] }
  },
})
