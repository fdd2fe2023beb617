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
import type { Authenticated, Authentication, ClientOf, Refused } from './authenticate.ts'
import type { EventLog } from './event-log.ts'
import { readBody } from './request-body.ts'
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
  ): Authentication | Promise<Authentication>
  /** Told of each token call that was let in. */
  onTokenCall(authenticated: Authenticated, nowMs: number): void
  onRefused(
    refused: Refused,
    request: { readonly requestId: string; readonly functionName: string; readonly client: ClientOf },
  ): void
  /** Takes the access line; undefined when it is switched off. */
  readonly accessLine: ((line: string) => void) | undefined
}

/** Bodies above this are refused (after the credential was checked). */
export const BODY_MAX_BYTES = 1024 * 1024
const CALL_MAX_MS = 30_000

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

/** What one connection asked for last: repeated calls are read once. */
const lastTargets = new WeakMap<Socket, { readonly url: string; readonly target: Target; readonly query: Arguments }>()

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
  'connection',
  'close',
] as const

/** Says whether the request is for the functions; what is not goes to the pages. */
export function isApiPath(url: string): boolean {
  const path = url.startsWith('/cpsess') ? url.slice(Math.max(1, url.indexOf('/', 1))) : url
  return path.startsWith('/json-api') || path.startsWith('/execute') || path.startsWith('/xml-api')
}

export function makeApiHandler(parts: ApiParts): (request: IncomingMessage, response: ServerResponse) => void {
  const nextRequestId = makeRequestIds()
  return (request, response) => {
    const exchange = open(request, response, nextRequestId(), parts.nowMs())
    try {
      refuseBadHead(exchange)
      const { socket } = request
      const client = parts.clientOf(socket, exchange.head)
      exchange.client = client
      const authentication = parts.authenticate(socket, exchange.head, client, exchange.target.securityToken)
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
  const last = lastTargets.get(request.socket)
  const isSame = last?.url === url
  return {
    request,
    response,
    head: readHead(request.rawHeaders),
    target: isSame ? last.target : parseTarget(url),
    query: isSame ? last.query : undefined,
    requestId,
    nowMs,
    startedMs: performance.now(),
    client: undefined,
    caller: undefined,
    version: 1,
  }
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
  if (exchange.request.method === 'GET') {
    answer(parts, exchange, authentication.caller, queryOf(exchange))
    return
  }
  if (exchange.request.headers.expect !== undefined) exchange.response.writeContinue()
  readBody(exchange.request, exchange.head, BODY_MAX_BYTES)
    .then((bytes) => {
      const body = bytes.length === 0 ? NO_ARGUMENTS : decodeBody(bytes, exchange.head.contentType)
      answer(parts, exchange, authentication.caller, mergeArguments(queryOf(exchange), body))
    })
    .catch((error: unknown) => fail(parts, exchange, error))
}

function queryOf(exchange: Exchange): Arguments {
  if (exchange.query !== undefined) return exchange.query
  const query = decodeQuery(exchange.target.rawQuery)
  const url = exchange.request.url ?? ''
  // Only short ones are worth keeping: they are what clients repeat.
  if (url.length <= 200) lastTargets.set(exchange.request.socket, { url, target: exchange.target, query })
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
  const shown = isShaped ? { ...outcome, ...applyOutputControls(controls, outcome.data) } : outcome
  send(parts, exchange, 200, JSON_HEADERS, successBody(exchange.version, definition, shown))
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
  if (failure.http === 405) return [...JSON_HEADERS, 'allow', 'GET, POST', 'connection', 'close']
  if (failure.http === 503) return [...JSON_HEADERS, 'retry-after', '1']
  // Where a body may be left unread, the next request on the connection could be mistaken for it.
  return failure.http === 400 || failure.http >= 411 ? [...JSON_HEADERS, 'connection', 'close'] : JSON_HEADERS
}

function send(parts: ApiParts, exchange: Exchange, status: number, headers: readonly string[], body: string): void {
  const { response } = exchange
  const length = Buffer.byteLength(body)
  const lines = [...headers, 'content-length', String(length)]
  if (status === 403 && headers === REFUSED_HEADERS) response.writeHead(403, 'Forbidden Access denied', lines)
  else response.writeHead(status, lines)
  response.end(body)
  parts.accessLine?.(accessLine(exchange, status, length))
}

/** Everything in it is a number, a checked name, or escaped. */
function accessLine(exchange: Exchange, status: number, bytes: number): string {
  const { caller, client, request, target } = exchange
  const token = caller?.credential.kind === 'token' ? `,"token":"${caller.credential.tokenId}"` : ''
  const method = request.method === 'GET' || request.method === 'POST' ? request.method : 'other'
  const ms = (performance.now() - exchange.startedMs).toFixed(2)
  const name =
    'functionName' in target && target.functionName !== undefined
      ? safeName(target.functionName)
      : safeName(functionNameOf(target))
  return `{"time":"${isoTime(exchange.nowMs)}","id":"${exchange.requestId}","from":"${client?.addressText ?? ''}","user":"${caller?.user ?? ''}"${token},"method":"${method}","function":${name},"status":${status},"bytes":${bytes},"ms":${ms}}\n`
}

/** One ISO text serves every line of its millisecond. */
let isoMs = 0
let isoText = ''
function isoTime(ms: number): string {
  if (ms !== isoMs) {
    isoMs = ms
    isoText = new Date(ms).toISOString()
  }
  return isoText
}

function safeName(name: string): string {
  return /^[a-z0-9_]{1,31}$/.test(name) ? `"${name}"` : JSON.stringify(maskSecrets(name))
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
  return () => `${start}-${(count++).toString(36)}`
}
