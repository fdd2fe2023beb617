/**
 * What a new zone holds, as WHM's templates of the same names would have it. The first line begins with words that programs written for WHM
 * look for (observed). No I/O.
 */
import { isIPv6 } from 'node:net'
import { firstSerialOf } from './serial.ts'

export const ZONE_TEMPLATES = ['standard', 'simple', 'standardvirtualftp', 'custom'] as const
export type ZoneTemplate = (typeof ZONE_TEMPLATES)[number]

export type NewZone = {
  /** A host name in lower case, without the last dot. */
  readonly name: string
  readonly template: ZoneTemplate
  /** What the domain itself and the names below it lead to; at least one. */
  readonly addresses: readonly string[]
  readonly nameservers: readonly string[]
  /** The address of name servers that lie in the zone itself: they need one there. */
  readonly serverAddress: string
  /** A mail address; undefined: hostmaster at the domain. */
  readonly contact: string | undefined
  /** Instead of the first one of the day, where there was a zone before. */
  readonly serial?: number
}

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/
const LONG_TTL = 86_400
/** In seconds: how long an address is kept that nobody chose another time for. */
export const ADDRESS_TTL = 14_400

/** The text of the zone, and its serial. */
export function newZoneText(wanted: NewZone, now: Date): { readonly text: string; readonly serial: number } {
  const { name } = wanted
  const serial = wanted.serial ?? firstSerialOf(now)
  const nameservers = nameserversFor(wanted.nameservers)
  const first = nameservers[0] ?? ''
  const contact = wanted.contact ?? `hostmaster@${fits(`hostmaster.${name}`) ? name : 'localhost'}`
  const lines = [
    '; cPanel first: programs written for WHM look for these words; this zone is kept by Postern',
    `; Zone file for ${name}`,
    `$TTL ${ADDRESS_TTL}`,
    `${name}.\t${LONG_TTL}\tIN\tSOA\t${first}. ${mailbox(contact)} (`,
    `\t${serial}\t; serial`,
    '\t3600\t; refresh, seconds',
    '\t1800\t; retry, seconds',
    '\t1209600\t; expire, seconds',
    `\t${LONG_TTL} )\t; minimum, seconds`,
    ...nameservers.map((server) => `${name}.\t${LONG_TTL}\tIN\tNS\t${server}.`),
    ...recordsOf(wanted, nameservers),
  ]
  return { text: `${lines.join('\n')}\n`, serial }
}

/** The lines of a name below the zone that leads to the addresses. `owner` is relative to the zone. */
function addressLines(owner: string, addresses: readonly string[]): readonly string[] {
  return addresses.map((address) => `${owner}\t${ADDRESS_TTL}\tIN\t${isIPv6(address) ? 'AAAA' : 'A'}\t${address}`)
}

function recordsOf(
  { name, template, addresses, serverAddress }: NewZone,
  nameservers: readonly string[],
): readonly string[] {
  const apex = `${name}.`
  const below: Record<string, readonly string[]> = {}
  const labels = template === 'simple' ? ['mail', 'www'] : ['mail', 'www', 'ftp']
  for (const label of labels)
    if (fits(`${label}.${name}`)) below[label] = [`${label}\t${ADDRESS_TTL}\tIN\tCNAME\t${apex}`]
  if (template === 'standardvirtualftp' && below.ftp !== undefined) below.ftp = addressLines('ftp', addresses)
  // A name server without an address in the zone that it lies in would make the whole zone one that no server loads.
  for (const server of nameservers.filter((one) => one.endsWith(`.${name}`))) {
    const label = server.slice(0, -name.length - 1)
    below[label] = addressLines(label, [serverAddress])
  }
  return [
    ...addressLines(apex, addresses),
    `${apex}\t${ADDRESS_TTL}\tIN\tMX\t0 ${apex}`,
    ...Object.values(below).flat(),
    ...(template === 'simple' ? [] : [`${apex}\t${ADDRESS_TTL}\tIN\tTXT\t"${spfText(addresses)}"`]),
  ]
}

/** An SPF record: mail of the domain comes from what the domain itself leads to. */
export function spfText(addresses: readonly string[]): string {
  const mechanisms = addresses.map((address) => `+ip${isIPv6(address) ? 6 : 4}:${address}`)
  return `v=spf1 +a +mx ${mechanisms.join(' ')} ~all`
}

/** Says whether a name server takes a name of this length. */
function fits(name: string): boolean {
  return name.length <= 253
}

/** None twice, none that is no host name; a zone without one is none. */
function nameserversFor(wanted: readonly string[]): readonly string[] {
  const usable = wanted.map((server) => server.toLowerCase()).filter((server) => HOST_NAME.test(server))
  return usable.length === 0 ? ['localhost'] : [...new Set(usable)]
}

/** A mail address as SOA records have it: a dot before the @ is no end of a label. */
function mailbox(address: string): string {
  const at = address.lastIndexOf('@')
  const local = address.slice(0, at).replace(/[^A-Za-z0-9_-]/g, (character) => `\\${character}`)
  return `${local}.${address.slice(at + 1).toLowerCase()}.`
}
