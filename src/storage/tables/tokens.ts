/** API tokens: what they are, what replaced their secrets, and what each of them did. See `../schema.ts`. */
import type { Generated, Selectable } from 'kysely'

export type TokenTable = {
  /** Primary key: HMAC-SHA-256(pepper, secret) in lower-case hex. */
  digest: string
  /** The public id. */
  id: string
  user_id: number
  name: string
  pepper_version: number
  privileges: string
  /** JSON array of canonical rules; empty means any address. */
  ip_rules: string
  created_at: number
  expires_at: number | null
  paused_at: number | null
  pause_reason: string
  revoked_at: number | null
  revoke_reason: string
  /** Which of its secrets `digest` is: 1 is the first, each rotation adds one. */
  secret_number: Generated<number>
  /** NULL: with the token itself. */
  secret_made_at: Generated<number | null>
  /** 1 from a rotation until the new secret is used. */
  awaits_first_use: Generated<number>
  /** 'whm' or 'cpanel': a token is for one service, and its mark says which. */
  service: string
  is_readonly: number
}

/** The secrets that rotations replaced. They stay, so that a late use is told apart from an invented one. */
export type TokenOldSecretTable = {
  /** Primary key: as in `tokens`. */
  digest: string
  token_id: string
  number: number
  pepper_version: number
  made_at: number
  replaced_at: number
  /** The idempotency key of the rotation that replaced it. */
  rotation_key: string | null
  /** What that rotation asked for. */
  overlap: string
  ends_at: number | null
  /** 1: it ends when the newest secret is used. */
  ends_with_first_use: number
  ended_at: number | null
  end_reason: string
}

/** Kept apart from `tokens`, since it is written in batches and may lose a second in a crash. */
export type TokenUsageTable = {
  token_id: string
  last_used_at: number
  last_used_address: string
  calls: number
  first_used_at: Generated<number | null>
  last_function: Generated<string>
}

/** Calls that were refused although the token, or its secret, was recognised. */
export type TokenRefusalTable = {
  token_id: string
  refused: number
  last_refused_at: number
  last_refused_address: string
  last_refused_reason: string
}

/** Of tokens that were rotated: the last use of each secret. */
export type TokenSecretUsageTable = {
  /** Primary key: `TOKEN_ID/NUMBER`. */
  secret: string
  last_used_at: number
  last_used_address: string
  calls: number
}

/** What each token did, counted by hour and later by day. */
export type TokenLedgerTable = {
  id: Generated<number>
  token_id: string
  /** 'function', 'account', 'address' or 'refusal': what `name` is */
  kind: string
  /** 'hour' or 'day' (of UTC) */
  period: string
  starts_at: number
  name: string
  calls: number
  last_at: number
}

/** Apart from `tokens`, since no check reads it. */
export type TokenNoteTable = {
  token_id: string
  note: string
  ticket: string
}

/** What `tokenByDigest` finds: the token with what is needed of its owner, as one committed state. */
export type TokenRow = Omit<Selectable<TokenTable>, 'secret_made_at'> & {
  /** Which secret was presented; the newest has the token's own number and no end of its own. */
  readonly presented_number: number
  readonly presented_ends_at: number | null
  readonly presented_ended_at: number | null
  readonly user_name: string
  readonly user_kind: string
  readonly user_is_reseller: number
  /** JSON array of privilege names. */
  readonly user_privileges: string
  readonly user_removed_at: number | null
  /** Of the owner's account; NULL as well for root and resellers that have none. */
  readonly suspended_at: number | null
  /** The user who owns the owner's account. */
  readonly owned_by: number | null
  /** JSON array of the freezes in force; NULL: none. */
  readonly freezes: string | null
  /** Unix milliseconds: the database's clock on PostgreSQL, the process's own on SQLite. */
  readonly now_ms: number
}
