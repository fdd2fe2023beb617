import { type Migration, migrationOf } from './words.ts'

/** What people write beside a token, apart from the record that each call reads; and how each of them likes the pages. */
export const notesAndPreferences: Migration = migrationOf(({ int, text, end }) => [
  `create table token_notes (
      token_id ${text} primary key,
      note ${text} not null,
      ticket ${text} not null
    )${end}`,
  `create table user_preferences (
      user_id ${int} primary key references users (id),
      preferences ${text} not null
    )${end}`,
])
