/** `postern serve`: listeners in front of the door, what is printed at the start, signals, and the end. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Service } from '../accounts/sessions.ts'
import { formatListen, parseListen } from '../config/listen.ts'
import type { Settings } from '../config/schema.ts'
import type { BeforeStatement } from '../storage/node-sqlite.ts'
import { sessionStoreOn } from '../storage/other-stores.ts'
import { AccessLog } from './access-log.ts'
import { isApiPath, makeApiHandler } from './api.ts'
import { type AuthenticateParts, authenticate, clientOf } from './authenticate.ts'
import { type Certificate, ensureCertificate } from './certificate.ts'
import { type EventLog, makeEventLog } from './event-log.ts'
import { type Listener, openListener } from './listener.ts'
import { openLocalDoor } from './local-door.ts'
import { makePages } from './pages.ts'
import type { PlainRequest } from './plain-http.ts'
import { refusalEntry } from './refusals.ts'
import { openRuntime, type Runtime } from './runtime.ts'

/** A server that is up. */
export type RunningServer = {
  readonly runtime: Runtime
  /** `https://HOST:PORT` of the WHM service. */
  readonly url: string
  /** The same of the cPanel service, if it is on. */
  readonly cpanelUrl: string | undefined
  readonly certificate: Certificate
  /** After SIGHUP: the certificate and the log file anew, without losing a call. */
  reload(): Promise<void>
  /** Lets running calls end, writes what waits, and closes. */
  close(): Promise<void>
}

export type StartOptions = {
  readonly settings: Settings
  readonly log: EventLog
  readonly wallMs?: () => number
  readonly beforeStatement?: BeforeStatement
}

const GRACE_MS = 8_000

/** Opens everything; resolves when calls are answered. */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const { settings, log } = options
  const runtime = await openRuntime(options)
  try {
    return await openDoors(runtime, settings, log)
  } catch (error) {
    await runtime.close()
    throw error
  }
}

async function openDoors(runtime: Runtime, settings: Settings, log: EventLog): Promise<RunningServer> {
  const certificate = await ensureCertificate(runtime.folder.path, settings.hostname, runtime.clock.nowMs())
  const accessLog = new AccessLog(join(runtime.folder.path, 'logs/access.log'), (error) =>
    log.warn({ error }, 'the access log cannot be written'),
  )
  const accessLine = settings.accessLog === 'on' ? (line: string) => accessLog.add(line) : undefined
  await carryOutWaitingWork(runtime, log)
  const shared = { door: runtime.door, log, accessLine, nowMs: () => runtime.clock.nowMs() }
  const local = await openLocalDoor(runtime, shared)
  const whm = await openService('whm', settings.listen, { runtime, settings, log, certificate, shared })
  const cpanel =
    settings.cpanelListen === 'off'
      ? undefined
      : await openService('cpanel', settings.cpanelListen, { runtime, settings, log, certificate, shared })
  const services = cpanel === undefined ? [whm] : [whm, cpanel]
  const sweep = setInterval(() => void dropEndedSessions(runtime, settings, log), 60_000).unref()
  return {
    runtime,
    url: urlOf(whm.listener),
    cpanelUrl: cpanel && urlOf(cpanel.listener),
    certificate,
    async reload() {
      const pair = await ensureCertificate(runtime.folder.path, settings.hostname, runtime.clock.nowMs())
      for (const { listener } of services) listener.replaceCertificate(pair)
      accessLog.reopen()
    },
    async close() {
      clearInterval(sweep)
      await Promise.all(services.map(({ listener }) => listener.close(GRACE_MS)))
      for (const { pages } of services) await pages.close()
      await local.close()
      accessLog.close()
      await runtime.close()
    },
  }
}

type ServiceParts = {
  readonly runtime: Runtime
  readonly settings: Settings
  readonly log: EventLog
  readonly certificate: Certificate
  readonly shared: Pick<Parameters<typeof makeApiHandler>[0], 'door' | 'log' | 'accessLine' | 'nowMs'>
}

async function openService(
  service: Service,
  listen: string,
  { runtime, settings, log, certificate, shared }: ServiceParts,
) {
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
    sessionLimits: { idleMs: settings.sessionIdleMinutes * 60_000, overallMs: settings.sessionMaxHours * 3_600_000 },
  }
  let origin = ''
  const pages = await makePages({
    door: runtime.door,
    service,
    authenticate: parts,
    log,
    health: () => runtime.storage.health(),
    origin: () => origin,
  })
  const handleApi = makeApiHandler({
    ...shared,
    clientOf: (socket, head) => clientOf(parts, socket, head),
    authenticate: (socket, head, client, securityToken) => authenticate(parts, socket, head, client, securityToken),
    onTokenCall: ({ token, caller }, nowMs) => {
      if (token !== undefined) runtime.ledger.markToken(token.use, nowMs, caller.address ?? '')
    },
    onRefused: (refused, request) => runtime.door.trail(refusalEntry(refused, { ...request, at: runtime.clock.now() })),
  })
  const handle = (request: IncomingMessage, response: ServerResponse): void =>
    isApiPath(request.url ?? '') ? handleApi(request, response) : pages.handle(request, response)
  const listener = await openListener({
    listen: parseListen(listen),
    cert: certificate.cert,
    key: certificate.key,
    maxConnections: settings.maxConnections,
    maxConnectionsPerAddress: settings.maxConnectionsPerAddress,
    redirectHost: undefined,
    handle,
    onPlainRequest: (request) => reportPlainRequest(runtime, log, request),
    onDrop: (reason) => log.warn({ reason }, 'a connection was dropped'),
  })
  origin = urlOf(listener)
  return { listener, pages }
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
  } as const
  runtime.door.trail(refusalEntry(refused, { requestId: '', functionName: '', client, at: runtime.clock.now() }))
}

/** What a crash left undone on the machine, and what the machine has or lacks against the database. */
async function carryOutWaitingWork({ door, stores }: Runtime, log: EventLog): Promise<void> {
  await door.runHostTasks(await stores.hostTasks.list())
  const accounts = await stores.accounts.listAccounts(undefined)
  const { made, putAside } = await door.services.host.reconcile(accounts.map((account) => account.home))
  if (made.length > 0 || putAside.length > 0)
    log.warn({ made, putAside }, 'account folders were brought in line with the database')
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
    await storage.writeUsage((trx) => sessionStoreOn(trx).removeEnded(idleBefore, createdBefore))
  } catch (error) {
    log.warn({ error }, 'ended sessions could not be removed')
  }
}

function urlOf(listener: Listener): string {
  return `https://${formatListen(listener)}`
}

/** Runs until a signal ends it; prints what a person needs, and one line `ready https://HOST:PORT` that scripts wait for. */
export async function serve(settings: Settings): Promise<void> {
  const log = makeEventLog()
  const server = await startServer({ settings, log })
  printStart(server)
  let isEnding = false
  const end = (): void => {
    // A second signal does not wait for calls that are still under way.
    if (isEnding) process.exit(1)
    isEnding = true
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
}

function printStart({ url, runtime, certificate, cpanelUrl }: RunningServer): void {
  const lines = [`Postern answers WHM API 1 at ${url}`, `Data folder: ${runtime.folder.path}`]
  if (cpanelUrl !== undefined) lines.push(`cPanel service at ${cpanelUrl}`)
  if (certificate.selfSigned) lines.push(`The certificate is self-signed: SHA-256 ${certificate.fingerprint256}`)
  if (runtime.newRootPassword !== undefined) {
    lines.push(
      '',
      `Password of root, shown this once: ${runtime.newRootPassword}`,
      '',
      'Make a first token (asks for that password):',
      `  curl -k -u root '${url}/json-api/api_token_create?api.version=1&token_name=first&acl=all'`,
    )
  }
  process.stdout.write(`${lines.join('\n')}\n\nready ${url}\n`)
}
