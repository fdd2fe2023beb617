/** What a caller may put into a package, or give to an account beyond its package: the privileges that open values. No I/O. */
import { holds } from '../../acl/caller.ts'
import { Failure } from '../../failures.ts'
import type { Package } from '../../hosting/packages.ts'
import { COUNTED_LIMITS } from '../accounts/limits.ts'
import type { Context } from '../context.ts'

/**
 * Throws `privilege-not-held` for a value that the caller may not give and that was not given `before`: in a package, or to an account in
 * place of what its package says. The sizes, the shell and the address of packages are documented so; the other privileges are inferred,
 * and bind resellers, whom WHM's page speaks of: platforms send these limits with tokens of root that hold none of them (observed).
 */
export function assertMayPack(
  { caller }: Context,
  before: Package,
  after: Package,
  into: 'package' | 'account' = 'package',
): void {
  const needs = (acl: string, isGiven: boolean): void => {
    if (isGiven && !holds(caller, acl)) throw new Failure('privilege-not-held', { acl })
  }
  needs('allow-unlimited-disk-pkgs', after.diskLimitMb === undefined && before.diskLimitMb !== undefined)
  needs('allow-unlimited-bw-pkgs', after.bandwidthLimitMb === undefined && before.bandwidthLimitMb !== undefined)
  needs('add-pkg-ip', after.hasDedicatedIp && !before.hasDedicatedIp)
  needs('digest-auth', after.hasDigestAuth && !before.hasDigestAuth)
  // The shell of an account has a privilege of its own, whether it comes from a package or not.
  if (into === 'package') needs('add-pkg-shell', after.hasShell && !before.hasShell)
  if (caller.kind === 'root') return
  const isMore = (name: string): boolean => numberOf(after, name) > numberOf(before, name)
  needs(
    'allow-unlimited-pkgs',
    COUNTED_LIMITS.some((name) => isMore(name) && numberOf(after, name) === Number.POSITIVE_INFINITY),
  )
  const isOther = (name: string): boolean => numberOf(after, name) !== numberOf(before, name)
  if (into === 'package') needs('allow-emaillimits-pkgs', EMAIL_LIMITS.some(isOther))
}

const DOMAIN_LIMITS = [
  ['MAXADDON', 'allow-addoncreate', 'addon domains'],
  ['MAXPARK', 'allow-parkedcreate', 'aliases'],
] as const

/**
 * Without `allow-addoncreate` and `allow-parkedcreate` what a reseller makes includes no more of these domains than before, and the
 * reseller is told. Not refused, because old panels send these numbers with every package (observed).
 */
export function withoutMoreDomains(
  { caller }: Context,
  before: Package,
  after: Package,
): { readonly made: Package; readonly warnings: readonly string[] } {
  if (caller.kind === 'root') return { made: after, warnings: [] }
  const refused = DOMAIN_LIMITS.filter(
    ([name, acl]) => numberOf(after, name) > numberOf(before, name) && !holds(caller, acl),
  )
  const kept = Object.fromEntries(refused.map(([name]) => [name, before.limits[name] ?? 'unlimited']))
  return {
    made: { ...after, limits: { ...after.limits, ...kept } },
    warnings: refused.map(
      ([name, acl, what]) =>
        `You do not hold the privilege “${acl}”, so the number of ${what} stays ${before.limits[name] ?? 'unlimited'}.`,
    ),
  }
}

const EMAIL_LIMITS = ['MAX_EMAIL_PER_HOUR', 'MAX_DEFER_FAIL_PERCENTAGE']

function numberOf({ limits }: Package, name: string): number {
  const limit = limits[name] ?? 'unlimited'
  return limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit)
}

/** The counted limits that a new package of this caller has without a word: none at all is for who may give that. */
export function countsOfNew({ caller }: Context, limits: Package['limits']): Package['limits'] {
  if (caller.kind === 'root' || holds(caller, 'allow-unlimited-pkgs')) return limits
  return { ...Object.fromEntries(COUNTED_LIMITS.map((name) => [name, '0'])), ...limits }
}
