/**
 * Changes to a zone: all of them or none. What is not changed keeps its bytes, its comments and its place; what belonged to the name of a
 * record that goes is given that name itself. The serial always grows. No I/O.
 */
import type { Token } from './lexer.ts'
import { formatName, formatRelative, isWithin, keyOf, type Labels, type Problem, parseName, qualify } from './names.ts'
import { fieldsOf, isNameForm, isRecordType, MAX_TTL_SECONDS, type NameForm, writeRecordData } from './record-types.ts'
import { problemWithZone } from './rules.ts'
import { isLaterSerial, nextSerial } from './serial.ts'
import { parseZone, type RecordEntry, soaOf, type ZoneEntry, type ZoneFile } from './zone-file.ts'

/** A record as it is asked for. */
export type NewRecord = {
  /** Relative to the zone unless it ends with a dot; `@` and the empty name are the zone itself. */
  readonly name: string
  readonly ttl: number
  readonly type: string
  /** A text each; relative names lie below the zone. */
  readonly data: readonly string[]
}

export type ZoneEdits = {
  /** Put at the end, in their order. */
  readonly add?: readonly NewRecord[]
  /** By the line, counted from 0, on which the record begins. */
  readonly edit?: readonly (NewRecord & { readonly line: number })[]
  readonly remove?: readonly number[]
}

export type Edited =
  | { readonly ok: true; readonly text: string; readonly serial: number }
  | { readonly ok: false; readonly problem: string }

/** Some forty thousand records: more would keep the server busy for long with each change. */
const MAX_TEXT_CHARACTERS = 2 * 1024 * 1024
const TOO_LARGE = 'the zone would be larger than 2 MiB'

/** The zone with these changes. Problems are sentences without their full stop. */
export function editZone(file: ZoneFile, edits: ZoneEdits, now: Date): Edited {
  const { add = [], edit = [], remove = [] } = edits
  const names = nameFormIn(file)
  const serial = serialAfter(file, edit, now)
  const recordLines = new Set(records(file).map(({ line }) => line))
  const changed = new Map<number, Line | undefined>()
  for (const one of [...edit, ...remove.map((line) => ({ line }))]) {
    if (!recordLines.has(one.line)) return refuse(`no record begins on line ${one.line} (counted from 0)`)
    if (changed.has(one.line)) return refuse(`line ${one.line} (counted from 0) is changed twice`)
    const written = 'type' in one ? writeRecord(withOwnSerial(one, serial), file.zone, names) : undefined
    if (written !== undefined && 'problem' in written) return refuse(written.problem)
    changed.set(one.line, written)
  }
  const added: Line[] = []
  for (const record of add) {
    const written = writeRecord(record, file.zone, names)
    if ('problem' in written) return refuse(written.problem)
    added.push(written)
  }
  const { text, kept } = joinedText(file, changed, added, serial)
  if (text.length > MAX_TEXT_CHARACTERS) return refuse(TOO_LARGE)
  const problem = problemWithZone(file.zone, kept)
  return problem === undefined ? { ok: true, text, serial } : refuse(problem)
}

/** The serial that an edit of the SOA asks for, where that is later; else the next one. */
function serialAfter(file: ZoneFile, edit: readonly NewRecord[], now: Date): number {
  const old = serialOf(file)
  const asked = edit.find(({ type }) => type === 'SOA')?.data[2] ?? ''
  return isSerial(asked) && isLaterSerial(Number(asked), old) ? Number(asked) : nextSerial(old, now)
}

function isSerial(text: string): boolean {
  return /^[0-9]{1,10}$/.test(text) && Number(text) < 2 ** 32
}

function withOwnSerial<T extends NewRecord>(record: T, serial: number): T {
  if (record.type !== 'SOA' || !isSerial(record.data[2] ?? '')) return record
  return { ...record, data: record.data.with(2, String(serial)) }
}

/** The zone of another name: every name in it that lay in the zone lies in the new one. Texts stay as they are. */
export function renameZone(file: ZoneFile, to: Labels, now: Date): Edited {
  const moves: Replacement[] = []
  const move = (raw: string, start: number, origin: Labels) => {
    const parsed = parseName(raw)
    if (raw === '@' || 'problem' in parsed || !parsed.isAbsolute) return
    const full = qualify(parsed, origin)
    if (!('problem' in full) && isWithin(keyOf(full), keyOf(file.zone)))
      moves.push({ start, length: raw.length, text: formatName([...full.slice(0, -file.zone.length), ...to]) })
  }
  for (const entry of file.entries) {
    if (entry.kind === 'control' && entry.name === '$ORIGIN') move(entry.value, entry.valueStart, file.zone)
    if (entry.kind === 'comment') moves.push(...movedHeading(file, entry, to))
    if (entry.kind !== 'record') continue
    if (!entry.isIndented) move(entry.written, entry.start, file.zone)
    for (const { raw, start } of nameTokens(entry)) move(raw, start, entry.origin)
  }
  const serial = nextSerial(serialOf(file), now)
  return readAgain(replaceIn(file.text, moves), to, { serial, count: records(file).length })
}

type Replacement = { readonly start: number; readonly length: number; readonly text: string }

function replaceIn(text: string, replacements: readonly Replacement[]): string {
  const pieces: string[] = []
  let position = 0
  for (const { start, length, text: replacement } of replacements.toSorted((a, b) => a.start - b.start)) {
    pieces.push(text.slice(position, start), replacement)
    position = start + length
  }
  return [...pieces, text.slice(position)].join('')
}

/** The comment that a template puts at the head of a zone. */
function movedHeading(file: ZoneFile, { start, end }: ZoneEntry, to: Labels): readonly Replacement[] {
  const heading = (zone: Labels) => `; Zone file for ${formatRelative(zone)}`
  const length = end - start
  return file.text.slice(start, end) === heading(file.zone) ? [{ start, length, text: heading(to) }] : []
}

function nameTokens({ type, data }: RecordEntry): readonly Token[] {
  if (!isRecordType(type)) return []
  const forms = fieldsOf(type).map(([, form]) => form)
  return data.filter((_, index) => isNameForm(forms[index]))
}

function refuse(problem: string): Edited {
  return { ok: false, problem }
}

export function serialOf(file: ZoneFile): number {
  return Number(soaOf(file).data[2]?.raw)
}

function records({ entries }: ZoneFile): readonly RecordEntry[] {
  return entries.filter((entry): entry is RecordEntry => entry.kind === 'record')
}

/** Holds a whole text to the rules: what moved must not have become more, or fewer, records than it was. */
function readAgain(text: string, zone: Labels, wanted: { readonly serial: number; readonly count: number }): Edited {
  if (text.length > MAX_TEXT_CHARACTERS) return refuse(TOO_LARGE)
  const parsed = parseZone(text, zone)
  // A new name that is longer than the old one can make one below it too long.
  if (!parsed.ok) return refuse(parsed.problem)
  const all = records(parsed.file)
  if (all.length !== wanted.count) throw new Error('a zone was written with other records than it had')
  const problem = problemWithZone(zone, all)
  if (problem !== undefined) return refuse(problem)
  return { ok: true, text: withSerial(parsed.file, wanted.serial), serial: wanted.serial }
}

function withSerial(file: ZoneFile, serial: number): string {
  const token = soaOf(file).data[2]
  if (token === undefined) throw new Error('an SOA record has no serial')
  return `${file.text.slice(0, token.start)}${serial}${file.text.slice(token.start + token.raw.length)}`
}

/** A line of the zone, without its line feed, and how it reads. */
type Line = { readonly text: string; readonly entry: RecordEntry }

function writeRecord({ name, ttl, type, data }: NewRecord, zone: Labels, names: NameForm): Line | Problem {
  if (!isRecordType(type)) return { problem: `“${shown(type)}” is not a type of record that is written here` }
  if (!Number.isInteger(ttl) || ttl < 0 || ttl > MAX_TTL_SECONDS)
    return { problem: `the time to live ${ttl} is not a whole number from 0 to ${MAX_TTL_SECONDS}` }
  const owner = writeOwner(name, zone, names)
  if ('problem' in owner) return { problem: `“${shown(name)}” ${owner.problem}` }
  const written = writeRecordData(type, data, zone, names)
  if ('problem' in written)
    return { problem: `“${shown(written.value)}” ${written.problem} (${type} record of ${owner.text})` }
  const text = `${owner.text}\t${ttl}\tIN\t${type}\t${written.data.join(' ')}`
  return { text, entry: readBack(text, zone) }
}

/** Whatever was asked for must have become one record and nothing else. */
function readBack(text: string, zone: Labels): RecordEntry {
  const parsed = parseZone(text, zone)
  const [entry, ...more] = parsed.ok ? parsed.file.entries : []
  if (entry?.kind !== 'record' || more.length > 0) throw new Error('a record was written that does not read as one')
  return entry
}

/** A value in a sentence: short, and without what would break a line. */
function shown(value: string): string {
  const printable = value.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd')
  return printable.length > 80 ? `${printable.slice(0, 80)}…` : printable
}

/** As it was given, with its escapes in one form; the zone itself by its whole name. */
function writeOwner(name: string, zone: Labels, names: NameForm): { readonly text: string } | Problem {
  if (name === '' || name === '@') return { text: formatName(zone) }
  const parsed = parseName(name)
  if ('problem' in parsed) return parsed
  const full = qualify(parsed, zone)
  if ('problem' in full) return full
  const isRelative = !parsed.isAbsolute && names === 'as given'
  return { text: isRelative ? formatRelative(parsed.labels) : formatName(full) }
}

/** Where `$ORIGIN` moves what relative names mean, none is written. */
function nameFormIn({ entries }: ZoneFile): NameForm {
  return entries.some((entry) => entry.kind === 'control' && entry.name === '$ORIGIN') ? 'absolute' : 'as given'
}

/** The text with some entries replaced by others, or left out (undefined), and lines at its end; and the records that are in it. */
function joinedText(
  file: ZoneFile,
  changed: ReadonlyMap<number, Line | undefined>,
  added: readonly Line[],
  serial: number,
): { readonly text: string; readonly kept: readonly RecordEntry[] } {
  const pieces: string[] = []
  const kept: RecordEntry[] = []
  // What an entry that does not say it itself takes from the one before it.
  let hasDefault = false
  for (const entry of file.entries) {
    if (entry.kind !== 'record') {
      pieces.push(file.text.slice(entry.start, entry.end))
      if (entry.kind === 'control' && entry.name === '$TTL') hasDefault = true
      continue
    }
    if (changed.has(entry.line)) {
      const line = changed.get(entry.line)
      if (line === undefined) continue
      pieces.push(line.text)
      kept.push(line.entry)
      continue
    }
    const before = kept.at(-1)
    const losesOwner = entry.isIndented && entry.key !== before?.key
    const losesTtl = !entry.hasTtl && !hasDefault && before !== undefined && entry.ttl !== before.ttl
    pieces.push(losesOwner || losesTtl ? inFull(entry, serial) : keptText(file, entry, serial))
    kept.push(entry)
  }
  const lines = added.map(({ text }) => text)
  return {
    text: `${[...pieces, ...lines].join('\n')}\n`,
    kept: [...kept, ...added.map(({ entry }) => entry)],
  }
}

/** The bytes of an entry; of the SOA with another serial. */
function keptText(file: ZoneFile, { type, data, start, end }: RecordEntry, serial: number): string {
  const token = type === 'SOA' ? data[2] : undefined
  if (token === undefined) return file.text.slice(start, end)
  return `${file.text.slice(start, token.start)}${serial}${file.text.slice(token.start + token.raw.length, end)}`
}

function inFull({ owner, ttl, type, data }: RecordEntry, serial: number): string {
  const words = data.map(({ raw }, index) => (type === 'SOA' && index === 2 ? serial : raw))
  return `${formatName(owner)}\t${ttl}\tIN\t${type}\t${words.join(' ')}`
}
