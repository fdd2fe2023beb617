/**
 * From a request to a `Caller`: the only place that makes one. The credential alone decides; the order of checks is fixed, cheap ones
 * first: header bytes, form, check characters, look-up of the digest, user, state, expiry, address. A header decides alone: a bad one
 * is refused although a good cookie came with it. Every refusal looks the same outside; its exact reason goes to the trail. Before all
 * that stands the guard: who failed too often is not listened to, and no password is hashed for them.
 */
import type { Socket } from 'node:net'
import type { AccountStore, User } from '../accounts/account.ts'
import type { PasswordHasher } from '../accounts/passwords.ts'
import { hasEnded, SESSION_COOKIES, type Service, type Session, sessionDigest } from '../accounts/sessions.ts'
import type { Caller } from '../acl/caller.ts'
import { ownerPrivileges } from '../acl/privileges.ts'
import { Failure } from '../failures.ts'
import type { Stores } from '../functions/context.ts'
import { type Address, formatAddress, parseAddress } from '../ip-rules/address.ts'
import type { AttemptKind } from '../protection/attempt.ts'
import type { Barred } from '../protection/barred.ts'
import type { Guard } from '../protection/guard.ts'
import { type Guess, settled } from '../protection/guess.ts'
import { type Refusal, refusalOf } from '../tokens/check.ts'
import { digestsOf, isWellFormedSecret, markOf, type Peppers, type TokenMark } from '../tokens/secret.ts'
import type { PresentedSecret, Token } from '../tokens/token.ts'
import type { UsageLedger } from '../usage/ledger.ts'
import { parseAuthorization } from '../whm/authorization.ts'
import { natureOf, SERVICE_NAMES } from './attempts.ts'
import { type AddressMatcher, clientAddress } from './client-address.ts'
import type { Clock } from './clock.ts'
import { connectionOf } from './connection.ts'
import { cookieIn } from './cookies.ts'
import { type LiveToken, type LiveTokens, makeLive } from './live-tokens.ts'
import type { BarredAttempt } from './protection.ts'
import type { RequestHead } from './request-head.ts'
import { isCodeAsked } from './second-factor.ts'

/** What the trail should know of a credential that was refused. Nothing of it was proved. */
export type Refused = {
  readonly kind: 'refused'
  readonly refusal: Refusal
  readonly claimedUser: string
  readonly tokenId: string | undefined
  readonly tokenName: string | undefined
  readonly address: string | undefined
  readonly sentScheme: string | undefined
  /** Which kind of token came under which scheme to which service. */
  readonly mixUp?: string
  /** It came with a user name and a password. */
  readonly isSignIn: boolean
}

export type Authenticated = {
  readonly kind: 'caller'
  readonly caller: Caller
  /** The record behind a token call. */
  readonly token: LiveToken | undefined
}

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

/** The last token presented on a connection, so that the next call need not read and hash it again. */
export type CredentialMemo = {
  readonly header: string
  readonly user: string
  readonly digests: readonly string[]
}

export type ClientOf = {
  readonly address: Address | undefined
  readonly addressText: string
  readonly ignoredHeaders: readonly string[]
}

/** Where the call comes from. */
export function clientOf(parts: AuthenticateParts, socket: Socket, head: RequestHead): ClientOf {
  const peer = connectionOf(socket).peer
  if (head.forwardingHeaders.length === 0) return peer
  const { address, ignoredHeaders } = clientAddress(peer.address, head, parts.isTrustedProxy)
  return { address, addressText: address === undefined ? '' : formatAddress(address), ignoredHeaders }
}

/** `securityToken` is the `/cpsess…` part of the path, which a session needs. */
export function authenticate(
  parts: AuthenticateParts,
  socket: Socket,
  head: RequestHead,
  client: ClientOf,
  securityToken: string | undefined,
  nowMs: number,
): Authentication | Promise<Authentication> {
  // Nobody is banned nearly always, and then this is all that it costs.
  const bar = parts.guard.isQuiet ? undefined : parts.guard.barOf(client.address, nowMs)
  if (bar !== undefined) return authenticateBarred(parts, bar, head, client, securityToken, nowMs)
  const header = head.authorization
  if (header === undefined) return authenticateSession(parts, head, client, securityToken)
  const connection = connectionOf(socket)
  const memo = connection.credential
  if (memo?.header === header) return authenticateToken(parts, memo, client, nowMs)
  const sent = parseAuthorization(header)
  if ('refusal' in sent) {
    if (sent.refusal === 'missing') return authenticateSession(parts, head, client, securityToken)
    const { claimedUser, sentScheme } = sent
    return turnAway(parts, refused(sent.refusal, client, { claimedUser, sentScheme }), client, nowMs)
  }
  if (sent.scheme === 'basic') return authenticatePassword(parts, sent.user, sent.password, client)
  const { scheme, user, secret } = sent
  if (scheme !== parts.service) return turnAway(parts, mixedUp(parts, client, sent), client, nowMs)
  if (!isWellFormedSecret(secret)) {
    const refusal = /^[0-9A-Z]{32}$/.test(secret) ? 'check-characters-wrong' : 'malformed'
    return turnAway(parts, refused(refusal, client, { claimedUser: user }), client, nowMs)
  }
  if (markOf(secret) !== MARKS[parts.service]) return turnAway(parts, mixedUp(parts, client, sent), client, nowMs)
  const fresh: CredentialMemo = { header, user, digests: digestsOf(secret, parts.peppers) }
  connection.credential = fresh
  return authenticateToken(parts, fresh, client, nowMs)
}

/** Each service takes tokens of its own, under its own scheme, and nothing of the other's. */
const MARKS: Readonly<Record<Service, TokenMark>> = { whm: 'PSW', cpanel: 'PSC' }
const TOKENS_OF: Readonly<Record<TokenMark, string>> = { PSW: 'a WHM token', PSC: 'a token of a hosting account' }

/** The client learns nothing; the trail says what was taken for what. */
function mixedUp(
  { service }: AuthenticateParts,
  client: ClientOf,
  { scheme, user, secret }: { readonly scheme: string; readonly user: string; readonly secret: string },
): Refused {
  const what = isWellFormedSecret(secret) ? TOKENS_OF[markOf(secret)] : 'what is no token'
  const mixUp = `${what} came under the scheme “${scheme}” to the ${service === 'whm' ? 'WHM' : 'cPanel'} service`
  return { ...refused('wrong-scheme', client, { claimedUser: user, sentScheme: scheme }), mixUp }
}

function authenticateToken(
  parts: AuthenticateParts,
  memo: CredentialMemo,
  client: ClientOf,
  nowMs: number,
): Authentication | Promise<Authentication> {
  const decided = findToken(parts, memo, client, nowMs)
  if (decided instanceof Promise) return decided.then((result) => admitFirstUse(parts, result))
  return admitFirstUse(parts, decided)
}

function findToken(
  parts: AuthenticateParts,
  memo: CredentialMemo,
  client: ClientOf,
  nowMs: number,
): Authentication | Promise<Authentication> {
  const found = parts.tokens.find(memo.digests[0] ?? '')
  if (found instanceof Promise || (found === undefined && memo.digests.length > 1))
    return findAndDecide(parts, memo, client, found, memo.digests.slice(1))
  return decideToken(parts, memo, client, found, nowMs)
}

async function findAndDecide(
  parts: AuthenticateParts,
  memo: CredentialMemo,
  client: ClientOf,
  first: Promise<LiveToken | undefined> | undefined,
  older: readonly string[],
): Promise<Authentication> {
  let token = await first
  for (const digest of older) token ??= await parts.tokens.find(digest)
  // The look-up took its time, and on PostgreSQL it brought the database's clock along.
  return decideToken(parts, memo, client, token, parts.clock.nowMs())
}

/** The secrets that end with the first use of a newer one have ended by the time that this use is answered. */
function admitFirstUse(parts: AuthenticateParts, decided: Authentication): Authentication | Promise<Authentication> {
  if (decided.kind !== 'caller' || decided.token?.isFirstUse !== true) return decided
  const address = decided.caller.address ?? ''
  return parts.onFirstUse(decided.token, address, parts.clock.nowMs()).then(() => decided)
}

function decideToken(
  parts: AuthenticateParts,
  memo: CredentialMemo,
  client: ClientOf,
  token: LiveToken | undefined,
  nowMs: number,
): Authentication {
  const claimedUser = memo.user
  if (token === undefined) return turnAway(parts, refused('unknown-token', client, { claimedUser }), client, nowMs)
  if (client.address === undefined) return refused('address-unreadable', client, { claimedUser, token })
  const refusal = refusalOf(token, memo.user, client.address, nowMs, parts.isAlwaysAllowed)
  if (refusal !== undefined) return turnAway(parts, refused(refusal, client, { claimedUser, token }), client, nowMs)
  if (parts.isFrozenByFile()) return turnAway(parts, refused('frozen', client, { claimedUser, token }), client, nowMs)
  if (token.authenticated?.caller.address !== client.addressText) {
    token.authenticated = { kind: 'caller', caller: tokenCaller(token, client.addressText), token }
  }
  return token.authenticated
}

function tokenCaller(token: LiveToken, address: string): Caller {
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

async function authenticatePassword(
  parts: AuthenticateParts,
  name: string,
  password: string,
  client: ClientOf,
): Promise<Authentication> {
  const about = { claimedUser: name, isSignIn: true }
  if (client.address === undefined) return refused('address-unreadable', client, about)
  const guess = await beginPassword(parts, client.address, name)
  if (guess.kind === 'barred') return barredAttempt(guess, client, name, 'sign-in')
  const checked = await settled(guess, () => checkPassword(parts, name, password))
  if (typeof checked === 'string') {
    guess.fail(checked !== 'unknown-user')
    return refused(checked, client, about)
  }
  // WHM: a password alone is not enough for whoever signs in with two factors; the reply is the form that asks for the code (observed).
  if (await settled(guess, () => isCodeAsked(parts.stores, checked.id))) {
    guess.abandon()
    return refused('tfa-required', client, about)
  }
  guess.succeed({ id: checked.id, name: checked.name, isRoot: checked.kind === 'root' }, false)
  return { kind: 'caller', caller: userCaller(checked, { kind: 'password' }, client.addressText), token: undefined }
}

/** Asks the guard to check a password. Throws `overloaded`. */
export function beginPassword(
  { guard, service }: Pick<AuthenticateParts, 'guard' | 'service'>,
  address: Address,
  claimedUser: string,
): Promise<Guess | Barred> {
  const about = { ...natureOf('wrong-password'), service: SERVICE_NAMES[service], factor: 'password' } as const
  return guard.beginGuess({ ...about, address, claimedUser })
}

/** The user whose password this is, or why not. Costs one hash whoever is asked for. */
export async function checkPassword(
  parts: Pick<AuthenticateParts, 'stores' | 'passwords' | 'isFrozenByFile'>,
  name: string,
  password: string,
): Promise<User | Refusal> {
  const user = await parts.stores.accounts.findUser(name)
  const isRight = await parts.passwords.verify(user?.passwordHash, password)
  if (user === undefined) return 'unknown-user'
  if (user.passwordHash === undefined) return 'no-password-set'
  if (!isRight) return 'wrong-password'
  if (user.isSuspended) return 'owner-suspended'
  return user.isFrozen || parts.isFrozenByFile() ? 'frozen' : user
}

async function authenticateSession(
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

/** Why this user, whatever the password, may not sign in. WHM's service is for root and resellers, cPanel's for accounts as well. */
export function signInRefusalOf(service: Service, user: User): Refusal | undefined {
  if (user.isSuspended) return 'owner-suspended'
  if (user.isFrozen) return 'frozen'
  return service === 'whm' && user.kind === 'account' ? 'not-a-reseller' : undefined
}

/** A browser says where a request comes from; another site, or another name on this one, may not use the session. */
export function isCrossSite(head: Pick<RequestHead, 'fetchSite' | 'origin' | 'host'>): boolean {
  if (head.fetchSite !== undefined && head.fetchSite !== 'same-origin' && head.fetchSite !== 'none') return true
  // Fetch: under our own referrer policy, no-referrer, a browser sends this origin with each form of ours.
  if (head.origin === 'null' && head.fetchSite === 'same-origin') return false
  return head.origin !== undefined && head.origin !== `https://${head.host}`
}

/** Root on the machine, by the socket that only root may open, acting as any user. */
export async function localCaller(accounts: AccountStore, name: string): Promise<Caller | undefined> {
  const user = await accounts.findUser(name)
  return user && userCaller(user, { kind: 'local' }, undefined)
}

function userCaller(user: User, credential: Caller['credential'], address: string | undefined): Caller {
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

function sessionCredential({ digest, confirmedAt }: Session): Caller['credential'] {
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

/**
 * From an address that is banned: a session goes on, since it was proved before; a token whose own rules name the address exactly
 * passes; a password is checked where its user signed in before, as the guard says; nothing else is listened to.
 */
function authenticateBarred(
  parts: AuthenticateParts,
  bar: Barred,
  head: RequestHead,
  client: ClientOf,
  securityToken: string | undefined,
  nowMs: number,
): Authentication | Promise<Authentication> {
  const sent = parseAuthorization(head.authorization ?? '')
  if ('refusal' in sent) {
    if (sent.refusal === 'missing' && bar.because !== 'denied')
      return authenticateSession(parts, head, client, securityToken)
    return barredAttempt(bar, client, sent.claimedUser ?? '', 'bad-token')
  }
  if (sent.scheme === 'basic') {
    return bar.because === 'denied'
      ? barredAttempt(bar, client, sent.user, 'sign-in')
      : authenticatePassword(parts, sent.user, sent.password, client)
  }
  const barred = barredAttempt(bar, client, sent.user, 'bad-token')
  const isCandidate =
    sent.scheme === parts.service && isWellFormedSecret(sent.secret) && markOf(sent.secret) === MARKS[parts.service]
  if (bar.because === 'denied' || !isCandidate) return barred
  const memo = { header: '', user: sent.user, digests: digestsOf(sent.secret, parts.peppers) }
  const passOrBar = (result: Authentication): Authentication | Promise<Authentication> =>
    // What is turned away was no use of the secret.
    result.kind === 'caller' && namesExactly(result.token?.ipRules ?? [], client.address)
      ? admitFirstUse(parts, result)
      : barred
  const result = findToken(parts, memo, client, nowMs)
  return result instanceof Promise ? result.then(passOrBar) : passOrBar(result)
}

function namesExactly(ipRules: readonly string[], address: Address | undefined): boolean {
  if (address === undefined) return false
  const text = formatAddress(address)
  return ipRules.some((rule) => {
    const named = parseAddress(rule)
    return named !== undefined && formatAddress(named) === text
  })
}

/** Counts what was refused; when the address had been banned by then, the answer is the ban's. */
function turnAway(
  parts: AuthenticateParts,
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

function refused(
  refusal: Refused['refusal'],
  client: ClientOf,
  about: {
    readonly claimedUser?: string | undefined
    readonly token?: LiveToken
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
