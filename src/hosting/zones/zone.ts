/** A DNS zone: its text is an RFC 1035 master file, and the truth; what a name server loads is written from it. No I/O. */
import { createHash } from 'node:crypto'

export type Zone = {
  /** In lower case, without the last dot. */
  readonly name: string
  /** The user whose account it belongs to, or the reseller; undefined: root's alone. */
  readonly ownerId: number | undefined
  /** Of its SOA, so that a change can be guarded by it. */
  readonly serial: number
  readonly text: string
}

/** Longer names do not fit into the name of a file together with what is put behind them. */
const LONGEST_PLAIN_NAME = 200
const ZONE_NAME = /^[a-z0-9_][a-z0-9._-]*$/

/** The name of a zone's file. */
export function zoneFileName(zone: string): string {
  if (!ZONE_NAME.test(zone)) throw new Error('this is no name of a zone')
  if (zone.length <= LONGEST_PLAIN_NAME) return `${zone}.db`
  return `${zone.slice(0, 100)}--${createHash('sha256').update(zone).digest('hex').slice(0, 32)}.db`
}

/** Where zones are kept. */
export type ZoneStore = {
  find(name: string): Promise<Zone | undefined>
  /** Those of these names that are there. At most 500 at once. */
  findAll(names: readonly string[]): Promise<readonly Zone[]>
  /** In order of their names. */
  listOf(ownerId: number): Promise<readonly Zone[]>
  /**
   * In order of their names, without their texts. `reach` is a reseller: their own zones and those of the accounts that they own; undefined
   * lists all.
   */
  listInReach(reach: number | undefined): Promise<readonly Omit<Zone, 'text'>[]>
  insert(zone: Zone, at: Date): Promise<void>
  /** Gives false, and changes nothing, unless the zone is there with this serial. */
  replace(name: string, serial: number, changed: Pick<Zone, 'serial' | 'text'>, at: Date): Promise<boolean>
  remove(name: string): Promise<void>
  /** All zones of a user become another's, or root's alone. */
  give(ownerId: number, to: number | undefined): Promise<void>
}
