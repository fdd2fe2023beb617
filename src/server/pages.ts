/**
 * Everything that is not a function call, on Fastify: health, sign-in and sign-out, the first page. A stranger gets the sign-in page
 * with 401 for every path, so nothing tells which paths exist.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import helmet from '@fastify/helmet'
import files from '@fastify/static'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { SESSION_COOKIES, sessionDigest } from '../accounts/sessions.ts'
import { FAILURES, Failure } from '../failures.ts'
import type { Door } from '../functions/door.ts'
import { type Arguments, decodeBody, decodeQuery, mergeArguments, NO_ARGUMENTS } from '../whm/arguments.ts'
import { failureBody } from '../whm/reply.ts'
import { parseTarget, type Target } from '../whm/request-target.ts'
import type { AuthenticateParts } from './authentication.ts'
import type { Certificate } from './certificate.ts'
import { clientOf } from './client-address.ts'
import { cookieIn } from './cookies.ts'
import type { EventLog } from './event-log.ts'
import { pathAfterSignIn } from './goto.ts'
import { goOnPage, homePage, ICON, messagePage, signInPage, twoFactorPage } from './html.ts'
import { redeemLink } from './login-link.ts'
import { PAGE_STYLE_HASH } from './page-headers.ts'
import { type RequestHead, readHead } from './request-head.ts'
import { findSession, isCrossSite } from './session-check.ts'
import { type CodeNeeded, noSessionCookie, type SignInParts, type SignInRequest, signIn, signOut } from './sign-in.ts'
import type { WebFiles } from './web-files.ts'

export type PagesParts = SignInParts & {
  readonly door: Door
  readonly authenticate: AuthenticateParts
  readonly log: EventLog
  /** `ok`, or why calls cannot be answered. */
  health(): string
  /** What does not keep calls from being answered, but wants somebody's hand. */
  warnings(): readonly string[]
  /** `https://HOST:PORT` for links, from the settings and never from a request. */
  origin(): string
  readonly web: WebFiles
  /** The one in use now. */
  certificate(): Pick<Certificate, 'selfSigned' | 'fingerprint256'>
}

const SIGN_IN_BODY_MAX_BYTES = 64 * 1024

export type Pages = { handle(request: IncomingMessage, response: ServerResponse): void; close(): Promise<void> }

export async function makePages(parts: PagesParts): Promise<Pages> {
  const app = fastify({
    logger: false,
    bodyLimit: SIGN_IN_BODY_MAX_BYTES,
    exposeHeadRoutes: false,
    // After the 30 s that a request may take to arrive: a body that comes too slowly gets a 408.
    handlerTimeout: 35_000,
    rewriteUrl: ({ url = '' }) => (isDecodable(url) ? url : NOWHERE),
  })
  await app.register(helmet, helmetOptions())
  await app.register(files, { serve: false, preCompressed: true, index: false, dotfiles: 'deny' })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.addHook('onRequest', async (request, reply) => {
    if (!['GET', 'POST'].includes(request.method)) return refuse(reply, new Failure('method-not-allowed'))
    if (readHead(request.raw.rawHeaders).authorizationLines > 1) {
      return refuse(reply, new Failure('request-malformed', { problem: 'it holds more than one Authorization line' }))
    }
    if (isDenied(parts, request)) return refuse(reply, new Failure('access-denied'))
    reply.header('cache-control', 'no-store')
  })
  app.setErrorHandler((error, _request, reply) => answerError(parts, error, reply))
  addRoutes(app, parts)
  await app.ready()
  return { handle: (request, response) => app.routing(request, response), close: () => app.close() }
}

/** From an address on the deny list there is no page either; health is for whoever watches the server. */
function isDenied({ authenticate }: PagesParts, { raw, url }: FastifyRequest): boolean {
  const { guard, clock } = authenticate
  if (guard.isQuiet || url === '/healthz') return false
  const { address } = clientOf(authenticate, raw.socket, readHead(raw.rawHeaders))
  return guard.barOf(address, clock.nowMs())?.because === 'denied'
}

const NOWHERE = '/-'

/** Fastify answers a path that it cannot decode by itself, with the path in the reply; here it is one that nothing lies at. */
function isDecodable(url: string): boolean {
  try {
    decodeURIComponent(url.split('?', 1)[0] ?? '')
    return true
  } catch {
    return false
  }
}

function helmetOptions() {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        // The components of the pages write a few style sheets as they run; each carries the page's own nonce.
        styleSrc: [
          "'self'",
          PAGE_STYLE_HASH,
          (_request: IncomingMessage, response: ServerResponse) => `'nonce-${nonceOf(response)}'`,
        ],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // It would bind the whole host name, every port of it; on a hosting machine that is not Postern's to decide.
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'no-referrer' as const },
    xFrameOptions: { action: 'deny' as const },
  }
}

const nonces = new WeakMap<ServerResponse, string>()

/** A fresh value for each reply. */
function nonceOf(response: ServerResponse): string {
  const nonce = nonces.get(response) ?? randomBytes(16).toString('base64')
  nonces.set(response, nonce)
  return nonce
}

/** With this the sign-in page says that signing out worked. */
const SIGNED_OUT = 'signed_out=1'

function addRoutes(app: FastifyInstance, parts: PagesParts): void {
  app.get('/healthz', (_request, reply) => {
    const state = parts.health()
    const warnings = parts.warnings()
    reply
      .code(state === 'ok' ? 200 : 503)
      .type('application/json; charset=utf-8')
      .send(JSON.stringify({ status: state, ...(warnings.length > 0 && { warnings }) }))
  })
  for (const path of ['/login', '/login/']) {
    app.get(path, (request, reply) =>
      askToSignIn(parts, reply, 200, { hasSignedOut: request.raw.url?.endsWith(`?${SIGNED_OUT}`) === true }),
    )
    app.post(path, (request, reply) => answerSignIn(parts, request, reply))
  }
  for (const path of ['/favicon.svg', '/favicon.ico']) {
    app.get(path, (_request, reply) => reply.code(200).type('image/svg+xml').send(ICON))
  }
  app.get('/assets/:name', (request, reply) => answerAsset(parts, request, reply))
  app.setNotFoundHandler((request, reply) => answerOther(parts, request, reply))
}

async function answerSignIn(parts: PagesParts, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
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
async function answerLink(
  parts: PagesParts,
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

function askToSignIn(
  parts: PagesParts,
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

const ASSET = /^\/assets\/([A-Za-z0-9_-][A-Za-z0-9_.-]*)$/

/** Scripts and styles are for whoever is signed in: the name holds a hash of what is in them, so a browser need never ask again. */
async function answerAsset(parts: PagesParts, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const name = ASSET.exec(request.raw.url ?? '')?.[1]
  const cookie = sessionCookieOf(parts, readHead(request.raw.rawHeaders))
  const found = cookie === undefined ? undefined : await findSession(parts.authenticate, cookie)
  if (name === undefined || found === undefined) return reply.callNotFound()
  reply.header('cache-control', 'private, max-age=31536000, immutable')
  return reply.sendFile(name, parts.web.assets, { cacheControl: false })
}

/** A page, sign-out, or nothing: what a path means depends on who asks. */
async function answerOther(parts: PagesParts, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const head = readHead(request.raw.rawHeaders)
  const target = parseTarget(request.raw.url ?? '')
  const path = target.surface === 'other' ? target.path : ''
  const isLink = request.method === 'GET' && (path === '/login/' || path === '/login')
  const cookie = sessionCookieOf(parts, head)
  const found = cookie === undefined ? undefined : await findSession(parts.authenticate, cookie)
  if (path === '/logout' || path === '/logout/') {
    if (isCrossSite(head)) return askToSignIn(parts, reply, 401)
    if (cookie !== undefined && found !== undefined)
      await signOut(parts.door, cookie, found.user.name, signInRequest(parts, request, head))
    reply.header('set-cookie', noSessionCookie(parts.service))
    return reply.code(302).header('location', `/login/?${SIGNED_OUT}`).send('')
  }
  const isComplete =
    found !== undefined &&
    !isCrossSite(head) &&
    sameSecurityToken(target.securityToken, found.session.securityTokenDigest)
  if (!isComplete) {
    const linked = isLink ? await answerLink(parts, request, reply, target) : undefined
    if (linked !== undefined) return linked
    // The page that was asked for comes after the sign-in, whether there is one at that path or not.
    const goTo = request.method === 'GET' ? pathAfterSignIn(request.raw.url ?? '') : '/'
    return askToSignIn(parts, reply, 401, { goTo, hasEnded: cookie !== undefined && found === undefined })
  }
  parts.authenticate.ledger.markSession(found.session.digest, parts.authenticate.clock.nowMs())
  const securityToken = target.securityToken ?? ''
  // A link that was used is opened again by going back in the browser that used it.
  if (isLink) return html(reply, 200, goOnPage(`${securityToken}/`))
  if (request.method === 'GET') {
    const page = await pageAt(parts, path, nonceOf(reply.raw))
    if (page !== undefined) return html(reply, 200, page)
    if (path === '/') {
      return html(reply, 200, homePage({ user: found.user.name, securityToken, origin: parts.origin() }))
    }
  }
  return html(reply, 404, messagePage('Not found', FAILURES['not-found'].reason(), `${securityToken}/`))
}

/** WHM's functions alone have pages; those of hosting accounts have none yet. */
function pageAt(parts: PagesParts, path: string, nonce: string): Promise<string | undefined> {
  return parts.service === 'whm' ? parts.web.page(path, nonce) : Promise.resolve(undefined)
}

function signInRequest(parts: PagesParts, request: FastifyRequest, head: RequestHead): SignInRequest {
  return {
    client: clientOf(parts.authenticate, request.raw.socket, head),
    requestId: randomUUID(),
    now: parts.authenticate.clock.now(),
  }
}

function answerError(parts: PagesParts, error: unknown, reply: FastifyReply): unknown {
  if (error instanceof Failure) return refuse(reply, error)
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined
  if (status === 413) return refuse(reply, new Failure('body-too-large', { maxBytes: SIGN_IN_BODY_MAX_BYTES }))
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return refuse(reply, new Failure('request-malformed', { problem: 'it is not a request for this address' }))
  }
  if (status === 503) return refuse(reply, new Failure('timed-out'))
  const requestId = randomUUID()
  parts.log.error({ requestId, error }, 'a page failed')
  return refuse(reply, new Failure('internal', { requestId }))
}

function refuse(reply: FastifyReply, failure: Failure): FastifyReply {
  if (failure.http === 405) reply.header('allow', 'GET, POST')
  if (failure.http === 503) reply.header('retry-after', '1')
  reply.raw.shouldKeepAlive = false
  return reply
    .code(failure.http)
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .send(failureBody(1, undefined, failure.message))
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
function sessionCookieOf(parts: PagesParts, head: RequestHead): string | undefined {
  if (head.cookie === undefined || (head.authorization ?? '').trim() !== '') return undefined
  return cookieIn(head.cookie, SESSION_COOKIES[parts.service])
}

function sameSecurityToken(securityToken: string | undefined, digest: string): boolean {
  return securityToken !== undefined && sessionDigest(securityToken) === digest
}

function html(reply: FastifyReply, status: number, body: string): FastifyReply {
  return reply.code(status).type('text/html; charset=utf-8').send(body)
}

function json(reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(body))
}
