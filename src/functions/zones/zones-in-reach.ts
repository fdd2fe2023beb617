/**
 * Which zones a caller of WHM's functions may act on: root on all, a reseller on their own and on those of the accounts that they own, nobody else
 * on any.
 */
import type { Caller } from '../../acl/caller.ts'
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
