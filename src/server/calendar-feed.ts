/**
 * `GET /calendar/SECRET.ics`: when tokens expire, for calendar programs, which know no credentials but the address itself. The secret is
 * that of the feed alone, made by `postern_calendar_feed_create`, and opens nothing else; the feed holds names, owners and moments.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { feedDigest } from '../alerts/calendar-feed.ts'
import type { Stores } from '../functions/context.ts'
import type { EventLog } from './event-log.ts'

export type CalendarParts = {
  readonly stores: Pick<Stores, 'accounts' | 'calendarFeeds' | 'tokens'>
  readonly hostname: string
  readonly log: EventLog
  now(): Date
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
      ({ status, type, text }) => {
        response.writeHead(status, {
          'content-type': type,
          'content-length': Buffer.byteLength(text),
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
          'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
          ...(status === 405 && { allow: 'GET, HEAD' }),
        })
        response.end(request.method === 'HEAD' ? undefined : text)
      },
      (error: unknown) => {
        parts.log.error({ error }, 'a calendar feed failed')
        response.writeHead(503, { 'retry-after': '60' }).end()
      },
    )
  }
}

type Answer = { readonly status: number; readonly type: string; readonly text: string }

const inWords = (status: number, text: string): Answer => ({ status, type: 'text/plain; charset=utf-8', text })

async function answer(parts: CalendarParts, { method, url }: IncomingMessage): Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD') return inWords(405, 'Only GET is answered here.\n')
  const secret = PATH.exec(url ?? '')?.[1]
  const text = secret === undefined ? undefined : await calendarOf(parts, secret)
  if (text === undefined) return inWords(404, 'There is nothing at this address.\n')
  return { status: 200, type: 'text/calendar; charset=utf-8', text }
}

async function calendarOf({ stores, hostname, now, url }: CalendarParts, secret: string): Promise<string | undefined> {
  const userId = await stores.calendarFeeds.findUserId(feedDigest(secret))
  const user = userId === undefined ? undefined : await stores.accounts.findUserById(userId)
  if (user === undefined || user.isSuspended) return undefined
  const tokens = await stores.tokens.listOwned(user.kind === 'root' ? {} : { userId: user.id })
  const { formatCalendar } = await import('../alerts/calendar.ts')
  return formatCalendar(
    tokens.flatMap(({ token: { id, name, expiresAt }, owner }) =>
      expiresAt === undefined ? [] : [{ id, name, owner: owner.user, expiresAt }],
    ),
    { hostname, now: now(), url: url() },
  )
}
