/**
 * Credentials that were refused, and those that were not even looked at: what is known of them, what the protection is told, and what
 * the trail holds, which is who it claimed to be, from where, for what, and exactly why it was refused.
 */
import type { Service } from '../accounts/sessions.ts'
import type { AuditEntry } from '../audit/entry.ts'
import type { AttemptKind } from '../protection/attempt.ts'
import type { Barred } from '../protection/barred.ts'
import type { Guard } from '../protection/guard.ts'
import { isAlarming, type Refusal } from '../tokens/check.ts'
import { isWellFormedSecret, markOf, type TokenMark } from '../tokens/secret.ts'
import type { Token } from '../tokens/token.ts'
import { maskSecrets } from '../whm/mask.ts'
import { natureOf, SERVICE_NAMES } from './attempts.ts'
import type { ClientOf } from './client-address.ts'

/** What the trail should know of a credential that was refused. Nothing of it was proved. */
export type Refused = {
  readonly kind: 'refused'
  readonly refusal: Refusal
  readonly claimedUser: string
  readonly tokenId: string | undefined
  readonly tokenName: string | undefined
  readonly address: string | undefined
  readonly sentScheme: string | undefined
  /** Which kind of token came under which scheme to which service, or as a password. */
  readonly mixUp?: string
  /** It came with a user name and a password. */
  readonly isSignIn: boolean
}

/** A credential that was not looked at, since its address, or the user it names, has failed too often. */
export type BarredAttempt = Barred & {
  readonly claimedUser: string
  readonly address: string | undefined
  /** `sign-in`, or `bad-token` for any token. */
  readonly attempted: AttemptKind
}

const TOKEN_KINDS: Readonly<Record<TokenMark, string>> = { PSW: 'a WHM token', PSC: 'a token of a hosting account' }

/** For the trail; undefined for what is no token. */
export function tokenKindOf(secret: string): string | undefined {
  return isWellFormedSecret(secret) ? TOKEN_KINDS[markOf(secret)] : undefined
}

/** Counts what was refused; when the address had been banned by then, the answer is the ban's. */
export function turnAway(
  parts: { readonly guard: Guard; readonly service: Service },
  refusal: Refused,
  client: ClientOf,
  nowMs: number,
): Refused | BarredAttempt {
  const bar = parts.guard.count({
    ...natureOf(refusal.refusal),
    atMs: nowMs,
    address: client.address,
    claimedUser: refusal.claimedUser,
    service: SERVICE_NAMES[parts.service],
    factor: 'token',
  })
  return bar === undefined ? refusal : barredAttempt(bar, client, refusal.claimedUser, 'bad-token')
}

export function barredAttempt(
  bar: Barred,
  client: ClientOf,
  claimedUser: string,
  attempted: AttemptKind,
): BarredAttempt {
  return { ...bar, claimedUser, attempted, address: client.addressText === '' ? undefined : client.addressText }
}

export function refused(
  refusal: Refused['refusal'],
  client: ClientOf,
  about: {
    readonly claimedUser?: string | undefined
    readonly token?: Pick<Token, 'id' | 'name'>
    readonly sentScheme?: string | undefined
    readonly isSignIn?: boolean
  },
): Refused {
  return {
    kind: 'refused',
    refusal,
    claimedUser: about.claimedUser ?? '',
    tokenId: about.token?.id,
    tokenName: about.token?.name,
    address: client.addressText === '' ? undefined : client.addressText,
    sentScheme: about.sentScheme,
    isSignIn: about.isSignIn === true,
  }
}

/** Its entry in the trail. */
export function refusalEntry(
  refused: Refused,
  request: { readonly requestId: string; readonly functionName: string; readonly client: ClientOf; readonly at: Date },
): AuditEntry {
  const { refusal } = refused
  const isAlarm = isAlarming(refusal)
  return {
    at: request.at,
    requestId: request.requestId,
    // A name from a refused credential can be anything, a secret in the wrong place included.
    caller: maskSecrets(refused.claimedUser).slice(0, 300),
    credential: refused.tokenId === undefined ? 'none' : 'token',
    tokenId: refused.tokenId,
    tokenName: refused.tokenName,
    address: refused.address,
    function: maskSecrets(request.functionName).slice(0, 100),
    target: '',
    outcome: 'refused',
    reason: refusal,
    details: {
      ...(refused.sentScheme !== undefined && { scheme: refused.sentScheme }),
      ...(refused.mixUp !== undefined && { mix_up: refused.mixUp }),
      ...(request.client.ignoredHeaders.length > 0 && { ignored_headers: request.client.ignoredHeaders }),
      ...(isAlarm && { alarm: 'somebody holds a real old token, or one of another user' }),
    },
  }
}
