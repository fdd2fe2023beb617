/** The browser session behind a cookie, and whether a request may use it. */
import type { User } from '../accounts/account.ts'
import { hasEnded, SESSION_COOKIES, type Session, sessionDigest } from '../accounts/sessions.ts'
import type { AuthenticateParts, Authentication } from './authentication.ts'
import { sessionCredential, userCaller } from './callers.ts'
import type { ClientOf } from './client-address.ts'
import { cookieIn } from './cookies.ts'
import { signInRefusalOf } from './password-check.ts'
import type { RequestHead } from './request-head.ts'

/** The caller of a cookie. `securityToken` is the `/cpsess…` part of the path. */
export async function authenticateSession(
  parts: AuthenticateParts,
  head: RequestHead,
  client: ClientOf,
  securityToken: string | undefined,
): Promise<Authentication> {
  const cookie = head.cookie === undefined ? undefined : cookieIn(head.cookie, SESSION_COOKIES[parts.service])
  if (cookie === undefined) return { kind: 'none', reason: 'no-credentials' }
  const session = await findSession(parts, cookie)
  if (session === undefined) return { kind: 'none', reason: 'no-session' }
  // WHM: a cookie without, or with another session's, security token gives 401 and keeps the session (documented).
  if (securityToken === undefined || sessionDigest(securityToken) !== session.session.securityTokenDigest) {
    return { kind: 'none', reason: 'security-token-wrong' }
  }
  if (isCrossSite(head)) return { kind: 'none', reason: 'cross-site' }
  parts.ledger.markSession(session.session.digest, parts.clock.nowMs())
  const caller = userCaller(session.user, sessionCredential(session.session), client.addressText)
  return { kind: 'caller', caller, token: undefined }
}

/** The live session behind a cookie and its user, or undefined. */
export async function findSession(
  parts: Pick<AuthenticateParts, 'stores' | 'clock' | 'service' | 'sessionLimits' | 'ledger' | 'isFrozenByFile'>,
  cookie: string,
): Promise<{ readonly session: Session; readonly user: User } | undefined> {
  if (parts.isFrozenByFile()) return undefined
  const stored = await parts.stores.sessions.find(sessionDigest(cookie))
  if (stored === undefined || stored.service !== parts.service) return undefined
  const seenMs = parts.ledger.sessionSeenMs(stored.digest)
  const session =
    seenMs === undefined ? stored : { ...stored, lastSeenAt: new Date(Math.max(seenMs, stored.lastSeenAt.getTime())) }
  if (hasEnded(session, parts.clock.nowMs(), parts.sessionLimits)) return undefined
  const user = await parts.stores.accounts.findUserById(session.userId)
  // Whoever could not sign in now has no session either.
  return user === undefined || signInRefusalOf(parts.service, user) !== undefined ? undefined : { session, user }
}

/** A browser says where a request comes from; another site, or another name on this one, may not use the session. */
export function isCrossSite(head: Pick<RequestHead, 'fetchSite' | 'origin' | 'host'>): boolean {
  if (head.fetchSite !== undefined && head.fetchSite !== 'same-origin' && head.fetchSite !== 'none') return true
  // Fetch: under our own referrer policy, no-referrer, a browser sends this origin with each form of ours.
  if (head.origin === 'null' && head.fetchSite === 'same-origin') return false
  return head.origin !== undefined && head.origin !== `https://${head.host}`
}
