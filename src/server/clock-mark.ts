/** The latest time that calls were judged by, kept in the database so that it outlives a restart. */
import { BY_MACHINE } from '../audit/entry.ts'
import { auditStoreOn } from '../storage/audit-store.ts'
import type { Storage } from '../storage/database.ts'

type Transaction = Parameters<Parameters<Storage['write']>[0]>[0]

const KEY = 'clock_high_water_ms'

/** 0 when nothing was stored yet. */
export async function readClockMark(storage: Storage): Promise<number> {
  const row = await storage.read.selectFrom('meta').select('value').where('key', '=', KEY).executeTakeFirst()
  return row === undefined ? 0 : Number(row.value)
}

export async function storeClockMark(storage: Storage, nowMs: number): Promise<void> {
  await storage.writeUsage((trx) => setMark(trx, nowMs))
}

/**
 * Takes the earlier time as right: what expired since then works again. Sessions that were seen later end, since by that time they
 * would live on until it comes again.
 */
export async function acceptClock(storage: Storage, nowMs: number, behindMs: number): Promise<void> {
  await storage.write(async (trx) => {
    await setMark(trx, nowMs)
    await trx
      .deleteFrom('sessions')
      .where('last_seen_at', '>', Math.floor(nowMs / 1000))
      .execute()
    await auditStoreOn(trx).append([
      {
        at: new Date(nowMs),
        ...BY_MACHINE,
        function: 'accept-clock',
        target: '',
        outcome: 'done',
        reason: 'OK',
        details: { behind_seconds: Math.round(behindMs / 1000) },
      },
    ])
  })
}

async function setMark(trx: Transaction, nowMs: number): Promise<void> {
  const value = String(nowMs)
  await trx
    .insertInto('meta')
    .values({ key: KEY, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}
