/** Alerts, where they are sent, and reminders of what expires. See `../schema.ts`. */
import type { Generated } from 'kysely'

export type AlertTable = {
  id: Generated<number>
  kind: string
  severity: string
  /** What is counted together while the alert is open; unique among open ones. */
  group_key: string
  user_id: number | null
  /** The owner's name, or the name that a stranger claimed. */
  user_name: string
  token_id: string | null
  token_name: string | null
  address: string | null
  reason: string
  /** JSON array of texts. */
  examples: string
  first_at_ms: number
  last_at_ms: number
  occurrences: number
  /** When the sinks were last told; NULL while it was muted. */
  sent_at_ms: number | null
  acknowledged_at: number | null
  acknowledged_by: string
  owner_acknowledged_at: number | null
}

/** What is NULL matches everything; `user_id` NULL means root's mute, for the whole server. */
export type AlertMuteTable = {
  id: Generated<number>
  kind: string | null
  token_id: string | null
  user_id: number | null
  until_at: number | null
  created_at: number
  created_by: string
}

/** The outbox: what sinks carry out of the server, in this order. */
export type AlertEventTable = {
  id: Generated<number>
  alert_id: number
  user_id: number | null
  at_ms: number
  /** JSON object: what is sent. */
  body: string
}

/** How far each sink is, and whose turn it is to deliver. */
export type AlertSinkTable = {
  sink: string
  /** The last event that was delivered, or given up. */
  delivered_event: number
  lost: number
  attempts: number
  next_try_ms: number
  last_success_at: number | null
  last_error: string
  lease_holder: string
  lease_until_ms: number
}

/** The nearest reminder that went out for a token's present expiry. */
export type ExpiryReminderTable = {
  token_id: string
  expires_at: number
  days: number
  reminded_at: number
}

export type CalendarFeedTable = {
  /** Primary key: SHA-256 of the secret in the feed's address, hex. */
  digest: string
  user_id: number
  created_at: number
}
