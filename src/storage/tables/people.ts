/** Who can sign in or own something: users, hosting accounts and resellers. See `../schema.ts`. */
import type { Generated } from 'kysely'

export type UserTable = {
  id: Generated<number>
  name: string
  /** 'root' or 'account' */
  kind: string
  /** PHC string (argon2id); NULL means nobody can sign in with a password. */
  password_hash: string | null
  is_reseller: number
  /** What a reseller holds: a JSON array of privilege names. Empty for the others. */
  privileges: string
  created_at: number
  /** A removed user stays as a row, so that tokens and the trail can still name it; its name is free again. */
  removed_at: number | null
}

export type AccountTable = {
  user_id: number
  domain: string
  is_temporary_domain: number
  contact_email: string
  owner_id: number
  plan: string
  ip: string
  theme: string
  shell: string
  locale: string
  /** The folder's name under the data folder's `home`. */
  home: string
  /** NULL: unlimited. */
  disk_limit_mb: number | null
  bandwidth_limit_mb: number | null
  /** JSON object of WHM limits and switches (`MAXPOP`, `HASCGI`, …), each value a string. */
  limits: string
  uid: number
  created_at: number
  suspended_at: number | null
  suspend_reason: string
  /** 1: only root may unsuspend. */
  suspend_locked: number
}

export type ResellerSettingsTable = {
  user_id: number
  /** JSON object. */
  limits: string
  /** JSON array. */
  nameservers: string
  main_ip: string | null
  /** JSON array; NULL: every address of the server. */
  ips: string | null
}

export type AclListTable = {
  name: string
  privileges: string
  saved_at: number
}

export type UserPreferenceTable = {
  user_id: number
  /** JSON object. */
  preferences: string
}
