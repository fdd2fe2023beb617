/**
 * Keeps a second server out of a data folder. The lock is SQLite's own on a file of its own, so that the kernel frees it with the process,
 * however that ended. Nothing may open `instance.lock` by `node:fs` while it is held.
 */
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Failure } from '../failures.ts'
import { writeFileDurably } from './durable-file.ts'
import { StartRefusal } from './start-refusal.ts'
import { sqliteFailure } from './storage-errors.ts'

/** A running server has the folder. */
export class FolderInUse extends StartRefusal {}

/** Takes the lock or refuses, naming the process that holds it; the returned function frees it. */
export async function takeInstanceLock(folder: string): Promise<() => void> {
  const path = join(folder, 'instance.lock')
  const lock = openLock(path)
  try {
    lock.exec('pragma locking_mode = exclusive; begin exclusive')
  } catch (error) {
    lock.close()
    const failure = sqliteFailure(error)
    if (!(failure instanceof Failure)) throw error
    if (failure.code !== 'storage-busy')
      throw new StartRefusal(
        `The lock ${path} cannot be taken (${failure.code}).`,
        'If no server runs on this folder, remove that file: it holds nothing.',
        { cause: error },
      )
    throw new FolderInUse(
      `Another Postern server (process ${holder(folder)}) uses the data folder ${folder}.`,
      'Stop that server first, or give this one a folder of its own.',
    )
  }
  // Only for the message above: without room for it the lock holds all the same.
  await writeFileDurably(join(folder, 'instance.pid'), `${process.pid}\n`).catch(() => {})
  return () => lock.close()
}

function openLock(path: string): DatabaseSync {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return new DatabaseSync(path, { timeout: 0 })
}

function holder(folder: string): string {
  try {
    return readFileSync(join(folder, 'instance.pid'), 'latin1').match(/^\d+/)?.[0] ?? 'unknown'
  } catch {
    return 'unknown'
  }
}
