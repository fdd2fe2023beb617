/**
 * `GET /calendar/SECRET.ics`: when tokens expire, for calendar programs, which know no credentials but the address itself. The secret is
 * that of the feed alone, made by `postern_calendar_feed_create`, and opens nothing else; the feed holds names, owners and moments.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { User } from '../accounts/account.ts'
import { feedDigest } from '../alerts/calendar-feed.ts'
import type { AuditEntry } from '../audit/entry.ts'
import { Failure } from '../failures.ts'
import type { Stores } from '../functions/context.ts'
import { SERVICE_NAMES } from './attempts.ts'
import type { ClientOf } from './client-address.ts'
import type { EventLog } from './event-log.ts'
import type { Protection } from './protection.ts'
import type { BarredAttempt } from './refusals.ts'
import { BROWSER_JSON_HEADERS, withType } from './respond.ts'

export type CalendarParts = {
  readonly stores: Pick<Stores, 'accounts' | 'calendarFeeds' | 'tokens'>
  readonly hostname: string
  readonly log: EventLog
  readonly protection: Protection
  /** True while nothing but the local socket is answered. */
  isFrozenByFile(): boolean
  now(): Date
  clientOf(request: IncomingMessage): ClientOf
  trail(entry: AuditEntry): void
  /** Where the pages are. */
  url(): string
}

const PATH = /^\/calendar\/([A-Za-z0-9_-]{43})\.ics(?:\?|$)/

/** Whether the address is that of a feed; whether there is such a feed is not said by it. */
export function isCalendar(url: string): boolean {
  return url.startsWith('/calendar/')
}

export function makeCalendarFeed(parts: CalendarParts): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    request.resume()
    void answer(parts, request).then(
      (answered) => send(request, response, answered),
      (error: unknown) => {
        parts.log.error({ error }, 'a calendar feed failed')
        send(request, response, { ...inWords(503, 'The calendar cannot be read now.\n'), retryAfterSeconds: 60 })
      },
    )
  }
}

function send({ method }: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const { status, type, text, retryAfterSeconds } = answer
  const headers = [...withType(type, BROWSER_JSON_HEADERS), 'content-length', String(Buffer.byteLength(text))]
  if (status === 405) headers.push('allow', 'GET, HEAD')
  if (retryAfterSeconds !== undefined) headers.push('retry-after', String(retryAfterSeconds))
  response.writeHead(status, headers)
  response.end(method === 'HEAD' ? undefined : text)
}

type Answer = {
  readonly status: number
  readonly type: string
  readonly text: string
  readonly retryAfterSeconds?: number
}

const inWords = (status: number, text: string): Answer => ({ status, type: 'text/plain; charset=utf-8', text })

const NOTHING_HERE = inWords(404, 'There is nothing at this address.\n')

async function answer(parts: CalendarParts, request: IncomingMessage): Promise<Answer> {
  const { method, url } = request
  if (method !== 'GET' && method !== 'HEAD') return inWords(405, 'Only GET is answered here.\n')
  const secret = PATH.exec(url ?? '')?.[1]
  // What cannot be a secret is no guess.
  if (secret === undefined || parts.isFrozenByFile()) return NOTHING_HERE
  const client = parts.clientOf(request)
  const bar = parts.protection.barOf(client, SERVICE_NAMES.whm, 'bad-token', parts.now())
  if (bar !== undefined) return barred(bar)
  const user = await userOf(parts, secret)
  // Whose it is may not use it now; the secret was no guess.
  if (user?.isFrozen === true) return NOTHING_HERE
  if (user !== undefined && !user.isSuspended)
    return { status: 200, type: 'text/calendar; charset=utf-8', text: await calendarOf(parts, user) }
  const now = parts.now()
  const lateBar = parts.protection.missed('feed-unknown', client, SERVICE_NAMES.whm, now)
  if (lateBar !== undefined) return barred(lateBar)
  parts.trail(refusedEntry(client, now))
  return NOTHING_HERE
}

function barred({ because, retryAfterSeconds }: BarredAttempt): Answer {
  if (because === 'denied') return NOTHING_HERE
  const { http, message } = new Failure('too-many-attempts', { seconds: retryAfterSeconds })
  return { ...inWords(http, `${message}\n`), retryAfterSeconds }
}

function refusedEntry({ addressText, ignoredHeaders }: ClientOf, at: Date): AuditEntry {
  return {
    at,
    requestId: randomUUID(),
    caller: '',
    credential: 'none',
    tokenId: undefined,
    tokenName: undefined,
    address: addressText === '' ? undefined : addressText,
    function: 'calendar',
    target: '',
    outcome: 'refused',
    reason: 'feed-unknown',
    details: ignoredHeaders.length > 0 ? { ignored_headers: ignoredHeaders } : {},
  }
}

async function userOf({ stores }: CalendarParts, secret: string): Promise<User | undefined> {
  const userId = await stores.calendarFeeds.findUserId(feedDigest(secret))
  return userId === undefined ? undefined : stores.accounts.findUserById(userId)
}

async function calendarOf({ stores, hostname, now, url }: CalendarParts, user: User): Promise<string> {
  const tokens = await stores.tokens.listOwned(user.kind === 'root' ? {} : { userId: user.id })
  const { formatCalendar } = await import('../alerts/calendar.ts')
  return formatCalendar(
    tokens.flatMap(({ token: { id, name, expiresAt }, owner }) =>
      expiresAt === undefined ? [] : [{ id, name, owner: owner.user, expiresAt }],
    ),
    { hostname, now: now(), url: url() },
  )
}
