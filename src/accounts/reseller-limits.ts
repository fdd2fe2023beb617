/**
 * What a reseller may give away: how many accounts, how much space and traffic in all, which packages how often. The rules are here;
 * where they are asked, the figures are those of the transaction that makes the change, so that calls side by side cannot pass a limit
 * together. No I/O.
 */

/** As WHM's setresellerlimits has them. A number counts only while its switch is on. */
export type ResellerLimits = {
  readonly hasAccountLimit: boolean
  readonly accountLimit: number | undefined
  readonly hasResourceLimits: boolean
  /** Undefined: no limit on this resource. */
  readonly diskLimitMb: number | undefined
  readonly bandwidthLimitMb: number | undefined
  /** Overselling: more may be given away than there is, as long as no more is used. */
  readonly mayOversellDisk: boolean
  readonly mayOversellBandwidth: boolean
  /** On: only the packages in `packages` may be used. */
  readonly hasPackageLimits: boolean
  /** On: each of those no more often than its number. */
  readonly hasPackageNumbers: boolean
  readonly packages: Readonly<Record<string, PackageAllowance>>
}

export type PackageAllowance = { readonly isAllowed: boolean; readonly number: number | undefined }

export const NO_LIMITS: ResellerLimits = {
  hasAccountLimit: false,
  accountLimit: undefined,
  hasResourceLimits: false,
  diskLimitMb: undefined,
  bandwidthLimitMb: undefined,
  mayOversellDisk: false,
  mayOversellBandwidth: false,
  hasPackageLimits: false,
  hasPackageNumbers: false,
  packages: {},
}

/** What a reseller's accounts come to. */
export type Allotment = {
  readonly accounts: number
  readonly diskMb: Sum
  readonly bandwidthMb: Sum
  /** How many accounts are on each package. */
  readonly packages: ReadonlyMap<string, number>
}

/** The sum of the limits that have one, and how many accounts have none. */
export type Sum = { readonly limitedMb: number; readonly unlimited: number }

/** What the accounts really use, in mebibytes. */
export type Usage = { readonly diskMb: number; readonly bandwidthMb: number }

/**
 * Why a reseller may not go from one allotment to the other; undefined when it may. What does not grow is never refused: a limit that was
 * set below what there is must not keep anybody from giving less.
 */
export function problemWith(
  limits: ResellerLimits,
  before: Allotment,
  after: Allotment,
  usage: Usage,
): string | undefined {
  const { hasAccountLimit, accountLimit = 0, hasResourceLimits } = limits
  if (hasAccountLimit && after.accounts > accountLimit && after.accounts > before.accounts)
    return `the limit of ${accountLimit} accounts`
  if (hasResourceLimits) {
    const disk = { limitMb: limits.diskLimitMb, mayOversell: limits.mayOversellDisk, usedMb: usage.diskMb }
    const traffic = {
      limitMb: limits.bandwidthLimitMb,
      mayOversell: limits.mayOversellBandwidth,
      usedMb: usage.bandwidthMb,
    }
    const isMore = after.accounts > before.accounts
    const problem =
      resourceProblem('MB of disk space', disk, before.diskMb, after.diskMb, isMore) ??
      resourceProblem('MB of monthly traffic', traffic, before.bandwidthMb, after.bandwidthMb, isMore)
    if (problem !== undefined) return problem
  }
  return limits.hasPackageLimits ? packageProblem(limits, before, after) : undefined
}

function resourceProblem(
  what: string,
  limit: { readonly limitMb: number | undefined; readonly mayOversell: boolean; readonly usedMb: number },
  before: Sum,
  after: Sum,
  isMoreAccounts: boolean,
): string | undefined {
  const { limitMb, mayOversell, usedMb } = limit
  if (limitMb === undefined) return undefined
  const isGrowing = after.limitedMb > before.limitedMb || after.unlimited > before.unlimited || isMoreAccounts
  if (!isGrowing) return undefined
  if (mayOversell) return usedMb >= limitMb ? `the limit of ${limitMb} ${what}, all of which is in use` : undefined
  if (after.unlimited > before.unlimited)
    return `the limit of ${limitMb} ${what}: an account without a limit of its own`
  const isOver = after.limitedMb > limitMb && after.limitedMb > before.limitedMb
  return isOver ? `the limit of ${limitMb} ${what}` : undefined
}

function packageProblem(limits: ResellerLimits, before: Allotment, after: Allotment): string | undefined {
  for (const [name, count] of after.packages) {
    if (count <= (before.packages.get(name) ?? 0)) continue
    // Names of packages come from callers: own members alone count.
    const allowance = Object.hasOwn(limits.packages, name) ? limits.packages[name] : undefined
    if (!allowance?.isAllowed) return `the packages that may be used, of which “${name}” is none`
    const { number } = allowance
    if (limits.hasPackageNumbers && number !== undefined && count > number)
      return `the limit of ${number} accounts on the package “${name}”`
  }
  return undefined
}

/** The allotment with one account more. */
export function withAccount(
  { accounts, diskMb, bandwidthMb, packages }: Allotment,
  account: {
    readonly plan: string
    readonly diskLimitMb: number | undefined
    readonly bandwidthLimitMb: number | undefined
  },
): Allotment {
  return {
    accounts: accounts + 1,
    diskMb: plus(diskMb, account.diskLimitMb),
    bandwidthMb: plus(bandwidthMb, account.bandwidthLimitMb),
    packages: new Map(packages).set(account.plan, (packages.get(account.plan) ?? 0) + 1),
  }
}

function plus({ limitedMb, unlimited }: Sum, limitMb: number | undefined): Sum {
  return limitMb === undefined ? { limitedMb, unlimited: unlimited + 1 } : { limitedMb: limitedMb + limitMb, unlimited }
}

/** What a reseller hands to the accounts it makes, besides limits. */
export type ResellerSettings = {
  readonly limits: ResellerLimits
  /** Empty: those of the server. */
  readonly nameservers: readonly string[]
  /** Undefined: the server's shared address. */
  readonly mainIp: string | undefined
  /** The dedicated addresses it may give; undefined: every one of the server. */
  readonly ips: readonly string[] | undefined
}

export const NO_SETTINGS: ResellerSettings = { limits: NO_LIMITS, nameservers: [], mainIp: undefined, ips: undefined }

/** Where a reseller's limits and settings are kept. */
export type ResellerStore = {
  /** `NO_SETTINGS` for whoever has none. */
  settingsOf(userId: number): Promise<ResellerSettings>
  save(userId: number, settings: ResellerSettings): Promise<void>
  remove(userId: number): Promise<void>
  allotmentOf(userId: number): Promise<Allotment>
}
