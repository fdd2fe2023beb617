/** The ready views of a list of tokens: questions that somebody who looks after tokens asks. No I/O. */
import type { OwnedToken, TokenUsage } from '../../tokens/token.ts'
import type { RefusalSummary } from '../../usage/history.ts'
import { statusOf } from './forms.ts'

/** A token with what the ledger says of it. */
export type WatchedToken = OwnedToken & {
  readonly usage: TokenUsage | undefined
  readonly refusals: RefusalSummary | undefined
}

/** What a view is judged by besides the token. */
export type ViewTime = { readonly now: Date; readonly expiresSoonSeconds: number }

const DAY_MS = 86_400_000
const UNUSED_DAYS = 60
const RECENT_DAYS = 7
/** For so long a revoked token can be listed. */
const REVOKED_LISTED_DAYS = 30

type View = { readonly doc: string; shows(watched: WatchedToken, time: ViewTime): boolean }

const views = {
  'never-used': { doc: 'never used', shows: ({ usage }) => usage === undefined },
  'unused-60-days': {
    doc: `made, and last used if ever, more than ${UNUSED_DAYS} days ago`,
    shows: ({ token, usage }, { now }) => isOlder(usage?.lastUsedAt ?? token.createdAt, now, UNUSED_DAYS),
  },
  'no-expiry': { doc: 'never expires', shows: ({ token }) => token.expiresAt === undefined },
  'no-ip-rules': { doc: 'may be used from anywhere', shows: ({ token }) => token.ipRules.length === 0 },
  'all-privileges': { doc: 'holds everything', shows: ({ token }) => token.privileges.includes('all') },
  'owner-suspended': { doc: 'its owner is suspended', shows: ({ owner }) => owner.isSuspended },
  'expiring-soon': { doc: 'expires soon', shows: (watched, time) => status(watched, time) === 'expires-soon' },
  expired: { doc: 'has expired', shows: (watched, time) => status(watched, time) === 'expired' },
  paused: { doc: 'is paused', shows: ({ token }) => token.revokedAt === undefined && token.pausedAt !== undefined },
  'refused-recently': {
    doc: `was refused within ${RECENT_DAYS} days`,
    shows: wasRefusedRecently,
  },
  'still-knocking': {
    doc: `has ended or expired, and somebody still tried it within ${RECENT_DAYS} days`,
    shows: (watched, time) => wasRefusedRecently(watched, time) && wasRefusedAfter(watched, endOf(watched, time.now)),
  },
  revoked: {
    doc: `was revoked within ${REVOKED_LISTED_DAYS} days`,
    shows: ({ token }) => token.revokedAt !== undefined,
  },
} as const satisfies Readonly<Record<string, View>>

export type ViewName = keyof typeof views
export const VIEWS: Readonly<Record<ViewName, View>> = views
// The keys are the type's.
export const VIEW_NAMES: readonly ViewName[] = Object.keys(views) as ViewName[]

/** These views are the only ones that revoked tokens are part of. */
export function showsRevoked(view: ViewName): boolean {
  return view === 'revoked' || view === 'still-knocking'
}

function wasRefusedRecently({ refusals }: WatchedToken, { now }: ViewTime): boolean {
  return refusals !== undefined && !isOlder(refusals.lastRefusedAt, now, RECENT_DAYS)
}

/** When it stopped working for good; undefined: it has not. */
function endOf({ token: { revokedAt, expiresAt } }: WatchedToken, now: Date): Date | undefined {
  const expiredAt = expiresAt !== undefined && expiresAt <= now ? expiresAt : undefined
  if (revokedAt === undefined || expiredAt === undefined) return revokedAt ?? expiredAt
  return revokedAt < expiredAt ? revokedAt : expiredAt
}

/** To the second, as both moments are kept. */
function wasRefusedAfter({ refusals }: WatchedToken, at: Date | undefined): boolean {
  return at !== undefined && refusals !== undefined && refusals.lastRefusedAt >= at
}

function status({ token }: WatchedToken, { now, expiresSoonSeconds }: ViewTime) {
  return statusOf(token, now, expiresSoonSeconds)
}

function isOlder(at: Date, now: Date, days: number): boolean {
  return now.getTime() - at.getTime() > days * DAY_MS
}

/** The moment from which revoked tokens are listed. */
export function revokedListedSince(now: Date): Date {
  return new Date(now.getTime() - REVOKED_LISTED_DAYS * DAY_MS)
}
