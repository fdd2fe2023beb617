/** Looks once a minute for what tokens do that they never did before; behind the usage ledger, so that no call waits for it. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { NewAlert } from '../alerts/alert.ts'
import { isLearned, isUnusualRate, type LearningLimits, RATE_MIN, rateAlert, unusualUses } from '../alerts/unusual.ts'
import { alertStoreOn } from '../storage/alert-store.ts'
import type { Storage } from '../storage/database.ts'
import {
  accountsMadeBy,
  beginningOfHour,
  beginWatch,
  busyTokens,
  knownUse,
  newUses,
  noteSeen,
} from '../storage/use-watch.ts'
import { OTHER_NAMES } from '../usage/tally.ts'

type Databases = Pick<Storage, 'read' | 'writeUsage'>

/** How far was looked and what follows from it are one transaction: nothing is told twice, by several nodes neither. */
export async function watchUse(storage: Databases, now: Date, limits: LearningLimits): Promise<void> {
  const found = await newUses(storage.read)
  if (found === undefined) return storage.writeUsage(beginWatch)
  const alerts: NewAlert[] = []
  for (const [tokenId, uses] of found.byToken) {
    const earliest = new Date(Math.min(...uses.map(({ hourAt }) => hourAt.getTime())))
    const known = await knownUse(storage.read, tokenId, found.seen, earliest)
    const newCalls = uses.reduce((sum, { kind, calls }) => (kind === 'function' ? sum + calls : sum), 0)
    if (known !== undefined && isLearned(known, newCalls, now, limits)) {
      const named = uses.filter(({ kind }) => kind === 'account').map(({ name }) => name)
      const made = await accountsMadeBy(storage.read, tokenId, named)
      alerts.push(...unusualUses(known, uses, made, OTHER_NAMES, now))
    }
    // Queries of SQLite take no turn of the event loop of their own.
    await nextTurn()
  }
  if (found.upTo !== found.seen)
    await storage.writeUsage(async (trx) => {
      if (await noteSeen(trx, found)) await alertStoreOn(trx).raise(alerts)
    })
  await watchRates(storage, now, limits)
}

async function watchRates(storage: Databases, now: Date, limits: LearningLimits): Promise<void> {
  for (const { tokenId, calls } of await busyTokens(storage.read, now, RATE_MIN)) {
    const known = await knownUse(storage.read, tokenId, Number.MAX_SAFE_INTEGER, beginningOfHour(now))
    if (known !== undefined && isLearned(known, calls, now, limits) && isUnusualRate(known, calls))
      await storage.writeUsage((trx) => alertStoreOn(trx).raise([rateAlert(known, calls, now)]))
    await nextTurn()
  }
}
