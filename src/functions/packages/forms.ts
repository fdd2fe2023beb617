/** What the package functions share: their arguments, what they make of them, and how a package is shown. */
import { holds } from '../../acl/caller.ts'
import { Failure } from '../../failures.ts'
import { BUILT_IN_PACKAGE, nameForReseller, type Package, prefixOf } from '../../hosting/packages.ts'
import { optional, type Param, text, type Values } from '../../whm/params.ts'
import { shortName, sizeOf, switchOf } from '../accounts/forms.ts'
import { COUNTED_LIMITS, limitParams, limitsGiven } from '../accounts/limits.ts'
import type { Context } from '../context.ts'
import { loadFeatureList } from '../features/lists.ts'

const PRINTABLE = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}/\\]*$/u

/** The name of a package: one printable line without blanks at its ends. WHM names no alphabet; panels send blanks and dots (observed). */
export function packageName(doc: string, aliases: readonly string[] = []): Param<string> {
  const form = text({ doc, min: 1, max: 64, only: PRINTABLE, onlyProblem: 'cannot be the name of a package', aliases })
  return {
    ...form,
    read(args, name, nowMs) {
      const value = form.read(args, name, nowMs)
      const problem = problemOfName(value)
      if (problem === undefined) return value
      throw new Failure('argument-invalid', { argument: name, value, problem })
    },
  }
}

function problemOfName(name: string): string | undefined {
  if (name.trim() !== name) return 'has blanks at its ends'
  // WHM addpkg, "name": documented.
  return name === 'extensions' ? 'is a name that no package may have' : undefined
}

/** The values of a package, on `addpkg` and on `editpkg`. Old panels send every field they know, the empty ones too (observed). */
export const packageParams = {
  quota: optional(sizeOf({ doc: 'Disk space in MB; 0 or “unlimited” for no limit.', aliases: ['QUOTA'] })),
  bwlimit: optional(sizeOf({ doc: 'Monthly traffic in MB; 0 or “unlimited” for no limit.', aliases: ['BWLIMIT'] })),
  ip: optional(switchOf({ doc: 'y gives each account an address of its own.', aliases: ['IP'] })),
  cgi: optional(switchOf({ doc: 'Whether CGI programs run: 1 or 0.', aliases: ['CGI', 'HASCGI'] })),
  hasshell: optional(switchOf({ doc: '1 gives each account a login shell.', aliases: ['HASSHELL'] })),
  digestauth: optional(
    switchOf({ doc: '1 switches digest authentication on.', aliases: ['DIGESTAUTH', 'enabledigest'] }),
  ),
  featurelist: optional(
    text({ doc: 'The feature list of its accounts; “default” when absent.', max: 100, aliases: ['FEATURELIST'] }),
  ),
  cpmod: optional(shortName({ doc: 'The theme.', aliases: ['CPMOD'] })),
  language: optional(shortName({ doc: 'The language.', aliases: ['LANG', 'lang', 'locale'] })),
  ...limitParams,
  _PACKAGE_EXTENSIONS: optional(
    text({
      doc: 'Names of extensions with blanks between them, kept and handed back.',
      max: 500,
      only: /^[A-Za-z0-9_ -]*$/,
      onlyProblem: 'is no list of names',
    }),
  ),
} as const

export type PackageValues = Values<typeof packageParams>

/**
 * What a new package has where a call says nothing. WHM addpkg, documented: bwlimit 1048576, no address, no shell, feature list
 * “default”; its page of packages offers the other sizes (inferred for calls).
 */
export function newPackage(name: string, ownerId: number | undefined): Package {
  const limits = { MAXADDON: '0', MAXPARK: '0' }
  return { ...BUILT_IN_PACKAGE, name, ownerId, diskLimitMb: 10_240, bandwidthLimitMb: 1_048_576, limits }
}

/** The package with the values given; what is left out stays. Throws `feature-list-not-found`. */
export async function withValues(context: Context, before: Package, values: PackageValues): Promise<Package> {
  const { featurelist: featureList } = values
  if (featureList) await loadFeatureList(context, featureList)
  const size = (given: PackageValues['quota'], kept: number | undefined) =>
    given === undefined ? kept : given === 'unlimited' ? undefined : given
  const { cgi } = values
  return {
    ...before,
    diskLimitMb: size(values.quota, before.diskLimitMb),
    bandwidthLimitMb: size(values.bwlimit, before.bandwidthLimitMb),
    hasDedicatedIp: values.ip ?? before.hasDedicatedIp,
    hasShell: values.hasshell ?? before.hasShell,
    hasDigestAuth: values.digestauth ?? before.hasDigestAuth,
    featureList: featureList || before.featureList,
    theme: values.cpmod ?? before.theme,
    locale: values.language ?? before.locale,
    extensions: values._PACKAGE_EXTENSIONS ?? before.extensions,
    limits: { ...before.limits, ...limitsGiven({ ...values, HASCGI: cgi }) },
  }
}

/** The name and owner of a package that the caller makes: a reseller's bears their name (documented), and so may root choose the owner. */
export async function placeOfNew({ caller, stores }: Context, name: string) {
  if (caller.kind !== 'root') return { name: nameForReseller(caller.user, name), ownerId: caller.userId }
  const prefix = prefixOf(name)
  const owner = prefix === undefined ? undefined : await stores.accounts.findUser(prefix)
  return { name, ownerId: owner?.kind === 'reseller' ? owner.id : undefined }
}

/** WHM's keys of a package. Values are texts, as panels compare them. */
export function packageFacts(found: Package) {
  const limit = (name: string): string => found.limits[name] ?? 'unlimited'
  const yesNo = (isOn: boolean): 'y' | 'n' => (isOn ? 'y' : 'n')
  return {
    BWLIMIT: sizeText(found.bandwidthLimitMb),
    CGI: yesNo(found.limits.HASCGI !== '0'),
    CPMOD: found.theme,
    DIGESTAUTH: yesNo(found.hasDigestAuth),
    FEATURELIST: found.featureList,
    HASSHELL: yesNo(found.hasShell),
    IP: yesNo(found.hasDedicatedIp),
    LANG: found.locale,
    MAXADDON: limit('MAXADDON'),
    MAXFTP: limit('MAXFTP'),
    MAXLST: limit('MAXLST'),
    MAXPARK: limit('MAXPARK'),
    MAXPASSENGERAPPS: limit('MAXPASSENGERAPPS'),
    MAXPOP: limit('MAXPOP'),
    MAXSQL: limit('MAXSQL'),
    MAXSUB: limit('MAXSUB'),
    MAX_DEFER_FAIL_PERCENTAGE: limit('MAX_DEFER_FAIL_PERCENTAGE'),
    MAX_EMAILACCT_QUOTA: limit('MAX_EMAILACCT_QUOTA'),
    MAX_EMAIL_PER_HOUR: limit('MAX_EMAIL_PER_HOUR'),
    MAX_TEAM_USERS: limit('MAX_TEAM_USERS'),
    QUOTA: sizeText(found.diskLimitMb),
    _PACKAGE_EXTENSIONS: found.extensions,
    name: found.name,
  }
}

function sizeText(sizeMb: number | undefined): string {
  return sizeMb === undefined ? 'unlimited' : String(sizeMb)
}

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
