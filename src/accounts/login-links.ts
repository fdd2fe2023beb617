/**
 * Links that sign a browser in without a password (WHM, `create_user_session`): used once, good for minutes, kept as digests, and bound
 * to whoever made them and to the account they are for. No I/O.
 */
import { randomBytes, randomInt } from 'node:crypto'
import type { UserKind } from '../acl/caller.ts'
import { type Service, sessionDigest } from './sessions.ts'

/** How long a link waits for its browser. */
export const LINK_MAX_SECONDS = 300

export type LoginLink = {
  readonly digest: string
  readonly userId: number
  readonly service: Service
  /** Of the `/cpsess…` part that the session will have. */
  readonly securityTokenDigest: string
  readonly makerId: number
  /** When the maker came with a token: the link ends with it. */
  readonly makerTokenId: string | undefined
  readonly createdAt: Date
  readonly expiresAt: Date
}

export type LoginLinkStore = {
  insert(link: LoginLink): Promise<void>
  /** Takes the link away, so that nobody uses it again; undefined when there is none. */
  take(digest: string): Promise<LoginLink | undefined>
  /** Those for the user and those made by the user. */
  removeAllOf(userId: number): Promise<void>
  removeEnded(at: Date): Promise<void>
}

/**
 * Who may make one for whom: root for everybody, everybody for themselves, and a reseller for the accounts it owns, on the service for
 * accounts alone. WHM documents that a reseller needs to own the account; that only root opens WHM for another user is our choice.
 */
export function mayLink(
  maker: { readonly userId: number; readonly kind: UserKind },
  target: { readonly userId: number; readonly ownerId: number | undefined },
  service: Service,
): boolean {
  if (maker.kind === 'root' || maker.userId === target.userId) return true
  return maker.kind === 'reseller' && service === 'cpanel' && target.ownerId === maker.userId
}

export type NewLoginLink = {
  /** `USER:RANDOM,HEX`, in the form of a session's cookie, which it never is. */
  readonly session: string
  readonly digest: string
  /** `/cpsess##########` */
  readonly securityToken: string
  readonly securityTokenDigest: string
}

/** Makes what a new link is known by. */
export function makeLoginLink(user: string): NewLoginLink {
  const session = `${user}:${randomBytes(16).toString('base64url')},${randomBytes(16).toString('hex')}`
  const securityToken = `/cpsess${randomInt(1_000_000_000, 10_000_000_000)}`
  return {
    session,
    digest: linkDigest(session),
    securityToken,
    securityTokenDigest: sessionDigest(securityToken),
  }
}

/** Apart from the digests of cookies: a link is no cookie, and a cookie no link. */
export function linkDigest(session: string): string {
  return sessionDigest(`login link ${session}`)
}
