/** What the server keeps of itself: the trail, the work on the machine that is due, and what marks this installation. See `../schema.ts`. */
import type { Generated } from 'kysely'

export type AuditTable = {
  /** Order of effect. */
  seq: Generated<number>
  at_ms: number
  request_id: string
  /** The caller's name; for a refused credential the name it claimed. */
  caller: string
  /** 'token', 'password', 'session', 'local' or 'none' */
  credential: string
  token_id: string | null
  token_name: string | null
  address: string | null
  function: string
  target: string
  /** 'done', 'failed' or 'refused' */
  outcome: string
  reason: string
  /** JSON object, never a secret. */
  details: string
}

/** Work on the machine that belongs to a committed change and is repeated until it succeeded. */
export type HostTaskTable = {
  id: Generated<number>
  kind: string
  arguments: string
  created_at: number
}

/** `instance_id`, `clock_high_water_ms`, `pepper_check`, `restored_at` and the like. */
export type MetaTable = {
  key: string
  value: string
}
