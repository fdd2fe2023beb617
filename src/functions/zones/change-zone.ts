/**
 * Changes to zones, each within a transaction: the text in the database, guarded by the serial that was read, and the task that brings the file
 * of the name server in line. Who may change which zone is decided before.
 */
import { Failure } from '../../failures.ts'
import { type Edited, editZone, type ZoneEdits } from '../../hosting/zones/edit.ts'
import { keyOf } from '../../hosting/zones/names.ts'
import type { Zone } from '../../hosting/zones/zone.ts'
import { dataOf, parseZone, type ZoneFile } from '../../hosting/zones/zone-file.ts'
import type { Stores, WriteContext } from '../context.ts'

/** What a change to a zone needs; a function's own context has it. */
export type ZoneChange = Pick<WriteContext, 'now' | 'afterCommit'> & { readonly stores: Pick<Stores, 'zones'> }

/** A zone as it was read, with its text in parts. */
export type ReadZone = { readonly zone: Zone; readonly file: ZoneFile }

/** Reads the text of a zone. Only texts that could be read were ever written. */
export function readZone(zone: Zone): ReadZone {
  const parsed = parseZone(zone.text, zone.name.split('.'))
  if (!parsed.ok) throw new Error(`the zone ${zone.name} cannot be read: line ${parsed.line}: ${parsed.problem}`)
  return { zone, file: parsed.file }
}

/** Makes all changes, or throws `zone-edit-refused` or `zone-serial-stale` and makes none. Gives the new serial. */
export async function changeZone(change: ZoneChange, { zone, file }: ReadZone, edits: ZoneEdits): Promise<number> {
  return keepZone(change, zone, editZone(file, edits, change.now))
}

/** Keeps what a change gave, unless another change came first. */
export async function keepZone({ stores, now, afterCommit }: ZoneChange, zone: Zone, edited: Edited): Promise<number> {
  if (!edited.ok) throw new Failure('zone-edit-refused', { zone: zone.name, problem: edited.problem })
  const { text, serial } = edited
  if (!(await stores.zones.replace(zone.name, zone.serial, { text, serial }, now)))
    throw new Failure('zone-serial-stale', { zone: zone.name })
  await afterCommit({ kind: 'write-zone', zone: zone.name })
  return serial
}

/** The zone that answers for a domain: its own, or the nearest one above it. */
export async function findZoneOver({ zones }: Pick<Stores, 'zones'>, domain: string): Promise<Zone | undefined> {
  for (let name = domain; name.includes('.'); name = name.slice(name.indexOf('.') + 1)) {
    const zone = await zones.find(name)
    if (zone !== undefined) return zone
  }
  return undefined
}

const CHALLENGE_TTL = 60

/** Adds a TXT record at a whole name (without its last dot) in the zone, unless it is there. */
export async function addTxt(change: ZoneChange, zone: Zone, name: string, value: string): Promise<void> {
  const read = readZone(zone)
  if (txtLines(read.file, name, value).length > 0) return
  await changeZone(change, read, { add: [{ name: `${name}.`, ttl: CHALLENGE_TTL, type: 'TXT', data: [value] }] })
}

/** Takes it away again, if it is there. */
export async function removeTxt(change: ZoneChange, zone: Zone, name: string, value: string): Promise<void> {
  const read = readZone(zone)
  const remove = txtLines(read.file, name, value)
  if (remove.length > 0) await changeZone(change, read, { remove })
}

function txtLines(file: ZoneFile, name: string, value: string): readonly number[] {
  const key = keyOf(name.split('.'))
  const bytes = Buffer.from(value, 'utf8').toString('latin1')
  return file.entries.flatMap((entry) =>
    entry.kind === 'record' && entry.type === 'TXT' && entry.key === key && dataOf(entry).join('') === bytes
      ? [entry.line]
      : [],
  )
}
