/** The zones that come, change and go with accounts. Each step is part of the transaction that changes the account. */
import { isIPv6 } from 'node:net'
import type { Account, NewAccount } from '../../accounts/account.ts'
import { Failure } from '../../failures.ts'
import { editZone, type NewRecord, renameZone } from '../../hosting/zones/edit.ts'
import { formatName, isWithin } from '../../hosting/zones/names.ts'
import { nextSerial } from '../../hosting/zones/serial.ts'
import { ADDRESS_TTL, newZoneText, type ZoneTemplate } from '../../hosting/zones/template.ts'
import type { Zone } from '../../hosting/zones/zone.ts'
import { dataOf, textOfBytes } from '../../hosting/zones/zone-file.ts'
import { nameserversOf } from '../accounts/reseller-bounds.ts'
import type { Context, WriteContext } from '../context.ts'
import { changeZone, findZoneOver, keepZone, type ReadZone, readZone } from './change-zone.ts'
import { isZoneInReach } from './zones-in-reach.ts'

/**
 * Makes the zone of a domain for a user, or replaces the one that is there where that is forced. Throws `zone-taken`; `domain-taken` where a
 * reseller's would take a part of somebody else's zone away.
 */
export async function makeZone(
  context: WriteContext,
  wanted: TemplateWish & { readonly userId: number | undefined; readonly isForced?: boolean },
): Promise<void> {
  const { stores, now } = context
  const { name, userId, isForced = false } = wanted
  const before = await stores.zones.find(name)
  const isOthers = await belongsToOthers(context, name)
  if (before !== undefined && (isOthers || !isForced)) throw new Failure('zone-taken', { zone: name })
  if (isOthers) throw new Failure('domain-taken', { domain: name })
  if (before !== undefined) await stores.zones.remove(name)
  const made = await textFromTemplate(context, wanted, before)
  await stores.zones.insert({ name, ownerId: userId, ...made }, now)
  await context.afterCommit({ kind: 'write-zone', zone: name })
}

/** Says whether a zone of this name would answer for what lies in a zone that the caller may not act on. */
async function belongsToOthers(context: Context, name: string): Promise<boolean> {
  const over = await findZoneOver(context.stores, name)
  if (over !== undefined && !(await isZoneInReach(context.stores, context.caller, over))) return true
  return holdsServerNames(context, name)
}

/** The names of the server and of its name servers are root's: a zone over them would say where they lead. */
function holdsServerNames({ caller, services }: Context, zone: string): boolean {
  if (caller.kind === 'root') return false
  const { hostname, nameservers } = services.facts
  return [hostname, ...nameservers].some((name) => isWithin(`${name.toLowerCase()}.`, `${zone}.`))
}

type TemplateWish = {
  readonly name: string
  readonly template: ZoneTemplate
  readonly addresses: readonly string[]
  /** Whose name servers it gets. */
  readonly nameserversOf: number | undefined
}

/** The zone of a new account's main domain. */
export function makeZoneOfAccount(
  context: WriteContext,
  { domain, ip, ownerId }: Pick<NewAccount, 'domain' | 'ip' | 'ownerId'>,
  userId: number,
  isForced: boolean,
): Promise<void> {
  const wish = { name: domain, template: 'standard' as const, addresses: [ip], nameserversOf: ownerId }
  return makeZone(context, { ...wish, userId, isForced })
}

/** The text and serial of a zone from a template; with a serial after that of the one before, where there was one. */
export async function textFromTemplate(
  context: Context,
  { name, template, addresses, nameserversOf: owner }: TemplateWish,
  before: Zone | undefined,
): Promise<{ readonly text: string; readonly serial: number }> {
  const { facts } = context.services
  const nameservers = owner === undefined ? facts.nameservers : await nameserversOf(context, owner)
  return newZoneText(
    {
      name,
      template,
      addresses,
      nameservers: nameservers.length > 0 ? nameservers : [facts.hostname],
      serverAddress: facts.accountIp,
      contact: facts.zoneContact,
      ...(before !== undefined && { serial: nextSerial(before.serial, context.now) }),
    },
    context.now,
  )
}

/** Removes the account's zones, or leaves them to whoever owned the account. */
export async function removeZonesOf(context: WriteContext, account: Account, keeps = false): Promise<void> {
  const { stores } = context
  const owner = await stores.accounts.findUserById(account.ownerId)
  const heir = owner === undefined || owner.kind === 'root' || owner.id === account.userId ? undefined : owner.id
  if (keeps) return stores.zones.give(account.userId, heir)
  for (const { name } of await stores.zones.listOf(account.userId)) await removeZone(context, name)
}

export async function removeZone({ stores, afterCommit }: WriteContext, name: string): Promise<void> {
  await stores.zones.remove(name)
  await afterCommit({ kind: 'write-zone', zone: name })
}

/**
 * The zone of the main domain follows when that gets another name. Throws `zone-taken`; `domain-taken` also for an account without a zone of its
 * own, since the name may lie in somebody else's. Whatever the account put into its zone, the change goes through: a zone that cannot follow
 * stays where it is, and a warning says so.
 */
export async function moveZoneOf(context: WriteContext, account: Account, domain: string): Promise<readonly string[]> {
  const { stores, now } = context
  const zone = await stores.zones.find(account.domain)
  const own = zone?.ownerId === account.userId ? zone : undefined
  if (own !== undefined && (await stores.zones.find(domain)) !== undefined)
    throw new Failure('zone-taken', { zone: domain })
  if (await belongsToOthers(context, domain)) throw new Failure('domain-taken', { domain })
  if (own === undefined) return []
  const { name } = own
  const moved = renameZone(readZone(own).file, domain.split('.'), now)
  if (!moved.ok) {
    const wish = {
      name: domain,
      template: 'standard',
      addresses: [account.ip],
      nameserversOf: account.ownerId,
    } as const
    await makeZone(context, { ...wish, userId: account.userId })
    return [
      `The zone “${name}” could not follow and stays as it is: ${moved.problem}. The zone “${domain}” was made from its template.`,
    ]
  }
  await removeZone(context, name)
  await stores.zones.insert({ name: domain, ownerId: account.userId, text: moved.text, serial: moved.serial }, now)
  await context.afterCommit({ kind: 'write-zone', zone: domain })
  return []
}

/** A new subdomain leads to the account's address, and so does its `www`, unless there are records of these names already. */
export async function addSubdomainRecords(context: WriteContext, account: Account, domain: string): Promise<void> {
  const zone = await findZoneOver(context.stores, domain)
  if (zone === undefined || zone.ownerId !== account.userId) return
  const read = readZone(zone)
  const taken = new Set(read.file.entries.map((entry) => (entry.kind === 'record' ? entry.key : '')))
  const names = [domain, `www.${domain}`].filter((name) => name.length <= 253 && !taken.has(`${name}.`))
  if (names.length > 0)
    await changeZone(context, read, { add: names.map((name) => addressRecord(`${name}.`, account.ip)) })
}

/**
 * Where a record of the account's zones has the former address, it has the new one afterwards. Whatever the account put into its zones, the
 * change goes through: a warning says of each zone what could not follow in it.
 */
export async function moveAddresses(context: WriteContext, account: Account, ip: string): Promise<readonly string[]> {
  const warnings: string[] = []
  for (const zone of await context.stores.zones.listOf(account.userId)) {
    const read = readZone(zone)
    const addresses = movedAddresses(read, account.ip, ip)
    const texts = movedTexts(read, account.ip, ip)
    if (addresses.length + texts.length === 0) continue
    const all = editZone(read.file, { edit: [...addresses, ...texts] }, context.now)
    const most = all.ok || addresses.length === 0 ? all : editZone(read.file, { edit: addresses }, context.now)
    if (most.ok) await keepZone(context, zone, most)
    if (!all.ok)
      warnings.push(`${most.ok ? 'SPF records of the' : 'The'} zone “${zone.name}” could not follow: ${all.problem}.`)
  }
  return warnings
}

type Edit = NewRecord & { readonly line: number }

function movedAddresses({ file }: ReadZone, from: string, to: string): readonly Edit[] {
  return file.entries.flatMap((entry) => {
    if (entry.kind !== 'record' || (entry.type !== 'A' && entry.type !== 'AAAA')) return []
    const { owner, ttl, line } = entry
    return dataOf(entry)[0] === from ? [{ ...addressRecord(formatName(owner), to), ttl, line }] : []
  })
}

function movedTexts({ file }: ReadZone, from: string, to: string): readonly Edit[] {
  return file.entries.flatMap((entry) => {
    if (entry.kind !== 'record' || entry.type !== 'TXT') return []
    const bytes = dataOf(entry).join('')
    const moved = bytes.startsWith('v=spf1 ') ? bytes.replaceAll(mechanism(from), mechanism(to)) : bytes
    const { owner, ttl, type, line } = entry
    return moved === bytes ? [] : [{ name: formatName(owner), ttl, type, data: [textOfBytes(moved)], line }]
  })
}

/** The record that leads a name to an address of either kind. */
export function addressRecord(name: string, ip: string): NewRecord {
  return { name, ttl: ADDRESS_TTL, type: isIPv6(ip) ? 'AAAA' : 'A', data: [ip] }
}

function mechanism(ip: string): string {
  return `ip${isIPv6(ip) ? 6 : 4}:${ip} `
}
