/** Writes the usage ledger's batches. */
import { sql } from 'kysely'
import type { UsageWriter } from '../usage/ledger.ts'
import type { Storage } from './database.ts'
import { chunksOf } from './rows.ts'

const laterOf = <T>(column: 'last_used_at' | 'last_used_address') =>
  sql<T>`case when excluded.last_used_at >= token_usage.last_used_at then excluded.${sql.ref(column)} else token_usage.${sql.ref(column)} end`

export function usageWriterOn(storage: Pick<Storage, 'writeUsage'>): UsageWriter {
  return {
    write: (uses, sessionsSeen) =>
      storage.writeUsage(async (trx) => {
        // One row a token: a statement may not meet the same row twice.
        const byToken = new Map<string, { calls: number; lastUsedMs: number; lastUsedAddress: string }>()
        for (const use of uses) {
          const before = byToken.get(use.tokenId)
          const isNewer = before === undefined || use.lastUsedMs >= before.lastUsedMs
          byToken.set(use.tokenId, {
            calls: use.calls + (before?.calls ?? 0),
            lastUsedMs: isNewer ? use.lastUsedMs : before.lastUsedMs,
            lastUsedAddress: isNewer ? use.lastUsedAddress : before.lastUsedAddress,
          })
        }
        for (const chunk of chunksOf([...byToken], 100)) {
          await trx
            .insertInto('token_usage')
            .values(
              chunk.map(([tokenId, use]) => ({
                token_id: tokenId,
                last_used_at: Math.floor(use.lastUsedMs / 1000),
                last_used_address: use.lastUsedAddress,
                calls: use.calls,
              })),
            )
            .onConflict((conflict) =>
              conflict.column('token_id').doUpdateSet({
                // Another node may have written a later use before.
                last_used_at: laterOf<number>('last_used_at'),
                last_used_address: laterOf<string>('last_used_address'),
                calls: sql<number>`token_usage.calls + excluded.calls`,
              }),
            )
            .execute()
        }
        for (const [digest, seenMs] of sessionsSeen) {
          const seenAt = Math.floor(seenMs / 1000)
          await trx
            .updateTable('sessions')
            .set({ last_seen_at: seenAt })
            .where('digest', '=', digest)
            .where('last_seen_at', '<', seenAt)
            .execute()
        }
      }),
  }
}
