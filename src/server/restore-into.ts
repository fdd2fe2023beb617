/**
 * `postern restore`: fills an empty data folder from a backup, whole or not at all. The pepper is not part of a backup, so the file with
 * it is copied in first. Tokens come back paused, sessions do not come back.
 */

import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { BY_MACHINE } from '../audit/entry.ts'
import type { Settings } from '../config/schema.ts'
import { type DataFolder, isSetUp, openDataFolder, StartRefusal } from '../storage/data-folder.ts'
import { openStorage } from '../storage/open-storage.ts'
import { copyPepper, type Pepper, pepperCheck, readPepper } from '../storage/pepper-file.ts'
import { type Restored, readDump } from '../storage/restore.ts'
import { storesOn } from '../storage/stores.ts'

/** What an attempt makes before it commits anything. */
const MADE = ['postern.db', 'postern.db-wal', 'postern.db-shm', 'acknowledged', 'reserve']

/** Throws `StartRefusal` for a bad file, another pepper or a used folder; the folder can then be restored into again. */
export async function restoreInto(
  settings: Settings,
  file: string,
  pepperFile: string | undefined,
): Promise<{ readonly tokensPaused: number; readonly rows: number }> {
  process.umask(0o077)
  await refuseUsed(settings.data)
  const given = await givenPepper(settings.data, pepperFile)
  const folder = await openDataFolder(settings.data, (path) => copyPepper(path, given))
  try {
    if (pepperCheck(folder.pepper) !== pepperCheck(given))
      throw new StartRefusal(
        `The data folder holds another pepper than ${pepperFile}.`,
        `Remove ${join(folder.path, 'pepper')} if nothing needs it, or leave --pepper-file out.`,
      )
    const restored = await takingBack(folder, (onCommit) => fill(settings, folder, file, onCommit))
    const rows = Object.values(restored.counts).reduce((sum, count) => sum + count, 0)
    return { tokensPaused: restored.pausedTokens, rows }
  } finally {
    await folder.close()
  }
}

async function refuseUsed(data: string): Promise<void> {
  if (await isSetUp(data))
    throw new StartRefusal(`${data} was set up before.`, 'Restore into a new, empty data folder.')
}

/** Looked at before anything is made: a slip of the finger leaves no folder behind. */
async function givenPepper(data: string, pepperFile: string | undefined): Promise<Pepper> {
  const path = pepperFile ?? join(data, 'pepper')
  const pepper = await readPepper(path).catch((cause: unknown) => {
    if (cause instanceof StartRefusal) throw cause
    throw new StartRefusal(`The pepper file ${path} cannot be read.`, 'Name a file that this user can read.', { cause })
  })
  if (pepper !== undefined) return pepper
  if (pepperFile !== undefined)
    throw new StartRefusal(
      `There is no pepper file ${pepperFile}.`,
      'Name the file “pepper” that belongs to the backup.',
    )
  throw new StartRefusal(
    'A backup holds no pepper, and without the one that the tokens were made with none of them would work.',
    'Name it with --pepper-file: it is the file “pepper” of the data folder that the backup was made from.',
  )
}

async function fill(settings: Settings, folder: DataFolder, file: string, onCommit: () => void): Promise<Restored> {
  const storage = await openStorage({ url: settings.database, folder: folder.path })
  try {
    const now = new Date()
    const restored = await readDump(file, storage, {
      pepper: folder.pepper,
      now,
      beforeCommit: async (trx, { pausedTokens }) => {
        await storesOn(trx).audit.append([restoredEntry(now, pausedTokens)])
        onCommit()
      },
    })
    // Should this fail, the next start finds a filled database that knows this pepper, and writes the marker itself.
    await folder.finishSetUp(storage)
    return restored
  } finally {
    await storage.close()
  }
}

/** Under the folder's lock. What was there before stays, and so does everything from the moment it may have been committed. */
async function takingBack<T>(folder: DataFolder, work: (onCommit: () => void) => Promise<T>): Promise<T> {
  let mayStand = await stat(join(folder.path, 'postern.db')).then(
    () => true,
    () => false,
  )
  try {
    return await work(() => {
      mayStand = true
      folder.keepPepper()
    })
  } catch (error) {
    if (!mayStand) for (const name of MADE) await rm(join(folder.path, name), { force: true })
    throw error
  }
}

function restoredEntry(at: Date, tokensPaused: number) {
  return {
    at,
    ...BY_MACHINE,
    function: 'restore',
    target: '',
    outcome: 'done',
    reason: 'restored',
    details: { tokens_paused: tokensPaused },
  } as const
}
