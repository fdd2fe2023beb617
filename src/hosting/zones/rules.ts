/**
 * What makes a zone one that name servers load (RFC 1034, 2181, and what BIND refuses): one SOA at its top, a name server, nothing beside an
 * alias, and an address for whatever is named as a server within the zone. The data of each record was
 * checked when it was written. No I/O.
 */
import { formatName, isHostName, isWithin, keyOf, type Labels } from './names.ts'
import { type RecordEntry, readName } from './zone-file.ts'

/** The whole reason, as a sentence without its full stop; undefined for a zone that can be loaded. */
export function problemWithZone(labels: Labels, records: readonly RecordEntry[]): string | undefined {
  const zone = keyOf(labels)
  const byName = Map.groupBy(records, ({ key }) => key)
  return (
    problemAtTop(records, byName.get(zone) ?? [], zone) ??
    first(records, (record) => problemWithRecord(record, zone)) ??
    first([...byName.values()], problemAtName) ??
    first(records, (record) => problemWithTarget(record, zone, byName))
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
  if (!isWithin(key, zone)) return `${formatName(owner)} does not lie in the zone ${zone}`
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

/** A server that is named within the zone must have an address there, and be no alias. */
function problemWithTarget(
  record: RecordEntry,
  zone: string,
  byName: ReadonlyMap<string, readonly RecordEntry[]>,
): string | undefined {
  if (!SERVERS.has(record.type)) return undefined
  const target = readName(record.data.at(-1)?.raw ?? '', record.origin)
  if ('problem' in target) return `“${record.data.at(-1)?.raw}” ${target.problem}`
  const key = keyOf(target)
  if (!isWithin(key, zone)) return undefined
  const cut = delegationOver(target, zone, byName)
  // Whoever the part of the zone was given away to answers for what lies in it; only its own name servers need an address here.
  if (cut !== undefined && !(record.type === 'NS' && isWithin(key, record.key))) return undefined
  const found = cut === undefined ? recordsFor(target, zone, byName) : (byName.get(key) ?? [])
  if (found.some(({ type }) => type === 'A' || type === 'AAAA')) return undefined
  return `${formatName(target)}, which an ${record.type} record names, has no address (A or AAAA) in the zone`
}

/** The name, at or above the given one and below the top, that has name servers of its own. */
function delegationOver(
  labels: Labels,
  zone: string,
  byName: ReadonlyMap<string, readonly RecordEntry[]>,
): string | undefined {
  for (let above = labels; keyOf(above) !== zone && above.length > 0; above = above.slice(1))
    if (byName.get(keyOf(above))?.some(({ type }) => type === 'NS')) return keyOf(above)
  return undefined
}

/** The records that a question for the name is answered with: its own, or those of the wildcard that stands for it. */
function recordsFor(
  labels: Labels,
  zone: string,
  byName: ReadonlyMap<string, readonly RecordEntry[]>,
): readonly RecordEntry[] {
  const own = byName.get(keyOf(labels))
  if (own !== undefined) return own
  const exists = namesIn(byName)
  if (exists.has(keyOf(labels))) return []
  for (let above = labels.slice(1); isWithin(keyOf(above), zone); above = above.slice(1))
    if (exists.has(keyOf(above))) return byName.get(keyOf(['*', ...above])) ?? []
  return []
}

const namesKept = new WeakMap<object, ReadonlySet<string>>()

/** Every name that has records, or has such a name below it. */
function namesIn(byName: ReadonlyMap<string, readonly RecordEntry[]>): ReadonlySet<string> {
  let names = namesKept.get(byName)
  if (names === undefined) {
    const all = new Set<string>()
    for (const [record] of byName.values())
      for (let above = record?.owner ?? []; above.length > 0 && !all.has(keyOf(above)); above = above.slice(1))
        all.add(keyOf(above))
    names = all
    namesKept.set(byName, names)
  }
  return names
}
