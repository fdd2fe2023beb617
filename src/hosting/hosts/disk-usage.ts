/**
 * How much an account's folder holds: every entry once, links as themselves and never followed. What may not be read or goes away
 * during the walk is not counted. Figures are kept for a minute, and the last ones for good, so that a list of thousands of accounts
 * waits for no disk. Few walks run at once.
 */
import type { Dirent } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import type { DiskUsage } from '../host.ts'
import { makeTurns } from './turns.ts'

const KEPT_MS = 60_000
const WALKS_MAX = 4
const STAT_BLOCK_BYTES = 512
const SLASH = Buffer.from('/')
const PASSED_OVER = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP', 'ENAMETOOLONG'])

type DiskMeter = {
  /** The figures for the folder at this path, at most a minute old; a missing one holds nothing. */
  measure(path: string): Promise<DiskUsage>
  /** The same, measured now. */
  measureAnew(path: string): Promise<DiskUsage>
  /** Measures for `last` alone: whoever asks `measure` next gets fresh figures all the same. */
  glance(path: string): Promise<void>
  /** The figures of the last walk that has ended, or what was given to `remember`. */
  last(path: string): DiskUsage | undefined
  /** Figures from before the start; what was measured since then stands. */
  remember(path: string, usage: DiskUsage): void
  /** Drops the figures kept for the path, which holds something else now. */
  forget(path: string): void
}

/** `nowMs` must never go back; `onMeasured` hears of each walk that has ended. */
export function makeDiskMeter(
  nowMs: () => number = () => performance.now(),
  onMeasured: (path: string, usage: DiskUsage) => void = () => {},
): DiskMeter {
  const kept = new Map<string, { readonly atMs: number; readonly usage: Promise<DiskUsage> }>()
  const last = new Map<string, DiskUsage>()
  const inTurn = makeTurns(WALKS_MAX)
  const measureAnew = (path: string): Promise<DiskUsage> => {
    const entry = { atMs: nowMs(), usage: inTurn(() => walk(Buffer.from(path))) }
    kept.set(path, entry)
    entry.usage.then(
      (usage) => {
        if (kept.get(path) !== entry) return
        last.set(path, usage)
        onMeasured(path, usage)
      },
      () => {
        if (kept.get(path) === entry) kept.delete(path)
      },
    )
    return entry.usage
  }
  return {
    measure(path) {
      const entry = kept.get(path)
      return entry !== undefined && nowMs() - entry.atMs < KEPT_MS ? entry.usage : measureAnew(path)
    },
    measureAnew,
    async glance(path) {
      const usage = await inTurn(() => walk(Buffer.from(path)))
      if (last.has(path)) return
      last.set(path, usage)
      onMeasured(path, usage)
    },
    last: (path) => last.get(path),
    remember(path, usage) {
      if (!last.has(path)) last.set(path, usage)
    },
    forget(path) {
      kept.delete(path)
      last.delete(path)
    },
  }
}
async function walk(root: Buffer): Promise<DiskUsage> {
  const seenLinks = new Set<bigint>()
  const pending = [root]
  let bytes = 0
  let files = 0
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const stat = await passingOver(lstat(path, { bigint: true }))
    if (stat === undefined) continue
    if (stat.isDirectory()) for (const entry of await entriesOf(path)) pending.push(Buffer.concat([path, SLASH, entry]))
    else if (stat.nlink > 1n && seenLinks.has(stat.ino)) continue
    else if (stat.nlink > 1n) seenLinks.add(stat.ino)
    bytes += Number(stat.blocks) * STAT_BLOCK_BYTES
    files += 1
  }
  return { bytes, files }
}

/** Names are bytes on disk and need not be text. */
async function entriesOf(path: Buffer): Promise<readonly Buffer[]> {
  const entries: readonly Dirent<Buffer>[] | undefined = await passingOver(
    readdir(path, { withFileTypes: true, encoding: 'buffer' }),
  )
  return (entries ?? []).map((entry) => entry.name)
}

async function passingOver<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (error instanceof Error && 'code' in error && PASSED_OVER.has(String(error.code))) return undefined
    throw error
  }
}
