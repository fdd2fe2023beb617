/**
 * From a request to a `Caller`. The credential alone decides; the order of checks is fixed, cheap ones
 * first: header bytes, form, check characters, look-up of the digest, user, state, expiry, address. A header decides alone: a bad one
 * is refused although a good cookie came with it. Every refusal looks the same outside; its exact reason goes to the trail. Before all
 * that stands the guard: who failed too often is not listened to, and no password is hashed for them.
 */
import type { Socket } from 'node:net'
import type { Service } from '../accounts/sessions.ts'
import { type Address, formatAddress, parseAddress } from '../ip-rules/address.ts'
import type { Barred } from '../protection/barred.ts'
import { refusalOf } from '../tokens/check.ts'
import { digestsOf, isWellFormedSecret, markOf, type TokenMark } from '../tokens/secret.ts'
import { parseAuthorization } from '../whm/authorization.ts'
import type { AuthenticateParts, Authentication } from './authentication.ts'
import { tokenCaller } from './callers.ts'
import type { ClientOf } from './client-address.ts'
import { type CredentialMemo, connectionOf } from './connection.ts'
import type { LiveToken } from './live-tokens.ts'
import { authenticatePassword } from './password-check.ts'
import { barredAttempt, type Refused, refused, tokenKindOf, turnAway } from './refusals.ts'
import type { RequestHead } from './request-head.ts'
import { authenticateSession } from './session-check.ts'

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

/** The client learns nothing; the trail says what was taken for what. */
function mixedUp(
  { service }: AuthenticateParts,
  client: ClientOf,
  { scheme, user, secret }: { readonly scheme: string; readonly user: string; readonly secret: string },
): Refused {
  const what = tokenKindOf(secret) ?? 'what is no token'
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
