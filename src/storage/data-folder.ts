/**
 * The data folder and the question whether this is a first start. A folder that was set up has a marker, `instance.json`, written
 * after the first set-up was committed. With the marker, a missing database or pepper stops the start: a lost file must never turn a
 * running server into a fresh install. Without it, the database itself decides: it holds the instance's id and a fingerprint of the
 * pepper from before the first user was made, so that neither a crash on the way nor a second node can set up twice.
 */
import { randomUUID } from 'node:crypto'
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Kysely } from 'kysely'
import { Failure } from '../failures.ts'
import type { Storage } from './database.ts'
import { writeFileDurably } from './durable-file.ts'
import { checkFolder } from './folder-checks.ts'
import { takeInstanceLock } from './instance-lock.ts'
import { createPepper, type Pepper, pepperCheck, pepperMatches, readPepper } from './pepper-file.ts'
import type { Schema } from './schema.ts'
import { DatabaseLost, StartRefusal } from './start-refusal.ts'

export { writeFileDurably } from './durable-file.ts'
export { StartRefusal } from './start-refusal.ts'

type Marker = { readonly instanceId: string; readonly createdAt: string; readonly database: 'sqlite' | 'postgres' }

/** An open data folder; this process alone holds it until `close`. */
export type DataFolder = {
  /** Absolute, links resolved. */
  readonly path: string
  readonly pepper: Pepper
  /**
   * True when nobody has been set up yet: go on with the first set-up, then call `finishSetUp`. False for a database that belongs to
   * this folder. Everything else is refused: another instance's database, another pepper, an emptied database.
   */
  isFirstStart(storage: Storage): Promise<boolean>
  /** To be called before a change that makes a database know this pepper, so that a new one is not taken away again. */
  keepPepper(): void
  /** To be called after the first set-up was committed; from then on the folder counts as set up. */
  finishSetUp(storage: Storage): Promise<void>
  /** Lets another server in; close the storage first. */
  close(): Promise<void>
}

/** Whether the folder's first set-up was finished; changes nothing, also where there is no folder. */
export async function isSetUp(given: string): Promise<boolean> {
  return stat(join(given, 'instance.json')).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return false
      throw error
    },
  )
}

/** Checks the folder, takes its lock and reads (or, in a new folder, makes) the pepper; throws `StartRefusal`. */
export async function openDataFolder(
  given: string,
  makePepper: (path: string) => Promise<Pepper> = createFirstPepper,
): Promise<DataFolder> {
  const path = await checkFolder(given)
  const unlock = await takeInstanceLock(path)
  try {
    const marker = await readMarker(path)
    const kept = await readPepper(join(path, 'pepper'))
    await checkComplete(path, marker, kept !== undefined)
    return folder(path, unlock, marker, kept ?? (await makePepper(join(path, 'pepper'))), kept === undefined)
  } catch (error) {
    unlock()
    throw error
  }
}

function folder(
  path: string,
  unlock: () => void,
  marker: Marker | undefined,
  pepper: Pepper,
  isNew: boolean,
): DataFolder {
  // A pepper that no database came to know is taken away again, so that it cannot be mistaken for one that matters.
  let unused = isNew
  const dropUnused = async (): Promise<void> => {
    if (unused) await rm(join(path, 'pepper'), { force: true })
  }
  return {
    path,
    pepper,
    isFirstStart: async (storage) => {
      if (marker) {
        await checkBelongs(storage, marker, pepper, path)
        return false
      }
      const isFirst = await storage
        .write((trx) => claim(trx, pepper, path))
        .catch(async (error: unknown) => {
          if (error instanceof Failure && error.code === 'commit-unknown') unused = false
          await dropUnused()
          throw error
        })
      unused = false
      if (!isFirst) await writeMarker(path, storage)
      return isFirst
    },
    keepPepper: () => {
      unused = false
    },
    finishSetUp: (storage) => writeMarker(path, storage),
    close: async () => {
      await dropUnused()
      unlock()
    },
  }
}

async function checkComplete(path: string, marker: Marker | undefined, hasPepper: boolean): Promise<void> {
  const database = join(path, 'postern.db')
  const size = await stat(database).then(
    (found) => found.size,
    () => undefined,
  )
  const remedy = 'Put the missing file back, or put a backup into an empty data folder with “postern restore”.'
  const known = `${join(path, 'instance.json')} shows that this folder was set up`
  if (marker && !hasPepper)
    throw new StartRefusal(`The pepper file ${join(path, 'pepper')} is missing, but ${known}.`, remedy)
  if (marker?.database === 'sqlite' && !size) {
    throw new DatabaseLost(`The database ${database} is ${size === 0 ? 'empty' : 'missing'}, but ${known}.`, remedy)
  }
  if (!marker && !hasPepper && size !== undefined) {
    throw new StartRefusal(
      `There is a database ${database}, but its pepper file ${join(path, 'pepper')} is missing.`,
      remedy,
    )
  }
}

/** A pepper out of nothing is for a folder in which nobody has an account yet. What a server makes for itself begins with a point. */
async function createFirstPepper(path: string): Promise<Pepper> {
  const homes = join(dirname(path), 'home')
  const names = await readdir(homes).catch(() => [])
  if (!names.some((name) => !name.startsWith('.'))) return createPepper(path)
  throw new StartRefusal(
    `There are folders of accounts in ${homes}, but the pepper file ${path} is missing, so this is no new server.`,
    'Put the missing files back, or restore a backup. For a new server give --data an empty folder.',
  )
}

const readMeta = async (db: Kysely<Schema>, key: string): Promise<string | undefined> =>
  (await db.selectFrom('meta').select('value').where('key', '=', key).executeTakeFirst())?.value

const hasUsers = async (db: Kysely<Schema>): Promise<boolean> =>
  (await db.selectFrom('users').select('id').limit(1).executeTakeFirst()) !== undefined

/** Ties an empty database to this folder's pepper, or finds that it was tied before; true while it has no users. */
async function claim(trx: Kysely<Schema>, pepper: Pepper, path: string): Promise<boolean> {
  const isEmpty = !(await hasUsers(trx))
  const check = await readMeta(trx, 'pepper_check')
  if (check !== undefined) {
    checkPepper(pepper, check, path)
    return isEmpty
  }
  if (!isEmpty) {
    throw new StartRefusal('The database has users but no instance id: its set-up is not whole.', 'Restore a backup.')
  }
  const values = [
    { key: 'instance_id', value: randomUUID() },
    { key: 'pepper_check', value: pepperCheck(pepper) },
  ]
  await trx.insertInto('meta').values(values).execute()
  return true
}

function checkPepper(pepper: Pepper, check: string, path: string): void {
  if (pepperMatches(pepper, check)) return
  throw new StartRefusal(
    'The database was set up with another pepper than the one in this data folder, so no token would work.',
    `Copy the file “pepper” from the data folder of the first node (or from where it is kept) to ${join(path, 'pepper')}, mode 0600.`,
  )
}

async function checkBelongs(storage: Storage, marker: Marker, pepper: Pepper, path: string): Promise<void> {
  const file = join(path, 'instance.json')
  if (marker.database !== storage.kind) {
    throw new StartRefusal(
      `${file} says that this folder belongs to a ${marker.database} database, but the settings name a ${storage.kind} one.`,
      'Correct the database URL in the settings.',
    )
  }
  const instanceId = await readMeta(storage.read, 'instance_id')
  if (instanceId !== marker.instanceId || !(await hasUsers(storage.read))) {
    throw new StartRefusal(
      `The database is ${instanceId === undefined ? 'empty' : 'not the one'} of this folder (${file} names instance ${marker.instanceId}).`,
      'Correct the database URL in the settings, or restore a backup.',
    )
  }
  checkPepper(pepper, (await readMeta(storage.read, 'pepper_check')) ?? '', path)
}

async function writeMarker(path: string, storage: Storage): Promise<void> {
  const instanceId = await readMeta(storage.read, 'instance_id')
  if (instanceId === undefined || !(await hasUsers(storage.read))) {
    throw new Error('The marker may only be written after the first set-up was committed.')
  }
  const marker: Marker = { instanceId, createdAt: new Date().toISOString(), database: storage.kind }
  await writeFileDurably(join(path, 'instance.json'), `${JSON.stringify(marker, null, 2)}\n`)
}

async function readMarker(path: string): Promise<Marker | undefined> {
  const file = join(path, 'instance.json')
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  try {
    const { instanceId, createdAt, database } = JSON.parse(text) as Record<string, unknown>
    if (
      typeof instanceId === 'string' &&
      typeof createdAt === 'string' &&
      (database === 'sqlite' || database === 'postgres')
    ) {
      return { instanceId, createdAt, database }
    }
  } catch {
    // Falls through to the refusal.
  }
  throw new StartRefusal(`The marker ${file} cannot be understood.`, 'Put the file back from a backup.')
}
