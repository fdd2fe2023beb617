/** What went on over time, in all or for one user's tokens: from the usage ledger and the trail's sign-ins. */
import { type Kysely, sql } from 'kysely'
import type { ActivityPoint, ActivityStore } from '../usage/activity.ts'
import { fromSeconds, toSeconds } from './rows.ts'
import type { Schema } from './schema.ts'

const LENGTHS = { hour: 3600, day: 86_400 } as const

export function activityStoreOn(db: Kysely<Schema>): ActivityStore {
  return {
    async activity({ userId, since, period }) {
      const length = LENGTHS[period]
      const from = toSeconds(since) - (toSeconds(since) % LENGTHS.day)
      const points = new Map<number, { calls: number; refused: number; signIns: number; failedSignIns: number }>()
      const pointAt = (seconds: number) => {
        const startsAt = seconds - (seconds % length)
        const point = points.get(startsAt) ?? { calls: 0, refused: 0, signIns: 0, failedSignIns: 0 }
        points.set(startsAt, point)
        return point
      }
      let ledger = db
        .selectFrom('token_ledger')
        .select(['token_ledger.kind', 'token_ledger.starts_at'])
        .select(({ fn }) => fn.sum('token_ledger.calls').as('calls'))
        .where('token_ledger.kind', 'in', ['function', 'refusal'])
        .where('token_ledger.starts_at', '>=', from)
        .groupBy(['token_ledger.kind', 'token_ledger.starts_at'])
      if (userId !== undefined)
        ledger = ledger.innerJoin('tokens', 'tokens.id', 'token_ledger.token_id').where('tokens.user_id', '=', userId)
      for (const row of await ledger.execute()) {
        const point = pointAt(row.starts_at)
        if (row.kind === 'function') point.calls += Number(row.calls)
        else point.refused += Number(row.calls)
      }
      // Sign-ins are root's to see: a refused one has no user but the name that it claimed.
      if (userId === undefined) {
        const startsAt = sql<number>`audit_entries.at_ms / 1000 - (audit_entries.at_ms / 1000) % ${sql.lit(length)}`
        const signIns = await db
          .selectFrom('audit_entries')
          .select(['outcome', startsAt.as('starts_at')])
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .where('function', '=', 'login')
          .where('at_ms', '>=', from * 1000)
          .groupBy(['outcome', startsAt])
          .execute()
        for (const row of signIns) {
          const point = pointAt(Number(row.starts_at))
          if (row.outcome === 'done') point.signIns += Number(row.count)
          else point.failedSignIns += Number(row.count)
        }
      }
      return [...points]
        .sort(([a], [b]) => a - b)
        .map(([seconds, point]): ActivityPoint => ({ startsAt: fromSeconds(seconds), ...point }))
    },
  }
}
