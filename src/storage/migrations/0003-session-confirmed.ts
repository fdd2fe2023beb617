import { type Kysely, sql } from 'kysely'

/** When the password behind a session was last proved; 0, as in rows of an older server, counts as long ago. */
export async function sessionConfirmed(db: Kysely<unknown>, kind: 'sqlite' | 'postgres'): Promise<void> {
  const int = kind === 'sqlite' ? 'integer' : 'bigint'
  await sql.raw(`alter table sessions add column confirmed_at ${int} not null default 0`).execute(db)
}
