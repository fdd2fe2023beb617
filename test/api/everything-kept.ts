/** All that the server keeps, to be compared before and after calls that must change nothing: every row, every file of an account, what mail servers read. */
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { TestServer } from '../start-server.ts'
import { storedRows } from './stored.ts'

/** What calls leave behind whether they are let in or not: figures, the trail, counted failures, alerts. A table that is not named here is compared. */
const LEFT_BY_EVERY_CALL: ReadonlySet<string> = new Set([
  'audit_entries',
  'token_usage',
  'token_refusals',
  'token_secret_usage',
  'token_ledger',
  'alerts',
  'alert_events',
  'failed_attempts',
  'user_failures',
  'known_networks',
  // What a look at the disk found, kept until the next look.
  'disk_usage',
  'meta',
  'sqlite_sequence',
  'kysely_migration',
  'kysely_migration_lock',
])
/** Of the rows that are compared. */
const MOVED_BY_EVERY_CALL = ['last_seen_at']

/** On SQLite. */
export function everythingKept(server: TestServer): object {
  const tables = storedRows(server, "select name from sqlite_master where type = 'table' order by name") as readonly {
    readonly name: string
  }[]
  const kept = tables.filter(({ name }) => !LEFT_BY_EVERY_CALL.has(name))
  const rows = kept.map(({ name }) => [name, storedRows(server, `select * from "${name}" order by 1, 2`).map(settled)])
  const folders = ['home', 'mail'].map((name) => join(server.folder, name)).filter((path) => existsSync(path))
  return { rows: Object.fromEntries(rows), files: folders.flatMap(filesBelow) }
}

function settled(row: object): object {
  return Object.fromEntries(Object.entries(row).filter(([column]) => !MOVED_BY_EVERY_CALL.includes(column)))
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const path = join(folder, name)
      const found = lstatSync(path)
      if (found.isSymbolicLink()) return `${name} -> ${readlinkSync(path)}`
      if (!found.isFile()) return name
      return `${name} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`
    })
}
