/** Failed attempts, bans, and the addresses that are always or never let in. See `../schema.ts`. */
import type { Generated } from 'kysely'

/** Addresses that are never banned, or never let in. */
export type AddressListTable = {
  /** List and rule, with a blank between them. */
  key: string
  /** 'allow' or 'deny' */
  list: string
  /** Canonical address or CIDR range. */
  rule: string
  comment: string
  added_at: number
  added_by: string
}

/** The last ban of each network, over or not. */
export type BanTable = {
  network: string
  claimed_user: string
  begun_at_ms: number
  until_ms: number
  repetition: number
  is_excessive: number
  attempts: number
  failures: number
}

export type FailedAttemptTable = {
  seq: Generated<number>
  /** Which process saw it. */
  node: string
  at_ms: number
  address: string
  /** The address itself, or the /64 of an IPv6 one: what is counted together. */
  network: string
  claimed_user: string
  kind: string
  service: string
  factor: string
  /** 0: it counted for nothing. */
  weight: number
}

/** Wrong passwords and codes in a row. */
export type UserFailureTable = {
  factor: string
  user_name: string
  network: string
  failures: number
  last_failed_at_ms: number
}

/** Where a user has signed in before. */
export type KnownNetworkTable = {
  user_id: number
  network: string
  last_success_at_ms: number
}
