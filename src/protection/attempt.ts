/**
 * A refused attempt as the protection counts it: from which network, for which user, of what kind and how heavy. No I/O.
 */
import { type Address, formatAddress } from '../ip-rules/address.ts'

/** What was tried, in the words that the filter for Fail2Ban knows. `other`: nothing that tells of guessing; never counted. */
export type AttemptKind = 'sign-in' | 'bad-token' | 'old-token' | 'other'

/**
 * How much an attempt counts. `little`: what cannot be a credential at all, so nothing was looked up. `normal`: a wrong password or
 * code. `much`: a well-formed token that is unknown or ended, so somebody holds, or held, a real one.
 */
export type AttemptWeight = 'little' | 'normal' | 'much'

/** Against the limit of an address, which is given in normal attempts. */
export const WEIGHTS: Readonly<Record<AttemptWeight, number>> = { little: 1, normal: 4, much: 8 }

/** What can be guessed, each with a count of its own for every user. */
export type Factor = 'password' | 'second-factor'

export type Attempt = {
  readonly atMs: number
  /** Undefined: it could not be read, or there is none (the local socket); such an attempt is counted for nobody. */
  readonly address: Address | undefined
  readonly claimedUser: string
  readonly kind: AttemptKind
  readonly weight: AttemptWeight
  /** `whostmgrd` or `cpaneld`, as WHM names its services. */
  readonly service: string
  /** With what: `token`, `password` or `second-factor`. */
  readonly factor: Factor | 'token'
}

/** What is counted as one: an IPv4 address, or the /64 of an IPv6 one, since whoever has one of its addresses has them all. */
export function networkOf(address: Address): string {
  if (address.family === 4) return formatAddress(address)
  const network = address.bytes.slice()
  network.fill(0, 8)
  return `${formatAddress({ family: 6, bytes: network })}/64`
}

const USER_MAX_LENGTH = 64

/**
 * The name under which a user's failures are counted: other capitals, blanks and control characters make no other user. It is for
 * counting alone; names are compared byte for byte.
 */
export function countedUser(name: string): string {
  return name
    .replace(/[\x00-\x20\x7f-\xa0]/g, '')
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    .slice(0, USER_MAX_LENGTH)
    .toWellFormed()
}
