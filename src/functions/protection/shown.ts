/** Failed attempts and bans as WHM shows them. */
import type { Ban } from '../../protection/bans.ts'
import type { KeptAttempt } from '../../protection/store.ts'

const MINUTE_MS = 60_000

/** `YYYY-MM-DD hh:mm:ss` in the server's zone, as WHM's samples have it. */
export function moment(atMs: number, timezone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: timezone,
    dateStyle: 'short',
    timeStyle: 'medium',
    hourCycle: 'h23',
  }).formatToParts(new Date(atMs))
  const part = (type: string): string => parts.find((found) => found.type === type)?.value ?? ''
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}:${part('second')}`
}

export function minutesLeft(untilMs: number, nowMs: number): number {
  return Math.max(0, Math.ceil((untilMs - nowMs) / MINUTE_MS))
}

export function shownBan(ban: Ban, nowMs: number, timezone: string) {
  const { network, begunAtMs, untilMs, claimedUser, attempts, repetition } = ban
  const many = attempts === 1 ? '1 failed attempt' : `${attempts} failed attempts`
  const again = repetition === 1 ? '' : `; ban number ${repetition} in a row`
  return {
    ip: network,
    logintime: moment(begunAtMs, timezone),
    exptime: moment(untilMs, timezone),
    timeleft: minutesLeft(untilMs, nowMs),
    notes: `${many}, the last one for the user “${claimedUser}”${again}`,
  }
}

/** `untilMs`: when it no longer counts. */
export function shownAttempt(attempt: KeptAttempt, untilMs: number, nowMs: number, timezone: string) {
  return {
    user: attempt.claimedUser,
    ip: attempt.addressText,
    service: attempt.service,
    authservice: attempt.factor,
    logintime: moment(attempt.atMs, timezone),
    exptime: moment(untilMs, timezone),
    timeleft: minutesLeft(untilMs, nowMs),
  }
}
