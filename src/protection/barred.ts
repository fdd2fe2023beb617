/** Why somebody is not listened to at the moment. */
import type { Ban } from './bans.ts'

/** Not listened to. */
export type Barred = {
  readonly kind: 'barred'
  /** `denied`: on the deny list. `banned`: its network failed too often. `user-wait`: the user named failed too often. */
  readonly because: 'denied' | 'banned' | 'user-wait'
  /** When to come again; meaningless for `denied`. */
  readonly retryAfterSeconds: number
}

const HOUR_SECONDS = 3600

export const DENIED: Barred = { kind: 'barred', because: 'denied', retryAfterSeconds: HOUR_SECONDS }
/** The user named failed so often that no time to come again can be named. */
export const USER_LOCKED: Barred = { kind: 'barred', because: 'user-wait', retryAfterSeconds: HOUR_SECONDS }

export function bannedBy({ untilMs }: Ban, nowMs: number): Barred {
  return { kind: 'barred', because: 'banned', retryAfterSeconds: secondsTo(untilMs - nowMs) }
}

export function userWait(waitMs: number): Barred {
  return { kind: 'barred', because: 'user-wait', retryAfterSeconds: secondsTo(waitMs) }
}

function secondsTo(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000))
}
