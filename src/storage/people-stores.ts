/** What people write for other people: notes beside tokens, and how each user likes the pages. */
import type { Kysely } from 'kysely'
import type { PreferenceStore, Preferences } from '../accounts/preferences.ts'
import type { TokenNote, TokenNoteStore } from '../tokens/note.ts'
import { chunksOf } from './rows.ts'
import type { Schema } from './schema.ts'

export function tokenNoteStoreOn(db: Kysely<Schema>): TokenNoteStore {
  return {
    async notesOf(tokenIds) {
      const notes = new Map<string, TokenNote>()
      for (const chunk of chunksOf(tokenIds)) {
        const rows = await db
          .selectFrom('token_notes')
          .select(['token_id', 'note', 'ticket'])
          .where('token_id', 'in', chunk)
          .execute()
        for (const { token_id, note, ticket } of rows) notes.set(token_id, { note, ticket })
      }
      return notes
    },
    async set(tokenId, { note, ticket }) {
      await db
        .insertInto('token_notes')
        .values({ token_id: tokenId, note, ticket })
        .onConflict((conflict) => conflict.column('token_id').doUpdateSet({ note, ticket }))
        .execute()
    },
  }
}

export function preferenceStoreOn(db: Kysely<Schema>): PreferenceStore {
  return {
    async of(userId) {
      const row = await db
        .selectFrom('user_preferences')
        .select('preferences')
        .where('user_id', '=', userId)
        .executeTakeFirst()
      // Only `set` writes it.
      return row === undefined ? {} : (JSON.parse(row.preferences) as Preferences)
    },
    async set(userId, wanted) {
      const preferences = JSON.stringify(wanted)
      await db
        .insertInto('user_preferences')
        .values({ user_id: userId, preferences })
        .onConflict((conflict) => conflict.column('user_id').doUpdateSet({ preferences }))
        .execute()
    },
  }
}
