/** A call's entry in the trail. Whatever was sent in the wrong place is masked before it gets there. */
import type { Caller } from '../acl/caller.ts'
import type { AuditEntry, Outcome } from '../audit/entry.ts'
import { Failure } from '../failures.ts'
import { maskSecrets } from '../whm/mask.ts'
import type { CallRequest, Door } from './door.ts'
import { type Definition, targetOf } from './read-arguments.ts'

export type Details = Record<string, string | number | readonly string[]>

/** A name that came in the query and in the body: the body won, and the trail says so. */
export function clashesOf(request: CallRequest): Details {
  return request.args.clashes.length === 0 ? {} : { given_twice: request.args.clashes }
}

/** The entry of a call that was refused or failed, and then its error. */
export function recordAndThrow(
  door: Door,
  caller: Caller,
  request: CallRequest,
  definition: Definition | undefined,
  error: unknown,
): never {
  const outcome = error instanceof Failure && error.http === 403 ? 'refused' : 'failed'
  const details = { ...request.notes, ...clashesOf(request) }
  door.trail(entryOf(caller, request, targetOf(definition, request), outcome, reasonOf(error), details))
  throw error
}

/** For the trail. A credential that ended between the door and the transaction carries the exact refusal as its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Failure)) return 'internal'
  if (error.code === 'access-denied' && typeof error.cause === 'string') return error.cause
  return `${error.code}: ${error.message}`
}

export function entryOf(
  caller: Caller,
  request: CallRequest,
  target: string,
  outcome: Outcome,
  reason: string,
  details: Details,
): AuditEntry {
  const { credential } = caller
  return {
    at: request.now,
    requestId: request.requestId,
    caller: caller.user,
    credential: credential.kind,
    tokenId: credential.kind === 'token' ? credential.tokenId : undefined,
    tokenName: credential.kind === 'token' ? credential.tokenName : undefined,
    address: caller.address,
    function: maskSecrets(request.functionName),
    target: maskSecrets(target),
    outcome,
    reason: maskSecrets(reason),
    details: maskDetails(details),
  }
}

/** A secret that was sent in the wrong place, as a token's name for instance, stays out of the trail. */
function maskDetails(details: Details): Details {
  const mask = (value: Details[string]) => {
    if (typeof value === 'number') return value
    return typeof value === 'string' ? maskSecrets(value) : value.map(maskSecrets)
  }
  return Object.fromEntries(Object.entries(details).map(([key, value]) => [key, mask(value)]))
}
