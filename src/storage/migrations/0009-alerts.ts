/** Alerts, what is sent of them and to where, what is muted, which reminders went out, and the addresses of calendar feeds. */
import { type Migration, migrationOf } from './words.ts'

// No foreign keys: an alert outlives what it speaks of, and must never fail because of it.
export const alerts: Migration = migrationOf(({ id, int, text, end }) => [
  `create table alerts (
    id ${id},
    kind ${text} not null,
    severity ${text} not null,
    group_key ${text} not null,
    user_id ${int},
    user_name ${text} not null,
    token_id ${text},
    token_name ${text},
    address ${text},
    reason ${text} not null,
    examples ${text} not null,
    first_at_ms ${int} not null,
    last_at_ms ${int} not null,
    occurrences ${int} not null,
    sent_at_ms ${int},
    acknowledged_at ${int},
    acknowledged_by ${text} not null,
    owner_acknowledged_at ${int}
  )${end}`,
  'create unique index alerts_open on alerts (group_key) where acknowledged_at is null',
  'create index alerts_user on alerts (user_id, id)',
  'create index alerts_last on alerts (last_at_ms)',
  `create table alert_mutes (
    id ${id},
    kind ${text},
    token_id ${text},
    user_id ${int},
    until_at ${int},
    created_at ${int} not null,
    created_by ${text} not null
  )${end}`,
  `create table alert_events (
    id ${id},
    alert_id ${int} not null,
    user_id ${int},
    at_ms ${int} not null,
    body ${text} not null
  )${end}`,
  `create table alert_sinks (
    sink ${text} primary key,
    delivered_event ${int} not null,
    lost ${int} not null,
    attempts ${int} not null,
    next_try_ms ${int} not null,
    last_success_at ${int},
    last_error ${text} not null,
    lease_holder ${text} not null,
    lease_until_ms ${int} not null
  )${end}`,
  `create table expiry_reminders (
    token_id ${text} primary key,
    expires_at ${int} not null,
    days ${int} not null,
    reminded_at ${int} not null
  )${end}`,
  `create table calendar_feeds (
    digest ${text} primary key,
    user_id ${int} not null references users (id),
    created_at ${int} not null
  )${end}`,
  'create unique index calendar_feeds_user on calendar_feeds (user_id)',
])
