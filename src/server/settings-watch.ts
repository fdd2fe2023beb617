/** Tells when a server starts with other settings than before: whoever can write its file can open much. */
import { createHmac } from 'node:crypto'
import { SETTINGS, type Settings } from '../config/schema.ts'
import { alertStoreOn } from '../storage/alert-store.ts'
import type { Storage } from '../storage/database.ts'

/**
 * Keeps a digest of each setting (under `pepper`, since one may hold a password), for each node by itself, and raises an alert that names those that changed. Nothing at the first start, nor
 * for a setting that this version has and the one before had not.
 */
export async function watchSettings(
  storage: Pick<Storage, 'writeUsage'>,
  settings: Settings,
  pepper: Uint8Array,
  now: Date,
): Promise<void> {
  const digestOf = (text: string): string => createHmac('sha256', pepper).update(text).digest('hex')
  const key = `settings_of_${digestOf(settings.data).slice(0, 16)}`
  const digests = Object.fromEntries(
    SETTINGS.map(({ name, fileName }) => [fileName, digestOf(JSON.stringify(settings[name] ?? null))]),
  )
  await storage.writeUsage(async (trx) => {
    const kept = await trx.selectFrom('meta').select('value').where('key', '=', key).executeTakeFirst()
    const value = JSON.stringify(digests)
    if (kept?.value === value) return
    await trx
      .insertInto('meta')
      .values({ key, value })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
      .execute()
    if (kept === undefined) return
    const before = JSON.parse(kept.value) as Record<string, string | undefined> // as written above
    const changed = Object.keys(digests).filter((name) => before[name] !== undefined && before[name] !== digests[name])
    if (changed.length === 0) return
    const reason = `The server on ${settings.hostname} was started with other settings than before: ${changed.join(', ')}.`
    await alertStoreOn(trx).raise([
      { kind: 'settings-changed', reason, about: {}, at: now, example: changed.join(', ') },
    ])
  })
}
