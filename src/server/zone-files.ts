/**
 * The zones as a name server loads them: `NAME.db` for each, and `zones.conf` with a `zone` statement for each, for BIND's `include`. They are
 * made from the database whenever that changed, so that making them again, late or in another order does no harm. What is there and is no
 * zone's is put aside.
 */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Settings } from '../config/schema.ts'
import { zoneFileName } from '../hosting/zones/zone.ts'
import type { Storage } from '../storage/database.ts'
import { renameDurably, writeFileDurably } from '../storage/durable-file.ts'
import { zoneStoreOn } from '../storage/zone-store.ts'

export type ZoneFiles = {
  /** Makes the zone's file as the database has it at this moment, or takes it away, and tells the name server. */
  write(zone: string): Promise<void>
  /** At the start: writes what is missing or another; what is no zone's is put aside. Gives the names of both. */
  reconcile(): Promise<{ readonly made: readonly string[]; readonly putAside: readonly string[] }>
}

export type ZoneFilesOptions = {
  readonly folder: string
  /** Everybody on the machine may read them, so that a name server with a user of its own can. */
  readonly isPublic: boolean
  /** A program and its arguments, run after a zone was written; `ZONE` stands for its name, and is left out when a zone came or went. */
  readonly command: readonly string[]
  readonly commandTimeoutMs?: number
}

/** As the settings want it; `dataFolder` is the data folder. */
export function zoneFilesOptions(
  { zonesFolder, zoneCommand }: Pick<Settings, 'zonesFolder' | 'zoneCommand'>,
  dataFolder: string,
): ZoneFilesOptions {
  const isPublic = zonesFolder !== undefined
  return { folder: zonesFolder ?? join(dataFolder, 'zones'), isPublic, command: zoneCommand }
}

const LIST = 'zones.conf'
const ASIDE = '.orphaned'
const COMMAND_TIMEOUT_MS = 10_000
/** Less than the pause between two rounds of what waits. */
const COMMAND_REST_MS = 20_000
const AT_ONCE = 100

export function makeZoneFiles(options: ZoneFilesOptions, storage: Pick<Storage, 'read'>): ZoneFiles {
  const { folder, isPublic } = options
  const store = zoneStoreOn(storage.read)
  const tell = makeTeller(options)
  // Until the name server has heard of it, and at first it may have been away: it must read the list before it knows a zone by name.
  let isListNews = true
  const [folderMode, fileMode] = isPublic ? [0o755, 0o644] : [0o700, 0o600]
  const pathOf = (zone: string): string => join(folder, zoneFileName(zone))
  const makeFolder = async (): Promise<void> => {
    const made = await mkdir(folder, { recursive: true, mode: folderMode })
    if (made !== undefined) await chmod(folder, folderMode)
  }
  const statementOf = (zone: string): string => `zone "${zone}" IN { type primary; file "${pathOf(zone)}"; };\n`
  const writeList = async (): Promise<void> => {
    const zones = await store.listInReach(undefined)
    isListNews = true
    await writeFileDurably(join(folder, LIST), zones.map(({ name }) => statementOf(name)).join(''), fileMode)
  }
  return {
    async write(zone) {
      await makeFolder()
      const found = await store.find(zone)
      if (found === undefined) await rm(pathOf(zone), { force: true })
      else await writeFileDurably(pathOf(zone), found.text, fileMode)
      const isListed = (await readOr(join(folder, LIST), '')).includes(statementOf(zone))
      if (isListed !== (found !== undefined)) await writeList()
      await tell(isListNews ? undefined : zone)
      isListNews = false
    },
    async reconcile() {
      await makeFolder()
      const zones = (await store.listInReach(undefined)).map(({ name }) => name)
      const known = new Set(zones.map(zoneFileName))
      const strangers = (await readdir(folder)).filter((name) => name.endsWith('.db') && !known.has(name))
      for (const name of strangers) await putAside(folder, name)
      const made: string[] = []
      for (let start = 0; start < zones.length; start += AT_ONCE) {
        const found = await store.findAll(zones.slice(start, start + AT_ONCE))
        const texts = await Promise.all(found.map(({ name }) => readOr(pathOf(name), undefined)))
        for (const [index, { name, text }] of found.entries()) {
          if (texts[index] === text) continue
          await writeFileDurably(pathOf(name), text, fileMode)
          made.push(name)
        }
      }
      const list = zones.map(statementOf).join('')
      const isOther = (await readOr(join(folder, LIST), undefined)) !== list
      if (isOther) await writeList()
      if (isOther || made.length > 0) {
        await tell(undefined)
        isListNews = false
      }
      return { made, putAside: strangers }
    },
  }
}

async function readOr<T>(path: string, otherwise: T): Promise<string | T> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return otherwise
    throw error
  })
}

async function putAside(folder: string, name: string): Promise<void> {
  await mkdir(join(folder, ASIDE), { recursive: true, mode: 0o700 })
  await renameDurably(
    join(folder, name),
    join(folder, ASIDE, `${name.slice(0, 200)}-${Date.now()}-${randomBytes(4).toString('hex')}`),
  )
}

/**
 * Runs the command without a shell, so that nothing in a name is more than a name. Rejects when it fails or does not end in time; after one that
 * did not, it is left alone for a while, since whatever waits to be done on the machine waits for it.
 */
function makeTeller({ command: [program, ...words], commandTimeoutMs = COMMAND_TIMEOUT_MS }: ZoneFilesOptions) {
  let restsUntilMs = 0
  return async (zone: string | undefined): Promise<void> => {
    if (program === undefined) return
    if (performance.now() < restsUntilMs) throw new Error(`${program} did not end in time, and rests`)
    const args = words.flatMap((word) => (word !== 'ZONE' ? [word] : zone === undefined ? [] : [zone]))
    const options = { timeout: commandTimeoutMs, killSignal: 'SIGKILL', env: { PATH: process.env.PATH ?? '' } } as const
    await new Promise<void>((resolve, reject) => {
      execFile(program, args, options, (error, _out, said) => {
        if (error?.killed) restsUntilMs = performance.now() + COMMAND_REST_MS
        if (error === null) resolve()
        else reject(new Error(`${program} failed: ${said.trim().slice(0, 300) || error.message}`))
      })
    })
  }
}
