/** When somebody is reminded of a token's expiry, and how it is said. No I/O. */
import type { NewAlert } from './alert.ts'

/** Days before the end, the farthest first. */
export const REMINDER_DAYS = [60, 30, 14, 7, 1] as const

const DAY_MS = 86_400_000

export type ExpiringToken = {
  readonly tokenId: string
  readonly name: string
  readonly userId: number
  readonly user: string
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly lastUsedAt: Date | undefined
  /** The nearest step that was reminded of for this expiry. */
  readonly remindedDays: number | undefined
}

/**
 * The step to remind of now, if there is one. Steps that were missed while no server ran are not made up for: the nearest one says it all.
 * A step that a token's whole life hardly exceeds is none; who has just made it needs no reminder.
 */
export function dueReminder(token: ExpiringToken, nowMs: number): number | undefined {
  const leftMs = token.expiresAt.getTime() - nowMs
  if (leftMs <= 0) return undefined
  const lifeMs = token.expiresAt.getTime() - token.createdAt.getTime()
  const step = REMINDER_DAYS.findLast((days) => leftMs <= days * DAY_MS)
  if (step === undefined || lifeMs < (step + 1) * DAY_MS) return undefined
  return token.remindedDays !== undefined && token.remindedDays <= step ? undefined : step
}

export function reminderOf(token: ExpiringToken, now: Date): NewAlert {
  const days = Math.ceil((token.expiresAt.getTime() - now.getTime()) / DAY_MS)
  const used =
    token.lastUsedAt === undefined
      ? 'It was never used.'
      : `It was last used on ${token.lastUsedAt.toISOString().slice(0, 10)}.`
  return {
    kind: 'token-expires',
    reason: `The token “${token.name}” of “${token.user}” expires ${days <= 1 ? 'within a day' : `in ${days} days`}, on ${inUtc(token.expiresAt)}. ${used}`,
    about: { userId: token.userId, user: token.user, tokenId: token.tokenId, tokenName: token.name },
    at: now,
  }
}

function inUtc(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
