/**
 * The answer that an authority of certificates looks for in the pages of a site (RFC 8555, 8.3). The folders belong to a customer, so that
 * each is opened through the one above it and without following links: what somebody puts in its place meanwhile leads nowhere.
 */
import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'

const TOKEN = /^[A-Za-z0-9_-]{1,128}$/
const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
const FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

/**
 * Writes `value` to `.well-known/acme-challenge/TOKEN` below the last of the folders, of which `root` must exist. Gives what takes it
 * away; the folders stay. Web servers of other users read it, hence the modes.
 */
export async function writeChallenge(
  root: string,
  folders: readonly string[],
  token: string,
  value: string,
): Promise<() => Promise<void>> {
  if (!TOKEN.test(token)) throw new Error('this is no token of a challenge')
  await within(root, folders, async (folder) => {
    const path = `${insideOf(folder)}/${token}`
    await rm(`${path}.new`, { force: true })
    const file = await open(`${path}.new`, FILE, 0o644)
    try {
      await file.writeFile(value)
      // What the umask took away.
      await file.chmod(0o644)
    } finally {
      await file.close()
    }
    await rename(`${path}.new`, path)
  })
  return () => within(root, folders, (folder) => rm(`${insideOf(folder)}/${token}`, { force: true }))
}

type Place = { readonly handle: FileHandle; readonly path: string }

async function within(root: string, folders: readonly string[], work: (folder: Place) => Promise<void>) {
  let folder: Place = { handle: await open(root, FOLDER), path: root }
  try {
    for (const name of [...folders, '.well-known', 'acme-challenge']) {
      const next = await enter(folder, name)
      await folder.handle.close()
      folder = next
    }
    await work(folder)
  } finally {
    await folder.handle.close()
  }
}

async function enter(folder: Place, name: string): Promise<Place> {
  const path = `${insideOf(folder)}/${name}`
  const isNew = await mkdir(path, { mode: 0o755 }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false
      throw error
    },
  )
  const handle = await open(path, FOLDER)
  if (isNew) await handle.chmod(0o755)
  return { handle, path: `${folder.path}/${name}` }
}

/** The open folder itself, whatever its name leads to by now; only Linux has that. */
function insideOf({ handle, path }: Place): string {
  return process.platform === 'linux' ? `/proc/self/fd/${handle.fd}` : path
}
