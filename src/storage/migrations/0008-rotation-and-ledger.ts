/** Several secrets a token, and what each token did by hour and day. */
import { type Migration, migrationOf } from './words.ts'

/** Adds to what is there; no row of a token is rewritten. */
export const rotationAndLedger: Migration = migrationOf(({ id, int, text, end }) => [
  `alter table tokens add column secret_number ${int} not null default 1`,
  // NULL: with the token itself.
  `alter table tokens add column secret_made_at ${int}`,
  `alter table tokens add column awaits_first_use ${int} not null default 0`,
  `create table token_old_secrets (
    digest ${text} primary key,
    token_id ${text} not null,
    number ${int} not null,
    pepper_version ${int} not null,
    made_at ${int} not null,
    replaced_at ${int} not null,
    rotation_key ${text},
    overlap ${text} not null,
    ends_at ${int},
    ends_with_first_use ${int} not null,
    ended_at ${int},
    end_reason ${text} not null
  )${end}`,
  'create unique index token_old_secrets_token on token_old_secrets (token_id, number)',
  `alter table token_usage add column first_used_at ${int}`,
  `alter table token_usage add column last_function ${text} not null default ''`,
  // No foreign keys below either: a batch of figures must never fail because of one token.
  `create table token_refusals (
    token_id ${text} primary key,
    refused ${int} not null,
    last_refused_at ${int} not null,
    last_refused_address ${text} not null,
    last_refused_reason ${text} not null
  )${end}`,
  `create table token_secret_usage (
    secret ${text} primary key,
    last_used_at ${int} not null,
    last_used_address ${text} not null,
    calls ${int} not null
  )${end}`,
  `create table token_ledger (
    id ${id},
    token_id ${text} not null,
    kind ${text} not null,
    period ${text} not null,
    starts_at ${int} not null,
    name ${text} not null,
    calls ${int} not null,
    last_at ${int} not null
  )${end}`,
  'create unique index token_ledger_entry on token_ledger (token_id, kind, period, starts_at, name)',
  'create index token_ledger_age on token_ledger (period, starts_at)',
])
