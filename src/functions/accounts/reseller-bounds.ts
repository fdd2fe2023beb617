/**
 * Holds resellers to their limits. The figures are read in the transaction that makes the change, and changes run one at a time over
 * all nodes, so that calls side by side cannot pass a limit together. Root is not held to a reseller's limits, but told.
 */
import {
  type Allotment,
  NO_LIMITS,
  problemWith,
  type ResellerLimits,
  type Usage,
  withAccount,
} from '../../accounts/reseller-limits.ts'
import { Failure } from '../../failures.ts'
import { listAccountsInReach } from '../accounts-in-reach.ts'
import type { Context } from '../context.ts'

/** The limits that bind the caller's own changes; none for root. */
export async function limitsOfCaller({ stores, caller }: Context): Promise<ResellerLimits> {
  return caller.kind === 'reseller' ? (await stores.resellers.settingsOf(caller.userId)).limits : NO_LIMITS
}

/** Throws `reseller-limit-reached` when the owner may not have this account too; for root it is a warning. */
export async function assertRoomFor(
  context: Context,
  ownerId: number,
  account: Parameters<typeof withAccount>[1],
): Promise<readonly string[]> {
  const limits = await limitsOf(context, ownerId)
  if (limits === undefined) return []
  const before = await context.stores.resellers.allotmentOf(ownerId)
  return judge(context, ownerId, limits, before, withAccount(before, account))
}

/** Makes a change to accounts of this owner, and throws `reseller-limit-reached` when more is given away afterwards than may be. */
export async function withinResellerLimits<T>(
  context: Context,
  ownerId: number,
  change: () => Promise<T>,
): Promise<{ readonly result: T; readonly warnings: readonly string[] }> {
  const limits = await limitsOf(context, ownerId)
  if (limits === undefined) return { result: await change(), warnings: [] }
  const before = await context.stores.resellers.allotmentOf(ownerId)
  const result = await change()
  const after = await context.stores.resellers.allotmentOf(ownerId)
  return { result, warnings: await judge(context, ownerId, limits, before, after) }
}

async function limitsOf({ stores }: Context, ownerId: number): Promise<ResellerLimits | undefined> {
  const { limits } = await stores.resellers.settingsOf(ownerId)
  return limits.hasAccountLimit || limits.hasResourceLimits || limits.hasPackageLimits ? limits : undefined
}

async function judge(
  context: Context,
  ownerId: number,
  limits: ResellerLimits,
  before: Allotment,
  after: Allotment,
): Promise<readonly string[]> {
  const problem = problemWith(limits, before, after, await usageOf(context, ownerId, limits))
  if (problem === undefined) return []
  const owner = await context.stores.accounts.findUserById(ownerId)
  const failure = new Failure('reseller-limit-reached', { user: owner?.name ?? '', limit: problem })
  if (context.caller.kind !== 'root') throw failure
  return [`${failure.message} Root is not held to it.`]
}

/** Only where overselling is on does it matter what is used; the figures are those that were measured last. */
async function usageOf(context: Context, ownerId: number, limits: ResellerLimits): Promise<Usage> {
  // The embedded host serves no pages, so that there is no traffic to count.
  if (!limits.hasResourceLimits || !limits.mayOversellDisk) return { diskMb: 0, bandwidthMb: 0 }
  const accounts = await listAccountsInReach(context.stores, { ...context.caller, kind: 'reseller', userId: ownerId })
  const usages = context.services.host.lastUsages(accounts.map(({ home }) => home))
  const bytes = usages.reduce((sum, usage) => sum + (usage?.bytes ?? 0), 0)
  return { diskMb: bytes / 1024 ** 2, bandwidthMb: 0 }
}

/** The name servers that accounts of this owner are given. */
export async function nameserversOf({ stores, services }: Context, ownerId: number): Promise<readonly string[]> {
  const { nameservers } = await stores.resellers.settingsOf(ownerId)
  return nameservers.length > 0 ? nameservers : services.facts.nameservers
}
