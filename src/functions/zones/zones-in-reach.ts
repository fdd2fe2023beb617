/**
 * Which zones a caller of WHM's functions may act on: root on all, a reseller on their own and on those of the accounts that they own, nobody else
 * on any. "Not yours" and "does not exist" give the same failure.
 */
import type { Caller } from '../../acl/caller.ts'
import { Failure } from '../../failures.ts'
import type { Zone } from '../../hosting/zones/zone.ts'
import { isInReach } from '../accounts-in-reach.ts'
import type { Stores } from '../context.ts'

/** Says whether the caller may act on the zone. */
export async function isZoneInReach(
  { accounts }: Pick<Stores, 'accounts'>,
  caller: Caller,
  { ownerId }: Pick<Zone, 'ownerId'>,
): Promise<boolean> {
  if (caller.kind === 'root') return true
  if (caller.kind !== 'reseller' || ownerId === undefined) return false
  if (ownerId === caller.userId) return true
  const user = await accounts.findUserById(ownerId)
  const account = user && (await accounts.findAccount(user.name))
  return account !== undefined && isInReach(caller, account)
}

/** The zone by its name, with a last dot or without. Throws `zone-not-found`. */
export async function loadZone(stores: Stores, caller: Caller, name: string): Promise<Zone> {
  const zone = await findNamed(stores, name)
  if (zone === undefined || !(await isZoneInReach(stores, caller, zone)))
    throw new Failure('zone-not-found', { zone: name })
  return zone
}

/** The same for a zone that must be of this account. */
export async function loadZoneOf(stores: Stores, userId: number, name: string): Promise<Zone> {
  const zone = await findNamed(stores, name)
  if (zone?.ownerId !== userId) throw new Failure('zone-not-found', { zone: name })
  return zone
}

async function findNamed({ zones }: Stores, name: string): Promise<Zone | undefined> {
  return zones.find(name.toLowerCase().replace(/\.$/, ''))
}
