/**
 * Signing in and out. A session row exists only after success, with a new id each time; the old one of the same browser ends. The
 * words of a failure are the same whatever the cause; the trail has the cause.
 */
import { stringifySetCookie } from 'cookie'
import type { User } from '../accounts/account.ts'
import { makeSessionSecrets, SESSION_COOKIES, type Service, sessionDigest } from '../accounts/sessions.ts'
import type { AuditEntry } from '../audit/entry.ts'
import type { Stores } from '../functions/context.ts'
import type { Door } from '../functions/door.ts'
import type { Address } from '../ip-rules/address.ts'
import type { Factor as GuessedFactor } from '../protection/attempt.ts'
import type { Barred } from '../protection/barred.ts'
import { type Guess, settled } from '../protection/guess.ts'
import type { Refusal } from '../tokens/check.ts'
import { maskSecrets } from '../whm/mask.ts'
import { natureOf, SERVICE_NAMES } from './attempts.ts'
import type { AuthenticateParts } from './authentication.ts'
import type { ClientOf } from './client-address.ts'
import { beginPassword, checkPassword, signInRefusalOf } from './password-check.ts'
import type { Protection } from './protection.ts'
import { type BarredAttempt, barredAttempt } from './refusals.ts'
import { checkFactor, type Factor, spendFactor } from './second-factor.ts'
import { isTicketOf, makeTicket, userIdOfTicket } from './sign-in-ticket.ts'

export type SignedIn = {
  readonly kind: 'signed-in'
  readonly user: User
  /** `/cpsess##########` */
  readonly securityToken: string
  readonly setCookie: string
}

/** The password was right; a code is asked for, or the one that was sent was refused. */
export type CodeNeeded = {
  readonly kind: 'code-needed'
  readonly wasRefused: boolean
  /** Stands for the password in the second step. */
  readonly ticket: string
}

export type SignInParts = {
  readonly door: Door
  readonly service: Service
  readonly protection: Protection
  readonly authenticate: Pick<AuthenticateParts, 'isFrozenByFile'>
}

/** One request to sign in or out, as the trail shows it. */
export type SignInRequest = { readonly client: ClientOf; readonly requestId: string; readonly now: Date }

export type SignInAttempt = SignInRequest & {
  readonly user: string
  readonly password: string
  /** A code of the second factor; empty when none was sent. */
  readonly code: string
  /** What the first step answered; stands in the place of user and password. Empty without. */
  readonly ticket: string
  /** The browser says that another site sent the form. */
  readonly isCrossSite: boolean
  /** The session cookie that the browser already had. */
  readonly oldCookie: string | undefined
}

/**
 * Gives the new session, asks for a code, or undefined when the attempt was refused (the trail says why); `barred` when it was not even
 * looked at. Throws `overloaded`.
 */
export async function signIn(
  parts: SignInParts,
  attempt: SignInAttempt,
): Promise<SignedIn | CodeNeeded | BarredAttempt | undefined> {
  const unfit = unfitness(attempt)
  if (unfit !== undefined) {
    // What holds control characters is nobody's name, and reaches no file.
    const shown = CONTROL.test(attempt.user) ? { ...attempt, user: '' } : attempt
    const barred = count(parts, shown, unfit, 'password')
    return barred === undefined ? refuse(parts, shown, unfit) : bar(parts, shown, barred)
  }
  const { client } = attempt
  const { guard } = parts.protection
  const user = await userNamed(parts, attempt)
  // `unfitness` has refused whoever has no address.
  const guess = await beginPassword({ guard, service: parts.service }, client.address as Address, user)
  if (guess.kind === 'barred') return bar(parts, attempt, guess)
  return settled(guess, () => checkAndOpen(parts, attempt, guess))
}

/** In the second step the ticket says who it is; it is checked later. */
async function userNamed({ door }: SignInParts, { user, ticket, now }: SignInAttempt): Promise<string> {
  const userId = ticket === '' ? undefined : userIdOfTicket(ticket, now)
  return (userId === undefined ? undefined : (await door.stores.accounts.findUserById(userId))?.name) ?? user
}

async function checkAndOpen(
  parts: SignInParts,
  attempt: SignInAttempt,
  guess: Guess,
): Promise<SignedIn | CodeNeeded | undefined> {
  const { door, service } = parts
  const checked = await checkFirstFactor(parts, attempt)
  const refusal = typeof checked === 'string' ? checked : signInRefusalOf(service, checked)
  if (typeof checked === 'string' || refusal !== undefined) {
    guess.fail(checked !== 'unknown-user')
    return refuse(parts, attempt, refusal ?? 'wrong-password')
  }
  const factor = await checkFactor(door, checked.id, attempt.code, attempt.now)
  if (typeof factor === 'string') {
    guess.abandon()
    return refuseCode(parts, attempt, checked, factor)
  }
  const newHash = await hashAnew(door, checked, attempt)
  const secrets = makeSessionSecrets(checked.name)
  const changed = await door.write(
    async (stores): Promise<Refusal | undefined> => {
      const change = await changeSince(stores, service, checked)
      if (change !== undefined) return change
      const isUsed = await spendFactor(stores, checked.id, factor, attempt.now)
      if (isUsed !== undefined) return isUsed
      if (attempt.oldCookie !== undefined) await stores.sessions.remove(sessionDigest(attempt.oldCookie))
      if (newHash !== undefined) await stores.accounts.setPasswordHash(checked.id, newHash)
      await stores.sessions.insert({
        digest: secrets.digest,
        userId: checked.id,
        service,
        securityTokenDigest: secrets.securityTokenDigest,
        address: attempt.client.addressText,
        createdAt: attempt.now,
        lastSeenAt: attempt.now,
        confirmedAt: attempt.now,
        openedBy: 'password',
      })
      await stores.audit.append([
        signInEntry(attempt, checked.name, 'password', 'login', 'done', 'OK', factorDetails(factor)),
      ])
      return undefined
    },
    { urgent: false },
  )
  if (changed !== undefined) {
    guess.abandon()
    return isAboutCode(changed) ? refuseCode(parts, attempt, checked, changed) : refuse(parts, attempt, changed)
  }
  guess.succeed({ id: checked.id, name: checked.name, isRoot: checked.kind === 'root' }, true)
  parts.protection.accepted(checked.name, attempt.client.addressText, SERVICE_NAMES[service], attempt.now)
  return {
    kind: 'signed-in',
    user: checked,
    securityToken: secrets.securityToken,
    setCookie: sessionCookie(service, secrets.cookie),
  }
}

/** The user whose password, or whose ticket for one, was sent. */
async function checkFirstFactor({ door, authenticate }: SignInParts, attempt: SignInAttempt): Promise<User | Refusal> {
  const { stores, services } = door
  const { isFrozenByFile } = authenticate
  if (attempt.ticket === '') {
    const check = { stores, passwords: services.passwords, isFrozenByFile }
    return checkPassword(check, attempt.user, attempt.password)
  }
  const userId = userIdOfTicket(attempt.ticket, attempt.now)
  const user = userId === undefined ? undefined : await stores.accounts.findUserById(userId)
  if (user === undefined || !isTicketOf(attempt.ticket, user, attempt.client.addressText, services.peppers)) {
    return 'wrong-password'
  }
  if (user.isSuspended) return 'owner-suspended'
  return user.isFrozen || isFrozenByFile() ? 'frozen' : user
}

/** Today's hash of the password, when it is at hand and was hashed with other parameters. */
async function hashAnew({ services }: Door, user: User, attempt: SignInAttempt): Promise<string | undefined> {
  const isStale = attempt.ticket === '' && services.passwords.needsRehash(user.passwordHash ?? '')
  return isStale ? services.passwords.hash(attempt.password) : undefined
}

const isAboutCode = (refusal: Refusal): boolean => refusal.startsWith('tfa-')

function refuseCode(parts: SignInParts, attempt: SignInAttempt, user: User, refusal: Refusal): CodeNeeded {
  const { door } = parts
  // How often a code of this user may be tried is kept beside the code; here the address is counted.
  if (refusal !== 'tfa-required') {
    count(parts, { ...attempt, user: user.name }, refusal, 'second-factor')
    report(parts, { ...attempt, user: user.name }, refusal)
  }
  door.trail(signInEntry(attempt, user.name, 'none', 'login', 'refused', refusal))
  const ticket =
    attempt.ticket === ''
      ? makeTicket(user, attempt.client.addressText, attempt.now, door.services.peppers)
      : attempt.ticket
  return { kind: 'code-needed', wasRefused: refusal !== 'tfa-required', ticket }
}

function factorDetails({ kind }: Factor): AuditEntry['details'] {
  return kind === 'not-asked' ? {} : { second_factor: kind === 'recovery' ? 'recovery code' : 'code' }
}

const USER_MAX_LENGTH = 300
const CODE_MAX_LENGTH = 100
const CONTROL = /[\x00-\x1f\x7f-\x9f]/

/** What is refused before anybody is looked up: no user has such a name, and a form of another site is no sign-in at all. */
function unfitness({ user, password, code, ticket, client, isCrossSite }: SignInAttempt): Refusal | undefined {
  if (isCrossSite) return 'cross-site'
  if (client.address === undefined) return 'address-unreadable'
  // As in a Basic header: a control character in a credential is never a slip of the finger.
  const isMalformed = ticket === '' && (user === '' || user.length > USER_MAX_LENGTH || password === '')
  if (code.length > CODE_MAX_LENGTH) return 'malformed'
  return isMalformed || CONTROL.test(user) || CONTROL.test(password) ? 'malformed' : undefined
}

/**
 * Hashing takes a while. Whoever lost the account, the right to sign in or the password meanwhile gets no session, since those were
 * ended at that moment; and a new password is not overwritten by the old one hashed anew.
 */
async function changeSince(stores: Stores, service: Service, checked: User): Promise<Refusal | undefined> {
  const user = await stores.accounts.findUserById(checked.id)
  if (user === undefined || user.name !== checked.name) return 'unknown-user'
  if (user.passwordHash !== checked.passwordHash) return 'wrong-password'
  return signInRefusalOf(service, user)
}

/** What was no guess of a password. Whoever goes on sending such things is banned at last all the same. */
function count(
  { protection, service }: SignInParts,
  { client, now, user }: SignInAttempt,
  refusal: Refusal,
  factor: GuessedFactor,
): Barred | undefined {
  return protection.guard.count({
    ...natureOf(refusal, true),
    atMs: now.getTime(),
    address: client.address,
    claimedUser: user,
    service: SERVICE_NAMES[service],
    factor,
  })
}

function bar(
  { protection, service }: SignInParts,
  { client, user, now }: SignInAttempt,
  barred: Barred,
): BarredAttempt {
  const attempt = barredAttempt(barred, client, user, 'sign-in')
  protection.barred(attempt, SERVICE_NAMES[service], now.getTime())
  return attempt
}

function refuse(parts: SignInParts, attempt: SignInAttempt, refusal: Refusal): undefined {
  const { door } = parts
  report(parts, attempt, refusal)
  // The name can be anything, a secret in the wrong field included.
  const claimed = CONTROL.test(attempt.user) ? '' : maskSecrets(attempt.user).slice(0, USER_MAX_LENGTH)
  door.trail(signInEntry(attempt, claimed, 'none', 'login', 'refused', refusal))
}

/** For the log that Fail2Ban reads. */
function report({ protection, service }: SignInParts, { client, user, now }: SignInAttempt, refusal: Refusal): void {
  const refused = {
    kind: 'refused',
    refusal,
    claimedUser: user,
    tokenId: undefined,
    tokenName: undefined,
    address: client.addressText === '' ? undefined : client.addressText,
    sentScheme: undefined,
    isSignIn: true,
  } as const
  protection.refused(refused, SERVICE_NAMES[service], now)
}

/** Ends the session of this cookie and user. */
export async function signOut(door: Door, cookie: string, user: string, request: SignInRequest): Promise<void> {
  await door.write(
    async (stores) => {
      await stores.sessions.remove(sessionDigest(cookie))
      await stores.audit.append([signInEntry(request, user, 'session', 'logout', 'done', 'OK')])
    },
    { urgent: true },
  )
}

const COOKIE = { path: '/', secure: true, httpOnly: true, sameSite: 'strict' } as const

/** The line that gives the browser its session. */
export function sessionCookie(service: Service, value: string): string {
  return stringifySetCookie({ ...COOKIE, name: SESSION_COOKIES[service], value })
}

/** The line that takes the session cookie from the browser. */
export function noSessionCookie(service: Service): string {
  return stringifySetCookie({ ...COOKIE, name: SESSION_COOKIES[service], value: '', maxAge: 0 })
}

/** Of signing in and out, as the trail keeps it. */
export function signInEntry(
  { client, requestId, now }: SignInRequest,
  caller: string,
  credential: AuditEntry['credential'],
  act: 'login' | 'logout',
  outcome: AuditEntry['outcome'],
  reason: string,
  more: AuditEntry['details'] = {},
): AuditEntry {
  return {
    at: now,
    requestId,
    caller,
    credential,
    tokenId: undefined,
    tokenName: undefined,
    address: client.addressText === '' ? undefined : client.addressText,
    function: act,
    target: '',
    outcome,
    reason,
    details: { ...(client.ignoredHeaders.length > 0 && { ignored_headers: client.ignoredHeaders }), ...more },
  }
}
