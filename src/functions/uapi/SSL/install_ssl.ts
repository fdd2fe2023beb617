import { Failure } from '../../../failures.ts'
import { checkPair } from '../../../hosting/certificates/check.ts'
import { domainName } from '../../accounts/forms.ts'
import { certificatePem, chainPem, keyPem } from '../../ssl/forms.ts'
import { installationShown, installOn } from '../../ssl/install.ts'
import { loadVhostOf } from '../../ssl/vhosts.ts'
import { defineUapiWrite } from '../define.ts'

export const sslInstallSsl = defineUapiWrite({
  module: 'SSL',
  function: 'install_ssl',
  summary: 'Let a site of the account show a certificate, in place of the one it shows.',
  source: 'UAPI, "Install SSL certificate"',
  feature: 'sslinstall',
  params: {
    domain: domainName({ doc: 'A domain of the site; the certificate must cover it.' }),
    cert: certificatePem,
    key: keyPem,
    cabundle: chainPem,
  },
  failures: ['argument-missing', 'domain-not-found', 'certificate-refused', 'account-limit-reached'],
  audit: ({ domain }) => domain ?? '',
  prepare: ({ now }, { cert, key, cabundle }) => checkPair(cert, key, cabundle, now),
  async run(context, { domain }, checked) {
    if (domain === undefined) throw new Failure('argument-missing', { argument: 'domain' })
    const vhost = await loadVhostOf(context.stores, context.account, domain)
    const { id, keyId } = await installOn(context, vhost, domain, { ...checked, provider: undefined })
    const shown = installationShown(vhost, checked.facts.domains)
    return { data: { ...shown, cert_id: id, key_id: keyId }, warnings: checked.warnings, messages: [shown.statusmsg] }
  },
})
