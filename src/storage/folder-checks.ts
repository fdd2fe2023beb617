/** What a data folder must look like before anything in it is trusted. Each refusal names the path and what to type. */
import { lstat, mkdir, open, readdir, realpath, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { StartRefusal } from './start-refusal.ts'

/** Readable by others, each of these would give something away. */
const SECRET = ['postern.db', 'postern.db-wal', 'postern.db-shm', 'pepper', 'tls/key.pem', 'reserve', 'acknowledged']
const PLAIN = ['instance.json', 'instance.lock', 'instance.pid']

/** Makes the folder if there is none, and returns its real path after all checks. */
export async function checkFolder(given: string): Promise<string> {
  await makeFolder(resolve(given)).catch((error: unknown) => refuseUnusable(given, error))
  const folder = await realpath(given).catch((error: unknown) => refuseUnusable(given, error))
  await checkSelf(folder)
  for (const name of SECRET) await checkFile(join(folder, name), true)
  for (const name of PLAIN) await checkFile(join(folder, name), false)
  await checkWritable(folder)
  return folder
}

/**
 * The folder and those above it that are missing. Not by `recursive`, which never ends where nothing can be made although everything
 * above is there, as in `/proc`.
 */
async function makeFolder(path: string, mayMakeAbove = true): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException // node:fs throws nothing but these
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || !mayMakeAbove) throw error
    await makeFolder(dirname(path))
    await makeFolder(path, false)
  }
}

async function checkSelf(folder: string): Promise<void> {
  const found = await stat(folder)
  if (!found.isDirectory()) throw new StartRefusal(`${folder} is not a folder.`, 'Give --data a folder.')
  checkOwner(folder, found.uid)
  if (found.mode & 0o022) {
    throw new StartRefusal(`The data folder ${folder} can be changed by other users.`, `Run: chmod 700 '${folder}'`)
  }
  // A folder that was made beforehand for us; later modes (for a mail server that may pass through) are left as they are.
  if (found.mode & 0o044 && (await readdir(folder)).length === 0) await tighten(folder, found.mode & 0o700)
}

async function tighten(folder: string, mode: number): Promise<void> {
  const handle = await open(folder)
  try {
    await handle.chmod(mode)
  } finally {
    await handle.close()
  }
}

async function checkFile(path: string, secret: boolean): Promise<void> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    return refuseUnusable(path, error)
  })
  if (!found) return
  if (!found.isFile()) {
    throw new StartRefusal(
      `${path} is ${found.isSymbolicLink() ? 'a link' : 'not a plain file'}.`,
      'Put the file itself there, or move the whole data folder instead of one file.',
    )
  }
  checkOwner(path, found.uid)
  const forbidden = secret ? 0o077 : 0o022
  if (found.mode & forbidden) {
    throw new StartRefusal(
      `${path} can be ${secret ? 'read or changed' : 'changed'} by other users.`,
      `Run: chmod 600 '${path}'`,
    )
  }
}

function checkOwner(path: string, owner: number): void {
  const self = process.getuid?.()
  if (self === undefined || owner === self) return
  throw new StartRefusal(
    `${path} belongs to user ${owner}, but this server runs as user ${self}.`,
    `Start Postern as that user, or run: chown -R ${self} on the data folder.`,
  )
}

async function checkWritable(folder: string): Promise<void> {
  const probe = join(folder, `writable.${process.pid}.new`)
  try {
    await (await open(probe, 'wx', 0o600)).close()
    await rm(probe)
  } catch (error) {
    // A full disk is no reason to stay away: what only reads can still be served.
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') refuseUnusable(folder, error)
  }
}

function refuseUnusable(path: string, error: unknown): never {
  const { code } = error as NodeJS.ErrnoException
  throw new StartRefusal(
    `The data folder cannot be used: ${path} (${code ?? String(error)}).`,
    'Give --data a folder on a writable disk that belongs to the user Postern runs as.',
    { cause: error },
  )
}
