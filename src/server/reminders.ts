/** Reminds of tokens that expire soon: each step once, over restarts and nodes. */
import { dueReminder, reminderOf } from '../alerts/expiry.ts'
import { alertStoreOn } from '../storage/alert-store.ts'
import type { Storage } from '../storage/database.ts'
import { claimReminder, expiringTokens } from '../storage/reminder-store.ts'

/** The note that it was reminded of and the alert are one transaction. */
export async function remindOfExpiry(storage: Pick<Storage, 'read' | 'writeUsage'>, now: Date): Promise<void> {
  const tokens = await expiringTokens(storage.read, now)
  for (const token of tokens) {
    const days = dueReminder(token, now.getTime())
    if (days === undefined) continue
    await storage.writeUsage(async (trx) => {
      if (await claimReminder(trx, token, days, now)) await alertStoreOn(trx).raise([reminderOf(token, now)])
    })
  }
}
