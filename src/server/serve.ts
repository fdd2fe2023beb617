/** `postern serve`: listeners in front of the door, what is printed at the start, signals, and the end. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Service } from '../accounts/sessions.ts'
import { formatListen, parseListen } from '../config/listen.ts'
import type { Settings } from '../config/schema.ts'
import type { Door } from '../functions/call.ts'
import { CPANEL_SERVICE_CATALOGUE, indexCatalogue } from '../functions/catalogue.ts'
import { accountNamedIn } from '../functions/uapi/account-named.ts'
import { loginLinkStoreOn } from '../storage/login-link-store.ts'
import type { BeforeStatement } from '../storage/node-sqlite.ts'
import { sessionStoreOn } from '../storage/other-stores.ts'
import type { Target } from '../whm/request-target.ts'
import { makeAccessLines } from './access-line.ts'
import { AccessLog } from './access-log.ts'
import { openAlerting } from './alerting.ts'
import { isForFunctions, makeApiHandler } from './api.ts'
import { SERVICE_NAMES } from './attempts.ts'
import { type AuthenticateParts, authenticate, clientOf } from './authenticate.ts'
import { ownSiteOf } from './autossl/own-site.ts'
import { solveByZone } from './autossl/solvers.ts'
import { isCalendar, makeCalendarFeed } from './calendar-feed.ts'
import { CallFigures } from './call-figures.ts'
import { type Certificate, ensureCertificate } from './certificate.ts'
import { type EventLog, makeEventLog } from './event-log.ts'
import type { Exchange } from './exchange.ts'
import { makeFirstUse } from './first-use.ts'
import { closedByFile, watchFreezeFile } from './freeze-file.ts'
import { startHousekeeping } from './housekeeping.ts'
import { type Listener, openListener } from './listener.ts'
import { type LocalDoor, openLocalDoor } from './local-door.ts'
import { metricsOf, openMetricsDoor } from './metrics-door.ts'
import { makeOpenapiDocument } from './openapi-document.ts'
import { makePages, type Pages } from './pages.ts'
import type { PlainRequest } from './plain-http.ts'
import { refusalEntry } from './refusals.ts'
import { readHead } from './request-head.ts'
import { openRuntime, type Runtime } from './runtime.ts'
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
    // Root's own machine, so any zone of it will do.
    byZone: solveByZone(
      { door: runtime.door, settings, now: () => runtime.clock.now() },
      settings.hostname.toLowerCase(),
      () => true,
    ),
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
  runtime.protection.start()
  const shared = { door: runtime.door, log, accessLine, nowMs: () => runtime.clock.nowMs() }
  const local = await openLocalDoor(runtime, shared, metrics)
  const freezeFile = watchFreezeFile(runtime.folder.path, (isThere) => reportFreezeFile(runtime, log, isThere))
  const isFrozenByFile = freezeFile.isThere
  const warnings = (): readonly string[] => [
    ...(accessLog.isTroubled ? ['access-log'] : []),
    ...(runtime.protection.isLogTroubled ? ['auth-log'] : []),
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

type OpenService = {
  readonly listener: Listener
  readonly pages: Pages
  replaceCertificate(pair: Certificate): void
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

type ServiceParts = {
  readonly runtime: Runtime
  readonly settings: Settings
  readonly log: EventLog
  readonly certificate: Certificate
  readonly shared: Pick<Parameters<typeof makeApiHandler>[0], 'door' | 'log' | 'accessLine' | 'nowMs'>
  readonly web: WebFiles
  isFrozenByFile(): boolean
  warnings(): readonly string[]
}

async function openService(
  service: Service,
  listen: string,
  { runtime, settings, log, certificate, shared, web, isFrozenByFile, warnings }: ServiceParts,
): Promise<OpenService> {
  const { protection } = runtime
  const parts: AuthenticateParts = {
    service,
    stores: runtime.stores,
    peppers: runtime.folder.pepper,
    passwords: runtime.passwords,
    tokens: runtime.tokens,
    ledger: runtime.ledger,
    clock: runtime.clock,
    isAlwaysAllowed: runtime.isAlwaysAllowed,
    isTrustedProxy: runtime.isTrustedProxy,
    guard: runtime.protection.guard,
    sessionLimits: { idleMs: settings.sessionIdleMinutes * 60_000, overallMs: settings.sessionMaxHours * 3_600_000 },
    isFrozenByFile,
    onFirstUse: makeFirstUse(runtime.door.write, log),
  }
  // WHM: its functions cannot be called at the cPanel service (documented), whoever calls.
  const catalogue = service === 'whm' ? runtime.door.catalogue : CPANEL_SERVICE_CATALOGUE
  const served = { ...runtime.door, catalogue, byName: indexCatalogue(catalogue) }
  const door = closedByFile(served, isFrozenByFile)
  let origin = ''
  let inUse = certificate
  const pages = await makePages({
    door,
    service,
    protection,
    authenticate: parts,
    log,
    health: () => runtime.storage.health(),
    warnings,
    origin: () => origin,
    certificate: () => inUse,
    web,
  })
  const handleApi = makeApiHandler({
    ...shared,
    door,
    openapi: makeOpenapiDocument(door.catalogue, door.uapi),
    accountNamed: (_caller, args) => (service === 'whm' ? accountNamedIn(args) : { by: 'caller' }),
    clientOf: (socket, head) => clientOf(parts, socket, head),
    authenticate: (socket, head, client, securityToken, nowMs) =>
      authenticate(parts, socket, head, client, securityToken, nowMs),
    onTokenCall: ({ token, caller }, target, nowMs) => {
      if (token !== undefined) runtime.ledger.markToken(token.use, nowMs, caller.address ?? '', knownName(door, target))
    },
    onRefused: (refused, request) => {
      const at = runtime.clock.now()
      door.trail(refusalEntry(refused, { ...request, at }))
      protection.refused(refused, SERVICE_NAMES[service], at)
    },
    onBarred: (barred, nowMs) => protection.barred(barred, SERVICE_NAMES[service], nowMs),
  })
  const calendar = makeCalendarFeed({
    stores: runtime.stores,
    hostname: settings.hostname,
    log,
    protection,
    isFrozenByFile,
    now: () => runtime.clock.now(),
    clientOf: (request) => clientOf(parts, request.socket, readHead(request.rawHeaders)),
    trail: door.trail,
    url: () => origin,
  })
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    if (isForFunctions(request)) {
      handleApi(request, response)
      return
    }
    if (request.headers.expect !== undefined) response.writeContinue()
    if (service === 'whm' && isCalendar(request.url ?? '')) calendar(request, response)
    else pages.handle(request, response)
  }
  const listener = await openListener({
    listen: parseListen(listen),
    cert: certificate.cert,
    key: certificate.key,
    maxConnections: settings.maxConnections,
    maxConnectionsPerAddress: settings.maxConnectionsPerAddress,
    redirectHost: undefined,
    handle,
    onPlainRequest: (request) => reportPlainRequest(runtime, log, request),
    mayConnect: ({ address }) => protection.guard.mayConnect(address, runtime.clock.nowMs()),
    onDrop: dropReporter(log),
  })
  origin = urlOf(EVERY_ADDRESS.has(listener.host) ? { ...listener, host: settings.hostname } : listener)
  runtime.origins.set(service, origin)
  return {
    listener,
    pages,
    replaceCertificate(pair) {
      listener.replaceCertificate(pair)
      inUse = pair
    },
  }
}

/** Whoever can write into the data folder is root on the machine, as on the local socket. */
function reportFreezeFile({ door, clock }: Runtime, log: EventLog, isThere: boolean): void {
  const what = isThere ? 'the freeze file is there: only the local socket is answered' : 'the freeze file is gone'
  log.warn({}, what)
  door.trail({
    at: clock.now(),
    requestId: '',
    caller: 'root',
    credential: 'local',
    tokenId: undefined,
    tokenName: undefined,
    address: undefined,
    function: 'freeze-file',
    target: '',
    outcome: 'done',
    reason: what,
    details: {},
  })
}

const UNKNOWN_FUNCTION = '(unknown)'

/** As the catalogue writes it; what is in no catalogue has no name, so that nobody fills the ledger with made-up ones. */
function knownName({ byName, uapi }: Door, target: Target): string {
  if (target.surface === 'json-api' || target.surface === 'xml-api')
    return byName.get(target.functionName ?? '')?.name ?? UNKNOWN_FUNCTION
  if (target.surface !== 'execute') return UNKNOWN_FUNCTION
  const name = `${target.module}::${target.function}`
  return uapi.byName.has(name) ? name : UNKNOWN_FUNCTION
}

/** One line for all that was dropped within a second: a flood of connections must not become a flood of lines. */
function dropReporter(log: EventLog): (reason: string) => void {
  const counts = new Map<string, number>()
  return (reason) => {
    if (counts.size === 0) {
      setTimeout(() => {
        log.warn({ dropped: Object.fromEntries(counts) }, 'connections were dropped')
        counts.clear()
      }, 1_000).unref()
    }
    counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
}

/** A credential that crossed the network in clear should be replaced, so the trail names whose it was. */
function reportPlainRequest(runtime: Runtime, log: EventLog, { peer, claimedUser }: PlainRequest): void {
  log.warn({ from: peer.addressText, credential: claimedUser !== undefined }, 'a request came in clear, without TLS')
  if (claimedUser === undefined) return
  const client = { address: peer.address, addressText: peer.addressText, ignoredHeaders: [] }
  const refused = {
    kind: 'refused',
    refusal: 'sent-in-clear',
    claimedUser,
    tokenId: undefined,
    tokenName: undefined,
    address: peer.addressText,
    sentScheme: undefined,
    isSignIn: false,
  } as const
  const at = runtime.clock.now()
  runtime.door.trail(refusalEntry(refused, { requestId: '', functionName: '', client, at }))
  runtime.protection.refused(refused, SERVICE_NAMES.whm, at)
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

/** Where a listener has no address of its own, links name the host. */
const EVERY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

function urlOf(listener: Pick<Listener, 'host' | 'port'>): string {
  return `https://${formatListen(listener)}`
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
