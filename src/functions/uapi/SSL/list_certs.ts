import { covers } from '../../../hosting/certificates/names.ts'
import { toUnixSeconds, uapiCertificate } from '../../ssl/shown.ts'
import { vhostsOfAccount } from '../../ssl/vhosts.ts'
import { defineUapiRead } from '../define.ts'

export const sslListCerts = defineUapiRead({
  module: 'SSL',
  function: 'list_certs',
  summary: 'List the certificates of the account, installed or not.',
  source: 'UAPI, "Return SSL certificates"',
  feature: 'sslmanager',
  params: {},
  failures: [],
  async run({ stores, account }) {
    const own = (await vhostsOfAccount(stores, account)).flatMap(({ domains }) => domains)
    const certificates = await stores.certificates.listCertificates({ userId: account.userId })
    const data = certificates.map((certificate) => ({
      ...uapiCertificate(certificate),
      friendly_name: certificate.friendlyName,
      created: toUnixSeconds(certificate.createdAt),
      domain_is_configured: own.some((domain) => covers(certificate.facts.domains, domain)) ? 1 : 0,
    }))
    return { data }
  },
})
