/**
 * The freezes in force: one value in `meta`, which the look-up of a token and of a user reads along with them, so that a freeze holds from
 * the next call on, on every node. It is one small row, so that it can be written on a full disk.
 */
import { type Kysely, sql } from 'kysely'
import type { Freeze, FreezeStore } from '../tokens/freeze.ts'
import { fromSeconds, toSeconds } from './rows.ts'
import type { Schema } from './schema.ts'

const KEY = 'freezes'

/** For a statement's list of columns: the stored text, or NULL while nothing is frozen. */
export const FREEZES_COLUMN = `(select value from meta where key = '${KEY}')`

type StoredFreeze = Omit<Freeze, 'at' | 'userId'> & { readonly userId: number | null; readonly at: number }

const NONE: readonly Freeze[] = []

/** The stored text back to freezes. */
export function freezesOf(text: string | null): readonly Freeze[] {
  if (text === null) return NONE
  // Written by this file alone.
  const stored = JSON.parse(text) as readonly StoredFreeze[]
  return stored.map((freeze) => ({ ...freeze, userId: freeze.userId ?? undefined, at: fromSeconds(freeze.at) }))
}

/** The store on a connection or in a transaction. */
export function freezeStoreOn(db: Kysely<Schema>): FreezeStore {
  const list = async (): Promise<readonly Freeze[]> => {
    const row = await db.selectFrom('meta').select('value').where('key', '=', KEY).executeTakeFirst()
    return freezesOf(row?.value ?? null)
  }
  const save = async (freezes: readonly Freeze[]): Promise<void> => {
    if (freezes.length === 0) {
      await db.deleteFrom('meta').where('key', '=', KEY).execute()
      return
    }
    const value = JSON.stringify(
      freezes.map((freeze): StoredFreeze => ({ ...freeze, userId: freeze.userId ?? null, at: toSeconds(freeze.at) })),
    )
    const row = db.insertInto('meta').values({ key: KEY, value })
    await row.onConflict((conflict) => conflict.column('key').doUpdateSet({ value })).execute()
  }
  return {
    list,
    async add(freeze) {
      await save([...(await list()), freeze])
    },
    async remove(ids) {
      const freezes = await list()
      await save(freezes.filter(({ id }) => !ids.includes(id)))
      return freezes.filter(({ id }) => ids.includes(id))
    },
  }
}

/** The same column for a query of Kysely. */
export const freezesColumn = () => sql<string | null>`${sql.raw(FREEZES_COLUMN)}`.as('freezes')
