/**
 * The types of records that can be written: the fields of each, what each field takes, and how it is put down so that it cannot end the field,
 * the line or the record that it stands in. No I/O.
 */
import { isIPv4, isIPv6 } from 'node:net'
import {
  bytesOf,
  escaped,
  formatName,
  formatRelative,
  isHostName,
  type Labels,
  type Problem,
  parseName,
  qualify,
} from './names.ts'

/** `strings` and `hex` take all that is left. */
type FieldForm =
  | 'ipv4'
  | 'ipv6'
  | 'name'
  | 'host'
  | 'mailbox'
  | 'u8'
  | 'u16'
  | 'u32'
  | 'seconds'
  | 'strings'
  | 'text'
  | 'tag'
  | 'hex'

/** Says whether a field is a domain name. */
export function isNameForm(form: FieldForm | undefined): boolean {
  return form === 'name' || form === 'host' || form === 'mailbox'
}

type Field = readonly [name: string, form: FieldForm]

/** The names of the fields are those of WHM's functions for single records, where it has them. */
const TYPES = {
  A: [['address', 'ipv4']],
  AAAA: [['address', 'ipv6']],
  CAA: [
    ['flag', 'u8'],
    ['tag', 'tag'],
    ['value', 'text'],
  ],
  CNAME: [['cname', 'name']],
  DS: [
    ['keytag', 'u16'],
    ['algorithm', 'u8'],
    ['digtype', 'u8'],
    ['digest', 'hex'],
  ],
  MX: [
    ['preference', 'u16'],
    ['exchange', 'host'],
  ],
  NS: [['nsdname', 'host']],
  PTR: [['ptrdname', 'name']],
  SOA: [
    ['mname', 'host'],
    ['rname', 'mailbox'],
    ['serial', 'u32'],
    ['refresh', 'seconds'],
    ['retry', 'seconds'],
    ['expire', 'seconds'],
    ['minimum', 'seconds'],
  ],
  SRV: [
    ['priority', 'u16'],
    ['weight', 'u16'],
    ['port', 'u16'],
    ['target', 'host'],
  ],
  SSHFP: [
    ['algorithm', 'u8'],
    ['fptype', 'u8'],
    ['fingerprint', 'hex'],
  ],
  TLSA: [
    ['usage', 'u8'],
    ['selector', 'u8'],
    ['matchingtype', 'u8'],
    ['certificate', 'hex'],
  ],
  TXT: [['txtdata', 'strings']],
} as const satisfies Readonly<Record<string, readonly Field[]>>

export type RecordType = keyof typeof TYPES

export const RECORD_TYPES = Object.keys(TYPES) as readonly RecordType[] // the keys are the type's

export function isRecordType(type: string): type is RecordType {
  return Object.hasOwn(TYPES, type)
}

export function fieldsOf(type: RecordType): readonly Field[] {
  return TYPES[type]
}

export const MAX_TTL_SECONDS = 2 ** 31 - 1

/** Longer values do not fit into a record. */
const MAX_RECORD_BYTES = 65_535
const MAX_STRING_BYTES = 255

/** The fields of a record as they are put down. Completes `“value” …` where it is none; `value` is what is wrong. */
export type Written = { readonly data: readonly string[] } | (Problem & { readonly value: string })

/** Whether relative names are written as they were given, or with a last dot. */
export type NameForm = 'as given' | 'absolute'

/**
 * Checks the values of a record and puts them down. Names are taken as they are written, relative ones to `origin`; texts are any text. A
 * `strings` field takes any number of values, each cut into pieces of 255 bytes.
 */
export function writeRecordData(type: RecordType, values: readonly string[], origin: Labels, names: NameForm): Written {
  const fields = fieldsOf(type)
  const data: string[] = []
  for (const [index, [name, form]] of fields.entries()) {
    const given = form === 'strings' || form === 'hex' ? values.slice(index) : values.slice(index, index + 1)
    if (given.length === 0) return { value: type, problem: `needs the value “${name}”` }
    const written = writeField(form, given, origin, names)
    if ('problem' in written) return { value: given.join(' '), problem: written.problem }
    data.push(...written.data)
  }
  const last = fields.at(-1)?.[1]
  if (last !== 'strings' && last !== 'hex' && values.length > fields.length)
    return { value: values[fields.length] ?? '', problem: `is more than a record of the type ${type} has` }
  const problem = problemOfDigest(type, data)
  return problem === undefined ? { data } : { value: data.at(-1) ?? '', problem }
}

function writeField(
  form: FieldForm,
  given: readonly string[],
  origin: Labels,
  names: NameForm,
): { readonly data: readonly string[] } | Problem {
  const [value = ''] = given
  switch (form) {
    case 'ipv4':
      return isIPv4(value) ? { data: [value] } : { problem: 'is not an IPv4 address' }
    case 'ipv6':
      return isIPv6(value) && !value.includes('%') ? { data: [value] } : { problem: 'is not an IPv6 address' }
    case 'name':
    case 'host':
    case 'mailbox':
      return writeName(form, value, origin, names)
    case 'u8':
      return writeNumber(value, 255)
    case 'u16':
      return writeNumber(value, 65_535)
    case 'u32':
      return writeNumber(value, 2 ** 32 - 1)
    case 'seconds':
      return writeNumber(value, MAX_TTL_SECONDS)
    case 'tag':
      return /^[A-Za-z0-9]{1,15}$/.test(value) ? { data: [value] } : { problem: 'is not a tag of letters and digits' }
    case 'text':
      return writeStrings(given, MAX_RECORD_BYTES)
    case 'strings':
      return writeStrings(given, MAX_STRING_BYTES)
    case 'hex':
      return writeHex(given.join(''))
  }
}

function writeName(form: 'name' | 'host' | 'mailbox', value: string, origin: Labels, names: NameForm) {
  const parsed = value === '@' ? { labels: [], isAbsolute: false } : parseName(value)
  if ('problem' in parsed) return parsed
  const full = qualify(parsed, origin)
  if ('problem' in full) return full
  if (form === 'host' && !isHostName(full)) return { problem: 'is not the name of a host' }
  // The first part is the mail address before the @, and anything goes there.
  if (form === 'mailbox' && !isHostName(full.slice(1))) return { problem: 'is not a mail address as names are written' }
  if (parsed.isAbsolute || names === 'absolute') return { data: [formatName(full)] }
  return { data: [parsed.labels.length === 0 ? '@' : formatRelative(parsed.labels)] }
}

function writeNumber(value: string, max: number) {
  if (/^[0-9]{1,10}$/.test(value) && Number(value) <= max) return { data: [String(Number(value))] }
  return { problem: `is not a whole number from 0 to ${max}` }
}

/** Each text in UTF-8, in quotes, cut into pieces of at most so many bytes. */
function writeStrings(texts: readonly string[], maxBytes: number) {
  const pieces = texts.flatMap((text) => piecesOf(bytesOf(text.toWellFormed()), maxBytes))
  const bytes = pieces.reduce((sum, piece) => sum + piece.length + 1, 0)
  if (bytes > MAX_RECORD_BYTES) return { problem: 'is longer than a record can be' }
  return { data: pieces.map((piece) => `"${piece.replace(/[^ !#-[\]-~]/g, escaped)}"`) }
}

function piecesOf(bytes: string, max: number): readonly string[] {
  const pieces: string[] = []
  for (let start = 0; start < bytes.length; start += max) pieces.push(bytes.slice(start, start + max))
  return pieces.length === 0 ? [''] : pieces
}

function writeHex(value: string) {
  if (!/^([0-9A-Fa-f]{2})+$/.test(value)) return { problem: 'is not a number in pairs of hexadecimal digits' }
  return value.length / 2 > MAX_RECORD_BYTES - 10
    ? { problem: 'is longer than a record can be' }
    : { data: [value.toLowerCase()] }
}

/** Bytes of the digests whose length is fixed, by the number of their kind. */
const DIGEST_BYTES: Readonly<
  Partial<Record<RecordType, { readonly kind: number; readonly bytes: Readonly<Record<string, number>> }>>
> = {
  DS: { kind: 2, bytes: { 1: 20, 2: 32, 4: 48 } },
  SSHFP: { kind: 1, bytes: { 1: 20, 2: 32 } },
  TLSA: { kind: 2, bytes: { 1: 32, 2: 64 } },
}

function problemOfDigest(type: RecordType, data: readonly string[]): string | undefined {
  const known = DIGEST_BYTES[type]
  const bytes = known?.bytes[data[known.kind] ?? '']
  if (bytes === undefined || data.at(-1)?.length === 2 * bytes) return undefined
  return `is not the ${bytes} bytes that a digest of this kind has`
}
