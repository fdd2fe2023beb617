/** Packages, feature lists, reseller limits, further domains, and what accounts hold on disk. */
import { type Migration, migrationOf } from './words.ts'

export const hosting: Migration = migrationOf(({ int, text, end }) => [
  `create table packages (
    name ${text} primary key,
    owner_id ${int} references users (id),
    disk_limit_mb ${int},
    bandwidth_limit_mb ${int},
    settings ${text} not null,
    limits ${text} not null,
    changed_at ${int} not null
  )${end}`,
  `create table feature_lists (
    name ${text} primary key,
    owner_id ${int} references users (id),
    features ${text} not null,
    changed_at ${int} not null
  )${end}`,
  `create table reseller_settings (
    user_id ${int} primary key references users (id),
    limits ${text} not null,
    nameservers ${text} not null,
    main_ip ${text},
    ips ${text}
  )${end}`,
  `create table domains (
    name ${text} primary key,
    user_id ${int} not null references users (id),
    type ${text} not null,
    parent ${text} not null,
    document_root ${text} not null,
    created_at ${int} not null
  )${end}`,
  'create index domains_user on domains (user_id)',
  // No foreign key: a batch of figures must never fail because of one account.
  `create table disk_usage (
    home ${text} primary key,
    bytes ${int} not null,
    files ${int} not null,
    measured_at ${int} not null
  )${end}`,
  // Who is on a package, and who has a name that begins alike, is asked on each creation.
  'create index accounts_plan on accounts (plan)',
  'create index accounts_ip on accounts (ip)',
  'create index users_first_eight on users (substr(name, 1, 8)) where removed_at is null',
])
