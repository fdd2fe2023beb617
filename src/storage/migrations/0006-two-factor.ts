/** Second factors, their recovery codes, and links that sign in once. */
import { type Migration, migrationOf } from './words.ts'

export const twoFactor: Migration = migrationOf(({ int, text, end }) => [
  `create table two_factor (
    user_id ${int} primary key references users (id),
    sealed_secret ${text} not null,
    enabled_at ${int} not null,
    last_step ${int} not null,
    failures ${int} not null,
    waits_until ${int}
  )${end}`,
  `create table recovery_codes (
    digest ${text} primary key,
    user_id ${int} not null references users (id),
    created_at ${int} not null,
    used_at ${int}
  )${end}`,
  'create index recovery_codes_user on recovery_codes (user_id)',
  `create table login_links (
    digest ${text} primary key,
    user_id ${int} not null references users (id),
    service ${text} not null,
    security_token_digest ${text} not null,
    maker_id ${int} not null references users (id),
    maker_token_id ${text},
    created_at ${int} not null,
    expires_at ${int} not null
  )${end}`,
  'create index login_links_user on login_links (user_id)',
  'create index login_links_maker on login_links (maker_id)',
  `alter table sessions add column opened_by ${text} not null default 'password'`,
])
