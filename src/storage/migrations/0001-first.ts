/** The first schema. Append-only: a later change is a later migration, and `docs/storage-schema.md` changes with it. */
import { type Migration, migrationOf } from './words.ts'

export const first: Migration = migrationOf(({ id, int, text, end }) => [
  `create table users (
    id ${id},
    name ${text} not null,
    kind ${text} not null,
    password_hash ${text},
    is_reseller ${int} not null,
    privileges ${text} not null,
    created_at ${int} not null,
    removed_at ${int}
  )${end}`,
  'create unique index users_name on users (name) where removed_at is null',
  `create table accounts (
    user_id ${int} primary key references users (id),
    domain ${text} not null,
    is_temporary_domain ${int} not null,
    contact_email ${text} not null,
    owner_id ${int} not null references users (id),
    plan ${text} not null,
    ip ${text} not null,
    theme ${text} not null,
    shell ${text} not null,
    locale ${text} not null,
    home ${text} not null,
    disk_limit_mb ${int},
    bandwidth_limit_mb ${int},
    limits ${text} not null,
    uid ${int} not null,
    created_at ${int} not null,
    suspended_at ${int},
    suspend_reason ${text} not null,
    suspend_locked ${int} not null
  )${end}`,
  'create unique index accounts_domain on accounts (domain)',
  'create index accounts_owner on accounts (owner_id)',
  `create table tokens (
    digest ${text} primary key,
    id ${text} not null,
    user_id ${int} not null references users (id),
    name ${text} not null,
    pepper_version ${int} not null,
    privileges ${text} not null,
    ip_rules ${text} not null,
    created_at ${int} not null,
    expires_at ${int},
    paused_at ${int},
    pause_reason ${text} not null,
    revoked_at ${int},
    revoke_reason ${text} not null
  )${end}`,
  'create unique index tokens_id on tokens (id)',
  'create unique index tokens_name on tokens (user_id, name) where revoked_at is null',
  'create index tokens_user on tokens (user_id)',
  // No foreign key: a batch of figures must never fail because of one token.
  `create table token_usage (
    token_id ${text} primary key,
    last_used_at ${int} not null,
    last_used_address ${text} not null,
    calls ${int} not null
  )${end}`,
  `create table sessions (
    digest ${text} primary key,
    user_id ${int} not null references users (id),
    service ${text} not null,
    security_token_digest ${text} not null,
    address ${text} not null,
    created_at ${int} not null,
    last_seen_at ${int} not null
  )${end}`,
  'create index sessions_user on sessions (user_id)',
  `create table acl_lists (
    name ${text} primary key,
    privileges ${text} not null,
    saved_at ${int} not null
  )${end}`,
  // No foreign key either: the trail outlives what it speaks of.
  `create table audit_entries (
    seq ${id},
    at_ms ${int} not null,
    request_id ${text} not null,
    caller ${text} not null,
    credential ${text} not null,
    token_id ${text},
    token_name ${text},
    address ${text},
    function ${text} not null,
    target ${text} not null,
    outcome ${text} not null,
    reason ${text} not null,
    details ${text} not null
  )${end}`,
  'create index audit_entries_caller on audit_entries (caller, seq)',
  'create index audit_entries_token on audit_entries (token_id, seq)',
  'create index audit_entries_function on audit_entries (function, seq)',
  'create index audit_entries_outcome on audit_entries (outcome, seq)',
  `create table host_tasks (
    id ${id},
    kind ${text} not null,
    arguments ${text} not null,
    created_at ${int} not null
  )${end}`,
  `create table meta (
    key ${text} primary key,
    value ${text} not null
  )${end}`,
])
