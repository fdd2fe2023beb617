/**
 * May this token be used now? The decision alone: what was found under the digest, the user name that came with it, the address
 * and the time go in; a refusal or the token comes out. The order of checks is fixed: user, state (of the token, then of the secret), expiry, address. No I/O.
 */
import type { Address } from '../ip-rules/address.ts'
import type { PresentedSecret, Token, TokenOwner } from './token.ts'

/** Why a credential was refused. The trail shows it; the client sees the same answer for each. */
export type Refusal =
  | 'malformed'
  | 'wrong-scheme'
  | 'check-characters-wrong'
  | 'unknown-token'
  | 'other-user'
  | 'owner-removed'
  | 'owner-suspended'
  | 'revoked'
  | 'secret-ended'
  | 'frozen'
  | 'paused'
  | 'expired'
  | 'address-not-allowed'
  | 'address-unreadable'
  | 'sent-in-clear'
  | 'cross-site'
  | 'wrong-password'
  | 'unknown-user'
  | 'no-password-set'
  | 'not-a-reseller'
  | 'tfa-required'
  | 'tfa-wrong'
  | 'tfa-used'
  | 'tfa-throttled'
  | 'link-unknown'
  | 'link-ended'
  | 'feed-unknown'

export type CheckableToken = Pick<Token, 'expiresAt' | 'pausedAt' | 'revokedAt'> & {
  readonly owner: Pick<TokenOwner, 'user' | 'isRemoved' | 'isSuspended'>
  /** Undefined: any address. */
  readonly allowsAddress: ((address: Address) => boolean) | undefined
  /** A freeze covers it. */
  readonly isFrozen: boolean
  /** The secret that was presented, which a rotation may have replaced. */
  readonly secret: Pick<PresentedSecret, 'endsAt' | 'endedAt'>
}

/** Refused or not; `undefined` means that the token may be used. An unreadable address (undefined) matches no rule. */
export function refusalOf(
  token: CheckableToken,
  user: string,
  address: Address | undefined,
  nowMs: number,
  isAlwaysAllowed: (address: Address) => boolean,
): Refusal | undefined {
  if (token.owner.user !== user) return token.owner.isRemoved ? 'owner-removed' : 'other-user'
  if (token.owner.isRemoved) return 'owner-removed'
  if (token.revokedAt !== undefined) return 'revoked'
  if (secretHasEnded(token.secret, nowMs)) return 'secret-ended'
  if (token.owner.isSuspended) return 'owner-suspended'
  if (token.isFrozen) return 'frozen'
  if (token.pausedAt !== undefined) return 'paused'
  // WHM: a token cannot be used from the moment it expires; it stays listed.
  if (token.expiresAt !== undefined && token.expiresAt.getTime() <= nowMs) return 'expired'
  if (token.allowsAddress === undefined) return undefined
  if (address === undefined) return 'address-not-allowed'
  return token.allowsAddress(address) || isAlwaysAllowed(address) ? undefined : 'address-not-allowed'
}

/** A replaced secret ends at its moment, as a token expires at its own; what was ended stays so. */
export function secretHasEnded(
  { endsAt, endedAt }: Pick<PresentedSecret, 'endsAt' | 'endedAt'>,
  nowMs: number,
): boolean {
  return endedAt !== undefined || (endsAt !== undefined && endsAt.getTime() <= nowMs)
}

const ALARMING: ReadonlySet<Refusal> = new Set([
  'unknown-token',
  'other-user',
  'revoked',
  'secret-ended',
  'owner-removed',
])

/** A well-formed secret that was refused this way means that somebody holds, or held, a real one. */
export function isAlarming(refusal: Refusal): boolean {
  return ALARMING.has(refusal)
}
