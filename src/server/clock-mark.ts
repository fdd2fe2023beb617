/** The latest time that calls were judged by, kept in the database so that it outlives a restart. */
import type { Storage } from '../storage/database.ts'

const KEY = 'clock_high_water_ms'

/** 0 when nothing was stored yet. */
export async function readClockMark(storage: Storage): Promise<number> {
  const row = await storage.read.selectFrom('meta').select('value').where('key', '=', KEY).executeTakeFirst()
  return row === undefined ? 0 : Number(row.value)
}

export async function storeClockMark(storage: Storage, nowMs: number): Promise<void> {
  const value = String(nowMs)
  await storage.writeUsage(async (trx) => {
    await trx
      .insertInto('meta')
      .values({ key: KEY, value })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
      .execute()
  })
}
