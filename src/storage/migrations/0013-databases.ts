/** What accounts have on the database server: databases, users, and what these may do. */
import { type Migration, migrationOf } from './words.ts'

// Names are kept as they were given; there is no second one that differs in case alone, since on some machines MariaDB takes both for one.
export const databases: Migration = migrationOf(({ int, text, end }) => [
  `create table mysql_databases (
    name ${text} primary key,
    user_id ${int} not null references users (id),
    created_at ${int} not null
  )${end}`,
  'create unique index mysql_databases_name on mysql_databases (lower(name))',
  'create index mysql_databases_user on mysql_databases (user_id)',
  `create table mysql_users (
    name ${text} primary key,
    user_id ${int} not null references users (id),
    sealed_hash ${text},
    created_at ${int} not null
  )${end}`,
  'create unique index mysql_users_name on mysql_users (lower(name))',
  'create index mysql_users_user on mysql_users (user_id)',
  `create table mysql_grants (
    database_name ${text} not null references mysql_databases (name),
    user_name ${text} not null references mysql_users (name),
    privileges ${text} not null,
    primary key (database_name, user_name)
  )${end}`,
  'create index mysql_grants_user on mysql_grants (user_name)',
])
