/** The package of a new account, with what the call says otherwise; with `savepkg` that becomes a package of its own. */
import { holds } from '../../acl/caller.ts'
import { Failure } from '../../failures.ts'
import { BUILT_IN_PACKAGE, type Package } from '../../hosting/packages.ts'
import type { WriteContext } from '../context.ts'
import { assertPackageName, newPackage, type PackageValues, placeOfNew, withValues } from '../packages/forms.ts'
import { assertMayPack, withoutMoreDomains } from '../packages/package-gates.ts'
import { findPackage, loadUsablePackage } from '../packages/packages-in-reach.ts'
import { limitsOfCaller } from './reseller-bounds.ts'

type Wanted = Omit<PackageValues, '_PACKAGE_EXTENSIONS'> & {
  readonly plan: string | undefined
  readonly savepkg: boolean | undefined
  readonly pkgname: string | undefined
}

/** Throws `package-not-found`, and `privilege-not-held` for values beyond the package that the caller may not give. */
export async function packageFor(
  context: WriteContext,
  wanted: Wanted,
): Promise<{ readonly chosen: Package; readonly warnings: readonly string[] }> {
  const { stores, caller } = context
  const chosen = await loadUsablePackage(stores, caller, wanted.plan || BUILT_IN_PACKAGE.name)
  const values = await withValues(context, chosen, { ...wanted, _PACKAGE_EXTENSIONS: undefined })
  const { made, warnings } = withoutMoreDomains(context, chosen, values)
  await assertMayGo(context, chosen, made)
  return { chosen: wanted.savepkg ? await savePackage(context, made, wanted) : made, warnings }
}

/** With limits on packages, a reseller's accounts are what the packages are. */
async function assertMayGo(context: WriteContext, chosen: Package, changed: Package): Promise<void> {
  assertMayPack(context, chosen, changed, 'account')
  const limits = await limitsOfCaller(context)
  if (!limits.hasPackageLimits || JSON.stringify(chosen) === JSON.stringify(changed)) return
  throw new Failure('reseller-limit-reached', {
    user: context.caller.user,
    limit: `the packages that may be used: this account differs from “${chosen.name}”`,
  })
}

async function savePackage(context: WriteContext, changed: Package, { pkgname }: Wanted): Promise<Package> {
  const { caller, stores, now, note } = context
  if (!holds(caller, 'add-pkg')) throw new Failure('privilege-not-held', { acl: 'add-pkg' })
  if (!pkgname) throw new Failure('argument-missing', { argument: 'pkgname' })
  assertPackageName(pkgname, 'pkgname')
  const { name, ownerId } = await placeOfNew(context, pkgname)
  if ((await findPackage(stores, name)) !== undefined) throw new Failure('package-taken', { package: name })
  const usual = newPackage(name, ownerId)
  const { made } = withoutMoreDomains(context, usual, { ...changed, name, ownerId })
  assertMayPack(context, usual, made)
  await stores.packages.save(made, now)
  note('saved_package', name)
  return made
}
