import { Failure } from '../../../failures.ts'
import { keyOf } from '../../../hosting/zones/names.ts'
import { dataOf, readName } from '../../../hosting/zones/zone-file.ts'
import { domainName } from '../../accounts/forms.ts'
import { findAccountOfDomain } from '../../accounts-in-reach.ts'
import { findZoneOver, type ReadZone, readZone } from '../../zones/change-zone.ts'
import { defineUapiRead } from '../define.ts'

/** What lies in a zone of the account is answered from it, so that a change is seen at once. */
export const dnsLookup = defineUapiRead({
  module: 'DNS',
  function: 'lookup',
  summary: 'Look up the addresses and mail servers of a domain.',
  source: 'UAPI, "Look up DNS information"',
  feature: 'zoneedit',
  params: { domain: domainName({ doc: 'The domain.' }) },
  failures: ['argument-missing', 'overloaded'],
  async run({ account, stores, services }, { domain }) {
    if (domain === undefined) throw new Failure('argument-missing', { argument: 'domain' })
    const zone = await findZoneOver(stores, domain)
    const lines =
      zone?.ownerId === account.userId
        ? linesFrom(readZone(zone), domain)
        : await services.lookUpDomain(domain, {
            userId: account.userId,
            isOurs: (await findAccountOfDomain(stores, domain)) !== undefined,
          })
    return { data: lines.length > 0 ? lines : [`Host ${domain} not found: 3(NXDOMAIN)`] }
  },
})

/** As the program `host` says it; an alias is followed once. */
function linesFrom({ file }: ReadZone, domain: string): readonly string[] {
  const records = file.entries.filter((entry) => entry.kind === 'record')
  const at = (key: string) => records.filter((record) => record.key === key)
  const own = at(`${domain}.`)
  const alias = own.find(({ type }) => type === 'CNAME')
  if (alias === undefined) return own.flatMap((record) => lineOf(domain, record.type, dataOf(record)))
  const target = readName(alias.data[0]?.raw ?? '', alias.origin)
  const key = 'problem' in target ? '' : keyOf(target)
  const name = key.replace(/\.$/, '')
  return [`${domain} is an alias for ${key}`, ...at(key).flatMap((one) => lineOf(name, one.type, dataOf(one)))]
}

function lineOf(name: string, type: string, [first = '', second = '']: readonly string[]): readonly string[] {
  if (type === 'A') return [`${name} has address ${first}`]
  if (type === 'AAAA') return [`${name} has IPv6 address ${first}`]
  return type === 'MX' ? [`${name} mail is handled by ${first} ${second}`] : []
}
