/**
 * The freeze for when nothing else works: a file named `freeze` in the data folder. It is looked for at the start and twice a second;
 * while it is there, nothing but the local socket is answered. It holds for this node alone. Its content does not matter.
 */
import { lstatSync } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../failures.ts'
import type { Door } from '../functions/call.ts'

const LOOK_MS = 500

/**
 * The door as those see it who come in where the file counts: once it is there, a request that runs already begins no further call, and
 * a change that was not committed yet is not made.
 */
export function closedByFile(door: Door, isFrozenByFile: () => boolean): Door {
  return {
    ...door,
    async refresh(stores, caller, now) {
      if (isFrozenByFile()) throw new Failure('access-denied', undefined, { cause: 'frozen' })
      return door.refresh(stores, caller, now)
    },
  }
}

export type FreezeFile = {
  isThere(): boolean
  close(): void
}

/** `onChange` hears of each change, and at once if the file is there. */
export function watchFreezeFile(folder: string, onChange: (isThere: boolean) => void): FreezeFile {
  const path = join(folder, 'freeze')
  let isThere = lstatSync(path, { throwIfNoEntry: false }) !== undefined
  if (isThere) onChange(true)
  const look = setInterval(async () => {
    const found = await lstat(path).then(
      () => true,
      // Whatever keeps us from looking, a freeze is not lifted by it.
      (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? false : isThere),
    )
    if (found === isThere) return
    isThere = found
    onChange(found)
  }, LOOK_MS).unref()
  return { isThere: () => isThere, close: () => clearInterval(look) }
}
