/** `postern doctor`: what is wrong with a data folder, and what to do about it. Looks only, with one exception: the clock's mark. */
import type { X509Certificate } from 'node:crypto'
import { lstat, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from '../config/problem.ts'
import type { Settings } from '../config/schema.ts'
import { Failure } from '../failures.ts'
import { settingsThatLoseChanges } from '../storage/durability.ts'
import { checkFolder } from '../storage/folder-checks.ts'
import { FolderInUse } from '../storage/instance-lock.ts'
import { StartRefusal } from '../storage/start-refusal.ts'
import { presentCertificate } from './certificate.ts'
import { acceptClock, readClockMark } from './clock-mark.ts'
import { makeEventLog } from './event-log.ts'
import { mysqlServerOf } from './mysql.ts'
import { openRuntime, type Runtime } from './runtime.ts'

export type Finding = {
  readonly check: string
  /** False: must be mended. */
  readonly ok: boolean
  readonly warning: boolean
  readonly message: string
  readonly remedy?: string
}

const DAY_MS = 86_400_000
const FREE_SPACE_MIN_BYTES = 100 * 1024 * 1024
const CLOCK_BEHIND_MAX_MS = 2_000

const good = (check: string, message: string): Finding => ({ check, ok: true, warning: false, message })
const doubtful = (check: string, message: string, remedy: string): Finding => ({
  check,
  ok: true,
  warning: true,
  message,
  remedy,
})
const bad = (check: string, message: string, remedy: string): Finding => ({
  check,
  ok: false,
  warning: false,
  message,
  remedy,
})

/** With a running server what only its owner may open is left out, and said so. */
export async function examine(
  settings: Settings,
  options: { readonly acceptClock: boolean },
): Promise<readonly Finding[]> {
  const isThere = await stat(settings.data).then(
    () => true,
    () => false,
  )
  if (!isThere) return [bad('data folder', `there is no folder ${settings.data}`, 'Correct --data.')]
  const folder = await refusalAsFinding('data folder', async () => {
    await checkFolder(settings.data)
    return [good('data folder', `only its owner can change ${settings.data} and read the secrets in it`)]
  })
  const inside = await refusalAsFinding('database', () => examineInside(settings, options))
  // What was asked for is not done while a server has the folder, so it must not look done.
  const isUndone = options.acceptClock && inside.some(({ check }) => check === 'server')
  const undone = bad('clock', 'it is not accepted: a server runs', 'Stop the server, accept the clock, start it again.')
  return [
    ...folder,
    ...inside,
    ...(isUndone ? [undone] : []),
    await examineCertificate(settings),
    await examineSpace(settings),
    ...(await refusalAsFinding('database server', () => examineMysql(settings))),
  ]
}

async function refusalAsFinding(check: string, work: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof FolderInUse)
      return [doubtful('server', error.message, 'Database, pepper and clock are looked at while no server runs.')]
    if (error instanceof StartRefusal) return [bad(check, error.message, error.remedy)]
    throw error
  }
}

async function examineInside(
  settings: Settings,
  options: { readonly acceptClock: boolean },
): Promise<readonly Finding[]> {
  const runtime = await openRuntime({ settings, log: makeEventLog(), mustBeSetUp: true, keepsClockMark: false })
  try {
    const kind = runtime.storage.kind === 'sqlite' ? 'SQLite' : 'PostgreSQL'
    return [
      good('database', `${kind}: sound, and of this version's schema`),
      good('pepper', 'it is the one that the tokens were made with'),
      await examineClock(runtime, options.acceptClock),
      ...(await examineRestored(runtime)),
      ...(await examineFreezes(runtime)),
      ...(await examineDurability(runtime)),
    ]
  } finally {
    await runtime.close()
  }
}

/** Of the accounts; asked whether a server of ours runs or not. */
async function examineMysql(settings: Settings): Promise<readonly Finding[]> {
  const heard: string[] = []
  const server = await mysqlServerOf(settings, changesNothing, ({ message }) => heard.push(message))
  if (server === undefined) return []
  try {
    return [good('database server', `it answers (${await server.version()})`)]
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return [bad('database server', heard.join(), 'Start it, or correct the settings that begin with mysql_.')]
  } finally {
    server.close()
  }
}

function changesNothing(): never {
  throw new Error('the database server is only asked')
}

async function examineClock({ storage }: Runtime, accept: boolean): Promise<Finding> {
  const nowMs = await storage.nowMs()
  const behindMs = (await readClockMark(storage)) - nowMs
  if (behindMs <= CLOCK_BEHIND_MAX_MS) return good('clock', 'it has not gone back')
  const size = `${Math.round(behindMs / 1000)} s behind the latest time seen`
  if (!accept) {
    return bad(
      'clock',
      `it is ${size}; expiry is judged by the latest time`,
      'Set the clock; if it is right now: postern doctor --accept-clock.',
    )
  }
  await acceptClock(storage, nowMs, behindMs)
  return good('clock', `it was ${size}; it is accepted as right now`)
}

async function examineRestored({ stores }: Runtime): Promise<readonly Finding[]> {
  const paused = await stores.tokens.listPausedBecause('restored')
  if (paused.length === 0) return []
  return [
    doubtful(
      'tokens',
      `${paused.length} came back with a restore and are paused`,
      'List them with “whmapi1 postern_token_list”; let them work again with “whmapi1 postern_token_resume token_id=ID”, or all with restored=1.',
    ),
  ]
}

/** A freeze that somebody forgot looks like an outage. */
async function examineFreezes({ stores, folder }: Runtime): Promise<readonly Finding[]> {
  const freezes = await stores.freezes.list()
  const file = join(folder.path, 'freeze')
  const findings = freezes.map(({ user, reason, by }) =>
    doubtful(
      'freeze',
      `${user === '' ? 'everybody' : user} is frozen by ${by}: ${reason}`,
      'Lift it with “whmapi1 postern_thaw”.',
    ),
  )
  if ((await lstat(file).catch(() => undefined)) === undefined) return findings
  return [...findings, doubtful('freeze', `${file} is there: only the local socket is answered`, `Remove ${file}.`)]
}

async function examineDurability({ storage }: Runtime): Promise<readonly Finding[]> {
  if (storage.kind === 'sqlite') return []
  const findings = (await settingsThatLoseChanges(storage)).map((name) =>
    doubtful(
      'durability',
      `${name} is off`,
      `Switch ${name} on in PostgreSQL: a crash could lose what was acknowledged.`,
    ),
  )
  const skewMs = Math.abs((await storage.nowMs()) - Date.now())
  if (skewMs > CLOCK_BEHIND_MAX_MS) {
    findings.push(
      doubtful(
        'clock',
        `this machine and the database differ by ${Math.round(skewMs / 1000)} s; the database's clock decides`,
        'Let both follow the same time server.',
      ),
    )
  }
  return findings
}

async function examineCertificate(settings: Settings): Promise<Finding> {
  let certificate: X509Certificate | undefined
  try {
    certificate = await presentCertificate(settings.data)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return bad('certificate', error.message, error.hint ?? '')
  }
  if (certificate === undefined)
    return doubtful('certificate', 'there is none yet', 'It is made when the server starts.')
  const daysLeft = Math.floor((certificate.validToDate.getTime() - Date.now()) / DAY_MS)
  if (daysLeft < 0)
    return bad(
      'certificate',
      `it ended on ${certificate.validTo}`,
      `Put a new pair into ${join(settings.data, 'tls')} and restart.`,
    )
  if (certificate.verify(certificate.publicKey)) {
    return doubtful(
      'certificate',
      'it is self-signed, so clients cannot tell this server from another',
      `Put a certificate of a known authority into ${join(settings.data, 'tls')}.`,
    )
  }
  if (daysLeft < 14)
    return doubtful(
      'certificate',
      `it ends in ${daysLeft} days`,
      `Put a new pair into ${join(settings.data, 'tls')} and restart.`,
    )
  return good('certificate', `valid until ${certificate.validTo}`)
}

async function examineSpace(settings: Settings): Promise<Finding> {
  const space = await statfs(settings.data).catch(() => undefined)
  if (space === undefined)
    return bad('disk', `${settings.data} cannot be looked at`, 'Name the data folder with --data.')
  const freeBytes = space.bavail * space.bsize
  const free = `${Math.floor(freeBytes / 1024 / 1024)} MiB free`
  return freeBytes < FREE_SPACE_MIN_BYTES
    ? doubtful('disk', free, 'Make room: changes are refused when the disk is full.')
    : good('disk', free)
}
