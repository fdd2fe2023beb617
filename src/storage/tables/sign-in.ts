/** Browser sessions, and what else a user signs in with besides a password. See `../schema.ts`. */
import type { Generated } from 'kysely'

export type SessionTable = {
  /** Primary key: SHA-256 of the cookie's secret, hex. */
  digest: string
  user_id: number
  /** 'whm' or 'cpanel': a session is bound to its service. */
  service: string
  /** SHA-256 of the `/cpsess…` number, hex. */
  security_token_digest: string
  address: string
  created_at: number
  last_seen_at: number
  /** When the password was last proved; 0 means long ago. */
  confirmed_at: Generated<number>
  /** 'password' or 'link': how the session was opened. */
  opened_by: Generated<string>
}

export type TwoFactorTable = {
  user_id: number
  /** AES-256-GCM under a key derived from the pepper. */
  sealed_secret: string
  enabled_at: number
  /** The newest thirty seconds whose code was used, counted from 1970. */
  last_step: number
  failures: number
  waits_until: number | null
}

export type RecoveryCodeTable = {
  /** Primary key: HMAC-SHA-256 under a key derived from the pepper, hex. */
  digest: string
  user_id: number
  created_at: number
  used_at: number | null
}

export type LoginLinkTable = {
  /** Primary key: SHA-256 of the link's secret, hex. */
  digest: string
  user_id: number
  service: string
  security_token_digest: string
  maker_id: number
  maker_token_id: string | null
  created_at: number
  expires_at: number
}
