/**
 * The freeze for when nothing else works: a file named `freeze` in the data folder. It is looked for at the start and twice a second;
 * while it is there, nothing but the local socket is answered. It holds for this node alone. Its content does not matter.
 */

import { lstatSync } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { BY_MACHINE } from '../audit/entry.ts'
import { Failure } from '../failures.ts'
import type { Door } from '../functions/door.ts'
import type { EventLog } from './event-log.ts'
import type { Runtime } from './runtime.ts'

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

/** Whoever can write into the data folder is root on the machine, as on the local socket. */
export function reportFreezeFile(
  { door, clock }: Pick<Runtime, 'door' | 'clock'>,
  log: EventLog,
  isThere: boolean,
): void {
  const what = isThere ? 'the freeze file is there: only the local socket is answered' : 'the freeze file is gone'
  log.warn({}, what)
  door.trail({
    at: clock.now(),
    ...BY_MACHINE,
    function: 'freeze-file',
    target: '',
    outcome: 'done',
    reason: what,
    details: {},
  })
}
