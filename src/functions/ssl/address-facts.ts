/** What WHM and UAPI tell of the address of a site with a certificate. No I/O. */
import type { SecureVhost } from './vhosts.ts'

/**
 * The first site that got a certificate on an address is the one that a client without SNI is shown (our choice: WHM lets an
 * administrator say which). No mail server is told of certificates here.
 */
export function addressFacts(secure: readonly SecureVhost[], dedicatedIps: readonly string[]) {
  const firsts = new Map<string, SecureVhost>()
  for (const one of secure) {
    const { ip } = one.vhost.account
    const first = firsts.get(ip)
    if (first === undefined || one.installed.installedAt < first.installed.installedAt) firsts.set(ip, one)
  }
  return (one: SecureVhost) => {
    const { ip } = one.vhost.account
    const isFirst = firsts.get(ip) === one
    return {
      ip,
      iptype: dedicatedIps.includes(ip) ? 'dedicated' : 'shared',
      ipv6: [],
      is_primary_on_ip: isFirst ? 1 : 0,
      mail_sni_status: 0,
      needs_sni: isFirst ? 0 : 1,
    }
  }
}
