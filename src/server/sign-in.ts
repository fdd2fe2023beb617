/**
 * Signing in and out. A session row exists only after success, with a new id each time; the old one of the same browser ends. The
 * words of a failure are the same whatever the cause; the trail has the cause.
 */

import { stringifySetCookie } from 'cookie'
import type { User } from '../accounts/account.ts'
import { makeSessionSecrets, SESSION_COOKIES, type Service, sessionDigest } from '../accounts/sessions.ts'
import type { AuditEntry } from '../audit/entry.ts'
import type { Door } from '../functions/call.ts'
import type { Refusal } from '../tokens/check.ts'
import { checkPassword } from './authenticate.ts'

export type SignedIn = {
  readonly user: User
  /** `/cpsess##########` */
  readonly securityToken: string
  readonly setCookie: string
}

export type SignInParts = { readonly door: Door; readonly service: Service }

export type SignInAttempt = {
  readonly user: string
  readonly password: string
  readonly address: string
  readonly requestId: string
  readonly now: Date
  /** The session cookie that the browser already had. */
  readonly oldCookie: string | undefined
}

/** Gives the new session, or undefined when the attempt was refused (the trail says why). Throws `overloaded`. */
export async function signIn({ door, service }: SignInParts, attempt: SignInAttempt): Promise<SignedIn | undefined> {
  const { stores, services } = door
  const checked = await checkPassword({ stores, passwords: services.passwords }, attempt.user, attempt.password)
  const refusal = typeof checked === 'string' ? checked : refusalFor(service, checked)
  if (refusal !== undefined || typeof checked === 'string') {
    door.trail(entry(attempt, attempt.user, 'refused', refusal ?? 'refused'))
    return undefined
  }
  const rehashed = services.passwords.needsRehash(checked.passwordHash ?? '')
    ? await services.passwords.hash(attempt.password)
    : undefined
  const secrets = makeSessionSecrets(checked.name)
  await door.write(
    async (stores) => {
      if (attempt.oldCookie !== undefined) await stores.sessions.remove(sessionDigest(attempt.oldCookie))
      if (rehashed !== undefined) await stores.accounts.setPasswordHash(checked.id, rehashed)
      await stores.sessions.insert({
        digest: secrets.digest,
        userId: checked.id,
        service,
        securityTokenDigest: secrets.securityTokenDigest,
        address: attempt.address,
        createdAt: attempt.now,
        lastSeenAt: attempt.now,
      })
      await stores.audit.append([entry(attempt, checked.name, 'done', 'OK')])
    },
    { urgent: false },
  )
  return { user: checked, securityToken: secrets.securityToken, setCookie: sessionCookie(service, secrets.cookie) }
}

/** Ends the session behind the cookie, if there is one; gives the line that clears the cookie. */
export async function signOut(
  { door, service }: SignInParts,
  cookie: string | undefined,
  about:
    | { readonly user: string; readonly address: string; readonly requestId: string; readonly now: Date }
    | undefined,
): Promise<string> {
  if (cookie !== undefined && about !== undefined) {
    await door.write(
      async (stores) => {
        await stores.sessions.remove(sessionDigest(cookie))
        await stores.audit.append([
          { ...entry({ ...about, password: '', oldCookie: undefined }, about.user, 'done', 'OK'), function: 'logout' },
        ])
      },
      { urgent: true },
    )
  }
  return stringifySetCookie({ ...COOKIE, name: SESSION_COOKIES[service], value: '', maxAge: 0 })
}

const COOKIE = { path: '/', secure: true, httpOnly: true, sameSite: 'strict' } as const

function sessionCookie(service: Service, value: string): string {
  return stringifySetCookie({ ...COOKIE, name: SESSION_COOKIES[service], value })
}

/** WHM's service is for root and resellers; a hosting account signs in at the cPanel service. */
function refusalFor(service: Service, user: User): Refusal | undefined {
  return service === 'whm' && user.kind === 'account' ? 'not-a-reseller' : undefined
}

function entry(attempt: SignInAttempt, caller: string, outcome: AuditEntry['outcome'], reason: string): AuditEntry {
  return {
    at: attempt.now,
    requestId: attempt.requestId,
    caller,
    credential: 'password',
    tokenId: undefined,
    tokenName: undefined,
    address: attempt.address,
    function: 'login',
    target: '',
    outcome,
    reason,
    details: {},
  }
}
