/**
 * The only place that makes a `Caller`: of a token that was let in, of a user who proved who they are, and of root on the machine; and
 * the same caller again as a transaction sees them.
 */
import type { AccountStore, User } from '../accounts/account.ts'
import type { Session } from '../accounts/sessions.ts'
import type { Caller } from '../acl/caller.ts'
import { ownerPrivileges } from '../acl/privileges.ts'
import { Failure } from '../failures.ts'
import type { Stores } from '../functions/context.ts'
import type { Address } from '../ip-rules/address.ts'
import { type Refusal, refusalOf } from '../tokens/check.ts'
import type { PresentedSecret, Token } from '../tokens/token.ts'
import type { AuthenticateParts } from './authentication.ts'
import { type LiveToken, makeLive } from './live-tokens.ts'

export function tokenCaller(token: LiveToken, address: string): Caller {
  return {
    userId: token.userId,
    user: token.owner.user,
    kind: token.owner.kind,
    privileges: token.effective,
    credential: {
      kind: 'token',
      tokenId: token.id,
      tokenName: token.name,
      secretNumber: token.secret.number,
      ipRules: token.ipRules,
      expiresAt: token.expiresAt,
      isReadonly: token.isReadonly,
    },
    address,
  }
}

/** Root on the machine, by the socket that only root may open, acting as any user. */
export async function localCaller(accounts: AccountStore, name: string): Promise<Caller | undefined> {
  const user = await accounts.findUser(name)
  return user && userCaller(user, { kind: 'local' }, undefined)
}

export function userCaller(user: User, credential: Caller['credential'], address: string | undefined): Caller {
  return { userId: user.id, user: user.name, kind: user.kind, privileges: ownerPrivileges(user), credential, address }
}

/**
 * The same caller as the transaction sees them. A change is admitted by this one, so a token that was revoked, or an owner who lost a
 * privilege, between the check and the transaction changes nothing. Throws `access-denied`.
 */
export async function refreshCaller(
  parts: Pick<AuthenticateParts, 'ledger' | 'isAlwaysAllowed'>,
  parse: (address: string) => Address | undefined,
  stores: Stores,
  caller: Caller,
  now: Date,
): Promise<Caller> {
  const { credential } = caller
  if (credential.kind === 'token') {
    const found = await stores.tokens.findById(credential.tokenId)
    if (found === undefined) throw denied('unknown-token')
    const secret = await secretAsItIs(stores, found.token, credential.secretNumber)
    if (secret === undefined) throw denied('unknown-token')
    const live = makeLive({ ...found, secret, freezes: await stores.freezes.list() }, parts.ledger)
    const address = parse(caller.address ?? '')
    const refusal = refusalOf(live, caller.user, address, now.getTime(), parts.isAlwaysAllowed)
    if (refusal !== undefined) throw denied(refusal)
    return tokenCaller(live, caller.address ?? '')
  }
  const user = await stores.accounts.findUserById(caller.userId)
  if (user === undefined) throw denied('owner-removed')
  if (user.isSuspended && credential.kind !== 'local') throw denied('owner-suspended')
  if (user.isFrozen && credential.kind !== 'local') throw denied('frozen')
  if (credential.kind !== 'session') return userCaller(user, credential, caller.address)
  const session = await stores.sessions.find(credential.sessionId)
  if (session === undefined) throw denied('session-ended')
  return userCaller(user, sessionCredential(session), caller.address)
}

export function sessionCredential({ digest, confirmedAt }: Session): Caller['credential'] {
  return { kind: 'session', sessionId: digest, confirmedAt }
}

async function secretAsItIs(stores: Stores, token: Token, number: number): Promise<PresentedSecret | undefined> {
  if (number === token.secretNumber) return { number, endsAt: undefined, endedAt: undefined }
  return stores.secrets.findOld(token.id, number)
}

/** The client sees what every refused credential sees; the cause is for the trail. */
function denied(refusal: Refusal | 'session-ended'): Failure {
  return new Failure('access-denied', undefined, { cause: refusal })
}
