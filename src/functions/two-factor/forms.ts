/** What the two-factor functions share: whose login they are about, and their forms of arguments. */
import { makeRecoveryCode, ONE_TIME_SECRET, RECOVERY_CODES, recoveryDigests } from '../../accounts/one-time-codes.ts'
import { type Caller, holdsEverything } from '../../acl/caller.ts'
import { Failure } from '../../failures.ts'
import { text } from '../../whm/params.ts'
import type { Context, WriteContext } from '../context.ts'
import { assertPasswordFresh } from '../sessions/fresh-password.ts'

export const oneTimeSecret = text({
  doc: 'The secret that twofactorauth_generate_tfa_config gave: base32, 16 characters or more.',
  only: ONE_TIME_SECRET,
  onlyProblem: 'is no secret in base32 of 16 to 128 letters',
  secret: true,
})

export const oneTimeCode = (doc: string) => text({ doc, max: 100, secret: true })

/**
 * A narrow token must not change how its owner signs in: it could lock the owner out, or put a code of its own in the place of the
 * owner's. Throws `token-may-not`.
 */
export function assertOwnLogin(caller: Caller): void {
  if (caller.credential.kind === 'token' && !holdsEverything(caller))
    throw new Failure('token-may-not', { what: 'change how its owner signs in' })
}

/** Nor must a browser that somebody left open, or was let in by a link. Throws `token-may-not`, `password-needed`. */
export function assertMayChangeLogin({ caller, now }: Context): void {
  assertOwnLogin(caller)
  assertPasswordFresh(caller, now)
}

/** Whoever changed how they sign in stays signed in here, and nowhere else. */
export async function endOtherSessions({ caller, stores }: WriteContext): Promise<void> {
  const own = caller.credential.kind === 'session' ? caller.credential.sessionId : undefined
  await stores.sessions.removeAllOf(caller.userId, own)
}

/** New recovery codes in the place of all before; the only moment at which they can be seen. */
export async function renewRecoveryCodes({ caller, now, stores, services }: WriteContext): Promise<readonly string[]> {
  const codes = Array.from({ length: RECOVERY_CODES }, makeRecoveryCode)
  const digests = codes.map((code) => recoveryDigests(code, caller.userId, services.peppers)[0] ?? '')
  await stores.twoFactor.replaceRecoveryCodes(caller.userId, digests, now)
  return codes
}

/** What apps show: the issuer that root chose, else the name of the server. */
export async function issuerOf({ stores, services }: Context): Promise<string> {
  return (await stores.twoFactor.policy()).issuer ?? services.facts.hostname
}
