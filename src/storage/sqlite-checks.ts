/** What must hold before a SQLite database is trusted: a sound library, a sound file, and nothing lost since it was last used. */
import { closeSync, existsSync, lstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { readAcknowledged } from './acknowledged.ts'
import { DatabaseLost, StartRefusal } from './start-refusal.ts'

/** What to do about a database that cannot be trusted. */
export const RESTORE_REMEDY =
  'Put a backup into an empty data folder with “postern restore”, or put the right file back.'

/** SQLite up to 3.51.2 could lose or damage data when its WAL was reset while two connections were open. */
export function checkSqliteVersion(version: string = libraryVersion()): void {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  if (major * 1_000_000 + minor * 1000 + patch >= 3_051_003) return
  throw new StartRefusal(
    `This Node.js brings SQLite ${version}, which can damage databases; 3.51.3 or newer is needed.`,
    'Start Postern with the Node.js that “npm ci” installs with it.',
  )
}

function libraryVersion(): string {
  const database = new DatabaseSync(':memory:')
  try {
    return String(database.prepare('select sqlite_version() as version').get()?.version)
  } finally {
    database.close()
  }
}

/**
 * Says whether the file exists, and refuses what is no SQLite database. Must run before this process has the file open: closing a
 * second handle of it would drop SQLite's locks.
 */
export function databaseExists(folder: string): boolean {
  const path = join(folder, 'postern.db')
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (!found) {
    refuseLoss(folder, path)
    return false
  }
  if (!found.isFile()) throw new StartRefusal(`${path} is not a plain file.`, 'Put the database itself there.')
  if (found.size === 0) throw new DatabaseLost(`The database ${path} is empty (0 bytes).`, RESTORE_REMEDY)
  const header = Buffer.alloc(16)
  const file = openSync(path, 'r')
  try {
    readSync(file, header, 0, 16, 0)
  } finally {
    closeSync(file)
  }
  if (header.toString('latin1') === 'SQLite format 3\0') return true
  throw new DatabaseLost(`${path} is not a SQLite database, or its beginning is destroyed.`, RESTORE_REMEDY)
}

/** A folder that was set up has a marker; without its database it must never look like a new one. */
function refuseLoss(folder: string, path: string): void {
  const left = ['instance.json', 'postern.db-wal', 'acknowledged'].find((name) => existsSync(join(folder, name)))
  if (!left) return
  throw new DatabaseLost(
    `The database ${path} is missing, but ${join(folder, left)} shows that there was one.`,
    RESTORE_REMEDY,
  )
}

/** Looks through the file's structure; `integrity_check` compares the indexes with their tables as well. */
export function checkStructure(database: DatabaseSync, check: 'quick_check' | 'integrity_check'): void {
  const problem = structureProblem(database, check)
  if (problem === undefined) return
  throw new DatabaseLost(`The database is damaged: ${problem}.`, RESTORE_REMEDY)
}

/** The first thing found wrong, in SQLite's words. */
function structureProblem(database: DatabaseSync, check: 'quick_check' | 'integrity_check'): string | undefined {
  try {
    const row = database.prepare(`pragma ${check}(1)`).get()
    const text = String(Object.values(row ?? {})[0])
    return text === 'ok' ? undefined : text.replaceAll('\n', ' ')
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** The highest audit entry that the database has ever given out, also when it was since removed. */
export function lastAuditSeq(database: DatabaseSync): number {
  const row = database.prepare("select seq from sqlite_sequence where name = 'audit_entries'").get()
  return typeof row?.seq === 'number' ? row.seq : 0
}

/** Refuses a database that knows less than was acknowledged. */
export function checkNothingLost(database: DatabaseSync, folder: string): void {
  const acknowledged = readAcknowledged(folder)
  const known = lastAuditSeq(database)
  if (known >= acknowledged) return
  throw new DatabaseLost(
    `The database is older than what was acknowledged (audit entry ${known} instead of ${acknowledged}): a -wal file is missing or an old copy was put back.`,
    'Put the missing postern.db-wal back beside the database, or use “postern restore” with a backup in an empty data folder.',
  )
}
