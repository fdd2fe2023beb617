/** What a call that failed is answered with: the status of its failure, its headers, and its words in the envelope that was asked for. */
import { Failure } from '../failures.ts'
import type { Door } from '../functions/door.ts'
import { failureBody, uapiFailure, unknownFunctionBody } from '../whm/reply.ts'
import { type Exchange, functionNameOf } from './exchange.ts'
import { BROWSER_JSON_HEADERS, JSON_HEADERS, mayBeBrowser } from './respond.ts'

type Reply = { readonly status: number; readonly headers: readonly string[]; readonly body: string }

export function failureReply(door: Pick<Door, 'byName'>, exchange: Exchange, failure: Failure): Reply {
  return {
    status: failure.http,
    headers: headersFor(exchange, failure),
    body: failureText(door, exchange, failure),
  }
}

function failureText(door: Pick<Door, 'byName'>, { target, version }: Exchange, failure: Failure): string {
  if (target.surface === 'execute') return JSON.stringify(uapiFailure(failure.message))
  if (failure.code === 'unknown-function' && 'shownName' in target) {
    return unknownFunctionBody(version, target.shownName, failure.message)
  }
  return failureBody(version, door.byName.get(functionNameOf(target)), failure.message)
}

function headersFor(exchange: Exchange, failure: Failure): readonly string[] {
  const headers: string[] = [...(mayBeBrowser(exchange) ? BROWSER_JSON_HEADERS : JSON_HEADERS)]
  if (failure.http === 405) headers.push('allow', 'GET, POST')
  if (failure.retryAfterSeconds !== undefined) headers.push('retry-after', String(failure.retryAfterSeconds))
  // For the pages, which act on the code; programs written for WHM see nothing but WHM's envelope.
  if (exchange.caller?.credential.kind === 'session') headers.push('x-postern-failure', failure.code)
  return headers
}

const bannedReplies = new Map<string, Reply>()
const BANNED_REPLIES_MAX = 2000

/** For whoever failed too often. Under a flood thousands are told the same, so the words are kept. */
export function bannedReply(door: Pick<Door, 'byName'>, exchange: Exchange, seconds: number): Reply {
  const { target } = exchange
  const key = `${target.surface} ${door.byName.get(functionNameOf(target))?.name} ${seconds}`
  const made = bannedReplies.get(key)
  if (made !== undefined) return made
  const reply = failureReply(door, exchange, new Failure('too-many-attempts', { seconds }))
  if (bannedReplies.size >= BANNED_REPLIES_MAX) bannedReplies.clear()
  bannedReplies.set(key, reply)
  return reply
}
