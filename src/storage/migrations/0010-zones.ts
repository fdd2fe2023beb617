/** DNS zones: the text of each is what the host writes as a file. */
import { type Migration, migrationOf } from './words.ts'

export const zones: Migration = migrationOf(({ int, text, end }) => [
  `create table zones (
    name ${text} primary key,
    user_id ${int} references users (id),
    serial ${int} not null,
    text ${text} not null,
    changed_at ${int} not null
  )${end}`,
  'create index zones_user on zones (user_id)',
])
