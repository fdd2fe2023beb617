/**
 * Which IP address an account gets: the one it shares with others, or one of its own out of those that the settings set aside. A
 * reseller can have another shared address, and fewer of the dedicated ones, than the server.
 */
import { Failure } from '../../failures.ts'
import type { Package } from '../../hosting/packages.ts'
import type { Context } from '../context.ts'

/** The shared address for accounts of this owner. */
export async function sharedIpFor({ stores, services }: Context, ownerId: number): Promise<string> {
  return (await stores.resellers.settingsOf(ownerId)).mainIp ?? services.facts.accountIp
}

/** An address that no account has yet. Throws `no-free-address`. */
export async function freeDedicatedIp(context: Context, ownerId: number): Promise<string> {
  const { stores, services } = context
  const allowed = (await stores.resellers.settingsOf(ownerId)).ips ?? services.facts.dedicatedIps
  for (const ip of allowed) {
    if (isDedicated(context, ip) && (await stores.accounts.findAccountByIp(ip)) === undefined) return ip
  }
  throw new Failure('no-free-address')
}

/** The address of a new account: what root names, one of its own where that is asked for, else the shared one. */
export async function addressFor(
  context: Context,
  { customip, ip }: { readonly customip: string | undefined; readonly ip: boolean | undefined },
  { hasDedicatedIp }: Package,
  ownerId: number,
): Promise<string> {
  if (customip) {
    if (context.caller.kind !== 'root') throw new Failure('root-only', { what: 'choose the IP address of an account' })
    await assertAddressFree(context, customip, NOBODY)
    return customip
  }
  return (ip ?? hasDedicatedIp) ? freeDedicatedIp(context, ownerId) : sharedIpFor(context, ownerId)
}

const NOBODY = 0

export function isDedicated({ services }: Context, ip: string): boolean {
  return services.facts.dedicatedIps.includes(ip)
}

/** Throws `address-not-available` for an address that is not the server's, or that another account has for itself. */
export async function assertAddressFree(context: Context, ip: string, userId: number): Promise<void> {
  const { stores } = context
  assertAddressOfServer(context, ip)
  if (!isDedicated(context, ip)) return
  const holder = await stores.accounts.findAccountByIp(ip)
  if (holder !== undefined && holder.userId !== userId)
    throw new Failure('address-not-available', { ip, problem: 'another account has it' })
}

/** Throws `address-not-available` for one that is neither the shared address nor set aside in the settings. */
export function assertAddressOfServer(context: Context, ip: string): void {
  if (ip === context.services.facts.accountIp || isDedicated(context, ip)) return
  throw new Failure('address-not-available', { ip, problem: 'the server does not have it' })
}
