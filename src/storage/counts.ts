import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'

type Owned = 'forwarders' | 'mailboxes' | 'ssl_certificates' | 'ssl_keys'

/** How many rows of the table belong to the user. */
export async function countOf(db: Kysely<Schema>, table: Owned, userId: number): Promise<number> {
  const { number } = await db
    .selectFrom(table)
    .select((e) => e.fn.countAll<number>().as('number'))
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow()
  return Number(number)
}
