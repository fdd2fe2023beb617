/** What the protection does and from when on. One configuration for all nodes, kept in the database; `save_cphulk_config` changes it. */

export type ProtectionConfig = {
  readonly isEnabled: boolean
  readonly countsByAddress: boolean
  readonly countsByUser: boolean
  /** Whether attempts from the machine's own addresses count against a user; by default they count for nobody. */
  readonly countsByUserLocally: boolean
  readonly countsForRoot: boolean
  /** Failures from one address are counted over this long. */
  readonly windowMinutes: number
  /** How long a first ban lasts. Each next one is twice as long, up to a day. */
  readonly banMinutes: number
  /** How long failed attempts are listed, and an earlier ban makes the next one longer. */
  readonly lookbackMinutes: number
  /** So many wrong passwords or codes in a row lock a user, but for addresses where they signed in before. */
  readonly maxFailuresByUser: number
  /** In normal attempts. */
  readonly maxFailuresByAddress: number
  /** So many failures within `lookbackMinutes`, bans between them or not, ban an address for a day. */
  readonly markAsBrute: number
  readonly notifyOnRootLogin: boolean
  readonly notifyOnRootLoginForKnownNetblock: boolean
  readonly notifyOnBrute: boolean
}

export const PROTECTION_DEFAULTS: ProtectionConfig = {
  isEnabled: true,
  countsByAddress: true,
  countsByUser: true,
  countsByUserLocally: false,
  countsForRoot: true,
  windowMinutes: 5,
  banMinutes: 15,
  lookbackMinutes: 360,
  // NIST SP 800-63B: at most 100 consecutive failures on one account.
  maxFailuresByUser: 100,
  maxFailuresByAddress: 10,
  markAsBrute: 30,
  notifyOnRootLogin: false,
  notifyOnRootLoginForKnownNetblock: false,
  notifyOnBrute: true,
}
