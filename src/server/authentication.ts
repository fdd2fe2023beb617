/** What a request is authenticated with, and what can come of it. */
import type { PasswordHasher } from '../accounts/passwords.ts'
import type { Service } from '../accounts/sessions.ts'
import type { Stores } from '../functions/context.ts'
import type { Guard } from '../protection/guard.ts'
import type { Peppers } from '../tokens/secret.ts'
import type { UsageLedger } from '../usage/ledger.ts'
import type { AddressMatcher } from './client-address.ts'
import type { Clock } from './clock.ts'
import type { Authenticated, LiveToken, LiveTokens } from './live-tokens.ts'
import type { BarredAttempt, Refused } from './refusals.ts'

/** `none`: no credential, or a session that is not complete (`reason` says what was missing, for the log). */
export type Authentication =
  | Authenticated
  | Refused
  | BarredAttempt
  | { readonly kind: 'none'; readonly reason: 'no-credentials' | 'no-session' | 'security-token-wrong' | 'cross-site' }

export type AuthenticateParts = {
  readonly service: Service
  readonly stores: Stores
  readonly peppers: Peppers
  readonly passwords: PasswordHasher
  readonly tokens: LiveTokens
  readonly ledger: UsageLedger
  readonly clock: Clock
  readonly isAlwaysAllowed: AddressMatcher
  readonly isTrustedProxy: AddressMatcher
  readonly guard: Guard
  readonly sessionLimits: { readonly idleMs: number; readonly overallMs: number }
  /** True while a person has put the freeze file into the data folder: then nothing but the local socket is answered. */
  isFrozenByFile(): boolean
  /** Told of the first use of the secret that a rotation made; the call is answered afterwards. */
  onFirstUse(token: LiveToken, address: string, nowMs: number): Promise<void>
}
