/** What a refused credential was, as the protection counts it and Fail2Ban reads it. */
import type { Service } from '../accounts/sessions.ts'
import type { AttemptKind, AttemptWeight } from '../protection/attempt.ts'
import type { Refusal } from '../tokens/check.ts'

type Nature = { readonly kind: AttemptKind; readonly weight: AttemptWeight }

const OLD = { kind: 'old-token', weight: 'much' } as const
// A real token that may not be used now: more often a client that was not told than somebody who guesses.
const RESTING = { kind: 'old-token', weight: 'normal' } as const
const WRONG = { kind: 'sign-in', weight: 'normal' } as const
// What says nothing of whoever owns the address: a form that another site sent, a credential that anybody on the way could read.
const OTHER = { kind: 'other', weight: 'little' } as const
const JUNK = { kind: 'bad-token', weight: 'little' } as const

const NATURES: Readonly<Record<Refusal, Nature>> = {
  malformed: JUNK,
  'wrong-scheme': JUNK,
  'check-characters-wrong': JUNK,
  'unknown-token': OLD,
  'other-user': OLD,
  'owner-removed': OLD,
  revoked: OLD,
  'secret-ended': OLD,
  'owner-suspended': RESTING,
  // Somebody here stopped it, and its clients are still those that they were.
  paused: OTHER,
  frozen: OTHER,
  expired: RESTING,
  'address-not-allowed': { kind: 'bad-token', weight: 'normal' },
  'address-unreadable': OTHER,
  'sent-in-clear': OTHER,
  'cross-site': OTHER,
  'wrong-password': WRONG,
  'unknown-user': WRONG,
  'no-password-set': WRONG,
  'not-a-reseller': WRONG,
  // The password was right.
  'tfa-required': OTHER,
  'tfa-wrong': WRONG,
  'tfa-used': WRONG,
  'tfa-throttled': WRONG,
  'link-unknown': WRONG,
  // A link that somebody kept.
  'link-ended': OTHER,
  // A calendar program goes on asking for a feed that has ended; whoever guesses asks much more often.
  'feed-unknown': { kind: 'bad-token', weight: 'normal' },
}

/** `isSignIn`: it came with a user name and a password, whatever was wrong with them. */
export function natureOf(refusal: Refusal, isSignIn = false): Nature {
  const nature = NATURES[refusal]
  return isSignIn && nature.kind !== 'other' ? { ...nature, kind: 'sign-in' } : nature
}

/** WHM's names of its services, as the lists of failed logins have them. */
export const SERVICE_NAMES: Readonly<Record<Service, string>> = { whm: 'whostmgrd', cpanel: 'cpaneld' }
