/** Tokens that expire soon, and which reminders of it went out. */
import type { Kysely } from 'kysely'
import { type ExpiringToken, REMINDER_DAYS } from '../alerts/expiry.ts'
import { fromSeconds, fromSecondsOrNull, toSeconds } from './rows.ts'
import type { Schema } from './schema.ts'

const FARTHEST_SECONDS = REMINDER_DAYS[0] * 86_400

/** Every token that a reminder could be due for, whoever owns it. */
export async function expiringTokens(db: Kysely<Schema>, now: Date): Promise<readonly ExpiringToken[]> {
  const rows = await db
    .selectFrom('tokens as t')
    .innerJoin('users as u', 'u.id', 't.user_id')
    .leftJoin('token_usage as g', 'g.token_id', 't.id')
    .leftJoin('expiry_reminders as r', (join) =>
      join.onRef('r.token_id', '=', 't.id').onRef('r.expires_at', '=', 't.expires_at'),
    )
    .select(['t.id', 't.name', 't.user_id', 'u.name as user_name', 't.created_at', 't.expires_at'])
    .select(['g.last_used_at', 'r.days'])
    .where('t.revoked_at', 'is', null)
    .where('u.removed_at', 'is', null)
    .where('t.expires_at', '>', toSeconds(now))
    .where('t.expires_at', '<=', toSeconds(now) + FARTHEST_SECONDS)
    .orderBy('t.expires_at')
    .orderBy('t.id')
    .execute()
  return rows.map((row) => ({
    tokenId: row.id,
    name: row.name,
    userId: row.user_id,
    user: row.user_name,
    createdAt: fromSeconds(row.created_at),
    expiresAt: fromSeconds(row.expires_at ?? 0), // the condition above lets no NULL pass
    lastUsedAt: fromSecondsOrNull(row.last_used_at),
    remindedDays: row.days ?? undefined,
  }))
}

/** True for whoever is first, over all nodes. */
export async function claimReminder(
  trx: Kysely<Schema>,
  { tokenId, expiresAt }: ExpiringToken,
  days: number,
  now: Date,
): Promise<boolean> {
  const reminder = { expires_at: toSeconds(expiresAt), days, reminded_at: toSeconds(now) }
  const result = await trx
    .insertInto('expiry_reminders')
    .values({ token_id: tokenId, ...reminder })
    .onConflict((conflict) =>
      conflict
        .column('token_id')
        .doUpdateSet(reminder)
        .where((e) =>
          e.or([
            e('expiry_reminders.expires_at', '!=', e.ref('excluded.expires_at')),
            e('expiry_reminders.days', '>', e.ref('excluded.days')),
          ]),
        ),
    )
    .returning('token_id')
    .executeTakeFirst()
  return result !== undefined
}
