import { Failure } from '../../failures.ts'
import { checkPair } from '../../hosting/certificates/check.ts'
import { optional, text } from '../../whm/params.ts'
import { domainName } from '../accounts/forms.ts'
import { defineWrite } from '../define.ts'
import { certificatePem, chainPem, keyPem } from './forms.ts'
import { installationShown, installOn } from './install.ts'
import { loadVhost } from './vhosts.ts'

export const installssl = defineWrite({
  name: 'installssl',
  group: 'Certificates',
  summary: 'Let a site show a certificate, in place of the one it shows.',
  source: 'WHM API 1, "Install SSL certificate"',
  acl: 'ssl',
  params: {
    domain: domainName({ doc: 'A domain of the site; the certificate must cover it.' }),
    crt: certificatePem,
    key: keyPem,
    cab: chainPem,
    ip: optional(text({ doc: 'Taken as old clients send it; the address is that of the account.', max: 45 })),
  },
  failures: ['argument-missing', 'domain-not-found', 'certificate-refused', 'account-limit-reached'],
  v0: 'result',
  audit: ({ domain }) => domain ?? '',
  prepare: ({ now }, { crt, key, cab }) => checkPair(crt, key, cab, now),
  async run(context, { domain }, checked) {
    if (domain === undefined) throw new Failure('argument-missing', { argument: 'domain' })
    const vhost = await loadVhost(context, domain)
    await installOn(context, vhost, domain, { ...checked, provider: undefined })
    const shown = installationShown(vhost, checked.facts.domains)
    const aliases = vhost.domains.slice(1).join(' ')
    const data = { ...shown, aliases, servername: vhost.name, status: 1 }
    return { data, warnings: checked.warnings, dataOfV0: { result: [data] } }
  },
})
