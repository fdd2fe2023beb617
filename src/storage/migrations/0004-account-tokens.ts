/** Tokens of hosting accounts beside WHM's: which service a token is for, and whether it may only read. */
import { type Kysely, sql } from 'kysely'

const columns = {
  sqlite: { int: 'integer', text: 'text' },
  postgres: { int: 'bigint', text: 'text collate "C"' },
} as const

/** A name is unique among its owner's tokens for one service: a reseller may have a `backup` for each. */
export async function accountTokens(db: Kysely<unknown>, kind: 'sqlite' | 'postgres'): Promise<void> {
  const { int, text } = columns[kind]
  const statements = [
    `alter table tokens add column service ${text} not null default 'whm'`,
    `alter table tokens add column is_readonly ${int} not null default 0`,
    'drop index tokens_name',
    'create unique index tokens_name on tokens (user_id, service, name) where revoked_at is null',
  ]
  for (const statement of statements) await sql.raw(statement).execute(db)
}
