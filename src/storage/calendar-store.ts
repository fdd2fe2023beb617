/** Addresses of calendar feeds: one a user, known by the digest of its secret alone. */
import type { Kysely } from 'kysely'
import type { CalendarFeedStore } from '../alerts/calendar-feed.ts'
import { metARow, toSeconds } from './rows.ts'
import type { Schema } from './schema.ts'

export function calendarFeedStoreOn(db: Kysely<Schema>): CalendarFeedStore {
  return {
    async replace(userId, digest, at) {
      const feed = { digest, created_at: toSeconds(at) }
      await db
        .insertInto('calendar_feeds')
        .values({ user_id: userId, ...feed })
        .onConflict((conflict) => conflict.column('user_id').doUpdateSet(feed))
        .execute()
    },
    async remove(userId) {
      return metARow(await db.deleteFrom('calendar_feeds').where('user_id', '=', userId).executeTakeFirst())
    },
    async findUserId(digest) {
      const row = await db
        .selectFrom('calendar_feeds')
        .select('user_id')
        .where('digest', '=', digest)
        .executeTakeFirst()
      return row?.user_id
    },
  }
}
