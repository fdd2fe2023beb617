/**
 * `/json-api/…`, `/execute/…` and `/xml-api/…` on `node:https`, before Fastify: nearly all calls come here, and the strictness of the
 * wire (two credentials, odd methods and bodies, paths that only resemble a function) is decided here and not by a framework. Each
 * request goes limits → credential → body → `call()`; this file has the one `catch`, and the replies' bytes come from `whm/reply.ts`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Caller } from '../acl/caller.ts'
import { Failure } from '../failures.ts'
import { call, callUapi } from '../functions/call.ts'
import type { WhmFunction } from '../functions/define.ts'
import type { Door } from '../functions/door.ts'
import { shapeUapi, shapeWhm } from '../functions/shape.ts'
import type { AccountNamed } from '../functions/uapi/admit.ts'
import { type Arguments, decodeBody, mergeArguments, NO_ARGUMENTS } from '../whm/arguments.ts'
import { type OutputControls, readOutputControls } from '../whm/output-controls.ts'
import { type ApiVersion, accessDeniedBody, noCredentialsBody, type Outcome, successBody } from '../whm/reply.ts'
import type { Target } from '../whm/request-target.ts'
import { replyAsXml } from '../whm/xml.ts'
import { OPENAPI_PATH } from './api-paths.ts'
import type { Authentication } from './authentication.ts'
import type { ClientOf } from './client-address.ts'
import type { EventLog } from './event-log.ts'
import { Exchange, functionNameOf, loadClient, queryOf } from './exchange.ts'
import { bannedReply, failureReply } from './failure-reply.ts'
import { twoFactorPage } from './html.ts'
import type { Authenticated, LiveToken } from './live-tokens.ts'
import { PAGE_HEADERS } from './page-headers.ts'
import type { BarredAttempt, Refused } from './refusals.ts'
import { readBody } from './request-body.ts'
import type { RequestHead } from './request-head.ts'
import { asXml, BROWSER_JSON_HEADERS, JSON_HEADERS, mayBeBrowser, REFUSED_HEADERS, send } from './respond.ts'

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
  /** Whose account a UAPI call is for. */
  accountNamed(caller: Caller, args: Arguments): AccountNamed
  /** Told of each token call that was let in. */
  onTokenCall(authenticated: Authenticated, target: Target, nowMs: number): void
  onRefused(
    refused: Refused,
    request: { readonly requestId: string; readonly functionName: string; readonly client: ClientOf },
  ): void
  onBarred(barred: BarredAttempt, nowMs: number): void
  /** The OpenAPI document of what is served here. */
  openapi(): string
  /** Told of each reply. */
  readonly accessLine: ((answered: Exchange) => void) | undefined
}

/** Bodies above this are refused (after the credential was checked). */
const BODY_MAX_BYTES = 1024 * 1024
const CALL_MAX_MS = 30_000
const LONG_CALL_MAX_MS = 270_000

export function makeApiHandler(parts: ApiParts): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const exchange = new Exchange(request, response, parts.nowMs())
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

function answerWith(
  parts: ApiParts,
  exchange: Exchange,
  status: number,
  headers: readonly string[],
  body: string,
): void {
  const { target } = exchange
  if (target.surface !== 'xml-api') {
    finish(parts, exchange, status, headers, body)
    return
  }
  replyAsXml(functionNameOf(target), body)
    .then((xml) => finish(parts, exchange, status, asXml(headers), xml))
    .catch((error: unknown) => {
      parts.log.error({ requestId: exchange.requestId, error }, 'a reply could not be written as XML')
      exchange.response.destroy()
    })
}

function finish(parts: ApiParts, exchange: Exchange, status: number, headers: readonly string[], body: string): void {
  const isForBrowser = headers === JSON_HEADERS && mayBeBrowser(exchange)
  exchange.status = status
  exchange.bytes = send(exchange, status, isForBrowser ? BROWSER_JSON_HEADERS : headers, body)
  exchange.tookMs = performance.now() - exchange.startedMs
  parts.accessLine?.(exchange)
}

function refuseBadHead({ request, head }: Exchange): void {
  if (head.authorizationLines > 1)
    throw new Failure('request-malformed', { problem: 'it holds more than one Authorization line' })
  if (request.method !== 'GET' && request.method !== 'POST') throw new Failure('method-not-allowed')
}

function proceed(parts: ApiParts, exchange: Exchange, authentication: Authentication): void {
  if (authentication.kind === 'none') {
    answerWith(parts, exchange, 401, JSON_HEADERS, noCredentialsBody())
    return
  }
  if (authentication.kind === 'refused') {
    parts.onRefused(authentication, {
      requestId: exchange.requestId,
      functionName: functionNameOf(exchange.target),
      client: loadClient(exchange),
    })
    // A page, whatever the call would have been answered in: clients look for its form.
    if (authentication.refusal === 'tfa-required') finish(parts, exchange, 401, PAGE_HEADERS, twoFactorPage())
    else answerWith(parts, exchange, 403, REFUSED_HEADERS, accessDeniedBody())
    return
  }
  if (authentication.kind === 'barred') {
    answerBarred(parts, exchange, authentication)
    return
  }
  exchange.caller = authentication.caller
  const { token } = authentication
  if (token !== undefined) {
    parts.onTokenCall(authentication, exchange.target, exchange.nowMs)
    if (exchange.nowMs >= token.expiryShownFromMs) showExpiry(exchange, token)
  }
  const { transferEncoding, contentLength = '0' } = exchange.head
  if (transferEncoding === undefined && contentLength === '0') {
    answer(parts, exchange, authentication.caller, queryOf(exchange))
    return
  }
  readBody(exchange.request, exchange.response, exchange.head, BODY_MAX_BYTES)
    .then((bytes) => {
      // Of a GET too: what limits a token may stand there, and ignoring it would give more than was meant.
      const body = bytes.length === 0 ? NO_ARGUMENTS : decodeBody(bytes, exchange.head.contentType)
      answer(parts, exchange, authentication.caller, mergeArguments(queryOf(exchange), body))
    })
    .catch((error: unknown) => fail(parts, exchange, error))
}

/** Whom the deny list names sees what any refused credential sees; who failed too often is told when to come again. */
function answerBarred(parts: ApiParts, exchange: Exchange, barred: BarredAttempt): void {
  parts.onBarred(barred, exchange.nowMs)
  if (barred.because === 'denied') {
    answerWith(parts, exchange, 403, REFUSED_HEADERS, accessDeniedBody())
    return
  }
  const { connection, client, response } = exchange
  // Not of a proxy, which brings others' calls on the same connection.
  if (
    barred.because === 'banned' &&
    client === connection.peer &&
    ++connection.timesBanned >= BANNED_REPLIES_A_CONNECTION
  )
    response.shouldKeepAlive = false
  const { status, headers, body } = bannedReply(parts.door, exchange, barred.retryAfterSeconds)
  answerWith(parts, exchange, status, headers, body)
}

/** Whoever goes on all the same is answered less often: of new connections the banned get few together. */
const BANNED_REPLIES_A_CONNECTION = 5

/** So that the integrator's own logs tell before the day comes. */
function showExpiry({ response }: Exchange, { expiresAt }: LiveToken): void {
  if (expiresAt !== undefined) response.setHeader('postern-token-expires', `${expiresAt.toISOString().slice(0, 19)}Z`)
}

function answer(parts: ApiParts, exchange: Exchange, caller: Caller, args: Arguments): void {
  const { target } = exchange
  if (target.surface === 'execute') {
    withinTime(execute(parts, exchange, caller, args))
      .then((body) => answerWith(parts, exchange, 200, JSON_HEADERS, body))
      .catch((error: unknown) => fail(parts, exchange, error))
    return
  }
  if (target.surface === 'other' && target.path === OPENAPI_PATH) {
    answerWith(parts, exchange, 200, JSON_HEADERS, parts.openapi())
    return
  }
  if (target.surface !== 'json-api' && target.surface !== 'xml-api') throw new Failure('not-found')
  exchange.version = versionOf(args)
  // Read before the call: a bad control must not spoil the reply of a change that was made.
  const controls = readOutputControls(args)
  exchange.args = args
  const outcome = call(parts.door, caller, exchange)
  if (outcome instanceof Promise) {
    withinTime(outcome, maxMsOf(parts, exchange))
      .then((done) => reply(parts, exchange, done, controls))
      .catch((error: unknown) => fail(parts, exchange, error))
  } else {
    reply(parts, exchange, outcome, controls)
  }
}

async function execute(parts: ApiParts, exchange: Exchange, caller: Caller, args: Arguments): Promise<string> {
  const { target } = exchange
  if (target.surface !== 'execute') throw new Error('only UAPI is executed')
  const request = {
    // A name that is none is looked up as it can be shown, and is no function's.
    asked: { module: target.module ?? target.shownName, function: target.function ?? '' },
    account: parts.accountNamed(caller, args),
    args,
    requestId: exchange.requestId,
    now: exchange.now,
    notes: exchange.notes,
  }
  return JSON.stringify(await shapeUapi(args, () => callUapi(parts.door, caller, request)))
}

function reply(parts: ApiParts, exchange: Exchange, outcome: Outcome, controls: OutputControls | undefined): void {
  const definition = parts.door.byName.get(functionNameOf(exchange.target))
  if (definition === undefined) throw new Error('a function answered that is not in the catalogue')
  const shaped = controls === undefined ? outcome : shapeWhm(definition, controls, outcome)
  const shown = definition.effect === 'read' ? withWarning(exchange, definition, shaped) : shaped
  answerWith(parts, exchange, 200, JSON_HEADERS, bodyOf(exchange.version, definition, shown))
}

/** The words of replies that last, as version 1 sends them. */
const lastingBodies = new WeakMap<Outcome, string>()

function bodyOf(version: ApiVersion, definition: WhmFunction, outcome: Outcome): string {
  if (version === 0 || !Object.isFrozen(outcome)) return successBody(version, definition, outcome)
  let body = lastingBodies.get(outcome)
  if (body === undefined) {
    body = successBody(version, definition, outcome)
    lastingBodies.set(outcome, body)
  }
  return body
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
    answerWith(parts, exchange, 403, REFUSED_HEADERS, accessDeniedBody())
    return
  }
  const { status, headers, body } = failureReply(parts.door, exchange, failure)
  answerWith(parts, exchange, status, headers, body)
}

/** Absent or 0 asks for WHM API 0; every other version is answered as 1 (clients send 2 and read 1's shape, observed). */
function versionOf(args: Arguments): ApiVersion {
  const version = args.values.get('api.version')?.[0]
  return version === undefined || version === '0' || version === '' ? 0 : 1
}

function maxMsOf(parts: ApiParts, exchange: Exchange): number {
  const definition = parts.door.byName.get(functionNameOf(exchange.target))
  return definition?.effect === 'write' && definition.takesLong ? LONG_CALL_MAX_MS : CALL_MAX_MS
}

function withinTime<T>(work: Promise<T>, maxMs = CALL_MAX_MS): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Failure('timed-out')), maxMs)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
