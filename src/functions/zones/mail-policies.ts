/** The records of an account's zone that say who may send mail in the name of its domain (SPF), and what is done with other mail (DMARC). */
import type { Account } from '../../accounts/account.ts'
import { editZone, type NewRecord } from '../../hosting/zones/edit.ts'
import { ADDRESS_TTL, spfText } from '../../hosting/zones/template.ts'
import { dataOf, type ZoneFile } from '../../hosting/zones/zone-file.ts'
import type { WriteContext } from '../context.ts'
import { keepZone, readZone } from './change-zone.ts'

type Policy = { readonly label: string; readonly name: string; readonly begin: RegExp; readonly text: string }

/**
 * Adds a record that is wanted and not there, and takes away what is not wanted; undefined leaves it as it is. What cannot be done stops no
 * change of the account: a warning says so.
 */
export async function setMailPolicies(
  context: WriteContext,
  { userId, domain, ip }: Pick<Account, 'userId' | 'domain' | 'ip'>,
  wanted: { readonly spf: boolean | undefined; readonly dmarc: boolean | undefined },
): Promise<readonly string[]> {
  const spf = { label: 'SPF', name: `${domain}.`, begin: /^v=spf1(?: |$)/i, text: spfText([ip]) }
  const dmarc = { label: 'DMARC', name: `_dmarc.${domain}.`, begin: /^v=DMARC1(?:[ ;]|$)/i, text: 'v=DMARC1; p=none;' }
  const policies = [
    { ...spf, isWanted: wanted.spf },
    { ...dmarc, isWanted: wanted.dmarc },
  ].filter(({ isWanted }) => isWanted !== undefined)
  if (policies.length === 0) return []
  const labels = policies.map(({ label }) => label).join(' and ')
  const zone = await context.stores.zones.find(domain)
  if (zone?.ownerId !== userId)
    return [`The account has no zone “${domain}”, so that nothing was done about ${labels}.`]
  const { file } = readZone(zone)
  const add = policies.filter((policy) => policy.isWanted && linesOf(file, policy).length === 0).map(recordOf)
  const remove = policies.filter(({ isWanted }) => !isWanted).flatMap((policy) => linesOf(file, policy))
  if (add.length + remove.length === 0) return []
  const edited = editZone(file, { add, remove }, context.now)
  if (!edited.ok) return [`The zone “${domain}” could not follow in ${labels}: ${edited.problem}.`]
  await keepZone(context, zone, edited)
  return []
}

function linesOf({ entries }: ZoneFile, { name, begin }: Policy): readonly number[] {
  return entries.flatMap((entry) =>
    entry.kind === 'record' && entry.type === 'TXT' && entry.key === name && begin.test(dataOf(entry).join(''))
      ? [entry.line]
      : [],
  )
}

function recordOf({ name, text }: Policy): NewRecord {
  return { name, ttl: ADDRESS_TTL, type: 'TXT', data: [text] }
}
