/**
 * Browser sessions: their form and when they end. A session exists only after a successful sign-in, gets a new id each time, is
 * bound to its service (cookies ignore ports) and to its `/cpsess…` number, and is kept as digests only. No I/O.
 */
import { createHash, randomBytes, randomInt } from 'node:crypto'

export type Service = 'whm' | 'cpanel'

/** The cookie's name for each service, as WHM's clients know them (observed). */
export const SESSION_COOKIES: Readonly<Record<Service, string>> = { whm: 'whostmgrsession', cpanel: 'cpsession' }

export type Session = {
  readonly digest: string
  readonly userId: number
  readonly service: Service
  readonly securityTokenDigest: string
  readonly address: string
  readonly createdAt: Date
  readonly lastSeenAt: Date
  /** When its password was last proved: at the sign-in, or asked for again since. */
  readonly confirmedAt: Date
  readonly openedBy: 'password' | 'link'
}

export type SessionStore = {
  insert(session: Session): Promise<void>
  find(digest: string): Promise<Session | undefined>
  /** Those of one user, or all; the newest first. Ended ones may be among them until they are swept. */
  list(userId: number | undefined): Promise<readonly Session[]>
  /** The password was proved again. */
  confirm(digest: string, at: Date): Promise<void>
  remove(digest: string): Promise<void>
  /** Says how many those were. The session `keptDigest` stays; sign-in links that wait for the user go too. */
  removeAllOf(userId: number, keptDigest?: string): Promise<number>
  removeEnded(idleBefore: Date, createdBefore: Date): Promise<void>
  markSeen(digests: readonly string[], at: Date): Promise<void>
}

export type NewSessionSecrets = {
  /** The cookie's value before URL encoding: `USER:RANDOM,HEX`, 256 random bits in all. */
  readonly cookie: string
  readonly digest: string
  /** `/cpsess##########` */
  readonly securityToken: string
  readonly securityTokenDigest: string
}

/** Makes what a new session is known by. */
export function makeSessionSecrets(user: string): NewSessionSecrets {
  const cookie = `${user}:${randomBytes(16).toString('base64url')},${randomBytes(16).toString('hex')}`
  const securityToken = `/cpsess${randomInt(1_000_000_000, 10_000_000_000)}`
  return {
    cookie,
    digest: sessionDigest(cookie),
    securityToken,
    securityTokenDigest: sessionDigest(securityToken),
  }
}

/** SHA-256 in hex: enough for secrets of this length. */
export function sessionDigest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** WHM, Single Sign On: a session that a link opened is dropped after about 15 minutes without use (documented). */
const LINK_IDLE_MS = 15 * 60_000

/** Ended by idleness or by its overall age. */
export function hasEnded(
  session: Session,
  nowMs: number,
  limits: { readonly idleMs: number; readonly overallMs: number },
): boolean {
  const idleMs = session.openedBy === 'link' ? Math.min(limits.idleMs, LINK_IDLE_MS) : limits.idleMs
  return nowMs - session.lastSeenAt.getTime() >= idleMs || nowMs - session.createdAt.getTime() >= limits.overallMs
}
