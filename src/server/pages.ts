/**
 * Everything that is not a function call, on Fastify: health, sign-in and sign-out, the first page. A stranger gets the sign-in page
 * with 401 for every path, so nothing tells which paths exist.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import helmet from '@fastify/helmet'
import files from '@fastify/static'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { sessionDigest } from '../accounts/sessions.ts'
import { FAILURES, Failure } from '../failures.ts'
import { parseTarget } from '../whm/request-target.ts'
import { clientOf } from './client-address.ts'
import type { EventLog } from './event-log.ts'
import { pathAfterSignIn } from './goto.ts'
import { goOnPage, homePage, ICON, messagePage } from './html.ts'
import { helmetOptions, nonceOf } from './page-policy.ts'
import { html, refuse } from './page-replies.ts'
import { readHead } from './request-head.ts'
import { findSession, isCrossSite } from './session-check.ts'
import { noSessionCookie, signOut } from './sign-in.ts'
import {
  answerLink,
  answerSignIn,
  askToSignIn,
  type SignInPagesParts,
  sessionCookieOf,
  signInRequest,
} from './sign-in-pages.ts'
import type { WebFiles } from './web-files.ts'

export type PagesParts = SignInPagesParts & {
  readonly log: EventLog
  /** `ok`, or why calls cannot be answered. */
  health(): string
  /** What does not keep calls from being answered, but wants somebody's hand. */
  warnings(): readonly string[]
  /** `https://HOST:PORT` for links, from the settings and never from a request. */
  origin(): string
  readonly web: WebFiles
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

function sameSecurityToken(securityToken: string | undefined, digest: string): boolean {
  return securityToken !== undefined && sessionDigest(securityToken) === digest
}
