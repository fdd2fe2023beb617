/** `postern serve`: the services in front of the door, what is printed at the start, signals, and the end. */

import { join } from 'node:path'
import type { Settings } from '../config/schema.ts'
import { loginLinkStoreOn } from '../storage/login-link-store.ts'
import type { BeforeStatement } from '../storage/node-sqlite.ts'
import { sessionStoreOn } from '../storage/other-stores.ts'
import { makeAccessLines } from './access-line.ts'
import { AccessLog } from './access-log.ts'
import { openAlerting } from './alerting.ts'
import { ownSiteOf } from './autossl/own-site.ts'
import { solveByZone } from './autossl/solvers.ts'
import { CallFigures } from './call-figures.ts'
import { type Certificate, ensureCertificate } from './certificate.ts'
import { storeClockMark } from './clock-mark.ts'
import { type EventLog, makeEventLog } from './event-log.ts'
import type { Exchange } from './exchange.ts'
import { reportFreezeFile, watchFreezeFile } from './freeze-file.ts'
import { startHousekeeping } from './housekeeping.ts'
import type { Listener } from './listener.ts'
import { type LocalDoor, openLocalDoor } from './local-door.ts'
import { metricsOf, openMetricsDoor } from './metrics-door.ts'
import { openRuntime, type Runtime } from './runtime.ts'
import { type OpenService, openService, type ServiceParts, urlOf } from './service.ts'
import { StandardError } from './standard-error.ts'
import { carryOutWaitingWork } from './waiting-work.ts'
import { buildWebIfStale, WEB_FOLDER } from './web-build.ts'
import { openWebFiles, type WebFiles } from './web-files.ts'

/** A server that is up. */
export type RunningServer = {
  readonly runtime: Runtime
  /** `https://HOST:PORT` of the WHM service. */
  readonly url: string
  /** The same of the cPanel service, if it is on. */
  readonly cpanelUrl: string | undefined
  /** Where the metrics are, if they have an address. */
  readonly metricsUrl: string | undefined
  readonly certificate: Certificate
  /** After SIGHUP: the certificate and the log file anew, without losing a call. */
  reload(): Promise<void>
  /** Lets running calls end, writes what waits, and closes. */
  close(): Promise<void>
  /** Does not wait any longer for calls that are still under way; what `close` does after them is done all the same. */
  hasten(): void
}

export type StartOptions = {
  readonly settings: Settings
  readonly log: EventLog
  /** Told at the first start, before anything else can fail: the password is shown once or never. */
  readonly onRootPassword?: (password: string) => void
  /** Told when the secret of the webhook was made at this start. */
  readonly onWebhookSecret?: (secret: string) => void
  readonly wallMs?: () => number
  readonly beforeStatement?: BeforeStatement
  /** The built pages; absent: the server answers calls, and has a plain first page only. */
  readonly web?: WebFiles
}

const GRACE_MS = 8_000

/** Opens everything; resolves when calls are answered. */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const runtime = await openRuntime(options)
  if (runtime.newRootPassword !== undefined) options.onRootPassword?.(runtime.newRootPassword)
  try {
    return await openDoors(runtime, options)
  } catch (error) {
    await runtime.close()
    throw error
  }
}

const NO_WEB = openWebFiles('/nonexistent', Promise.resolve())

async function openDoors(runtime: Runtime, options: StartOptions): Promise<RunningServer> {
  const { settings, log, web = NO_WEB } = options
  const alerting = await openAlerting(runtime, log)
  if (alerting.newWebhookSecret !== undefined) options.onWebhookSecret?.(alerting.newWebhookSecret)
  const certificate = await ensureCertificate(runtime.folder.path, settings.hostname, runtime.clock.nowMs())
  let inUse = certificate
  const holders: Pick<Listener, 'replaceCertificate'>[] = []
  const reloadCertificate = async (): Promise<void> => {
    inUse = await ensureCertificate(runtime.folder.path, settings.hostname, runtime.clock.nowMs())
    for (const holder of holders) holder.replaceCertificate(inUse)
  }
  const own = ownSiteOf({
    settings,
    folder: runtime.folder.path,
    inUse: () => inUse,
    reload: reloadCertificate,
    now: () => runtime.clock.now(),
    // Root's own machine, so any zone of it will do. Anew for each answer, since each has its own time to be seen.
    byZone: (...question) =>
      solveByZone(
        { door: runtime.door, settings, now: () => runtime.clock.now() },
        settings.hostname.toLowerCase(),
        () => true,
      )(...question),
  })
  const accessLog = new AccessLog(join(runtime.folder.path, 'logs/access.log'), makeAccessLines(), (error) =>
    log.warn({ error }, 'the access log cannot be written'),
  )
  const figures = new CallFigures()
  const keepsLines = settings.accessLog === 'on'
  const accessLine = (answered: Exchange): void => {
    figures.note(answered.status, answered.tookMs)
    if (keepsLines) accessLog.add(answered)
  }
  const metrics = metricsOf(runtime, figures)
  await carryOutWaitingWork(runtime, log)
  // Also a server that is killed before the first minute is over has judged by this time.
  await storeClockMark(runtime.storage, runtime.clock.nowMs()).catch((error: unknown) =>
    log.warn({ error }, 'the clock mark could not be stored'),
  )
  runtime.protection.start()
  const shared = { door: runtime.door, log, accessLine, nowMs: () => runtime.clock.nowMs() }
  const local = await openLocalDoor(runtime, shared, metrics)
  const freezeFile = watchFreezeFile(runtime.folder.path, (isThere) => reportFreezeFile(runtime, log, isThere))
  const isFrozenByFile = freezeFile.isThere
  const warnings = (): readonly string[] => [
    ...(accessLog.isTroubled ? ['access-log'] : []),
    ...(runtime.protection.isLogTroubled ? ['auth-log'] : []),
    ...(runtime.clock.behindMs() > 0 ? ['clock'] : []),
  ]
  const services = await openServices(local, {
    runtime,
    settings,
    log,
    certificate,
    shared,
    web,
    isFrozenByFile,
    warnings,
  })
  const metricsDoor = await openMetricsDoor(settings, metrics, certificate, log).catch(async (error: unknown) => {
    await closeDoors(services.cpanel === undefined ? [services.whm] : [services.whm, services.cpanel], local, 0)
    throw error
  })
  const { whm, cpanel } = services
  const all = cpanel === undefined ? [whm] : [whm, cpanel]
  // So that a warning ends when its cause does, also where nobody calls.
  const look = setInterval(() => accessLog.isTroubled && accessLog.look(), 1000).unref()
  const sweep = setInterval(() => void dropEndedSessions(runtime, settings, log), 60_000).unref()
  await alerting.start()
  const endHousekeeping = startHousekeeping(runtime, log)
  holders.push(...all, ...(metricsDoor === undefined ? [] : [metricsDoor]))
  runtime.autossl.start(own)
  return {
    runtime,
    url: urlOf(whm.listener),
    cpanelUrl: cpanel && urlOf(cpanel.listener),
    metricsUrl: metricsDoor && `${urlOf(metricsDoor)}/metrics`,
    certificate,
    async reload() {
      accessLog.reopen()
      runtime.protection.reopenLog()
      await reloadCertificate()
    },
    async close() {
      clearInterval(sweep)
      clearInterval(look)
      freezeFile.close()
      endHousekeeping()
      await Promise.all([closeDoors(all, local, GRACE_MS), metricsDoor?.close(GRACE_MS), runtime.autossl.close()])
      await alerting.close()
      await accessLog.close()
      await runtime.close()
    },
    hasten() {
      for (const { listener } of all) listener.cut()
      local.cut()
    },
  }
}

/** The WHM service and, unless it is off, the cPanel one. Where one cannot listen, nothing stays open. */
async function openServices(
  local: LocalDoor,
  parts: ServiceParts,
): Promise<{ readonly whm: OpenService; readonly cpanel: OpenService | undefined }> {
  const { listen, cpanelListen } = parts.settings
  const opened: OpenService[] = []
  try {
    const whm = await openService('whm', listen, parts)
    opened.push(whm)
    const cpanel = cpanelListen === 'off' ? undefined : await openService('cpanel', cpanelListen, parts)
    return { whm, cpanel }
  } catch (error) {
    await closeDoors(opened, local, 0)
    throw error
  }
}

async function closeDoors(services: readonly OpenService[], local: LocalDoor, graceMs: number): Promise<void> {
  await Promise.all([local.close(graceMs), ...services.map(({ listener }) => listener.close(graceMs))])
  for (const { pages } of services) await pages.close()
}

async function dropEndedSessions(
  { storage, clock, ledger }: Runtime,
  settings: Settings,
  log: EventLog,
): Promise<void> {
  const nowMs = clock.nowMs()
  const idleBefore = new Date(nowMs - settings.sessionIdleMinutes * 60_000)
  const createdBefore = new Date(nowMs - settings.sessionMaxHours * 3_600_000)
  try {
    await ledger.flush()
    await storage.writeUsage(async (trx) => {
      await sessionStoreOn(trx).removeEnded(idleBefore, createdBefore)
      await loginLinkStoreOn(trx).removeEnded(new Date(nowMs))
    })
  } catch (error) {
    log.warn({ error }, 'ended sessions could not be removed')
  }
}

/** Runs until a signal ends it; prints what a person needs, and one line `ready https://HOST:PORT` that scripts wait for. */
export async function serve(settings: Settings): Promise<void> {
  const log = makeEventLog()
  // Whoever started the server may stop listening to it.
  process.stdout.on('error', () => {})
  const onRootPassword = (password: string): void =>
    void process.stdout.write(`Password of root, shown this once: ${password}\n`)
  const onWebhookSecret = (secret: string): void =>
    void process.stdout.write(`Secret that signs the webhook, shown this once: ${secret}\n`)
  // On standard error: what stands on standard output is read by scripts.
  const stderr = new StandardError()
  const build = buildWebIfStale((line) => stderr.write(`${line}\n`))
  process.on('exit', build.stop)
  const web = openWebFiles(WEB_FOLDER, build.done)
  const server = await startServer({ settings, log, onRootPassword, onWebhookSecret, web }).catch((error: unknown) => {
    // It would keep this process from ending.
    build.stop()
    throw error
  })
  let signals = 0
  const end = (): void => {
    signals += 1
    // A second signal does not wait for calls that are still under way; a third not even for the disk.
    if (signals === 2) server.hasten()
    if (signals === 3) process.exit(1)
    if (signals > 1) return
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ error }, 'the end was not clean')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
  process.on(
    'SIGHUP',
    () =>
      void server
        .reload()
        .catch((error: unknown) => log.error({ error }, 'the reload failed; everything stays as it was')),
  )
  process.on('uncaughtException', (error) => {
    log.error({ error }, 'an error that nothing caught')
    process.exit(1)
  })
  // Last: whoever waits for the ready line may send a signal at once.
  printStart(server)
}

function printStart({ url, runtime, certificate, cpanelUrl }: RunningServer): void {
  const lines = [`Postern answers WHM API 1 at ${url}`, `Data folder: ${runtime.folder.path}`]
  if (cpanelUrl !== undefined) lines.push(`cPanel service at ${cpanelUrl}`)
  if (certificate.selfSigned) lines.push(`The certificate is self-signed: SHA-256 ${certificate.fingerprint256}`)
  if (runtime.newRootPassword !== undefined) {
    lines.push(
      '',
      'Make a first token (asks for that password):',
      `  curl -k -u root '${url}/json-api/api_token_create?api.version=1&token_name=monitor&acl=list-accts&acl-1=basic-whm-functions'`,
    )
  }
  process.stdout.write(`${lines.join('\n')}\n\nready ${url}\n`)
}
