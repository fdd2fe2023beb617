/**
 * One request on its way to a reply: what was read of it, who sent it, and what the access log will say of it. A head or a target that a
 * connection sends again, letter for letter, is not read again.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Caller } from '../acl/caller.ts'
import { type Arguments, decodeQuery } from '../whm/arguments.ts'
import type { ApiVersion } from '../whm/reply.ts'
import { parseTarget, type Target } from '../whm/request-target.ts'
import type { AccessLineFacts } from './access-line.ts'
import type { ClientOf } from './authenticate.ts'
import { type Connection, connectionOf } from './connection.ts'
import { type RequestHead, readHead } from './request-head.ts'

const KEPT_HEAD_LINES = 40
const KEPT_URL_LENGTH = 200

export type Exchange = {
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

/** Reads the head and the target; nothing is checked yet. */
export function openExchange(
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
  nowMs: number,
): Exchange {
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

/** The arguments of the query string. Throws `request-malformed`. */
export function queryOf(exchange: Exchange): Arguments {
  if (exchange.query !== undefined) return exchange.query
  const query = decodeQuery(exchange.target.rawQuery)
  const url = exchange.request.url ?? ''
  if (url.length <= KEPT_URL_LENGTH)
    connectionOf(exchange.request.socket).target = { url, read: exchange.target, query }
  return query
}

/** What was asked for, as the trail and the log name it. */
export function functionNameOf(target: Target): string {
  if (target.surface === 'other') return ''
  if (target.surface === 'execute') return target.shownName
  return target.functionName ?? target.shownName
}

/** Where the call comes from. */
export function loadClient(exchange: Exchange): ClientOf {
  if (exchange.client === undefined) throw new Error('the client is known before its credential')
  return exchange.client
}

/** The facts of its access line. */
export function accessFacts(exchange: Exchange, status: number, bytes: number): AccessLineFacts {
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

/** Ids that do not repeat over restarts: the start's random part and a counter. */
export function makeRequestIds(): () => string {
  const start = crypto.randomUUID().slice(0, 8)
  let count = 0
  return () => `${start}-${count++}`
}
