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

/** The zone with these changes. Problems are sentences without their full stop. */
export function editZone(file: ZoneFile, edits: ZoneEdits, now: Date): Edited {
  const { add = [], edit = [], remove = [] } = edits
  const names = nameFormIn(file)
  const recordLines = new Set(records(file).map(({ line }) => line))
  const changed = new Map<number, { text: string; key: string; ttl: number } | undefined>()
  let wantedSerial: number | undefined
  for (const one of [...edit, ...remove.map((line) => ({ line }))]) {
    if (!recordLines.has(one.line)) return refuse(`no record begins on line ${one.line} (counted from 0)`)
    if (changed.has(one.line)) return refuse(`line ${one.line} (counted from 0) is changed twice`)
    const written = 'type' in one ? writeRecord(one, file.zone, names) : undefined
    if (written !== undefined && 'problem' in written) return refuse(written.problem)
    changed.set(one.line, written)
    if ('type' in one && one.type === 'SOA') wantedSerial = Number(one.data[2])
  }
  const added = add.map((record) => writeRecord(record, file.zone, names))
  const lines: string[] = []
  for (const record of added) {
    if ('problem' in record) return refuse(record.problem)
    lines.push(record.text)
  }
  const old = serialOf(file)
  const isOwn = wantedSerial !== undefined && isLaterSerial(wantedSerial, old)
  const serial = isOwn && wantedSerial !== undefined ? wantedSerial : nextSerial(old, now)
  const count = recordLines.size - remove.length + add.length
  return finish(joinedText(file, changed, lines), file.zone, { serial, count })
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
  return finish(replaceIn(file.text, moves), to, { serial, count: records(file).length })
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

/** Reads what was put together once more: nothing that was asked for may have become more, or fewer, records than it is. */
function finish(text: string, zone: Labels, wanted: { readonly serial: number; readonly count: number }): Edited {
  if (text.length > MAX_TEXT_CHARACTERS) return refuse('the zone would be larger than 2 MiB')
  const parsed = parseZone(text, zone)
  // A new name that is longer than the old one can make one below it too long.
  if (!parsed.ok) return refuse(parsed.problem)
  if (records(parsed.file).length !== wanted.count)
    throw new Error('a zone was written with other records than were asked for')
  const problem = problemWithZone(parsed.file)
  if (problem !== undefined) return refuse(problem)
  return { ok: true, text: withSerial(parsed.file, wanted.serial), serial: wanted.serial }
}

function withSerial(file: ZoneFile, serial: number): string {
  const token = soaOf(file).data[2]
  if (token === undefined) throw new Error('an SOA record has no serial')
  return `${file.text.slice(0, token.start)}${serial}${file.text.slice(token.start + token.raw.length)}`
}

type WrittenRecord = { readonly text: string; readonly key: string; readonly ttl: number } | Problem

/** One line, without its line feed. */
function writeRecord({ name, ttl, type, data }: NewRecord, zone: Labels, names: NameForm): WrittenRecord {
  if (!isRecordType(type)) return { problem: `“${shown(type)}” is not a type of record that is written here` }
  if (!Number.isInteger(ttl) || ttl < 0 || ttl > MAX_TTL_SECONDS)
    return { problem: `the time to live ${ttl} is not a whole number from 0 to ${MAX_TTL_SECONDS}` }
  const owner = writeOwner(name, zone, names)
  if ('problem' in owner) return { problem: `“${shown(name)}” ${owner.problem}` }
  const written = writeRecordData(type, data, zone, names)
  if ('problem' in written)
    return { problem: `“${shown(written.value)}” ${written.problem} (${type} record of ${owner.text})` }
  return { text: `${owner.text}\t${ttl}\tIN\t${type}\t${written.data.join(' ')}`, key: owner.key, ttl }
}

/** A value in a sentence: short, and without what would break a line. */
function shown(value: string): string {
  const printable = value.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd')
  return printable.length > 80 ? `${printable.slice(0, 80)}…` : printable
}

/** As it was given, with its escapes in one form; the zone itself by its whole name. */
function writeOwner(
  name: string,
  zone: Labels,
  names: NameForm,
): { readonly text: string; readonly key: string } | Problem {
  if (name === '' || name === '@') return { text: formatName(zone), key: keyOf(zone) }
  const parsed = parseName(name)
  if ('problem' in parsed) return parsed
  const full = qualify(parsed, zone)
  if ('problem' in full) return full
  const isRelative = !parsed.isAbsolute && names === 'as given'
  return { text: isRelative ? formatRelative(parsed.labels) : formatName(full), key: keyOf(full) }
}

/** Where `$ORIGIN` moves what relative names mean, none is written. */
function nameFormIn({ entries }: ZoneFile): NameForm {
  return entries.some((entry) => entry.kind === 'control' && entry.name === '$ORIGIN') ? 'absolute' : 'as given'
}

type Changed = ReadonlyMap<number, { readonly text: string; readonly key: string; readonly ttl: number } | undefined>

/** The text with some entries replaced by others, or left out (undefined), and lines at its end. */
function joinedText(file: ZoneFile, changed: Changed, added: readonly string[]): string {
  const pieces: string[] = []
  // What an entry that does not say them itself would take from the one before it.
  let owner: string | undefined
  let ttl: number | undefined
  let hasDefault = false
  for (const entry of file.entries) {
    if (entry.kind !== 'record') {
      pieces.push(file.text.slice(entry.start, entry.end))
      if (entry.kind === 'control' && entry.name === '$TTL') hasDefault = true
      continue
    }
    const isChanged = changed.has(entry.line)
    const now = isChanged ? changed.get(entry.line) : entry
    if (now === undefined) continue
    const losesOwner = entry.isIndented && entry.key !== owner
    const losesTtl = !entry.hasTtl && !hasDefault && ttl !== undefined && entry.ttl !== ttl
    if (isChanged && 'text' in now) pieces.push(now.text)
    else pieces.push(losesOwner || losesTtl ? inFull(entry) : file.text.slice(entry.start, entry.end))
    owner = now.key
    ttl = now.ttl
  }
  return `${[...pieces, ...added].join('\n')}\n`
}

function inFull({ owner, ttl, type, data }: RecordEntry): string {
  return `${formatName(owner)}\t${ttl}\tIN\t${type}\t${data.map(({ raw }) => raw).join(' ')}`
}
