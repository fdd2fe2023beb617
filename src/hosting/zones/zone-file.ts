/**
 * A master file, read so that nothing is lost: each entry knows its lines, and a record its name, its time to live and its data as they are
 * written and as they are meant. `$INCLUDE` and `$GENERATE` are refused: the one reads files, the other makes records without end. No I/O.
 */
import { lexZone, type RawEntry, type Token, type ZoneProblem } from './lexer.ts'
import { formatName, keyOf, type Labels, type Problem, parseName, qualify, readEscapes } from './names.ts'
import { fieldsOf, isRecordType, MAX_TTL_SECONDS } from './record-types.ts'

type Place = Pick<RawEntry, 'line' | 'lines' | 'start' | 'end' | 'isIndented'>

export type CommentEntry = Place & { readonly kind: 'comment' }

export type ControlEntry = Place & {
  readonly kind: 'control'
  readonly name: '$TTL' | '$ORIGIN'
  readonly value: string
  /** Where that begins in the whole text. */
  readonly valueStart: number
}

export type RecordEntry = Place & {
  readonly kind: 'record'
  readonly owner: Labels
  /** Of the owner. */
  readonly key: string
  /** The owner's name as it stands there, or as it was written where this entry only belongs to the name before. */
  readonly written: string
  /** What the written name lies below. */
  readonly ownerOrigin: Labels
  readonly ttl: number
  readonly hasTtl: boolean
  /** In capitals; also one that cannot be written here. */
  readonly type: string
  readonly data: readonly Token[]
  /** What relative names in the data lie below. */
  readonly origin: Labels
}

export type ZoneEntry = CommentEntry | ControlEntry | RecordEntry

export type ZoneFile = {
  readonly text: string
  readonly zone: Labels
  readonly entries: readonly ZoneEntry[]
  /** What relative names at the end of the file lie below. */
  readonly lastOrigin: Labels
}

export type ParsedZone = { readonly ok: true; readonly file: ZoneFile } | ({ readonly ok: false } & ZoneProblem)

/** What holds for the next entry. */
type State = {
  origin: Labels
  defaultTtl: number | undefined
  lastTtl: number | undefined
  owner: Labels | undefined
  written: string
  /** What the written name lies below. */
  ownerOrigin: Labels
}

/** Reads the text of a zone. Lines are counted from 0. */
export function parseZone(text: string, zone: Labels): ParsedZone {
  const state: State = {
    origin: zone,
    defaultTtl: undefined,
    lastTtl: undefined,
    owner: undefined,
    written: '',
    ownerOrigin: zone,
  }
  const entries: ZoneEntry[] = []
  const problem = lexZone(text, (raw) => {
    const entry = readEntry(raw, state)
    if ('problem' in entry) return entry.problem
    entries.push(entry)
    return undefined
  })
  if (problem !== undefined) return { ok: false, ...problem }
  return { ok: true, file: { text, zone, entries, lastOrigin: state.origin } }
}

function readEntry(raw: RawEntry, state: State): ZoneEntry | Problem {
  const [first] = raw.tokens
  if (first === undefined) return { ...placeOf(raw), kind: 'comment' }
  if (!raw.isIndented && first.raw.startsWith('$')) return readControl(placeOf(raw), raw.tokens, state)
  return readRecord(raw, state)
}

function placeOf({ line, lines, start, end, isIndented }: RawEntry): Place {
  return { line, lines, start, end, isIndented }
}

function readControl(place: Place, tokens: readonly Token[], state: State): ControlEntry | Problem {
  const [name = '', value = '', ...more] = tokens.map(({ raw }) => raw)
  if (tokens.length < 2 || more.length > 0) return { problem: `${name} does not have one value` }
  const valueStart = tokens[1]?.start ?? place.end
  if (name.toUpperCase() === '$TTL') {
    const ttl = parseTtl(value)
    if (ttl === undefined) return { problem: `“${value}” is not a time to live` }
    state.defaultTtl = ttl
    return { ...place, kind: 'control', name: '$TTL', value, valueStart }
  }
  if (name.toUpperCase() === '$ORIGIN') {
    const origin = readName(value, state.origin)
    if ('problem' in origin) return { problem: `“${value}” ${origin.problem}` }
    state.origin = origin
    return { ...place, kind: 'control', name: '$ORIGIN', value, valueStart }
  }
  return { problem: `${name} is not taken in zones` }
}

const CLASSES = new Set(['IN', 'CH', 'HS', 'CS'])

function readRecord(raw: RawEntry, state: State): RecordEntry | Problem {
  const { tokens } = raw
  let next = 0
  if (!raw.isIndented) {
    const written = tokens[next++]?.raw ?? ''
    const owner = readName(written, state.origin)
    if ('problem' in owner) return { problem: `“${written}” ${owner.problem}` }
    state.owner = owner
    state.written = written
    state.ownerOrigin = state.origin
  }
  if (state.owner === undefined) return { problem: 'the first record has no name' }
  let ttl: number | undefined
  let hasClass = false
  for (;;) {
    const word = tokens[next]?.raw ?? ''
    const isClass = word === 'IN' || CLASSES.has(word.toUpperCase())
    if (isClass && word.toUpperCase() !== 'IN') return { problem: `the class ${word} is not taken` }
    const read = isClass ? undefined : parseTtl(word)
    if (isClass ? hasClass : read === undefined || ttl !== undefined) break
    if (isClass) hasClass = true
    else ttl = read
    next += 1
  }
  const type = tokens[next++]?.raw.toUpperCase()
  if (type === undefined || !/^[A-Z][A-Z0-9-]*$/.test(type)) return { problem: 'a record has no type' }
  const data = tokens.slice(next)
  const meant =
    ttl ?? state.defaultTtl ?? state.lastTtl ?? (type === 'SOA' ? parseTtl(data.at(-1)?.raw ?? '') : undefined)
  if (meant === undefined) return { problem: 'a record has no time to live' }
  state.lastTtl = meant
  const { owner, written, ownerOrigin, origin } = state
  // Named one by one: a zone has thousands of records, and copying objects costs more than reading them.
  return {
    kind: 'record',
    line: raw.line,
    lines: raw.lines,
    start: raw.start,
    end: raw.end,
    isIndented: raw.isIndented,
    owner,
    key: keyOf(owner),
    written,
    ownerOrigin,
    ttl: meant,
    hasTtl: ttl !== undefined,
    type,
    data,
    origin,
  }
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }

/** Seconds, or `1h30m` as BIND takes it. */
function parseTtl(text: string): number | undefined {
  if (/^[0-9]{1,9}$/.test(text)) return Number(text)
  if (!/^(?:[0-9]{1,10}|(?:[0-9]{1,10}[smhdw])+)$/i.test(text)) return undefined
  const parts = text.matchAll(/([0-9]+)([smhdw]?)/gi)
  const seconds = [...parts].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (UNITS[unit?.toLowerCase() ?? ''] ?? 1),
    0,
  )
  return seconds > MAX_TTL_SECONDS ? undefined : seconds
}

/** A name where it stands in the text; `@` is the origin. */
export function readName(written: string, origin: Labels): Labels | Problem {
  if (written === '@') return origin
  const parsed = parseName(written)
  return 'problem' in parsed ? parsed : qualify(parsed, origin)
}

/**
 * The fields of a record, one text each: names and numbers as they are written, strings as the bytes that they stand for, one character a
 * byte. Of a type that is not known all fields are as they are written.
 */
export function dataOf({ type, data }: Pick<RecordEntry, 'type' | 'data'>): readonly string[] {
  const forms = isRecordType(type) ? fieldsOf(type).map(([, form]) => form) : []
  const last = forms.at(-1)
  return data.map(({ raw }, index) => {
    const form = forms[index] ?? last
    return form === 'strings' || form === 'text' ? stringIn(raw) : raw
  })
}

function stringIn(raw: string): string {
  return readEscapes(raw.startsWith('"') ? raw.slice(1, -1) : raw) ?? raw
}

/** What `dataOf` gives, as the text that a record is written from: that takes UTF-8. */
export function textOfBytes(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** The name as it stands in the file; the whole name where that would mean something else to a reader who knows only the zone. */
export function shownName(written: string, meant: Labels, { zone }: Pick<ZoneFile, 'zone'>, origin: Labels): string {
  if (written === '@') return formatName(meant)
  const parsed = parseName(written)
  const isPlain = keyOf(origin) === keyOf(zone) || ('isAbsolute' in parsed && parsed.isAbsolute)
  return isPlain ? written : formatName(meant)
}

/** The one SOA of a zone that holds the rules. */
export function soaOf({ entries }: ZoneFile): RecordEntry {
  const soa = entries.find((entry): entry is RecordEntry => entry.kind === 'record' && entry.type === 'SOA')
  if (soa === undefined) throw new Error('a zone has no SOA record')
  return soa
}
