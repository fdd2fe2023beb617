/**
 * The certificates of sites as a web server loads them, under `ssl/sites` in the data folder: for each site a folder of its name with
 * `certificate.crt` (with its chain), `private.key`, and `combined.pem` (both), which changes in one step. They are made from the database
 * whenever that changed, so that making them again, late or in another order does no harm.
 */
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openSecret, type PepperSet } from '../accounts/sealed-secret.ts'
import { certificateStoreOn } from '../storage/certificate-store.ts'
import type { Storage } from '../storage/database.ts'
import { writeFileDurably } from '../storage/durable-file.ts'

const FILES = ['private.key', 'certificate.crt', 'combined.pem'] as const
/** A domain name, as accounts can have them: nothing else becomes part of a path. */
const SITE = /^[a-z0-9][a-z0-9.-]{0,252}$/

export type CertificateFiles = {
  /** Makes the site's files as the database has them at this moment, or takes them away. */
  write(site: string): Promise<void>
  /** At the start: writes what is missing; what belongs to no site is put aside. Gives the names of both. */
  reconcile(): Promise<{ readonly made: readonly string[]; readonly putAside: readonly string[] }>
}

/** `folder` is the data folder, which must exist. */
export function makeCertificateFiles(
  folder: string,
  storage: Pick<Storage, 'read'>,
  peppers: PepperSet,
): CertificateFiles {
  const places = { sites: join(folder, 'ssl/sites'), orphaned: join(folder, 'ssl/.orphaned') }
  const store = certificateStoreOn(storage.read)
  const pathOf = (site: string): string => {
    if (!SITE.test(site)) throw new Error('this is no name of a site')
    return join(places.sites, site)
  }
  const write = async (site: string): Promise<void> => {
    const path = pathOf(site)
    const installed = await store.findInstalled(site)
    if (installed === undefined) {
      await rm(path, { recursive: true, force: true })
      return syncFolder(places.sites)
    }
    const { userId, certificate } = installed
    const sealed = await store.sealedKey(userId, certificate.keyId)
    if (sealed === undefined) throw new Error('an installed certificate has no key')
    const key = openSecret(sealed, userId, peppers, 'private key')
    const withChain = `${certificate.pem}${certificate.chain}`
    await mkdir(path, { recursive: true, mode: 0o700 })
    await syncFolder(places.sites)
    await writeFileDurably(join(path, 'private.key'), key)
    await writeFileDurably(join(path, 'certificate.crt'), withChain)
    await writeFileDurably(join(path, 'combined.pem'), `${key}${withChain}`)
  }
  return {
    async write(site) {
      await mkdir(places.sites, { recursive: true, mode: 0o700 })
      await write(site)
    },
    async reconcile() {
      const wanted = new Set((await store.listInstalled({})).map(({ site }) => site))
      if (wanted.size > 0) await mkdir(places.sites, { recursive: true, mode: 0o700 })
      const found = await readdir(places.sites).catch(ifMissing)
      const strangers = found.filter((name) => !wanted.has(name))
      for (const name of strangers) await putAside(places, name)
      const made: string[] = []
      for (const site of wanted) {
        if (await isWhole(pathOf(site))) continue
        await write(site)
        made.push(site)
      }
      return { made, putAside: strangers }
    },
  }
}

async function isWhole(path: string): Promise<boolean> {
  const found = await readdir(path).catch(ifMissing)
  return FILES.every((name) => found.includes(name))
}

async function putAside({ sites, orphaned }: { readonly sites: string; readonly orphaned: string }, name: string) {
  await mkdir(orphaned, { recursive: true, mode: 0o700 })
  // Shortened, since the name of a file has at most 255 bytes.
  const aside = `${name.slice(0, 200)}-${Date.now()}-${randomBytes(4).toString('hex')}`
  await rename(join(sites, name), join(orphaned, aside))
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function ifMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return []
  throw error
}
