import { covers } from '../../hosting/certificates/names.ts'
import { defineWrite } from '../define.ts'
import { pairOf } from './fetchsslinfo.ts'
import { domainList } from './forms.ts'
import { whmCertificate } from './shown.ts'

/** A write for the same reason as `fetchsslinfo`. Those that last longest come first. */
export const fetchSslCertificatesForFqdns = defineWrite({
  name: 'fetch_ssl_certificates_for_fqdns',
  group: 'Certificates',
  summary:
    'Give the certificates of your accounts that cover one of some domains, each with its private key and chain.',
  source: 'WHM API 1, "Return SSL certificates for FQDNs"',
  acl: 'ssl-info',
  params: { domains: domainList({ doc: 'The domains, with commas between them.', wildcards: true }) },
  failures: ['argument-missing'],
  v0: 'none',
  audit: ({ domains }) => domains.join(','),
  async run(context, { domains }) {
    const { stores, caller, note } = context
    const whose = caller.kind === 'root' ? {} : { ownerId: caller.userId }
    const payload = []
    for (const certificate of await stores.certificates.listCertificates(whose)) {
      if (!domains.some((domain) => covers(certificate.facts.domains, domain))) continue
      payload.push({ ...whmCertificate(certificate), ...(await pairOf(context, certificate)) })
    }
    payload.sort((a, b) => b.not_after - a.not_after)
    note(
      'certificates',
      payload.map(({ id }) => id),
    )
    return { data: { payload } }
  },
})
