/** Keys, certificates, which site shows which, and how it stands with those that are had automatically. */
import { type Migration, migrationOf } from './words.ts'

export const certificates: Migration = migrationOf(({ int, text, end }) => [
  `create table ssl_keys (
    id ${text} primary key,
    user_id ${int} not null references users (id),
    friendly_name ${text} not null,
    public_pem ${text} not null,
    sealed_key ${text} not null,
    created_at ${int} not null
  )${end}`,
  `create table ssl_certificates (
    id ${text} primary key,
    user_id ${int} not null references users (id),
    key_id ${text} not null references ssl_keys (id),
    friendly_name ${text} not null,
    pem ${text} not null,
    chain ${text} not null,
    facts ${text} not null,
    not_before ${int} not null,
    not_after ${int} not null,
    provider ${text},
    created_at ${int} not null
  )${end}`,
  `create table ssl_sites (
    site ${text} primary key,
    user_id ${int} not null references users (id),
    certificate_id ${text} not null references ssl_certificates (id),
    installed_at ${int} not null
  )${end}`,
  `create table autossl_state (
    site ${text} primary key,
    user_id ${int} references users (id),
    last_try_at ${int},
    result ${text} not null,
    problem ${text} not null,
    failures ${int} not null,
    next_try_at ${int} not null,
    claimed_until ${int}
  )${end}`,
  `create table autossl_answers (
    id ${text} primary key,
    site ${text} not null,
    name ${text} not null,
    value ${text} not null
  )${end}`,
  `create table acme_accounts (
    directory ${text} primary key,
    sealed_key ${text} not null,
    created_at ${int} not null
  )${end}`,
  'create index ssl_keys_user on ssl_keys (user_id)',
  'create index ssl_certificates_user on ssl_certificates (user_id)',
  'create index ssl_sites_user on ssl_sites (user_id)',
])
