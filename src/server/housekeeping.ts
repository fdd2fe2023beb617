/**
 * Once a month what the report finds is raised as an alert, which goes out by mail and the other sinks. The month is kept in the database,
 * so that it is one alert however many nodes there are and however often they start.
 */
import { FINDINGS, type Finding, type FindingName } from '../functions/report/findings.ts'
import { makeReport } from '../functions/report/report.ts'
import { storesOn } from '../storage/stores.ts'
import type { EventLog } from './event-log.ts'
import type { Runtime } from './runtime.ts'

const LOOK_MS = 3_600_000
const MONTH_KEY = 'housekeeping_month'

/** Looks at once and then each hour; gives what ends it. */
export function startHousekeeping(runtime: Runtime, log: EventLog): () => void {
  const look = (): void =>
    void reportMonth(runtime).catch((error: unknown) => log.warn({ error }, 'the monthly report could not be made'))
  look()
  const timer = setInterval(look, LOOK_MS).unref()
  return () => clearInterval(timer)
}

/** Says whether this call made the report of this month. A new installation waits for its first month to end. */
export async function reportMonth(runtime: Runtime): Promise<boolean> {
  const { storage, clock, door, settings } = runtime
  const now = clock.now()
  const month = now.toISOString().slice(0, 7)
  if ((await monthOf(storage.read)) === month) return false
  const time = { now, expiresSoonSeconds: settings.expiresSoonDays * 86_400 }
  return storage.write(async (trx) => {
    const last = await monthOf(trx)
    if (last === month) return false
    const row = trx.insertInto('meta').values({ key: MONTH_KEY, value: month })
    await row.onConflict((conflict) => conflict.column('key').doUpdateSet({ value: month })).execute()
    if (last === undefined) return false
    const stores = storesOn(trx)
    const everybody = { userId: 0, user: '', privileges: new Set(['all']) }
    const { tokens, findings } = await makeReport(stores, everybody, undefined, door.catalogue, time)
    await stores.alerts.raise([{ kind: 'housekeeping', reason: wordsOf(tokens.length, findings), about: {}, at: now }])
    return true
  })
}

async function monthOf(db: Runtime['storage']['read']): Promise<string | undefined> {
  const row = await db.selectFrom('meta').select('value').where('key', '=', MONTH_KEY).executeTakeFirst()
  return row?.value
}

function wordsOf(tokens: number, findings: readonly Finding[]): string {
  // The keys are the type's.
  const counted = (Object.keys(FINDINGS) as FindingName[])
    .map((name) => ({ title: FINDINGS[name].title, count: findings.filter(({ finding }) => finding === name).length }))
    .filter(({ count }) => count > 0)
  if (counted.length === 0) return `The month's report: ${tokens} tokens, and nothing was found.`
  const parts = counted.map(({ title, count }) => `${title.charAt(0).toLowerCase()}${title.slice(1)}: ${count}`)
  return `The month's report over ${tokens} tokens: ${parts.join('; ')}. “postern report” and the page Housekeeping name them.`
}
