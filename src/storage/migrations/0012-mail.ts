/** Mailboxes and forwarders. */
import { type Migration, migrationOf } from './words.ts'

export const mail: Migration = migrationOf(({ id, int, text, end }) => [
  `create table mailboxes (
    id ${id},
    domain ${text} not null,
    local_part ${text} not null,
    user_id ${int} not null references users (id),
    password_hash ${text} not null,
    quota_mb ${int},
    login_suspended ${int} not null,
    incoming_suspended ${int} not null,
    outgoing_suspended ${int} not null,
    created_at ${int} not null,
    changed_at ${int} not null
  )${end}`,
  'create unique index mailboxes_address on mailboxes (domain, local_part)',
  'create index mailboxes_user on mailboxes (user_id)',
  `create table forwarders (
    id ${id},
    domain ${text} not null,
    local_part ${text} not null,
    destination ${text} not null,
    user_id ${int} not null references users (id),
    created_at ${int} not null
  )${end}`,
  'create unique index forwarders_address on forwarders (domain, local_part, destination)',
  'create index forwarders_user on forwarders (user_id)',
])
