/** What the package functions share: their arguments, and what they make of them. */
import { Failure } from '../../failures.ts'
import { BUILT_IN_PACKAGE, nameForReseller, type Package, prefixOf } from '../../hosting/packages.ts'
import { optional, type Param, text, type Values } from '../../whm/params.ts'
import { shortName, sizeOf, switchOf } from '../accounts/forms.ts'
import { limitParams, limitsGiven } from '../accounts/limits.ts'
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
      assertPackageName(value, name)
      return value
    },
  }
}

/** Throws `argument-invalid` for what no package may be called. */
export function assertPackageName(value: string, argument: string): void {
  const problem = problemOfName(value)
  if (problem !== undefined) throw new Failure('argument-invalid', { argument, value, problem })
}

function problemOfName(name: string): string | undefined {
  if (!PRINTABLE.test(name)) return 'cannot be the name of a package'
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
