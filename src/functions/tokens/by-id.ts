/** Tokens named by their public id: whose may be, and what is answered when some are missing. "Not yours" and "none" are one answer. */
import { type Caller, holdsEverything } from '../../acl/caller.ts'
import { Failure } from '../../failures.ts'
import type { OwnedToken, Token } from '../../tokens/token.ts'
import { list, text } from '../../whm/params.ts'
import type { Outcome } from '../../whm/reply.ts'
import type { Stores } from '../context.ts'

const MAX_TOKENS = 200 // what one audit entry can name

export const tokenIds = (doc: string) => list(text({ doc, min: 1, max: 100 }), { max: MAX_TOKENS })

/** The reason of tokens that came back with a restored backup and wait for a decision; nobody can give it by hand. */
export const PAUSED_BY_RESTORE = 'restored'

/** How the reason of a pause or revoke begins that root ordered for another's token; the owner cannot take it back. */
export const BY_ROOT = 'by root: '

/** Root, signed in or on the machine, acts on everybody's tokens; whoever comes with a token on those of its own user alone. */
export function mayActOnEveryToken(caller: Caller): boolean {
  return holdsEverything(caller) && caller.credential.kind !== 'token'
}

/** The token, ended or not, of somebody who is still there, if the caller may act on it. */
export async function findOwnedInReach(stores: Stores, caller: Caller, id: string): Promise<OwnedToken | undefined> {
  const found = await stores.tokens.findById(id)
  if (found === undefined || found.owner.isRemoved) return undefined
  return found.owner.userId === caller.userId || mayActOnEveryToken(caller) ? found : undefined
}

/** The token that is not ended and that the caller may act on. */
export async function findTokenInReach(stores: Stores, caller: Caller, id: string): Promise<Token | undefined> {
  const found = await findOwnedInReach(stores, caller, id)
  return found?.token.revokedAt === undefined ? found?.token : undefined
}

/** Nothing done is a failure that undoes the transaction; otherwise what was done stays, and the missing are told as a failure. */
export function outcomeFor(done: readonly string[], missing: readonly string[]): Outcome {
  if (missing.length === 0) return { data: {} }
  const failure = new Failure('token-not-found', { names: missing.join('”, “') })
  if (done.length === 0) throw failure
  return { data: null, isFailure: true, reason: failure.message }
}
