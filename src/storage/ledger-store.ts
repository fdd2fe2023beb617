/** Reads the usage ledger, and sums up what is old. */
import { type Kysely, sql } from 'kysely'
import {
  HOURS_KEPT_DAYS,
  type LedgerStore,
  type RefusalSummary,
  type SecretUse,
  type SeriesPoint,
} from '../usage/history.ts'
import type { LedgerKind } from '../usage/tally.ts'
import type { Storage } from './database.ts'
import { chunksOf, fromSeconds, toSeconds } from './rows.ts'
import type { Schema } from './schema.ts'

const DAY_SECONDS = 86_400

/** The store on a connection or in a transaction. */
export function ledgerStoreOn(db: Kysely<Schema>): LedgerStore {
  return {
    async refusalsOf(tokenIds) {
      const found = new Map<string, RefusalSummary>()
      for (const chunk of chunksOf(tokenIds)) {
        const rows = await db
          .selectFrom('token_refusals')
          .select(['token_id', 'refused', 'last_refused_at', 'last_refused_address', 'last_refused_reason'])
          .where('token_id', 'in', chunk)
          .execute()
        for (const row of rows) {
          found.set(row.token_id, {
            refused: row.refused,
            lastRefusedAt: fromSeconds(row.last_refused_at),
            lastRefusedAddress: row.last_refused_address,
            lastRefusedReason: row.last_refused_reason,
          })
        }
      }
      return found
    },
    async secretUses(tokenId, numbers) {
      const found = new Map<number, SecretUse>()
      for (const chunk of chunksOf(numbers)) {
        const secrets = chunk.map((number) => `${tokenId}/${number}`)
        const rows = await db
          .selectFrom('token_secret_usage')
          .select(['secret', 'last_used_at', 'last_used_address', 'calls'])
          .where('secret', 'in', secrets)
          .execute()
        for (const row of rows) {
          found.set(Number(row.secret.slice(tokenId.length + 1)), {
            lastUsedAt: fromSeconds(row.last_used_at),
            lastUsedAddress: row.last_used_address,
            calls: row.calls,
          })
        }
      }
      return found
    },
    async namedCalls(tokenId, since) {
      const rows = await db
        .selectFrom('token_ledger')
        .select(['kind', 'name'])
        .select((e) => [e.fn.sum('calls').as('calls'), e.fn.max('last_at').as('last_at')])
        .where('token_id', '=', tokenId)
        .where('starts_at', '>=', beginning(since))
        .groupBy(['kind', 'name'])
        .execute()
      return rows
        .map((row) => ({
          // Written by the ledger alone.
          kind: row.kind as LedgerKind,
          name: row.name,
          calls: Number(row.calls),
          lastAt: fromSeconds(Number(row.last_at)),
        }))
        .sort((a, b) => b.calls - a.calls || (a.name < b.name ? -1 : 1))
    },
    async series(tokenId, since, period) {
      const rows = await db
        .selectFrom('token_ledger')
        .select(['kind', 'starts_at'])
        .select((e) => e.fn.sum('calls').as('calls'))
        .where('token_id', '=', tokenId)
        .where('kind', 'in', ['function', 'refusal'])
        .where('starts_at', '>=', beginning(since))
        .groupBy(['kind', 'starts_at'])
        .execute()
      const points = new Map<number, { calls: number; refused: number }>()
      for (const row of rows) {
        const startsAt = period === 'hour' ? row.starts_at : row.starts_at - (row.starts_at % DAY_SECONDS)
        const point = points.get(startsAt) ?? { calls: 0, refused: 0 }
        if (row.kind === 'function') point.calls += Number(row.calls)
        else point.refused += Number(row.calls)
        points.set(startsAt, point)
      }
      return [...points]
        .sort(([a], [b]) => a - b)
        .map(([startsAt, point]): SeriesPoint => ({ startsAt: fromSeconds(startsAt), ...point }))
    },
    async functionsUsed(tokenIds, since) {
      const used = new Map<string, string[]>()
      for (const chunk of chunksOf(tokenIds)) {
        const rows = await db
          .selectFrom('token_ledger')
          .select(['token_id', 'name'])
          .distinct()
          .where('token_id', 'in', chunk)
          .where('kind', '=', 'function')
          .where('starts_at', '>=', beginning(since))
          .execute()
        for (const { token_id: tokenId, name } of rows) used.set(tokenId, [...(used.get(tokenId) ?? []), name])
      }
      return used
    },
  }
}

/** A period that has begun before the moment, and may reach into it, counts as a whole. */
function beginning(since: Date): number {
  const seconds = toSeconds(since)
  return seconds - (seconds % DAY_SECONDS)
}

/**
 * Sums hours that are older than `HOURS_KEPT_DAYS` up to days and removes days older than `keptDays`. Each hour is one transaction, so that
 * nothing waits long; on several nodes whoever comes second finds nothing left.
 */
export async function foldLedger(storage: Storage, now: Date, keptDays: number): Promise<void> {
  const hoursBefore = toSeconds(now) - HOURS_KEPT_DAYS * DAY_SECONDS
  for (;;) {
    const oldest = await storage.read
      .selectFrom('token_ledger')
      .select('starts_at')
      .where('period', '=', 'hour')
      .where('starts_at', '<', hoursBefore)
      .orderBy('starts_at')
      .limit(1)
      .executeTakeFirst()
    if (oldest === undefined) break
    await storage.writeUsage((trx) => foldHour(trx, oldest.starts_at))
  }
  const daysBefore = beginning(new Date(now.getTime() - keptDays * DAY_SECONDS * 1000))
  const old = storage.read.selectFrom('token_ledger').select('id').where('starts_at', '<', daysBefore).limit(1)
  if ((await old.executeTakeFirst()) === undefined) return
  await storage.writeUsage(async (trx) => {
    for (const period of ['hour', 'day'])
      await trx.deleteFrom('token_ledger').where('period', '=', period).where('starts_at', '<', daysBefore).execute()
  })
}

async function foldHour(trx: Kysely<Schema>, startsAt: number): Promise<void> {
  const day = startsAt - (startsAt % DAY_SECONDS)
  await sql`
    insert into token_ledger (token_id, kind, period, starts_at, name, calls, last_at)
    select token_id, kind, 'day', ${sql.lit(day)}, name, calls, last_at
    from token_ledger where period = 'hour' and starts_at = ${startsAt}
    on conflict (token_id, kind, period, starts_at, name) do update set
      calls = token_ledger.calls + excluded.calls,
      last_at = case when excluded.last_at > token_ledger.last_at then excluded.last_at else token_ledger.last_at end
  `.execute(trx)
  await trx.deleteFrom('token_ledger').where('period', '=', 'hour').where('starts_at', '=', startsAt).execute()
}
