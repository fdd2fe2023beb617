/** A zone made anew: what its template would hold now, the addresses of subdomains, and the TXT records that it had. */
import { type Edited, editZone, type NewRecord } from '../../hosting/zones/edit.ts'
import { formatName, isWithin } from '../../hosting/zones/names.ts'
import type { Zone } from '../../hosting/zones/zone.ts'
import { dataOf, type RecordEntry, textOfBytes } from '../../hosting/zones/zone-file.ts'
import type { WriteContext } from '../context.ts'
import { addressRecord, textFromTemplate } from './account-zones.ts'
import { keepZone, readZone } from './change-zone.ts'

/** Throws `zone-serial-stale`. Gives the new serial. */
export async function resetZone(context: WriteContext, zone: Zone): Promise<number> {
  const { stores, services, now } = context
  const user = zone.ownerId === undefined ? undefined : await stores.accounts.findUserById(zone.ownerId)
  const account = user && (await stores.accounts.findAccount(user.name))
  const ip = account?.ip ?? services.facts.accountIp
  const wish = { name: zone.name, template: 'standard', addresses: [ip], nameserversOf: account?.ownerId } as const
  const fresh = { ...zone, ...(await textFromTemplate(context, wish, zone)) }
  const domains = account === undefined ? [] : await stores.domains.listOf(account.userId)
  const names = domains
    .flatMap(({ name }) => [`${name}.`, `www.${name}.`])
    .filter((name) => name.length <= 254 && name !== `${zone.name}.` && isWithin(name, `${zone.name}.`))
  const kept = recordsIn(zone).filter(({ type }) => type === 'TXT')
  return keepZone(
    context,
    zone,
    withTexts(
      fresh,
      kept,
      names.map((name) => addressRecord(name, ip)),
      ip,
      now,
    ),
  )
}

/** The TXT records take the place of the template's; a name that has one is no alias. */
function withTexts(
  fresh: Zone,
  kept: readonly RecordEntry[],
  more: readonly NewRecord[],
  ip: string,
  now: Date,
): Edited {
  const taken = new Set(kept.map(({ key }) => key))
  const templates = recordsIn(fresh)
  const add = kept.map(
    (entry): NewRecord => ({
      name: formatName(entry.owner),
      ttl: entry.ttl,
      type: 'TXT',
      data: dataOf(entry).map(textOfBytes),
    }),
  )
  const edit = templates
    .filter(({ type, key }) => type === 'CNAME' && taken.has(key))
    .map((entry) => ({ ...addressRecord(formatName(entry.owner), ip), line: entry.line }))
  const remove = templates.filter(({ type }) => type === 'TXT').map(({ line }) => line)
  const added = more.filter(({ name }) => !templates.some(({ key }) => key === name))
  return editZone(readZone(fresh).file, { add: [...added, ...add], edit, remove }, now)
}

function recordsIn(zone: Zone): readonly RecordEntry[] {
  return readZone(zone).file.entries.filter((entry) => entry.kind === 'record')
}
