/**
 * Archives of accounts under `backups` in the data folder: `YYYY-MM-DD/NAME.tar.gz` with the account's record and its folder. An archive
 * is written aside and appears under its name when it is whole and on disk. Links are kept as links and never followed, also when they
 * come into a place while the archive is made; what is neither file, folder nor link is left out. What a disk has room for bounds it: a file
 * that is little but holes can say that it is larger than any disk.
 */
import { randomBytes } from 'node:crypto'
import { constants, type Dirent } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, readdir, readlink, rename, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { Header, Pax } from 'tar'
import { Failure } from '../../failures.ts'
import type { Archive } from '../host.ts'

const CHUNK_BYTES = 256 * 1024
const BLOCK_BYTES = 512
/** Folders inside folders; deeper ones are nobody's pages. */
const MAX_DEPTH = 200
const DATE = /^\d{4}-\d{2}-\d{2}$/
const FILE = /^([a-z][a-z0-9]{0,15})\.tar\.gz$/
const STAGING = '.staging'
/** What an archive leaves free, so that the database can go on being written. */
const KEPT_FREE_BYTES = 64 * 1024 * 1024

export type ArchiveRequest = {
  /** `YYYY-MM-DD` */
  readonly date: string
  readonly home: string
  /** The account's folder. */
  readonly path: string
  /** What stands beside the folder, as `account.json`. */
  readonly record: string
}

/**
 * Writes the archive in place of the one of that day; gives its path. `folder` must exist. Throws `archive-too-large` for one that the disk
 * has no room for.
 */
export async function writeArchive(
  folder: string,
  { date, home, path, record }: ArchiveRequest,
  availableBytes: (folder: string) => Promise<number> = availableIn,
): Promise<string> {
  if (!DATE.test(date)) throw new Error('this is no date')
  const place = join(folder, date)
  await makeFolders([folder, join(folder, STAGING), place])
  const room = makeRoom((await availableBytes(folder)) - KEPT_FREE_BYTES, home)
  const unfinished = join(folder, STAGING, randomBytes(16).toString('hex'))
  const target = join(place, `${home}.tar.gz`)
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  const file = await open(unfinished, flags, 0o600)
  try {
    await pipeline(blocksOf(home, path, record, room), createGzip(), async (pieces: AsyncIterable<Buffer>) => {
      for await (const piece of pieces) {
        room.take(piece.length)
        // Goes on where the last piece ended.
        await file.writeFile(piece)
      }
    })
    await file.sync()
    await file.close()
    await rename(unfinished, target)
    await syncFolder(place)
    return target
  } catch (error) {
    await file.close().catch(() => undefined)
    await rm(unfinished, { force: true })
    throw error
  }
}

/** What may still be written, and how much of nothing may be read: holes compress well, but reading them takes its time. */
function makeRoom(bytes: number, home: string) {
  const left = { written: bytes, holes: bytes }
  const spend = (what: keyof typeof left, size: number): void => {
    left[what] -= size
    if (left[what] < 0) throw new Failure('archive-too-large', { home })
  }
  return {
    take: (size: number) => spend('written', size),
    takeHoles: (size: number) => spend('holes', size),
  }
}

type Room = ReturnType<typeof makeRoom>

async function availableIn(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/** What there is, by date and name. Folders that did not change since they were read last are not read again. */
export function makeArchiveList(folder: string): () => Promise<readonly Archive[]> {
  const kept = new Map<string, { readonly changedAt: bigint; readonly archives: readonly Archive[] }>()
  return async () => {
    const dates = (await entriesIn(folder)).filter((entry) => entry.isDirectory() && DATE.test(entry.name))
    const found: Archive[] = []
    for (const date of dates.map(({ name }) => name).sort()) {
      const place = join(folder, date)
      const changedAt = (await lstat(place, { bigint: true }).catch(passingOver))?.mtimeNs ?? 0n
      const last = kept.get(date)
      const archives = last?.changedAt === changedAt ? last.archives : await archivesOf(place, date)
      kept.set(date, { changedAt, archives })
      found.push(...archives)
    }
    return found
  }
}

async function archivesOf(place: string, date: string): Promise<readonly Archive[]> {
  const files = (await entriesIn(place)).filter((entry) => entry.isFile()).map(({ name }) => name)
  return files.sort().flatMap((name) => {
    const home = FILE.exec(name)?.[1]
    return home === undefined ? [] : [{ date, home, path: join(place, name) }]
  })
}

/** Takes away what a crash left unfinished. */
export async function clearUnfinishedArchives(folder: string): Promise<void> {
  await rm(join(folder, STAGING), { recursive: true, force: true })
}

async function* blocksOf(home: string, path: string, record: string, room: Room): AsyncGenerator<Buffer> {
  const text = Buffer.from(record)
  yield* headOf(`${home}/account.json`, 'File', { size: text.length, mode: 0o600, mtime: new Date() })
  yield text
  yield paddingAfter(text.length)
  yield* folderBlocks(`${home}/home`, path, 0, room)
  // The end of an archive: two blocks of zeros.
  yield Buffer.alloc(2 * BLOCK_BYTES)
}

async function* folderBlocks(name: string, path: string, depth: number, room: Room): AsyncGenerator<Buffer> {
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW).catch(passingOver)
  if (folder === undefined) return
  try {
    const { mode, mtime } = await folder.stat()
    yield* headOf(`${name}/`, 'Directory', { size: 0, mode, mtime })
    if (depth === MAX_DEPTH) return
    const inside = pathOf(folder, path)
    for (const entry of (await readdir(inside)).sort())
      yield* entryBlocks(`${name}/${entry}`, `${inside}/${entry}`, depth, room)
  } finally {
    await folder.close()
  }
}

async function* entryBlocks(name: string, path: string, depth: number, room: Room): AsyncGenerator<Buffer> {
  const stat = await lstat(path).catch(passingOver)
  if (stat?.isDirectory()) yield* folderBlocks(name, path, depth + 1, room)
  else if (stat?.isFile()) yield* fileBlocks(name, path, room)
  else if (stat?.isSymbolicLink()) {
    const linkpath = await readlink(path).catch(passingOver)
    if (linkpath !== undefined)
      yield* headOf(name, 'SymbolicLink', { mode: 0o777, mtime: stat.mtime, size: 0, linkpath })
  }
}

/** Opened without following, and looked at again: something else may be in its place by now. */
async function* fileBlocks(name: string, path: string, room: Room): AsyncGenerator<Buffer> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const file = await open(path, flags).catch(passingOver)
  if (file === undefined) return
  try {
    const stat = await file.stat()
    if (!stat.isFile()) return
    room.takeHoles(Math.max(0, stat.size - stat.blocks * BLOCK_BYTES))
    yield* headOf(name, 'File', stat)
    yield* contentOf(file, stat.size)
    yield paddingAfter(stat.size)
  } finally {
    await file.close()
  }
}

/** As many bytes as the header says: a file that became shorter meanwhile is filled up. */
async function* contentOf(file: FileHandle, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < size; ) {
    const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, size - at))
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at)
    at += bytesRead === 0 ? chunk.length : bytesRead
    yield bytesRead === 0 ? chunk : chunk.subarray(0, bytesRead)
  }
}

type Facts = { readonly size: number; readonly mode: number; readonly mtime: Date; readonly linkpath?: string }

/** What does not fit the old header, such as a long name, stands in one of the newer kind before it. */
function* headOf(
  path: string,
  type: 'File' | 'Directory' | 'SymbolicLink',
  { size, mode, mtime, linkpath }: Facts,
): Generator<Buffer> {
  const facts = { path, size, mtime, ...(linkpath !== undefined && { linkpath }) }
  const block = Buffer.alloc(BLOCK_BYTES)
  const isTooMuch = new Header({ ...facts, type, mode: mode & 0o7777 }).encode(block, 0)
  if (isTooMuch) yield new Pax(facts).encode()
  yield block
}

function paddingAfter(size: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES)
}

/** The open folder itself, whatever its name leads to by now; only Linux has that. */
function pathOf(folder: FileHandle, path: string): string {
  return process.platform === 'linux' ? `/proc/self/fd/${folder.fd}` : path
}

const PASSED_OVER = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'EPERM', 'ENXIO', 'ENAMETOOLONG'])

/** What goes away or may not be read is left out. */
function passingOver(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && PASSED_OVER.has(String(error.code))) return undefined
  throw error
}

async function makeFolders(paths: readonly string[]): Promise<void> {
  for (const path of paths) await mkdir(path, { mode: 0o700, recursive: true })
}

async function entriesIn(path: string): Promise<readonly Dirent[]> {
  return readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
    throw error
  })
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
