/** The zones that come and go with accounts. Each step is part of the transaction that changes the account. */
import type { Account, NewAccount } from '../../accounts/account.ts'
import { Failure } from '../../failures.ts'
import { newZoneText, type ZoneTemplate } from '../../hosting/zones/template.ts'
import { nameserversOf } from '../accounts/reseller-bounds.ts'
import type { Context, WriteContext } from '../context.ts'

/**
 * Makes the zone of the main domain. One that is there already, in the caller's reach, stays unless it is forced away. Throws `zone-taken`
 * for any other.
 */
export async function makeZoneOf(
  context: WriteContext,
  account: Pick<NewAccount, 'domain' | 'ip' | 'ownerId'>,
  userId: number,
): Promise<void> {
  const { stores, now } = context
  const name = account.domain
  if ((await stores.zones.find(name)) !== undefined) throw new Failure('zone-taken', { zone: name })
  const made = await textFromTemplate(context, { name, template: 'standard', ip: account.ip, ownerId: account.ownerId })
  await stores.zones.insert({ name, ownerId: userId, ...made }, now)
}

/** The text and serial of a new zone for an account of this owner. */
export async function textFromTemplate(
  context: Context,
  wanted: { readonly name: string; readonly template: ZoneTemplate; readonly ip: string; readonly ownerId: number },
): Promise<{ readonly text: string; readonly serial: number }> {
  const { facts } = context.services
  const nameservers = await nameserversOf(context, wanted.ownerId)
  return newZoneText(
    {
      name: wanted.name,
      template: wanted.template,
      addresses: [wanted.ip],
      nameservers: nameservers.length > 0 ? nameservers : [facts.hostname],
      serverAddress: facts.accountIp,
      contact: undefined,
    },
    context.now,
  )
}

/** Removes the account's zones. */
export async function removeZonesOf({ stores }: WriteContext, account: Account): Promise<void> {
  for (const { name } of await stores.zones.listOf(account.userId)) await stores.zones.remove(name)
}
