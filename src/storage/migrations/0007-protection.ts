/** Failed attempts, bans, what is counted against users, and the lists of addresses. */
import { type Migration, migrationOf } from './words.ts'

export const protection: Migration = migrationOf(({ id, int, text, end }) => [
  `create table address_lists (
    key ${text} primary key,
    list ${text} not null,
    rule ${text} not null,
    comment ${text} not null,
    added_at ${int} not null,
    added_by ${text} not null
  )${end}`,
  `create table bans (
    network ${text} primary key,
    claimed_user ${text} not null,
    begun_at_ms ${int} not null,
    until_ms ${int} not null,
    repetition ${int} not null,
    is_excessive ${int} not null,
    attempts ${int} not null,
    failures ${int} not null
  )${end}`,
  `create table failed_attempts (
    seq ${id},
    node ${text} not null,
    at_ms ${int} not null,
    address ${text} not null,
    network ${text} not null,
    claimed_user ${text} not null,
    kind ${text} not null,
    service ${text} not null,
    factor ${text} not null,
    weight ${int} not null
  )${end}`,
  'create index failed_attempts_at on failed_attempts (at_ms)',
  `create table user_failures (
    factor ${text} not null,
    user_name ${text} not null,
    network ${text} not null,
    failures ${int} not null,
    last_failed_at_ms ${int} not null,
    primary key (factor, user_name, network)
  )${end}`,
  `create table known_networks (
    user_id ${int} not null references users (id),
    network ${text} not null,
    last_success_at_ms ${int} not null,
    primary key (user_id, network)
  )${end}`,
])
