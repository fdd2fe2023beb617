import { addressFacts } from '../../ssl/address-facts.ts'
import { uapiCertificate } from '../../ssl/shown.ts'
import { listSecureVhostsOf } from '../../ssl/vhosts.ts'
import { defineUapiRead } from '../define.ts'

export const sslInstalledHosts = defineUapiRead({
  module: 'SSL',
  function: 'installed_hosts',
  summary: 'List the sites of the account that show a certificate, with the facts of it; no keys.',
  source: 'UAPI, "Return SSL websites"',
  feature: 'sslinstall',
  params: {},
  failures: [],
  async run({ stores, account, services }) {
    const secure = await listSecureVhostsOf(stores, account)
    const addresses = addressFacts(secure, services.facts.dedicatedIps)
    const data = secure.map((one) => {
      const { vhost, installed } = one
      const { ipv6: _, iptype: _type, ...address } = addresses(one)
      return {
        servername: vhost.name,
        docroot: services.host.pathOf(account.home, vhost.documentRoot),
        domains: vhost.domains,
        fqdns: vhost.domains,
        ...address,
        certificate_text: installed.certificate.pem,
        certificate: uapiCertificate(installed.certificate),
      }
    })
    return { data }
  },
})
