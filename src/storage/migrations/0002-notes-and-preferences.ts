import { type Kysely, sql } from 'kysely'

/** What people write beside a token, apart from the record that each call reads; and how each of them likes the pages. */
export async function notesAndPreferences(db: Kysely<unknown>, kind: 'sqlite' | 'postgres'): Promise<void> {
  const [int, text, end] = kind === 'sqlite' ? ['integer', 'text', ' strict'] : ['bigint', 'text collate "C"', '']
  for (const statement of [
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
    await sql.raw(statement).execute(db)
}
