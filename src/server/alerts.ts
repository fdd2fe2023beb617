/** Alerts that were gathered off the path of calls, on their way into the database. */
import type { NewAlert } from '../alerts/alert.ts'
import type { AlertBatch } from '../alerts/batch.ts'
import { alertOf } from '../alerts/protection.ts'
import type { Stores } from '../functions/context.ts'
import { ProtectionEvents } from '../protection/events.ts'
import type { Storage } from '../storage/database.ts'
import { storesOn } from '../storage/stores.ts'

/** In one transaction; each alert about a token gets the token's owner, who may then see it. */
export function writeAlerts(storage: Pick<Storage, 'writeUsage'>, alerts: readonly NewAlert[]): Promise<void> {
  return storage.writeUsage(async (trx) => {
    const stores = storesOn(trx)
    const owned: NewAlert[] = []
    for (const alert of alerts) owned.push(await withOwner(stores, alert))
    await stores.alerts.raise(owned)
  })
}

/** Where the protection tells what it notices; alerts follow from it. */
export function makeProtectionEvents(alerts: AlertBatch): ProtectionEvents {
  const events = new ProtectionEvents()
  events.onEvent((event) => {
    const alert = alertOf(event)
    if (alert !== undefined) alerts.add(alert)
  })
  return events
}

async function withOwner({ tokens }: Pick<Stores, 'tokens'>, alert: NewAlert): Promise<NewAlert> {
  const { tokenId, userId } = alert.about
  if (tokenId === undefined || userId !== undefined) return alert
  const owner = (await tokens.findById(tokenId))?.owner
  return owner === undefined ? alert : { ...alert, about: { ...alert.about, userId: owner.userId, user: owner.user } }
}
