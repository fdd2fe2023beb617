/** Mailboxes and forwarders. See `../schema.ts`. */
import type { Generated } from 'kysely'

export type MailboxTable = {
  id: Generated<number>
  domain: string
  local_part: string
  user_id: number
  /** With Dovecot's scheme before it. */
  password_hash: string
  /** NULL: as much as the account may hold. */
  quota_mb: number | null
  login_suspended: number
  incoming_suspended: number
  outgoing_suspended: number
  created_at: number
  changed_at: number
}

export type ForwarderTable = {
  id: Generated<number>
  domain: string
  local_part: string
  /** An address, `:fail: TEXT` or `:blackhole:`. */
  destination: string
  user_id: number
  created_at: number
}
