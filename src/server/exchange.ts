/**
 * One request on its way to a reply: what was read of it, who sent it, and what the access log will say of it. A head or a target that a
 * connection sends again, letter for letter, is not read again. It is the one object made for each call, so what few calls need (the id
 * as text, a date) is made when it is asked for.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Caller } from '../acl/caller.ts'
import type { CallRequest } from '../functions/door.ts'
import { type Arguments, decodeQuery, NO_ARGUMENTS } from '../whm/arguments.ts'
import { maskSecrets } from '../whm/mask.ts'
import type { ApiVersion } from '../whm/reply.ts'
import { parseTarget, type Target } from '../whm/request-target.ts'
import type { ClientOf } from './client-address.ts'
import { type Connection, connectionOf } from './connection.ts'
import { type RequestHead, readHead } from './request-head.ts'

const KEPT_HEAD_LINES = 40
const KEPT_URL_LENGTH = 200

/** Ids that do not repeat over restarts: the start's random part and a counter. */
export const REQUEST_ID_START: string = crypto.randomUUID().slice(0, 8)
let requests = 0

const NO_NOTES = {}

/** Reads the head and the target; nothing is checked yet. */
export class Exchange implements CallRequest {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly connection: Connection
  readonly head: RequestHead
  readonly target: Target
  /** The counted part of `requestId`. */
  readonly requestNumber: number
  readonly nowMs: number
  /** Monotonic. */
  readonly startedMs: number
  client: ClientOf | undefined = undefined
  caller: Caller | undefined = undefined
  version: ApiVersion = 1
  args: Arguments = NO_ARGUMENTS
  /** Of the reply, once it is sent. */
  status = 0
  bytes = 0
  tookMs = 0

  constructor(request: IncomingMessage, response: ServerResponse, nowMs: number) {
    const connection = connectionOf(request.socket)
    const url = request.url ?? ''
    this.request = request
    this.response = response
    this.connection = connection
    this.head = headOf(connection, request.rawHeaders)
    this.target = connection.target?.url === url ? connection.target.read : parseTarget(url)
    this.requestNumber = requests++
    this.nowMs = nowMs
    this.startedMs = performance.now()
  }

  get requestId(): string {
    return `${REQUEST_ID_START}-${this.requestNumber}`
  }

  get now(): Date {
    return new Date(this.nowMs)
  }

  get functionName(): string {
    const { target } = this
    if (target.surface !== 'json-api' && target.surface !== 'xml-api') return functionNameOf(target)
    return target.functionName ?? maskSecrets(target.shownName)
  }

  get notes(): CallRequest['notes'] {
    const { client } = this
    return client === undefined || client.ignoredHeaders.length === 0
      ? NO_NOTES
      : { ignored_headers: client.ignoredHeaders }
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
export function queryOf({ connection, target, request }: Exchange): Arguments {
  if (connection.target?.read === target) return connection.target.query
  const query = decodeQuery(target.rawQuery)
  const url = request.url ?? ''
  if (url.length <= KEPT_URL_LENGTH) connection.target = { url, read: target, query }
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
