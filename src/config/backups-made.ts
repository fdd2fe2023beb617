/**
 * Where `postern backup` wrote to, newest last, in a file of the data folder: whoever finds the database damaged is told which backup
 * to take. A backup counts while a file of its length is in its place.
 */
import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export type BackupMade = { readonly path: string; readonly bytes: number; readonly at: string }

const KEPT_MAX = 50

/** To be called once the backup is on disk under its own name. Throws where the data folder takes no file. */
export async function noteBackup(dataFolder: string, path: string, at: Date): Promise<void> {
  const { size: bytes } = await stat(path)
  const made = [...(await backupsMade(dataFolder)), { path, bytes, at: at.toISOString() }].slice(-KEPT_MAX)
  const file = join(dataFolder, 'backups-made')
  await writeFile(`${file}.new`, made.map((each) => `${JSON.stringify(each)}\n`).join(''), { mode: 0o600 })
  await rename(`${file}.new`, file)
}

/** The newest backup that is still there. */
export async function newestBackup(dataFolder: string): Promise<BackupMade | undefined> {
  for (const made of (await backupsMade(dataFolder)).toReversed()) {
    const found = await stat(made.path).catch(() => undefined)
    if (found?.isFile() === true && found.size === made.bytes) return made
  }
  return undefined
}

/** A line that cannot be read tells of no backup. */
async function backupsMade(dataFolder: string): Promise<readonly BackupMade[]> {
  const text = await readFile(join(dataFolder, 'backups-made'), 'utf8').catch(() => '')
  return text.split('\n').flatMap((line) => {
    try {
      const { path, bytes, at } = JSON.parse(line) as Record<string, unknown> // Looked at in the next line.
      return typeof path === 'string' && typeof bytes === 'number' && typeof at === 'string'
        ? [{ path, bytes, at }]
        : []
    } catch {
      return []
    }
  })
}
