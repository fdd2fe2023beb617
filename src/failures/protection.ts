/** Alerts, and protection against guessing. */
import type { Wording } from './words.ts'

export const PROTECTION_FAILURES = {
  'alert-not-found': { http: 200, reason: (d: { id: number }) => `You have no alert with the number ${d.id}.` },
  'mute-not-found': { http: 200, reason: (d: { id: number }) => `You have no mute with the number ${d.id}.` },
  // WHM, the record functions of cPHulk (documented text).
  'protection-disabled': { http: 200, reason: () => 'cPHulk is disabled on the server.' },
  // Too many wrong credentials from an address, or for a user. WHM's own words and status are not documented; this is our choice.
  'too-many-attempts': {
    http: 429,
    reason: (d: { seconds: number }) =>
      `Too many failed attempts. Try again in ${d.seconds} ${d.seconds === 1 ? 'second' : 'seconds'}.`,
  },
} as const satisfies Record<string, Wording>
