/**
 * Joins the parts: the data folder, the database, the host and the one door. `serve` puts listeners in front of it; the commands that
 * work without a running server use it as it is. Nothing else may open the data folder.
 */
import { makePasswordHasher, type PasswordHasher } from '../accounts/passwords.ts'
import type { Service } from '../accounts/sessions.ts'
import { AlertBatch } from '../alerts/batch.ts'
import { makeRefusalWatch } from '../alerts/refusals.ts'
import { AuditBatch } from '../audit/batch.ts'
import { newestBackup } from '../config/backups-made.ts'
import type { Settings } from '../config/schema.ts'
import { API2_CATALOGUE } from '../functions/api2/catalogue.ts'
import { CATALOGUE, indexCatalogue } from '../functions/catalogue.ts'
import type { Stores } from '../functions/context.ts'
import type { Door } from '../functions/door.ts'
import { indexApi2, indexUapi, UAPI_CATALOGUE } from '../functions/uapi/catalogue.ts'
import type { MysqlServer } from '../hosting/mysql.ts'
import { parseAddress } from '../ip-rules/address.ts'
import { withKeptList } from '../storage/account-list-cache.ts'
import { type DataFolder, isSetUp, openDataFolder, StartRefusal } from '../storage/data-folder.ts'
import type { Storage } from '../storage/database.ts'
import { foldLedger } from '../storage/ledger-store.ts'
import type { BeforeStatement } from '../storage/node-sqlite.ts'
import { openStorage } from '../storage/open-storage.ts'
import { DatabaseLost } from '../storage/start-refusal.ts'
import { storesOn } from '../storage/stores.ts'
import { usageWriterOn } from '../storage/usage-writer.ts'
import { UsageLedger } from '../usage/ledger.ts'
import { compileAddresses, compileProxies } from './address-settings.ts'
import { makeProtectionEvents, writeAlerts } from './alerts.ts'
import { AutoSsl } from './autossl/autossl.ts'
import { refreshCaller } from './callers.ts'
import { makeCarryOut } from './carry-out.ts'
import { type CertificateFiles, makeCertificateFiles } from './certificate-files.ts'
import type { AddressMatcher } from './client-address.ts'
import { Clock } from './clock.ts'
import { readClockMark, storeClockMark } from './clock-mark.ts'
import { type DiskRounds, makeDiskRounds } from './disk-rounds.ts'
import type { EventLog } from './event-log.ts'
import { firstSetUp } from './first-set-up.ts'
import { makeHostWork } from './host-work.ts'
import { LiveTokens } from './live-tokens.ts'
import { type MailFiles, makeMailFiles } from './mail-files.ts'
import { mysqlServerOf, mysqlTasksOf } from './mysql.ts'
import { Protection } from './protection.ts'
import { regularly } from './regularly.ts'
import { makeServices } from './services.ts'
import { makeZoneFiles, type ZoneFiles, zoneFilesOptions } from './zone-files.ts'

export type Runtime = {
  readonly settings: Settings
  readonly folder: DataFolder
  readonly storage: Storage
  readonly stores: Stores
  readonly door: Door
  readonly passwords: PasswordHasher
  readonly clock: Clock
  readonly ledger: UsageLedger
  readonly tokens: LiveTokens
  readonly protection: Protection
  readonly isAlwaysAllowed: AddressMatcher
  readonly isTrustedProxy: AddressMatcher
  readonly certificateFiles: CertificateFiles
  readonly mailFiles: MailFiles
  readonly zoneFiles: ZoneFiles
  readonly autossl: AutoSsl
  /** `https://HOST:PORT` of each service that is open; whoever opens one says so here. */
  readonly origins: Map<Service, string>
  /** Root's password, made at this start; to be shown once. Undefined when it was preset or the folder had been set up. */
  readonly newRootPassword: string | undefined
  /** What waits to be written, by kind. */
  queues(): Readonly<Record<'trail' | 'alerts', number>>
  /** Writes the figures and entries that are gathered in memory; what cannot be written now still waits afterwards. */
  flushUsage(): Promise<void>
  /** Writes what waits and lets go of database and folder. */
  close(): Promise<void>
}

export type RuntimeOptions = {
  readonly settings: Settings
  readonly log: EventLog
  /** For tests: the machine's clock, and faults in the store. */
  readonly wallMs?: () => number
  readonly beforeStatement?: BeforeStatement
  /** Refuse, before anything is made, instead of setting up a folder that never was. */
  readonly mustBeSetUp?: boolean
  /** False leaves the stored clock mark as it is. */
  readonly keepsClockMark?: boolean
}

const CLOCK_MARK_MS = 60_000
const HOST_TASK_RETRY_MS = 30_000
const LEDGER_FOLD_MS = 600_000

/** Opens everything, and sets an empty folder up. Throws `StartRefusal` where going on could lose or expose something. */
export async function openRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { settings, log } = options
  // Whatever is made from here on is for this user alone, whatever the shell says.
  process.umask(0o077)
  const isAlwaysAllowed = compileAddresses('always_allowed_addresses', settings.alwaysAllowedAddresses)
  const isTrustedProxy = compileProxies(settings.trustedProxies)
  const mysql = await mysqlServerOf(
    settings,
    () => folder.pepper,
    (error) => log.warn({ error }, 'the database server of the accounts made trouble'),
  )
  if (options.mustBeSetUp && !(await isSetUp(settings.data)))
    throw new StartRefusal(
      `${settings.data} was never set up.`,
      'Correct --data, or start the server once: postern serve.',
    )
  const folder = await openDataFolder(settings.data).catch((error: unknown) => refuseNaming(error, settings.data))
  let storage: Storage | undefined
  try {
    storage = await openStorage({
      url: settings.database,
      folder: folder.path,
      log,
      ...(options.beforeStatement && { beforeStatement: options.beforeStatement }),
    })
    const passwords = makePasswordHasher()
    const isFirst = await folder.isFirstStart(storage)
    const newRootPassword = isFirst ? await firstSetUp(folder, storage, passwords, settings) : undefined
    const parts = await assemble(options, folder, storage, isAlwaysAllowed)
    const made = makeDoor(options, parts, folder, storage, passwords, isAlwaysAllowed, mysql)
    await parts.diskRounds.start(made.door.services.host, () => parts.stores.accounts.listAccounts(undefined))
    return {
      ...parts,
      settings,
      folder,
      storage,
      passwords,
      isAlwaysAllowed,
      isTrustedProxy,
      newRootPassword,
      ...made,
    }
  } catch (error) {
    await storage?.close()
    await folder.close()
    return refuseNaming(error, settings.data)
  }
}

/** Whoever has to restore is told what there is to restore. */
async function refuseNaming(error: unknown, dataFolder: string): Promise<never> {
  const newest = error instanceof DatabaseLost ? await newestBackup(dataFolder) : undefined
  if (!(error instanceof DatabaseLost) || newest === undefined) throw error
  const { path, at } = newest
  throw new StartRefusal(error.message, `${error.remedy} The newest backup is ${path}, made at ${at}.`, {
    cause: error,
  })
}

type Assembled = {
  readonly stores: Stores
  readonly clock: Clock
  readonly ledger: UsageLedger
  readonly tokens: LiveTokens
  readonly trail: AuditBatch
  readonly alerts: AlertBatch
  readonly protection: Protection
  readonly diskRounds: DiskRounds
}

async function assemble(
  options: RuntimeOptions,
  folder: DataFolder,
  storage: Storage,
  isAlwaysAllowed: AddressMatcher,
): Promise<Assembled> {
  const { log, settings } = options
  const committed = storesOn(storage.read)
  const stores = { ...committed, accounts: withKeptList(committed.accounts, storage) }
  const clock = new Clock(await readClockMark(storage), options.wallMs)
  if (storage.kind === 'postgres') clock.follow(await storage.nowMs())
  const behindMs = clock.behindMs()
  if (behindMs > 0)
    log.warn(
      { behindSeconds: Math.round(behindMs / 1000) },
      'the clock went back; expiry is judged by the latest time seen (postern doctor --accept-clock)',
    )
  const ledger = new UsageLedger(usageWriterOn(storage), {
    keepsDetails: options.settings.ledgerDays > 0,
    onTrouble: (error) => log.warn({ error }, 'usage figures could not be written; they wait'),
  })
  const tokens = new LiveTokens(storage, ledger, (nowMs) => clock.follow(nowMs))
  const trail = new AuditBatch(
    (entries) => storage.writeUsage((trx) => storesOn(trx).audit.append(entries)),
    (error) => log.warn({ error }, 'refused calls could not be written to the trail; they wait'),
  )
  const alerts = new AlertBatch(
    (waiting) => writeAlerts(storage, waiting),
    (error) => log.warn({ error }, 'alerts could not be written; they wait'),
  )
  const protection = await Protection.open({
    settings,
    folder: folder.path,
    storage,
    clock,
    isAlwaysAllowed,
    log,
    trail: (entry) => trail.add(entry),
    events: makeProtectionEvents(alerts),
  })
  const diskRounds = makeDiskRounds(storage, log, () => clock.now())
  return { stores, clock, ledger, tokens, trail, alerts, protection, diskRounds }
}

function makeDoor(
  options: RuntimeOptions,
  { stores, clock, ledger, trail, alerts, protection, diskRounds }: Assembled,
  folder: DataFolder,
  storage: Storage,
  passwords: PasswordHasher,
  isAlwaysAllowed: AddressMatcher,
  mysql: MysqlServer | undefined,
): Pick<
  Runtime,
  'door' | 'certificateFiles' | 'mailFiles' | 'zoneFiles' | 'autossl' | 'origins' | 'queues' | 'flushUsage' | 'close'
> {
  const { settings, log } = options
  const origins = new Map<Service, string>()
  const services = makeServices(settings, folder, storage, {
    passwords,
    mysql,
    trail,
    alerts,
    ledger,
    protection,
    onMeasured: diskRounds.onMeasured,
    origins,
    wakeAutoSsl: () => autossl.wakeUp(),
  })
  const certificateFiles = makeCertificateFiles(folder.path, storage, folder.pepper)
  const mailFiles = makeMailFiles(folder.path, storage, services.host)
  const zoneFiles = makeZoneFiles(zoneFilesOptions(settings, folder.path), storage)
  const hostWork = makeHostWork(
    makeCarryOut(services.host, certificateFiles, mailFiles, zoneFiles, mysqlTasksOf(mysql, storage, folder.pepper)),
    storage,
    log,
  )
  const watchRefusal = makeRefusalWatch({ burst: settings.alertRefusalBurst }, (alert) => alerts.add(alert))
  const door: Door = {
    catalogue: CATALOGUE,
    byName: indexCatalogue(CATALOGUE),
    uapi: indexUapi(UAPI_CATALOGUE),
    api2: indexApi2(API2_CATALOGUE),
    services,
    stores,
    write: (work, { urgent }) => storage.write((trx) => work(storesOn(trx)), { urgent }),
    refresh: (inside, caller, now) => refreshCaller({ ledger, isAlwaysAllowed }, parseAddress, inside, caller, now),
    trail(entry) {
      trail.add(entry)
      watchRefusal(entry)
      if (entry.outcome === 'refused' && entry.tokenId !== undefined)
        ledger.markRefusal(entry.tokenId, entry.at.getTime(), entry.address ?? '', codeOf(entry.reason))
    },
    alert: (alert) => alerts.add(alert),
    usedInnerFunction(caller, name) {
      if (caller.credential.kind === 'token') ledger.markInnerFunction(caller.credential.tokenId, name)
    },
    usedAccount(caller, account) {
      if (caller.credential.kind === 'token') ledger.markAccount(caller.credential.tokenId, account)
    },
    runHostTasks: hostWork.run,
  }
  const autossl = new AutoSsl({ settings, door, storage, log, now: () => clock.now() })
  const timers = [
    regularly(
      LEDGER_FOLD_MS,
      () => foldLedger(storage, clock.now(), settings.ledgerDays),
      log,
      'the ledger could not be summed up',
    ),
    regularly(HOST_TASK_RETRY_MS, () => hostWork.retry(), log, 'waiting work on the machine could not be read'),
    regularly(CLOCK_MARK_MS, () => storeClockMark(storage, clock.nowMs()), log, 'the clock mark could not be stored'),
  ]
  return {
    door,
    certificateFiles,
    mailFiles,
    zoneFiles,
    autossl,
    origins,
    queues: () => ({ trail: trail.size, alerts: alerts.size }),
    async flushUsage() {
      await Promise.allSettled([trail.flush(), ledger.flush(), alerts.flush(), protection.guard.flush()])
    },
    async close() {
      for (const timer of timers) clearInterval(timer)
      await autossl.close()
      mysql?.close()
      // Before the trail, which takes its last sums.
      const attempts = [
        protection.close().finally(() => trail.close()),
        ledger.close(),
        alerts.close(),
        diskRounds.close(),
      ]
      if (options.keepsClockMark !== false) attempts.push(storeClockMark(storage, clock.nowMs()))
      for (const result of await Promise.allSettled(attempts)) {
        if (result.status === 'rejected')
          log.warn({ error: result.reason }, 'not everything that waited could be written')
      }
      await storage.close()
      await folder.close()
    },
  }
}

/** The reason of an entry begins with the code of a refusal or failure. */
function codeOf(reason: string): string {
  return reason.split(':', 1)[0] ?? reason
}
