/**
 * What makes a zone one that name servers load (RFC 1034, 2181, and what BIND refuses): one SOA at its top, a name server, nothing beside an
 * alias, and an address for whatever is named as a server within the zone. The data of each record was
 * checked when it was written. No I/O.
 */
import { formatName, isHostName, isWithin, keyAbove, keyOf, type Labels } from './names.ts'
import { type RecordEntry, readName } from './zone-file.ts'

/** The whole reason, as a sentence without its full stop; undefined for a zone that can be loaded. */
export function problemWithZone(labels: Labels, records: readonly RecordEntry[]): string | undefined {
  const zone = keyOf(labels)
  const byName = Map.groupBy(records, ({ key }) => key)
  return (
    problemAtTop(records, byName.get(zone) ?? [], zone) ??
    first(records, (record) => problemWithRecord(record, zone)) ??
    first([...byName.values()], problemAtName) ??
    problemWithTargets(records, zone, byName)
  )
}

function first<T>(items: readonly T[], problemOf: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const problem = problemOf(item)
    if (problem !== undefined) return problem
  }
  return undefined
}

function problemAtTop(
  records: readonly RecordEntry[],
  atTop: readonly RecordEntry[],
  zone: string,
): string | undefined {
  if (records[0]?.type !== 'SOA' || records[0].key !== zone) return 'the first record of a zone must be its SOA'
  if (records.filter(({ type }) => type === 'SOA').length > 1) return 'a zone has one SOA record'
  if (!atTop.some(({ type }) => type === 'NS')) return `${zone} needs an NS record`
  return atTop.some(({ type }) => type === 'DS') ? `the DS record of ${zone} belongs into the zone above` : undefined
}

/** The types whose owner must have the name of a host; others may be anything. */
const OWNED_BY_HOSTS = new Set(['A', 'AAAA', 'MX'])

function problemWithRecord(record: RecordEntry, zone: string): string | undefined {
  const { owner, key, type } = record
  if (!isWithin(key, zone)) return `“${formatName(owner)}” does not lie in the zone`
  if (OWNED_BY_HOSTS.has(type) && !isHostName(owner, { mayBeWildcard: true }))
    return `${formatName(owner)} is not the name of a host, and only a host has a record of the type ${type}`
  if (owner[0] === '*' && (type === 'NS' || type === 'DS'))
    return `${formatName(owner)} is a wildcard, which has no ${type} record`
  return undefined
}

function problemAtName(records: readonly RecordEntry[]): string | undefined {
  const [{ owner } = { owner: [] }] = records
  const types = new Set(records.map(({ type }) => type))
  if (types.has('CNAME') && records.length > 1)
    return `${formatName(owner)} is an alias (CNAME), so that it has no other record`
  if (types.has('DS') && !types.has('NS'))
    return `${formatName(owner)} has a DS record, which needs NS records beside it`
  return undefined
}

const SERVERS: ReadonlySet<string> = new Set(['NS', 'MX', 'SRV'])

/** Servers that are named within the zone must have an address there, and be no alias. */
function problemWithTargets(
  records: readonly RecordEntry[],
  zone: string,
  owners: ReadonlyMap<string, unknown>,
): string | undefined {
  const placeOf = placesIn(zone, records, owners)
  return first(records, (record) => {
    if (!SERVERS.has(record.type)) return undefined
    const target = readName(record.data.at(-1)?.raw ?? '', record.origin)
    if ('problem' in target) return `“${record.data.at(-1)?.raw}” ${target.problem}`
    const key = keyOf(target)
    if (!isWithin(key, zone)) return undefined
    const place = placeOf(key)
    if (place === undefined) return 'the names of the zone have more parts, one below the other, than are taken'
    // Whoever the part of the zone was given away to answers for what lies in it; only its own name servers need an address here.
    if (place.isGivenAway && !(record.type === 'NS' && isWithin(key, record.key))) return undefined
    if (place.hasAddress) return undefined
    return `${formatName(target)}, which an ${record.type} record names, has no address (A or AAAA) in the zone`
  })
}

type Place = { readonly isGivenAway: boolean; readonly hasAddress: boolean }

/** How many names above names are looked at for one zone: tens of thousands of hosts stay below, and it is a fraction of a second. */
const STEPS_MAX = 250_000

/** Looks each name up once, however many records have it. Gives undefined once that took more steps than are allowed. */
function placesIn(
  zone: string,
  records: readonly RecordEntry[],
  owners: ReadonlyMap<string, unknown>,
): (key: string) => Place | undefined {
  let steps = 0
  const above = (key: string) => {
    steps += 1
    return keyAbove(key)
  }
  const cuts = namesWith(records, 'NS')
  const hosts = namesWith(records, 'A', 'AAAA')
  const isDelegated = (key: string): boolean => {
    for (let name = key; name !== zone; name = above(name)) if (cuts.has(name)) return true
    return false
  }
  let names: Set<string> | undefined
  /** The name whose records answer a question for this one: itself, or the wildcard that stands for it. */
  const answering = (key: string): string => {
    if (owners.has(key)) return key
    if (names === undefined) {
      names = new Set([zone])
      for (const owner of owners.keys())
        for (let name = owner; steps <= STEPS_MAX && !names.has(name); name = above(name)) names.add(name)
    }
    if (names.has(key)) return key
    let name = above(key)
    while (name !== zone && !names.has(name)) name = above(name)
    return `*.${name}`
  }
  const known = new Map<string, Place>()
  return (key) => {
    let place = known.get(key)
    if (place === undefined) {
      const isGivenAway = isDelegated(key)
      place = { isGivenAway, hasAddress: hosts.has(isGivenAway ? key : answering(key)) }
      known.set(key, place)
    }
    return steps > STEPS_MAX ? undefined : place
  }
}

/** The names that have records of these types. */
function namesWith(records: readonly RecordEntry[], ...types: readonly string[]): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { key, type } of records) if (types.includes(type)) names.add(key)
  return names
}
