/**
 * What Dovecot and Postfix read, under `mail` in the data folder: a password file for each domain, and maps. They are made from the database
 * whenever that changed, so that making them again, late or in another order does no harm; one at a time, so that an older state never
 * comes after a newer one.
 */
import { constants } from 'node:fs'
import { mkdir, open, readdir, readFile, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { Host } from '../hosting/host.ts'
import { MAP_NAMES, maps, type Ownership, passwdFile } from '../hosting/mail/files.ts'
import { folderOfMailbox, type MailboxToServe } from '../hosting/mail/mail.ts'
import type { Storage } from '../storage/database.ts'
import { writeFileDurably } from '../storage/durable-file.ts'
import { mailStoreOn } from '../storage/mail-store.ts'

/** A domain name, as accounts can have them: nothing else becomes part of a path. */
const DOMAIN = /^[a-z0-9][a-z0-9.-]{0,252}$/

export type MailFiles = {
  /**
   * The password files of these domains, and the maps, as the database has them at this moment. Throws when one could not be written, after
   * all others were.
   */
  write(domains: readonly string[]): Promise<void>
  /**
   * At the start: writes everything, makes the mailboxes that are missing, and takes away password files of domains that have none. Gives the
   * names of what was written or taken away. Nothing is made in the homes of which `isBusy` says that earlier work waits there. Throws as
   * `write` does.
   */
  reconcile(
    isBusy?: (home: string) => boolean,
  ): Promise<{ readonly made: readonly string[]; readonly putAside: readonly string[] }>
}

/** `folder` is the data folder, which must exist. */
export function makeMailFiles(
  folder: string,
  storage: Pick<Storage, 'read'>,
  host: Pick<Host, 'pathOf' | 'makeMailbox'>,
): MailFiles {
  const places = { passwd: join(folder, 'mail/passwd'), postfix: join(folder, 'mail/postfix') }
  const store = mailStoreOn(storage.read)
  // Mailboxes lie in folders that are the server's own.
  const ownership: Ownership = {
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    pathOf: (home, inside) => host.pathOf(home, inside),
  }
  const makePlaces = async (): Promise<void> => {
    for (const path of Object.values(places)) await mkdir(path, { recursive: true, mode: 0o700 })
  }
  /** Gives whether anything was changed. */
  const writeDomain = async (domain: string, mailboxes: readonly MailboxToServe[]): Promise<boolean> => {
    if (!DOMAIN.test(domain)) throw new Error('this is no domain')
    const path = join(places.passwd, domain)
    return mailboxes.length === 0 ? removeDurably(path) : writeChanged(path, passwdFile(mailboxes, ownership))
  }
  const writeMaps = async (): Promise<readonly string[]> => {
    const made = maps({
      addresses: await store.addresses(),
      restricted: await store.restrictedMailboxes(),
      forwarders: await store.forwardersToServe(),
    })
    const changed: string[] = []
    for (const name of MAP_NAMES) if (await writeChanged(join(places.postfix, name), made[name])) changed.push(name)
    return changed
  }
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work, work)
    last = done
    return done
  }
  return {
    write: (domains) =>
      inTurn(async () => {
        await makePlaces()
        const each = makeEach()
        for (const domain of domains)
          await each.do(async () => writeDomain(domain, await store.mailboxesToServe(domain)))
        await writeMaps()
        each.end()
      }),
    reconcile: (isBusy = () => false) =>
      inTurn(async () => {
        const byDomain = Map.groupBy(await store.mailboxesToServe(), ({ domain }) => domain)
        const found = await readdir(places.passwd).catch(ifMissing)
        const hasForwarders = (await store.forwardersToServe()).length > 0
        const isUsed = byDomain.size > 0 || hasForwarders || (await readdir(places.postfix).catch(ifMissing)).length > 0
        if (!isUsed && found.length === 0) return { made: [], putAside: [] }
        await makePlaces()
        const made: string[] = []
        const each = makeEach()
        for (const [domain, mailboxes] of byDomain) {
          // What one customer put in the place of a folder is no reason to leave out the others.
          for (const mailbox of mailboxes.filter(({ home }) => !isBusy(home)))
            await host.makeMailbox(mailbox.home, folderOfMailbox(mailbox)).catch(() => undefined)
          if (await each.do(() => writeDomain(domain, mailboxes))) made.push(domain)
        }
        for (const name of found.filter((name) => !byDomain.has(name)))
          if (await each.do(() => removeDurably(join(places.passwd, name)))) made.push(name)
        made.push(...(await writeMaps()))
        each.end()
        return { made, putAside: [] }
      }),
  }
}

/** Does each piece whatever became of those before; `end` throws for the first that failed. */
function makeEach() {
  const errors: unknown[] = []
  return {
    async do<T>(work: () => Promise<T>): Promise<T | undefined> {
      try {
        return await work()
      } catch (error) {
        errors.push(error)
        return undefined
      }
    },
    end(): void {
      if (errors.length > 0) throw errors[0]
    },
  }
}

/**
 * Most changes leave most files as they are. Dovecot takes a password file for unchanged when size and time, in whole seconds, are what they
 * were: two changes within a second must not look alike, or the first password would go on being right.
 */
async function writeChanged(path: string, content: string): Promise<boolean> {
  const before = await stat(path).catch(() => undefined)
  if (before !== undefined && (await readFile(path, 'utf8')) === content) return false
  await writeFileDurably(path, content)
  const lastSecond = Math.floor((before?.mtimeMs ?? 0) / 1000)
  const { atime, mtimeMs } = await stat(path)
  if (mtimeMs / 1000 < lastSecond + 1) await utimes(path, atime, lastSecond + 1)
  return true
}

async function removeDurably(path: string): Promise<boolean> {
  const isThere = await rm(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => ifMissing(error).length > 0,
  )
  const folder = await open(join(path, '..'), constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
  return isThere
}

function ifMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return []
  throw error
}
