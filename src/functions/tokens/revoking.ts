/** Why a token was revoked, and for how long that can be taken back. */
import type { Caller } from '../../acl/caller.ts'
import { optional, text } from '../../whm/params.ts'
import { BY_ROOT, mayActOnEveryToken } from './by-id.ts'

/** Our choice: long enough to notice what stopped working, short enough that nobody counts on it. */
export const UNDO_MINUTES = 60

export const revokeReason = () =>
  optional(
    text({
      doc: `Why, for the trail. A reason that begins with \`leaked\` ends for good; any other revoke can be taken back for ${UNDO_MINUTES} minutes.`,
      min: 1,
      max: 200,
    }),
  )

/** What is stored: a plain revoke says `revoked`. */
export function storedReason(reason: string | undefined, isOwners: boolean): string {
  return `${isOwners ? '' : BY_ROOT}${reason ?? 'revoked'}`
}

const LEAKED = new RegExp(`^(${BY_ROOT})?leaked\\b`, 'i')

type Revoked = { readonly revokedAt: Date | undefined; readonly revokeReason: string }

/** Until when this caller can take the revoke back, unless the name is given again meanwhile; undefined: they cannot. */
export function undoableUntil(token: Revoked, caller: Caller, now: Date): Date | undefined {
  if (token.revokedAt === undefined || whyFinal(token, now) !== undefined) return undefined
  if (caller.credential.kind === 'token') return undefined
  if (token.revokeReason.startsWith(BY_ROOT) && !mayActOnEveryToken(caller)) return undefined
  return new Date(token.revokedAt.getTime() + UNDO_MINUTES * 60_000)
}

/** Why a revoke cannot be taken back any more, as it completes “the token …”; undefined: it can. */
export function whyFinal(token: Revoked, now: Date): string | undefined {
  if (token.revokedAt === undefined) return 'is not revoked'
  if (LEAKED.test(token.revokeReason)) return 'was revoked because its secret leaked'
  if (now.getTime() - token.revokedAt.getTime() > UNDO_MINUTES * 60_000)
    return `was revoked more than ${UNDO_MINUTES} minutes ago`
  return undefined
}
