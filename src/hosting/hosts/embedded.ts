/**
 * The host that needs no root and no services: each account has a folder under `home` in the data folder. A folder is built or taken
 * apart aside (`.staging`, `.removed`) and only renamed into or out of its place, so that a crash leaves it whole or not at all. A
 * folder that belongs to no account is never deleted but put into `.orphaned`. Links are never followed: they belong to customers.
 */
import { randomBytes } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { chmod, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Failure } from '../../failures.ts'
import type { DiskUsage, HomeTask, Host } from '../host.ts'
import { addressOf, folderOfMailbox } from '../mail/mail.ts'
import { clearUnfinishedArchives, makeArchiveList, writeArchive } from './archives.ts'
import { writeChallenge } from './challenge-files.ts'
import { makeDiskMeter } from './disk-usage.ts'
import { listDisks } from './disks.ts'
import { ignoring, makeFolders, partsOf } from './inner-folders.ts'
import { makeMaildir, moveMail, putMailAway } from './mail-folders.ts'
import { makeTurns } from './turns.ts'

/** The name of an account, which is also the name of its folder: nothing else becomes part of a path. */
const HOME_NAME = /^[a-z][a-z0-9]{0,15}$/

// Web servers pass through to public_html by its group; the rest is for the account's own programs.
const HOME_MODE = 0o711
const SKELETON: readonly (readonly [name: string, mode: number])[] = [
  ['etc', 0o750],
  ['logs', 0o700],
  ['mail', 0o751],
  ['public_html', 0o750],
  ['ssl', 0o700],
  ['tmp', 0o700],
]

type Places = { readonly home: string; readonly staging: string; readonly removed: string; readonly orphaned: string }

/** Homes live in `folder`/home; the folder itself must exist. `onMeasured` hears of each home that was measured. */
export function makeEmbeddedHost(
  folder: string,
  onMeasured: (home: string, usage: DiskUsage) => void = () => {},
): Host {
  const home = join(folder, 'home')
  const places = {
    home,
    staging: join(home, '.staging'),
    removed: join(home, '.removed'),
    orphaned: join(home, '.orphaned'),
  }
  const meter = makeDiskMeter(undefined, (path, usage) => onMeasured(basename(path), usage))
  const mailMeter = makeDiskMeter()
  const creations = makeCreations()
  const archives = join(folder, 'backups')
  const readArchives = makeArchiveList(archives)
  // Reading a home keeps the disk busy enough.
  const archiveTurns = makeTurns(1)
  const pathOf = (name: string): string => {
    if (!HOME_NAME.test(name)) throw new Error('this is no name of a home')
    return join(places.home, name)
  }
  const create = async (name: string): Promise<void> => {
    const path = pathOf(name)
    await makePlaces(places)
    const leftover = await statOf(path)
    if (leftover !== undefined) {
      creations.replace(name, leftover.ino)
      await putAside(places, name)
    }
    creations.add(name, await buildHome(places, path))
    meter.forget(path)
  }
  return {
    archiveFolder: archives,
    writeArchive: (name, date, record) =>
      doing(`write an archive of “${name}”`, () =>
        archiveTurns(() => writeArchive(archives, { date, home: name, path: pathOf(name), record })),
      ),
    listArchives: () => doing('list the archives of accounts', () => readArchives()),
    disks: () => listDisks(folder),
    async createHome(name) {
      await doing(`make the folder of “${name}”`, () => create(name))
      // So that lists have a figure from the start on; a failure only means that they have none.
      void meter.glance(pathOf(name)).catch(() => undefined)
    },
    async undoCreateHome(name) {
      const path = pathOf(name)
      const made = creations.takeForUndo(name)
      if (made === undefined || (await statOf(path))?.ino !== made) return
      // What cannot be removed now belongs to no account, and is put aside at the next start.
      await removeFolder(places, path).catch(() => undefined)
      meter.forget(path)
    },
    pathOf: (name, inside = '') => join(pathOf(name), ...partsOf(inside)),
    makeFolder: (name, inside) =>
      doing(`make the folder “${inside}” of “${name}”`, () => makeFolders(pathOf(name), partsOf(inside))),
    makeMailbox: (name, inside) =>
      doing(`make the mailbox “${inside}” of “${name}”`, () => makeMaildir(pathOf(name), inside)),
    mailUsages: (folders) =>
      doing('measure mailboxes', () =>
        Promise.all(folders.map(({ home, inside }) => mailMeter.measure(join(pathOf(home), ...partsOf(inside))))),
      ),
    answerChallenge: (name, documentRoot, token, value) =>
      doing(`answer a challenge in the pages of “${name}”`, () =>
        writeChallenge(pathOf(name), partsOf(documentRoot), token, value),
      ),
    carryOut: (task) =>
      doing(wordsFor(task), async () => {
        if (task.kind === 'move-mail') return moveMail(pathOf(task.home), task.from, task.to)
        if (task.kind === 'put-mail-away') {
          mailMeter.forget(join(pathOf(task.home), ...partsOf(folderOfMailbox(task))))
          return putMailAway(pathOf(task.home), task, task.as)
        }
        await makePlaces(places)
        const name = task.kind === 'rename-home' ? task.from : task.home
        if (task.kind === 'rename-home') await renameHome(places, pathOf(name), pathOf(task.to), task.to)
        else await removeFolder(places, pathOf(name))
        creations.forget(name)
        meter.forget(pathOf(name))
      }),
    diskUsage: (name) => doing(`measure the folder of “${name}”`, () => meter.measure(pathOf(name))),
    diskUsages: (names, anew) =>
      doing('measure the folders of accounts', () => {
        const measure = anew === 'anew' ? meter.measureAnew : meter.measure
        return Promise.all(names.map((name) => measure(pathOf(name))))
      }),
    lastUsages: (names) => names.map((name) => meter.last(pathOf(name))),
    rememberUsages(usages) {
      for (const [name, usage] of usages) meter.remember(pathOf(name), usage)
    },
    reconcile: (homes, busy = new Set<string>()) =>
      doing('bring the folders of accounts in order', async () => {
        await makePlaces(places)
        await empty(places.staging)
        await empty(places.removed)
        await clearUnfinishedArchives(archives)
        const putAsideNames = await putStrangersAside(places, busy.union(new Set(homes)))
        const made: string[] = []
        for (const name of homes.filter((name) => !busy.has(name))) {
          if ((await statOf(pathOf(name))) !== undefined) continue
          await create(name)
          made.push(name)
        }
        return { made, putAside: putAsideNames }
      }),
  }
}

/**
 * Which folders this process made, and which of those a later creation put aside before their undo came: that undo must not take
 * the later folder away.
 */
function makeCreations() {
  const made = new Map<string, bigint>()
  const replaced = new Map<string, number>()
  return {
    add: (name: string, inode: bigint) => void made.set(name, inode),
    replace(name: string, inode: bigint) {
      if (made.get(name) === inode) replaced.set(name, (replaced.get(name) ?? 0) + 1)
    },
    takeForUndo(name: string): bigint | undefined {
      const earlier = replaced.get(name) ?? 0
      if (earlier > 0) {
        replaced.set(name, earlier - 1)
        return undefined
      }
      const inode = made.get(name)
      made.delete(name)
      return inode
    },
    forget(name: string) {
      made.delete(name)
      replaced.delete(name)
    },
  }
}

async function makePlaces(places: Places): Promise<void> {
  await mkdir(places.home, { mode: HOME_MODE }).catch(ignoring('EEXIST'))
  for (const path of [places.staging, places.removed, places.orphaned])
    await mkdir(path, { mode: 0o700 }).catch(ignoring('EEXIST'))
}

/** Gives the inode of the folder in its place. */
async function buildHome(places: Places, path: string): Promise<bigint> {
  const staged = join(places.staging, randomName())
  try {
    await makeFolder(staged, 0o700)
    for (const [name, mode] of SKELETON) await makeFolder(join(staged, name), mode)
    await chmod(staged, HOME_MODE)
    const { ino } = await lstat(staged, { bigint: true })
    await rename(staged, path)
    return ino
  } catch (error) {
    await rm(staged, { recursive: true, force: true })
    throw error
  }
}

/** `mkdir` alone would leave out what the umask takes away. */
async function makeFolder(path: string, mode: number): Promise<void> {
  await mkdir(path, { mode })
  await chmod(path, mode)
}

/** With nothing left at `from`, it was done before, or what came after it was. */
async function renameHome(places: Places, from: string, to: string, toName: string): Promise<void> {
  if (from === to || (await statOf(from)) === undefined) return
  if ((await statOf(to)) !== undefined) await putAside(places, toName)
  await rename(from, to)
}

async function putAside(places: Places, name: string): Promise<void> {
  await rename(join(places.home, name), join(places.orphaned, `${name}-${Date.now()}-${randomName().slice(0, 8)}`))
}

async function putStrangersAside(places: Places, known: ReadonlySet<string>): Promise<readonly string[]> {
  const names: string[] = []
  for (const entry of await readdir(places.home, { withFileTypes: true })) {
    if (entry.name.startsWith('.') || (known.has(entry.name) && entry.isDirectory())) continue
    await putAside(places, entry.name)
    names.push(entry.name)
  }
  return names.sort()
}

async function removeFolder(places: Places, path: string): Promise<void> {
  const doomed = join(places.removed, randomName())
  const isThere = await rename(path, doomed).then(() => true, ignoring('ENOENT'))
  if (isThere) await removeTree(doomed)
}

/** Removes links, not what they point to; folders that their owner closed are opened first. */
async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true })
  } catch {
    // Most likely a folder without write permission; if it was something else, the second attempt says so.
    await openFolders(path)
    await rm(path, { recursive: true, force: true })
  }
}

async function openFolders(path: string): Promise<void> {
  await chmod(path, 0o700)
  for (const entry of await readdir(path, { withFileTypes: true }))
    if (entry.isDirectory()) await openFolders(join(path, entry.name))
}

/** What cannot be removed, such as files of another user, must not keep the server from starting; the next start tries again. */
async function empty(path: string): Promise<void> {
  for (const name of await readdir(path)) await removeTree(join(path, name)).catch(() => undefined)
}

async function statOf(path: string): Promise<BigIntStats | undefined> {
  return (await lstat(path, { bigint: true }).catch(ignoring('ENOENT'))) ?? undefined
}

/** Turns what the file system says into a failure that the caller may see. */
async function doing<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof Failure || !(cause instanceof Error) || !('code' in cause)) throw cause
    const isFull = cause.code === 'ENOSPC' || cause.code === 'EDQUOT'
    throw isFull ? new Failure('storage-full', undefined, { cause }) : new Failure('host-failed', { what }, { cause })
  }
}

function wordsFor(task: HomeTask): string {
  switch (task.kind) {
    case 'rename-home':
      return `rename the folder of “${task.from}” to “${task.to}”`
    case 'remove-home':
      return `remove the folder of “${task.home}”`
    case 'move-mail':
      return `move the mail of “${task.from}” to “${task.to}”`
    case 'put-mail-away':
      return `put the mail of “${addressOf(task)}” away`
  }
}

function randomName(): string {
  return randomBytes(16).toString('hex')
}
