import { rmSync } from 'node:fs'
import { type FileHandle, open, rename, stat, unlink } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Command } from 'commander'
import { noteBackup } from '../config/backups-made.ts'
import { Problem } from '../config/problem.ts'
import type { Flags } from '../config/settings.ts'
import { newCommand } from './command.ts'
import { type Door, withDoor } from './door.ts'
import { type Io, onOneLine, print } from './io.ts'
import { addSettingsFlags, settingsFor } from './settings-flags.ts'

/** `postern backup FILE`: a consistent copy, with or without a running server. FILE is whole and on disk, or does not exist. */
export function backupCommand(io: Io): Command {
  const command = newCommand('backup', io)
    .description(
      'Writes a consistent copy of the database, also while the server runs. The pepper is not in it: keep that apart.',
    )
    .argument('<FILE>', 'a file that does not exist yet')
  return addSettingsFlags(command).action(async (file: string, flags: Flags) => {
    const { settings } = settingsFor(flags, io)
    const path = resolve(file)
    await refuseExisting(path)
    await withDoor(settings, (door) => writeWhole(path, door))
    await noteBackup(settings.data, path, new Date()).catch((error: unknown) => {
      // The backup is whole all the same.
      const why = error instanceof Error ? onOneLine(error.message) : 'unknown'
      io.stderr.write(`postern: warning: the data folder does not know of this backup: ${why}\n`)
    })
    await print(io.stdout, `The backup is in ${onOneLine(path)}.\n`)
  })
}

async function refuseExisting(path: string): Promise<void> {
  try {
    await stat(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException // node:fs throws nothing but these
    if (code === 'ENOENT') return
    throw new Problem(`${path} cannot be looked at (${code})`, 'name a file in a folder that you may write', {
      cause: error,
    })
  }
  throw new Problem(`${path} exists`, 'name a file that does not exist yet')
}

/** Writes beside the file and renames at the end, so that a file under its own name is always a whole backup. */
export async function writeWhole(path: string, door: Pick<Door, 'backup'>): Promise<void> {
  const partial = `${path}.partial`
  const file = await openPartial(partial)
  const stopListening = removeOnSignal(partial)
  try {
    const sink = sinkInto(file)
    await door.backup(sink)
    if (!sink.writableFinished) await finished(sink.end())
    await file.close()
    await refuseExisting(path)
    await rename(partial, path)
  } catch (error) {
    await file.close()
    await unlink(partial)
    throw error
  } finally {
    stopListening()
  }
  await syncFolder(dirname(path))
}

/** Ends with the file on disk; every error of the file is one of the stream. */
function sinkInto(file: FileHandle): Writable {
  return new Writable({
    write: (piece: Buffer, _encoding, done) => void file.writeFile(piece).then(() => done(), done),
    final: (done) => void file.sync().then(() => done(), done),
  })
}

async function openPartial(partial: string) {
  try {
    return await open(partial, 'wx', 0o600)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException // node:fs throws nothing but these
    if (code !== 'EEXIST')
      throw new Problem(
        `no file can be made in ${dirname(partial)} (${code})`,
        'name a file in a folder that you may write',
        {
          cause,
        },
      )
    throw new Problem(
      `${partial} exists: another backup is under way, or one was killed`,
      `if none is under way, remove it`,
      { cause },
    )
  }
}

const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

/** A signal ends the process at once; what it wrote until then goes with it. */
function removeOnSignal(partial: string): () => void {
  const handlers = Object.entries(SIGNALS).map(([signal, status]) => {
    const handler = (): void => {
      rmSync(partial, { force: true })
      process.exit(status)
    }
    process.once(signal, handler)
    return () => process.off(signal, handler)
  })
  return () => {
    for (const off of handlers) off()
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
