import { isIP, isIPv4, isIPv6 } from 'node:net'
import { Failure } from '../../failures.ts'
import { ZONE_TEMPLATES } from '../../hosting/zones/template.ts'
import { optional, text } from '../../whm/params.ts'
import { domainName, oneOf, ownerName } from '../accounts/forms.ts'
import { assertPlaceFree } from '../accounts/free-names.ts'
import { findAccountOfDomain, isInReach, loadAccount } from '../accounts-in-reach.ts'
import type { WriteContext } from '../context.ts'
import { defineWrite } from '../define.ts'
import { makeZone } from './account-zones.ts'

/** Whose the zone is: of the account that is named, else of the one that has the domain, else the caller's own. */
export const adddns = defineWrite({
  name: 'adddns',
  group: 'DNS',
  summary: 'Make a DNS zone from a template.',
  source: 'WHM API 1, "Create DNS zone"',
  acl: 'create-dns',
  params: {
    domain: domainName({ doc: 'The name of the zone.' }),
    ip: text({ doc: 'The address that the domain and the names below it lead to.', min: 1, max: 45 }),
    ipv6: optional(text({ doc: 'An IPv6 address beside it.', max: 45 })),
    template: optional(oneOf('What it holds at first; standard when absent.', ZONE_TEMPLATES)),
    trueowner: optional(ownerName('The account that it belongs to.')),
  },
  failures: ['argument-missing', 'account-not-found', 'domain-taken', 'zone-taken'],
  v0: 'result',
  audit: ({ domain }) => domain ?? '',
  async run(context, { domain, ip, ipv6, template, trueowner }) {
    if (domain === undefined) throw new Failure('argument-missing', { argument: 'domain' })
    const addresses = [ip, ...(ipv6 ? [ipv6] : [])]
    assertAddresses(addresses)
    const owner = await ownerFor(context, domain, trueowner)
    await makeZone(context, { name: domain, template: template ?? 'standard', addresses, ...owner })
    context.note('addresses', addresses)
    if (trueowner !== undefined) context.note('owner', trueowner)
    return { data: {}, reason: `Added ${domain} ok`, raw: `Made the zone ${domain}` }
  },
})

function assertAddresses([ip = '', ipv6]: readonly string[]): void {
  const invalid = (argument: string, value: string, problem: string) =>
    new Failure('argument-invalid', { argument, value, problem })
  if (isIP(ip) === 0 || ip.includes('%')) throw invalid('ip', ip, 'is not an IP address')
  if (ipv6 === undefined) return
  if (!isIPv6(ipv6) || ipv6.includes('%')) throw invalid('ipv6', ipv6, 'is not an IPv6 address')
  if (!isIPv4(ip)) throw invalid('ip', ip, 'is not an IPv4 address, and stands beside “ipv6”')
}

/** The account that is named takes nobody's place: the domain must be in the caller's reach all the same. */
async function ownerFor(context: WriteContext, domain: string, trueowner: string | undefined) {
  const { stores, caller } = context
  const named = trueowner === undefined ? undefined : await loadAccount(stores, caller, trueowner)
  const holder = await findAccountOfDomain(stores, domain)
  if (holder === undefined) await assertPlaceFree(context, domain)
  else if (!isInReach(caller, holder)) throw new Failure('domain-taken', { domain })
  const account = named ?? holder
  if (account !== undefined) return { userId: account.userId, nameserversOf: account.ownerId }
  return caller.kind === 'root'
    ? { userId: undefined, nameserversOf: undefined }
    : { userId: caller.userId, nameserversOf: caller.userId }
}
