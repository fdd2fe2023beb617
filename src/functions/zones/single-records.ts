/**
 * Records one at a time, as WHM's dumpzone, addzonerecord and their kin and API 2's ZoneEdit take and show them: by a line counted from 1, with an
 * argument for each field. Names are shown in full; an argument that names a domain with a dot in it is taken for a full name, as these
 * functions show them without the last dot.
 */
import { Failure } from '../../failures.ts'
import type { NewRecord } from '../../hosting/zones/edit.ts'
import { formatName } from '../../hosting/zones/names.ts'
import { fieldsOf, isNameForm, isRecordType, type RecordType } from '../../hosting/zones/record-types.ts'
import { ADDRESS_TTL } from '../../hosting/zones/template.ts'
import { dataOf, type RecordEntry, readName, type ZoneEntry, type ZoneFile } from '../../hosting/zones/zone-file.ts'
import { optional, text, type Values, wholeNumber } from '../../whm/params.ts'
import type { ReadZone } from './change-zone.ts'

const field = (doc: string, max = 255) => optional(text({ doc, max }))

/** What a record consists of; which of them it needs depends on its type. */
export const recordParams = {
  name: field('The name, relative to the zone; in full with a last dot, or when it ends with the zone.', 1020),
  type: field('The type: A, AAAA, CAA, CNAME, DS, MX, NS, PTR, SOA, SRV, SSHFP, TLSA or TXT.', 10),
  class: field('IN, the only one.', 4),
  ttl: optional(wholeNumber({ doc: 'Time to live in seconds; 14400 for a new record.', max: 2 ** 31 - 1 })),
  address: field('A, AAAA: the address.'),
  cname: field('CNAME: the name that it stands for.', 1020),
  exchange: field('MX: the mail server.', 1020),
  preference: field('MX: the lowest is asked first.'),
  txtdata: field('TXT: the text, of any length.', 70_000),
  nsdname: field('NS: the name server.', 1020),
  ptrdname: field('PTR: the name.', 1020),
  priority: field('SRV: the lowest is asked first.'),
  weight: field('SRV: the share among equals.'),
  port: field('SRV: the port.'),
  target: field('SRV: the server.', 1020),
  flag: field('CAA: 0, or 128 for critical.'),
  tag: field('CAA: issue, issuewild, iodef or another.'),
  value: field('CAA: the value.', 70_000),
  mname: field('SOA: the first name server.', 1020),
  rname: field('SOA: the contact, with a dot for the @.', 1020),
  serial: field('SOA: taken where it is later than the one there is.'),
  refresh: field('SOA: seconds until a secondary asks again.'),
  retry: field('SOA: seconds until it tries again.'),
  expire: field('SOA: seconds until it gives up.'),
  minimum: field('SOA: seconds that an answer of “no such name” is kept.'),
  keytag: field('DS: the tag of the key.'),
  algorithm: field('DS, SSHFP: the number of the algorithm.'),
  digtype: field('DS: the number of the digest.'),
  digest: field('DS: the digest in hexadecimal.', 70_000),
  fptype: field('SSHFP: the number of the digest.'),
  fingerprint: field('SSHFP: the digest in hexadecimal.', 70_000),
  usage: field('TLSA: the usage.'),
  selector: field('TLSA: what of the certificate is meant.'),
  matchingtype: field('TLSA: the number of the digest.'),
  certificate: field('TLSA: the digest in hexadecimal.', 70_000),
}

export type RecordValues = Values<typeof recordParams>

/** A new record of these values. Throws `argument-missing`. */
export function newRecordOf(values: RecordValues, zone: string): NewRecord {
  const type = values.type?.toUpperCase()
  if (!type) throw new Failure('argument-missing', { argument: 'type' })
  if (values.name === undefined) throw new Failure('argument-missing', { argument: 'name' })
  return {
    name: fullName(values.name, zone),
    ttl: values.ttl ?? ADDRESS_TTL,
    type,
    data: dataFor(type, values, zone, {}),
  }
}

/** The record with the values that are given; the others stay as they are. */
export function changedRecordOf(values: RecordValues, entry: RecordEntry, zone: string): NewRecord {
  const type = values.type?.toUpperCase() || entry.type
  const before = type === entry.type ? fieldsShown(entry) : {}
  return {
    name: values.name === undefined ? formatName(entry.owner) : fullName(values.name, zone),
    ttl: values.ttl ?? entry.ttl,
    type,
    data: dataFor(type, values, zone, before),
  }
}

function dataFor(
  type: string,
  values: RecordValues,
  zone: string,
  before: Readonly<Record<string, readonly string[]>>,
): readonly string[] {
  if (values.class !== undefined && values.class !== '' && values.class.toUpperCase() !== 'IN')
    throw new Failure('argument-invalid', { argument: 'class', value: values.class, problem: 'is not IN' })
  if (!isRecordType(type)) return []
  return fieldsOf(type).flatMap(([name, form]) => {
    const given = givenOf(values, name)
    if (given === undefined) {
      if (before[name] === undefined) throw new Failure('argument-missing', { argument: name })
      return before[name]
    }
    return [isNameForm(form) ? fullTarget(given, zone) : given]
  })
}

/** By a name of a field, each of which is an argument. */
function givenOf(values: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = values[name]
  return value === undefined ? undefined : String(value)
}

/** A name that ends with the zone is meant in full; nobody wants example.com.example.com. */
function fullName(name: string, zone: string): string {
  const plain = name.toLowerCase()
  return plain === zone || plain.endsWith(`.${zone}`) ? `${name}.` : name
}

function fullTarget(name: string, zone: string): string {
  if (name === '@' || name === '') return `${zone}.`
  return name.includes('.') && !name.endsWith('.') ? `${name}.` : name
}

/** The record that begins on the line, counted from 1. Throws `zone-line-not-found`. */
export function recordOnLine({ zone, file }: ReadZone, line: number): RecordEntry {
  const entry = file.entries.find((one) => one.line === line - 1)
  if (entry?.kind !== 'record') throw new Failure('zone-line-not-found', { zone: zone.name, line })
  return entry
}

/** The fields of a record that can be written, as arguments that would write it. */
function fieldsShown(entry: RecordEntry): Readonly<Record<string, readonly string[]>> {
  if (!isRecordType(entry.type)) return {}
  const data = meantData(entry)
  return Object.fromEntries(
    fieldsOf(entry.type).map(([name, form], index, { length }) => {
      const values = index === length - 1 ? data.slice(index) : data.slice(index, index + 1)
      return [name, form === 'strings' ? values.map((value) => Buffer.from(value, 'latin1').toString('utf8')) : values]
    }),
  )
}

/** Names in full. */
function meantData(entry: RecordEntry): readonly string[] {
  const forms = isRecordType(entry.type) ? fieldsOf(entry.type).map(([, form]) => form) : []
  return dataOf(entry).map((value, index) => {
    if (!isNameForm(forms[index])) return value
    const meant = readName(value, entry.origin)
    return 'problem' in meant ? value : formatName(meant)
  })
}

/** A part of a zone in the keys of dumpzone (documented). Lines count from 1. */
export function shownEntry(file: ZoneFile, entry: ZoneEntry): Readonly<Record<string, string | number>> {
  const place = { Line: entry.line + 1, ...(entry.lines > 1 && { Lines: entry.lines }) }
  const raw = file.text.slice(entry.start, entry.end)
  if (entry.kind === 'comment') return { ...place, type: ':RAW', raw, name: '' }
  if (entry.kind === 'control') {
    const ttl = entry.name === '$TTL' && /^[0-9]+$/.test(entry.value) ? { ttl: Number(entry.value) } : {}
    return { ...place, type: entry.name, ...ttl, raw, name: '' }
  }
  const about = { ...place, name: formatName(entry.owner), class: 'IN', ttl: entry.ttl, type: entry.type }
  return isRecordType(entry.type) ? { ...about, ...shownFields(entry.type, entry) } : { ...about, raw }
}

function shownFields(type: RecordType, entry: RecordEntry): Readonly<Record<string, string | number>> {
  const shown = fieldsShown(entry)
  return Object.fromEntries(
    fieldsOf(type).map(([name, form]) => {
      const value = (shown[name] ?? []).join('')
      // Figures of the SOA are texts (documented), others numbers.
      if ((form === 'u8' || form === 'u16') && value !== '') return [name, Number(value)]
      return [name, isNameForm(form) && value !== '.' ? value.replace(/\.$/, '') : value]
    }),
  )
}
