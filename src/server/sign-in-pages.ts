/** Signing in by the form, by a client that reads JSON, or by a link that works once. */
import { randomUUID } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { SESSION_COOKIES } from '../accounts/sessions.ts'
import { FAILURES, Failure } from '../failures.ts'
import { type Arguments, decodeBody, decodeQuery, mergeArguments, NO_ARGUMENTS } from '../whm/arguments.ts'
import { parseTarget, type Target } from '../whm/request-target.ts'
import type { AuthenticateParts } from './authentication.ts'
import type { Certificate } from './certificate.ts'
import { clientOf } from './client-address.ts'
import { cookieIn } from './cookies.ts'
import { pathAfterSignIn } from './goto.ts'
import { goOnPage, messagePage, signInPage, twoFactorPage } from './html.ts'
import { redeemLink } from './login-link.ts'
import { html, json } from './page-replies.ts'
import { type RequestHead, readHead } from './request-head.ts'
import { isCrossSite } from './session-check.ts'
import { type CodeNeeded, type SignInParts, type SignInRequest, signIn } from './sign-in.ts'

export type SignInPagesParts = SignInParts & {
  readonly authenticate: AuthenticateParts
  /** The one in use now. */
  certificate(): Pick<Certificate, 'selfSigned' | 'fingerprint256'>
}

export async function answerSignIn(
  parts: SignInPagesParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const head = readHead(request.raw.rawHeaders)
  const args = readArguments(request)
  const [user, password] = [onlyValue(args, 'user'), onlyValue(args, 'pass')]
  const wantsJson = args.values.get('login_only')?.[0] === '1'
  const goTo = pathAfterSignIn(onlyValue(args, 'goto_uri'))
  const signedIn = await signIn(parts, {
    ...signInRequest(parts, request, head),
    user,
    password,
    code: onlyValue(args, 'tfa_token'),
    ticket: onlyValue(args, 'ticket'),
    isCrossSite: isCrossSite(head),
    oldCookie: sessionCookieOf(parts, head),
  })
  if (signedIn?.kind === 'barred' && signedIn.because !== 'denied')
    return answerBarred(reply, signedIn.retryAfterSeconds, wantsJson)
  if (signedIn === undefined || signedIn.kind === 'barred') {
    if (!wantsJson) return askToSignIn(parts, reply, 401, { failed: true, user, goTo })
    return json(reply, 401, { status: 0, message: FAILURES['access-denied'].reason(), reason: 'invalid_login' })
  }
  if (signedIn.kind === 'code-needed') return answerCodeNeeded(reply, wantsJson, signedIn, goTo)
  const { securityToken } = signedIn
  const redirect = `${securityToken}${goTo}`
  reply.header('set-cookie', signedIn.setCookie)
  // Official clients read the security token from Location, also on a 200 (observed).
  reply.header('location', redirect)
  if (wantsJson) return json(reply, 200, { status: 1, security_token: securityToken, redirect })
  // Not 303: a client of WHM's makers would follow it, and then look for the security token in vain (observed).
  return html(reply, 302, messagePage('Signed in', 'You are signed in.', redirect))
}

/** Told only to whoever sent the right password. */
function answerCodeNeeded(
  reply: FastifyReply,
  wantsJson: boolean,
  { wasRefused, ticket }: CodeNeeded,
  goTo: string,
): FastifyReply {
  if (!wantsJson) return html(reply, 401, twoFactorPage({ ticket, failed: wasRefused, goTo }))
  const message = FAILURES[wasRefused ? 'tfa-code-wrong' : 'tfa-required'].reason()
  return json(reply, 401, { status: 0, message, reason: wasRefused ? 'tfa_invalid' : 'tfa_required', ticket })
}

/** WHM's links sign in with `/cpsess…/login/?session=…`, once. Undefined: this one does not. */
export async function answerLink(
  parts: SignInPagesParts,
  request: FastifyRequest,
  reply: FastifyReply,
  target: Target,
): Promise<unknown> {
  const head = readHead(request.raw.rawHeaders)
  const session = onlyValue(decodeQuery(target.rawQuery), 'session')
  const { securityToken } = target
  if (securityToken === undefined || session === '') return undefined
  const signedIn = await redeemLink(parts, {
    ...signInRequest(parts, request, head),
    session,
    securityToken,
    oldCookie: sessionCookieOf(parts, head),
  })
  if (signedIn === undefined) return undefined
  if ('kind' in signedIn)
    return signedIn.because === 'denied' ? undefined : answerBarred(reply, signedIn.retryAfterSeconds, false)
  const redirect = `${securityToken}/`
  reply.header('set-cookie', signedIn.setCookie).header('location', redirect)
  return html(reply, 200, goOnPage(redirect))
}

function answerBarred(reply: FastifyReply, seconds: number, wantsJson: boolean): unknown {
  const { http, message } = new Failure('too-many-attempts', { seconds })
  reply.header('retry-after', String(seconds))
  if (wantsJson) return json(reply, http, { status: 0, message, reason: 'too_many_attempts' })
  return html(reply, http, messagePage('Too many attempts', message, '/login/'))
}

export function askToSignIn(
  parts: SignInPagesParts,
  reply: FastifyReply,
  status: number,
  more: Partial<Parameters<typeof signInPage>[0]> = {},
): FastifyReply {
  const { selfSigned, fingerprint256 } = parts.certificate()
  const selfSignedFingerprint = selfSigned ? fingerprint256 : undefined
  return html(
    reply,
    status,
    signInPage({
      failed: false,
      user: '',
      goTo: '/',
      hasEnded: false,
      hasSignedOut: false,
      selfSignedFingerprint,
      ...more,
    }),
  )
}

export function signInRequest(parts: SignInPagesParts, request: FastifyRequest, head: RequestHead): SignInRequest {
  return {
    client: clientOf(parts.authenticate, request.raw.socket, head),
    requestId: randomUUID(),
    now: parts.authenticate.clock.now(),
  }
}

function readArguments(request: FastifyRequest): Arguments {
  const query = decodeQuery(parseTarget(request.raw.url ?? '').rawQuery)
  const bytes = request.body
  const body =
    Buffer.isBuffer(bytes) && bytes.length > 0 ? decodeBody(bytes, request.headers['content-type']) : NO_ARGUMENTS
  return mergeArguments(query, body)
}

/** Empty where the argument is missing or has more than one value: of two names or passwords none is meant. */
function onlyValue({ values, clashes }: Arguments, name: string): string {
  const [value = '', ...others] = values.get(name) ?? []
  return others.length > 0 || clashes.includes(name) ? '' : value
}

/** None beside a credential in the header, which decides alone. */
export function sessionCookieOf(parts: SignInPagesParts, head: RequestHead): string | undefined {
  if (head.cookie === undefined || (head.authorization ?? '').trim() !== '') return undefined
  return cookieIn(head.cookie, SESSION_COOKIES[parts.service])
}
