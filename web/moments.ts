/** Moments in words. They are Unix seconds; the reader's own zone unless another is named. No I/O. */
import { words } from './words.ts'

const LANGUAGE = 'en-GB'

const clocks = new Map<string, Intl.DateTimeFormat>()

function clock(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify(options)
  const made = clocks.get(key) ?? new Intl.DateTimeFormat(LANGUAGE, options)
  clocks.set(key, made)
  return made
}

/** `31 Dec 2026, 23:59` */
export function dateAndTime(seconds: number, timeZone?: string): string {
  return clock({
    dateStyle: 'medium',
    timeStyle: 'short',
    hourCycle: 'h23',
    ...(timeZone !== undefined && { timeZone }),
  }).format(seconds * 1000)
}

/** `31 Dec 2026` */
export function dateOnly(seconds: number, timeZone?: string): string {
  return clock({ dateStyle: 'medium', ...(timeZone !== undefined && { timeZone }) }).format(seconds * 1000)
}

/** `2026-12-31` in that zone. */
export function isoDate(seconds: number, timeZone: string): string {
  const parts = clock({ year: 'numeric', month: '2-digit', day: '2-digit', timeZone }).formatToParts(seconds * 1000)
  const part = (type: Intl.DateTimeFormatPartTypes): string =>
    parts.find((candidate) => candidate.type === type)?.value ?? ''
  return `${part('year')}-${part('month')}-${part('day')}`
}

/** `23:59:59` in that zone. */
export function clockTime(seconds: number, timeZone: string): string {
  return clock({ timeStyle: 'medium', hourCycle: 'h23', timeZone }).format(seconds * 1000)
}

const STEPS = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const

/** `in 9 days`, `3 minutes ago`, `just now`. Whole days are counted down, so that “in 1 day” is never less. */
export function relative(seconds: number, now: number): string {
  const distance = Math.abs(seconds - now)
  for (const [unit, size] of STEPS) {
    const number = Math.floor(distance / size)
    if (number === 0 || (unit === 'month' && distance < 60 * 86_400)) continue
    const text = `${number} ${unit}${number === 1 ? '' : 's'}`
    return seconds > now ? words.moments.inTime(text) : words.moments.ago(text)
  }
  return words.moments.justNow
}
