/** Why a token was revoked, and for how long that can be taken back. */
import { optional, text } from '../../whm/params.ts'
import { BY_ROOT } from './by-id.ts'

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

/** Why a revoke cannot be taken back any more, as it completes “the token …”; undefined: it can. */
export function whyFinal(
  token: { readonly revokedAt: Date | undefined; readonly revokeReason: string },
  now: Date,
): string | undefined {
  if (token.revokedAt === undefined) return 'is not revoked'
  if (LEAKED.test(token.revokeReason)) return 'was revoked because its secret leaked'
  if (now.getTime() - token.revokedAt.getTime() > UNDO_MINUTES * 60_000)
    return `was revoked more than ${UNDO_MINUTES} minutes ago`
  return undefined
}
