import { defineRead } from '../define.ts'
import { addressFacts } from './address-facts.ts'
import { whmCertificate } from './shown.ts'
import { listSecureVhosts } from './vhosts.ts'

const TYPES = { main_domain: 'main', sub_domain: 'sub', addon_domain: 'addon', parked_domain: 'parked' } as const

export const fetchSslVhosts = defineRead({
  name: 'fetch_ssl_vhosts',
  group: 'Certificates',
  summary: 'List the sites that show a certificate, with the facts of it; no keys.',
  source: 'WHM API 1, "Return SSL websites"',
  acl: 'ssl-info',
  params: {},
  failures: [],
  v0: 'none',
  async run(context) {
    const secure = await listSecureVhosts(context)
    const addresses = addressFacts(secure, context.services.facts.dedicatedIps)
    const vhosts = secure.map((one) => ({
      servername: one.vhost.name,
      user: one.vhost.account.user,
      type: TYPES[one.vhost.type],
      docroot: context.services.host.pathOf(one.vhost.account.home, one.vhost.documentRoot),
      domains: one.vhost.domains,
      ...addresses(one),
      crt: whmCertificate(one.installed.certificate),
    }))
    return { data: { vhosts } }
  },
})
