/** Opening and making the SQLite file, with the settings that every connection of ours has. */
import { closeSync, openSync, rmSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { Failure } from '../failures.ts'
import { renameDurably } from './durable-file.ts'
import { migrate } from './migrate.ts'
import { type RunQuery, SqliteConnection, sqliteKysely } from './node-sqlite.ts'
import { checkNothingLost, checkStructure, databaseExists, RESTORE_REMEDY } from './sqlite-checks.ts'
import { DatabaseLost, StartRefusal } from './start-refusal.ts'
import { sqliteFailure } from './storage-errors.ts'

/** Up to this size comparing the indexes with their tables takes well under 100 ms, and is done before anything else. */
export const QUICK_INTEGRITY_BYTES = 8 * 1024 * 1024

/** Opens one connection; a writing one makes sure that each commit is synced before it returns. */
export function connect(path: string, options: { readonly readOnly?: boolean } = {}): DatabaseSync {
  const database = new DatabaseSync(path, { ...options, timeout: 0, enableForeignKeyConstraints: true })
  try {
    database.exec('pragma trusted_schema = off; pragma temp_store = memory; pragma cell_size_check = on')
    if (!options.readOnly) {
      database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma journal_size_limit = 16777216')
    }
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** The writing connection to the folder's checked and migrated database, which is made where there never was one. */
export async function openChecked(path: string, folder: string): Promise<DatabaseSync> {
  if (!databaseExists(folder)) await create(path)
  const isSmall = statSync(path).size <= QUICK_INTEGRITY_BYTES
  const database = connect(path)
  try {
    checkStructure(database, isSmall ? 'integrity_check' : 'quick_check')
    await migrateFile(database)
    checkNothingLost(database, folder)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** Under another name until its tables are there, so that a crash on the way leaves no empty database behind. */
async function create(path: string): Promise<void> {
  const unfinished = `${path}.new`
  for (const end of ['', '-wal', '-shm', '-journal']) rmSync(unfinished + end, { force: true })
  closeSync(openSync(unfinished, 'wx', 0o600))
  const database = connect(unfinished)
  try {
    await migrateFile(database)
  } finally {
    database.close()
  }
  await renameDurably(unfinished, path)
}

async function migrateFile(database: DatabaseSync): Promise<void> {
  const connection = new SqliteConnection(database, undefined)
  const run: RunQuery = async (query) => connection.query(query.sql, query.parameters)
  await migrate(sqliteKysely<unknown>(run, { begin: 'begin immediate' }), 'sqlite')
}

/** What an error while opening means to the person who starts the server. */
export function openingRefusal(error: unknown, path: string): unknown {
  const failure = sqliteFailure(error)
  if (!(failure instanceof Failure)) return error
  const why = failure.cause instanceof Error ? failure.cause.message : failure.message
  switch (failure.code) {
    case 'storage-damaged':
      return new DatabaseLost(`The database ${path} is damaged: ${why}.`, RESTORE_REMEDY, { cause: error })
    case 'storage-busy':
      return new StartRefusal(`Another program holds the database ${path}.`, 'End that program first.', {
        cause: error,
      })
    default:
      return new StartRefusal(
        `The database ${path} cannot be opened: ${why}.`,
        'Free some space on its disk, and see that the folder can be written.',
        { cause: error },
      )
  }
}
