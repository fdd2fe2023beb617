import { type Migration, migrationOf } from './words.ts'

/** When the password behind a session was last proved; 0, as in rows of an older server, counts as long ago. */
export const sessionConfirmed: Migration = migrationOf(({ int }) => [
  `alter table sessions add column confirmed_at ${int} not null default 0`,
])
