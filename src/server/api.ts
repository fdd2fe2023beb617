/**
 * `/json-api/…`, `/execute/…` and `/xml-api/…` on `node:https`, before Fastify: nearly all calls come here, and the strictness of the
 * wire (two credentials, odd methods and bodies, paths that only resemble a function) is decided here and not by a framework. Each
 * request goes limits → credential → body → `call()`; this file has the one `catch`, and the replies' bytes come from `whm/reply.ts`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Caller } from '../acl/caller.ts'
import { Failure } from '../failures.ts'
import { call, type Door } from '../functions/call.ts'
import type { WhmFunction } from '../functions/define.ts'
import { type Arguments, decodeBody, decodeQuery, mergeArguments, NO_ARGUMENTS } from '../whm/arguments.ts'
import { maskSecrets } from '../whm/mask.ts'
import { applyOutputControls, type OutputControls, readOutputControls } from '../whm/output-controls.ts'
import {
  type ApiVersion,
  accessDeniedBody,
  failureBody,
  noCredentialsBody,
  type Outcome,
  successBody,
  uapiBody,
  unknownFunctionBody,
} from '../whm/reply.ts'
import { parseTarget, type Target } from '../whm/request-target.ts'
import type { AccessLineFacts } from './access-line.ts'
import type { Authenticated, Authentication, ClientOf, Refused } from './authenticate.ts'
import { type Connection, connectionOf, KEEP_ALIVE_SECONDS } from './connection.ts'
import type { EventLog } from './event-log.ts'
import { discardBody, isBodyLeft, readBody } from './request-body.ts'
import { type RequestHead, readHead } from './request-head.ts'

export type ApiParts = {
  readonly door: Door
  readonly log: EventLog
  nowMs(): number
  /** Where the call comes from, and who calls; the local socket has its own. */
  clientOf(socket: Socket, head: RequestHead): ClientOf
  authenticate(
    socket: Socket,
    head: RequestHead,
    client: ClientOf,
    securityToken: string | undefined,
    nowMs: number,
  ): Authentication | Promise<Authentication>
  /** Told of each token call that was let in. */
  onTokenCall(authenticated: Authenticated, nowMs: number): void
  onRefused(
    refused: Refused,
    request: { readonly requestId: string; readonly functionName: string; readonly client: ClientOf },
  ): void
  /** Told of each reply; undefined when the access log is switched off. */
  readonly accessLine: ((facts: AccessLineFacts) => void) | undefined
}

/** Bodies above this are refused (after the credential was checked). */
export const BODY_MAX_BYTES = 1024 * 1024
const CALL_MAX_MS = 30_000
const KEPT_HEAD_LINES = 40
const KEPT_URL_LENGTH = 200

type Exchange = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly head: RequestHead
  readonly target: Target
  readonly query: Arguments | undefined
  readonly requestId: string
  readonly nowMs: number
  readonly startedMs: number
  client: ClientOf | undefined
  caller: Caller | undefined
  version: ApiVersion
}

const JSON_HEADERS = [
  'content-type',
  'application/json; charset=utf-8',
  'cache-control',
  'no-store',
  'x-content-type-options',
  'nosniff',
] as const
// Observed at WHM: a refused credential is answered as plain text that holds JSON, and the connection closed.
const REFUSED_HEADERS = [
  'content-type',
  'text/plain; charset="utf-8"',
  'cache-control',
  'no-store',
  'x-content-type-options',
  'nosniff',
] as const

/**
 * Says whether the request is for the functions; what is not goes to the pages. A credential in the header is for the functions
 * wherever it was sent, so that a misspelt path gives its owner a 404 and a stranger a refusal, and not a page to sign in.
 */
export function isForFunctions(request: IncomingMessage): boolean {
  const url = request.url ?? ''
  if (isApiPath(url)) return true
  return (request.headers.authorization ?? '').trim() !== '' && !PAGES.test(url)
}

const PAGES = /^\/(cpsess[0-9]*\/?|healthz|login\/?|logout\/?)?(\?|$)/

/** Says whether the path is one of the functions. */
export function isApiPath(url: string): boolean {
  const path = url.startsWith('/cpsess') ? url.slice(Math.max(1, url.indexOf('/', 1))) : url
  return path.startsWith('/json-api') || path.startsWith('/execute') || path.startsWith('/xml-api')
}

export function makeApiHandler(parts: ApiParts): (request: IncomingMessage, response: ServerResponse) => void {
  const nextRequestId = makeRequestIds()
  return (request, response) => {
    const exchange = open(request, response, nextRequestId(), parts.nowMs())
    try {
      const { socket } = request
      const client = parts.clientOf(socket, exchange.head)
      exchange.client = client
      refuseBadHead(exchange)
      const authentication = parts.authenticate(
        socket,
        exchange.head,
        client,
        exchange.target.securityToken,
        exchange.nowMs,
      )
      if (authentication instanceof Promise) {
        authentication
          .then((result) => proceed(parts, exchange, result))
          .catch((error: unknown) => fail(parts, exchange, error))
      } else {
        proceed(parts, exchange, authentication)
      }
    } catch (error) {
      fail(parts, exchange, error)
    }
  }
}

function open(request: IncomingMessage, response: ServerResponse, requestId: string, nowMs: number): Exchange {
  const url = request.url ?? ''
  const connection = connectionOf(request.socket)
  const last = connection.target?.url === url ? connection.target : undefined
  return {
    request,
    response,
    head: headOf(connection, request.rawHeaders),
    target: last?.read ?? parseTarget(url),
    query: last?.query,
    requestId,
    nowMs,
    startedMs: performance.now(),
    client: undefined,
    caller: undefined,
    version: 1,
  }
}

function headOf(connection: Connection, lines: readonly string[]): RequestHead {
  if (connection.head !== undefined && isSameText(connection.head.lines, lines)) return connection.head.read
  const read = readHead(lines)
  // Only short heads are worth keeping: they are what clients repeat.
  connection.head = lines.length <= KEPT_HEAD_LINES ? { lines, read } : undefined
  return read
}

function isSameText(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false
  return true
}

function refuseBadHead({ request, head }: Exchange): void {
  if (head.authorizationLines > 1)
    throw new Failure('request-malformed', { problem: 'it holds more than one Authorization line' })
  if (request.method !== 'GET' && request.method !== 'POST') throw new Failure('method-not-allowed')
}

function proceed(parts: ApiParts, exchange: Exchange, authentication: Authentication): void {
  if (authentication.kind === 'none') {
    send(parts, exchange, 401, JSON_HEADERS, noCredentialsBody())
    return
  }
  if (authentication.kind === 'refused') {
    parts.onRefused(authentication, {
      requestId: exchange.requestId,
      functionName: functionNameOf(exchange.target),
      client: loadClient(exchange),
    })
    send(parts, exchange, 403, REFUSED_HEADERS, accessDeniedBody())
    return
  }
  exchange.caller = authentication.caller
  if (authentication.token !== undefined) parts.onTokenCall(authentication, exchange.nowMs)
  const isGet = exchange.request.method === 'GET'
  // A body that is sent in chunks can have trailers, and in them a second credential.
  if (isGet && exchange.head.transferEncoding === undefined) {
    answer(parts, exchange, authentication.caller, queryOf(exchange))
    return
  }
  readBody(exchange.request, exchange.response, exchange.head, BODY_MAX_BYTES)
    .then((bytes) => {
      const body = isGet || bytes.length === 0 ? NO_ARGUMENTS : decodeBody(bytes, exchange.head.contentType)
      answer(parts, exchange, authentication.caller, mergeArguments(queryOf(exchange), body))
    })
    .catch((error: unknown) => fail(parts, exchange, error))
}

function queryOf(exchange: Exchange): Arguments {
  if (exchange.query !== undefined) return exchange.query
  const query = decodeQuery(exchange.target.rawQuery)
  const url = exchange.request.url ?? ''
  if (url.length <= KEPT_URL_LENGTH)
    connectionOf(exchange.request.socket).target = { url, read: exchange.target, query }
  return query
}

function answer(parts: ApiParts, exchange: Exchange, caller: Caller, args: Arguments): void {
  const { target } = exchange
  if (target.surface === 'execute') {
    send(
      parts,
      exchange,
      200,
      JSON_HEADERS,
      uapiBody({ status: 0, errors: [uapiMissing(target.shownName, target.module)] }),
    )
    return
  }
  if (target.surface !== 'json-api') throw new Failure('not-found')
  exchange.version = versionOf(args)
  // Read before the call: a bad control must not spoil the reply of a change that was made.
  const controls = readOutputControls(args)
  const outcome = call(parts.door, caller, {
    functionName: target.functionName ?? maskSecrets(target.shownName),
    args,
    requestId: exchange.requestId,
    now: new Date(exchange.nowMs),
    notes: notesOf(exchange),
  })
  if (outcome instanceof Promise) {
    withinTime(outcome)
      .then((done) => reply(parts, exchange, done, controls))
      .catch((error: unknown) => fail(parts, exchange, error))
  } else {
    reply(parts, exchange, outcome, controls)
  }
}

function reply(parts: ApiParts, exchange: Exchange, outcome: Outcome, controls: OutputControls | undefined): void {
  const definition = parts.door.byName.get(functionNameOf(exchange.target))
  if (definition === undefined) throw new Error('a function answered that is not in the catalogue')
  const isShaped = controls !== undefined && definition.effect === 'read'
  const shaped = isShaped ? { ...outcome, ...applyOutputControls(controls, outcome.data) } : outcome
  const shown = definition.effect === 'read' ? withWarning(exchange, definition, shaped) : shaped
  send(parts, exchange, 200, JSON_HEADERS, successBody(exchange.version, definition, shown))
}

/**
 * A look-up by a live secret in the query string is answered with a warning. Changes are not: nearly every client sends passwords of
 * new accounts that way (observed) and reads the reply closely.
 */
function withWarning(exchange: Exchange, { params }: WhmFunction, outcome: Outcome): Outcome {
  let sent: string | undefined
  for (const name in params) if (params[name]?.secret && queryOf(exchange).values.has(name)) sent = name
  if (sent === undefined) return outcome
  const warning = `The argument “${sent}” is secret and came in the query string, which may be logged on its way. Send it by POST.`
  return { ...outcome, warnings: [...(outcome.warnings ?? []), warning] }
}

function fail(parts: ApiParts, exchange: Exchange, error: unknown): void {
  const failure = error instanceof Failure ? error : new Failure('internal', { requestId: exchange.requestId })
  if (failure !== error)
    parts.log.error(
      { requestId: exchange.requestId, function: functionNameOf(exchange.target), error },
      'a call failed',
    )
  if (exchange.response.headersSent || exchange.response.destroyed) {
    exchange.response.destroy()
    return
  }
  // A caller who was let in at the door and refused inside the transaction sees what any refused credential sees.
  if (failure.code === 'access-denied') {
    send(parts, exchange, 403, REFUSED_HEADERS, accessDeniedBody())
    return
  }
  send(parts, exchange, failure.http, headersFor(failure), failureText(parts, exchange, failure))
}

function failureText(parts: ApiParts, { target, version }: Exchange, failure: Failure): string {
  if (target.surface === 'execute') return uapiBody({ status: 0, errors: [failure.message] })
  if (failure.code === 'unknown-function' && 'shownName' in target) {
    return unknownFunctionBody(version, target.shownName, failure.message)
  }
  return failureBody(version, parts.door.byName.get(functionNameOf(target)), failure.message)
}

function headersFor(failure: Failure): readonly string[] {
  if (failure.http === 405) return [...JSON_HEADERS, 'allow', 'GET, POST']
  return failure.http === 503 ? [...JSON_HEADERS, 'retry-after', '1'] : JSON_HEADERS
}

function send(parts: ApiParts, exchange: Exchange, status: number, headers: readonly string[], body: string): void {
  const { request, response, head } = exchange
  const length = Buffer.byteLength(body)
  const isCut = status >= 400 && isBodyLeft(request, head)
  if (isCut || headers === REFUSED_HEADERS || endsConnection(status)) response.shouldKeepAlive = false
  const lines =
    headers === JSON_HEADERS && response.shouldKeepAlive
      ? jsonHeaders(length)
      : [...headers, 'content-length', String(length)]
  if (headers === REFUSED_HEADERS) response.writeHead(403, 'Forbidden Access denied', lines)
  else response.writeHead(status, lines)
  if (isCut) discardBody(request, response, body)
  // As many bytes as characters means ASCII, which latin1 sends as it is and faster than UTF-8 does.
  else response.end(body, length === body.length ? 'latin1' : 'utf8')
  parts.accessLine?.(accessFacts(exchange, status, length))
}

// Clients that reuse connections stop doing so before the server closes them.
const KEEP_ALIVE = ['keep-alive', `timeout=${KEEP_ALIVE_SECONDS}`] as const

/** The head of most replies, made once for each length. */
const headersByLength: string[][] = []
function jsonHeaders(length: number): string[] {
  if (length >= 1024) return [...JSON_HEADERS, 'content-length', String(length), ...KEEP_ALIVE]
  headersByLength[length] ??= [...JSON_HEADERS, 'content-length', String(length), ...KEEP_ALIVE]
  return headersByLength[length]
}

/** Where the borders of a request are in doubt, the next one could be mistaken for a part of it. */
function endsConnection(status: number): boolean {
  return status === 400 || status === 405 || (status >= 411 && status < 500)
}

function accessFacts(exchange: Exchange, status: number, bytes: number): AccessLineFacts {
  return {
    nowMs: exchange.nowMs,
    requestId: exchange.requestId,
    tookMs: performance.now() - exchange.startedMs,
    from: exchange.client?.addressText ?? '',
    caller: exchange.caller,
    method: exchange.request.method,
    functionName: functionNameOf(exchange.target),
    status,
    bytes,
  }
}

function functionNameOf(target: Target): string {
  if (target.surface === 'other') return ''
  if (target.surface === 'execute') return target.shownName
  return target.functionName ?? target.shownName
}

function loadClient(exchange: Exchange): ClientOf {
  if (exchange.client === undefined) throw new Error('the client is known before its credential')
  return exchange.client
}

/** Absent or 0 asks for WHM API 0; every other version is answered as 1 (clients send 2 and read 1's shape, observed). */
function versionOf(args: Arguments): ApiVersion {
  const version = args.values.get('api.version')?.[0]
  return version === undefined || version === '0' || version === '' ? 0 : 1
}

const NO_NOTES = {}

function notesOf({ client }: Exchange): Readonly<Record<string, readonly string[]>> {
  return client === undefined || client.ignoredHeaders.length === 0
    ? NO_NOTES
    : { ignored_headers: client.ignoredHeaders }
}

// UAPI, unknown module (observed text); no module is served yet.
function uapiMissing(shownName: string, module: string | undefined): string {
  return `Failed to load module “Cpanel::API::${module ?? maskSecrets(shownName)}”: it is not served here.`
}

function withinTime<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Failure('timed-out')), CALL_MAX_MS)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** Ids that do not repeat over restarts: the start's random part and a counter. */
function makeRequestIds(): () => string {
  const start = crypto.randomUUID().slice(0, 8)
  let count = 0
  return () => `${start}-${count++}`
}
