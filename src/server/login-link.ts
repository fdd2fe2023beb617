/** A link that signs in once: what is looked at when a browser comes with one. Whatever its maker has lost since, the link has lost too. */
import { type LoginLink, linkDigest, mayLink } from '../accounts/login-links.ts'
import { makeSessionSecrets, type Service, sessionDigest } from '../accounts/sessions.ts'
import { effectivePrivileges, ownerPrivileges } from '../acl/privileges.ts'
import type { Stores } from '../functions/context.ts'
import type { Refusal } from '../tokens/check.ts'
import { isTokenFrozen } from '../tokens/freeze.ts'
import { SERVICE_NAMES } from './attempts.ts'
import { signInRefusalOf } from './password-check.ts'
import type { BarredAttempt } from './refusals.ts'
import { type SignedIn, type SignInParts, type SignInRequest, sessionCookie, signInEntry } from './sign-in.ts'

export type LinkAttempt = SignInRequest & {
  /** As the link has it: `USER:RANDOM,HEX`. */
  readonly session: string
  /** `/cpsess##########` */
  readonly securityToken: string
  readonly oldCookie: string | undefined
}

/**
 * Gives a new session under the link's own security token, or undefined when the link opens nothing (the trail says why). From a banned
 * address no link is looked at, so that it is still good afterwards.
 */
export async function redeemLink(
  { door, service, authenticate, protection }: SignInParts,
  attempt: LinkAttempt,
): Promise<Pick<SignedIn, 'setCookie'> | BarredAttempt | undefined> {
  const { client, now } = attempt
  const bar = protection.barOf(client, SERVICE_NAMES[service], 'sign-in', now)
  if (bar !== undefined) return bar
  const opened = await door.write(
    async (stores): Promise<{ readonly cookie: string } | { readonly refusal: Refusal; readonly user: string }> => {
      if (authenticate.isFrozenByFile()) return { refusal: 'frozen', user: '' }
      const link = await stores.loginLinks.take(linkDigest(attempt.session))
      if (link === undefined) return { refusal: 'link-unknown', user: '' }
      const user = await stores.accounts.findUserById(link.userId)
      const refusal = user === undefined ? 'unknown-user' : signInRefusalOf(service, user)
      if (user === undefined || refusal !== undefined) return { refusal: refusal ?? 'unknown-user', user: '' }
      if (hasEnded(link, service, attempt) || !(await isMakerAble(stores, link, user.name, now)))
        return { refusal: 'link-ended', user: user.name }
      const secrets = makeSessionSecrets(user.name)
      if (attempt.oldCookie !== undefined) await stores.sessions.remove(sessionDigest(attempt.oldCookie))
      await stores.sessions.insert({
        digest: secrets.digest,
        userId: user.id,
        service,
        securityTokenDigest: link.securityTokenDigest,
        address: client.addressText,
        createdAt: now,
        lastSeenAt: now,
        // No password was proved, so what asks for a fresh one asks here.
        confirmedAt: new Date(0),
        openedBy: 'link',
      })
      const maker = await stores.accounts.findUserById(link.makerId)
      const details = { link_made_by: maker?.name ?? '', ...(link.makerTokenId && { link_token: link.makerTokenId }) }
      await stores.audit.append([signInEntry(attempt, user.name, 'none', 'login', 'done', 'OK', details)])
      return { cookie: secrets.cookie }
    },
    { urgent: false },
  )
  if ('cookie' in opened) return { setCookie: sessionCookie(service, opened.cookie) }
  const lateBar = protection.missed(opened.refusal, client, SERVICE_NAMES[service], now)
  if (lateBar !== undefined) return lateBar
  door.trail(signInEntry(attempt, opened.user, 'none', 'login', 'refused', opened.refusal))
  return undefined
}

function hasEnded(link: LoginLink, service: Service, { now, securityToken }: LinkAttempt): boolean {
  const isMeantSo = link.service === service && link.securityTokenDigest === sessionDigest(securityToken)
  return !isMeantSo || link.expiresAt.getTime() <= now.getTime()
}

/** Says whether its maker could make the same link now. */
async function isMakerAble(stores: Stores, link: LoginLink, user: string, now: Date): Promise<boolean> {
  const maker = await stores.accounts.findUserById(link.makerId)
  if (maker === undefined || maker.isSuspended || maker.isFrozen) return false
  let privileges = ownerPrivileges(maker)
  if (link.makerTokenId !== undefined) {
    const found = await stores.tokens.findById(link.makerTokenId)
    if (found === undefined || isTokenFrozen(await stores.freezes.list(), link.makerTokenId, found.owner)) return false
    const { token } = found
    if (token.revokedAt !== undefined || token.pausedAt !== undefined) return false
    if (token.expiresAt !== undefined && token.expiresAt.getTime() <= now.getTime()) return false
    privileges = effectivePrivileges(token.privileges, maker)
  }
  if (!privileges.has('create-user-session') && !privileges.has('all')) return false
  const account = await stores.accounts.findAccount(user)
  const target = { userId: link.userId, ownerId: account?.ownerId }
  return mayLink({ userId: maker.id, kind: maker.kind }, target, link.service)
}
