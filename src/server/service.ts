/** One of the two services: its listener, with the functions, the pages and the calendar behind it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Service } from '../accounts/sessions.ts'
import { formatListen, parseListen } from '../config/listen.ts'
import type { Settings } from '../config/schema.ts'
import { CPANEL_SERVICE_CATALOGUE, indexCatalogue } from '../functions/catalogue.ts'
import type { Door } from '../functions/door.ts'
import { accountNamedIn } from '../functions/uapi/account-named.ts'
import type { Target } from '../whm/request-target.ts'
import { makeApiHandler } from './api.ts'
import { isForFunctions } from './api-paths.ts'
import { SERVICE_NAMES } from './attempts.ts'
import { authenticate } from './authenticate.ts'
import type { AuthenticateParts } from './authentication.ts'
import { isCalendar, makeCalendarFeed } from './calendar-feed.ts'
import type { Certificate } from './certificate.ts'
import { clientOf } from './client-address.ts'
import type { EventLog } from './event-log.ts'
import { makeFirstUse } from './first-use.ts'
import { closedByFile } from './freeze-file.ts'
import { type Listener, openListener } from './listener.ts'
import { makeOpenapiDocument } from './openapi-document.ts'
import { makePages, type Pages } from './pages.ts'
import type { PlainRequest } from './plain-http.ts'
import { refusalEntry } from './refusals.ts'
import { readHead } from './request-head.ts'
import type { Runtime } from './runtime.ts'
import type { WebFiles } from './web-files.ts'

export type OpenService = {
  readonly listener: Listener
  readonly pages: Pages
  replaceCertificate(pair: Certificate): void
}

export type ServiceParts = {
  readonly runtime: Runtime
  readonly settings: Settings
  readonly log: EventLog
  readonly certificate: Certificate
  readonly shared: Pick<Parameters<typeof makeApiHandler>[0], 'door' | 'log' | 'accessLine' | 'nowMs'>
  readonly web: WebFiles
  isFrozenByFile(): boolean
  warnings(): readonly string[]
}

/** Resolves when it listens. */
export async function openService(
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

/** Where a listener has no address of its own, links name the host. */
const EVERY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

/** `https://HOST:PORT` */
export function urlOf(listener: Pick<Listener, 'host' | 'port'>): string {
  return `https://${formatListen(listener)}`
}
