/**
 * Which packages a caller may see, use and change: root all, a reseller their own, and with `viewglobalpackages` root's for use alone.
 * The package `default` is for use by everybody, since calls that name no package get it. "Not yours" and "does not exist" are one answer.
 */
import { type Caller, holds } from '../../acl/caller.ts'
import { Failure } from '../../failures.ts'
import { BUILT_IN_PACKAGE, nameForReseller, type Package } from '../../hosting/packages.ts'
import type { Stores } from '../context.ts'

/** All that the caller may see, in order of their names. */
export async function listPackagesInReach(stores: Stores, caller: Caller): Promise<readonly Package[]> {
  const saved = await stores.packages.list()
  const isMissing = !saved.some(({ name }) => name === BUILT_IN_PACKAGE.name)
  const all = isMissing ? [...saved, BUILT_IN_PACKAGE].sort((a, b) => (a.name < b.name ? -1 : 1)) : saved
  return all.filter((found) => mayUse(caller, found))
}

/** The package to make an account under; a reseller may leave their prefix out. Throws `package-not-found`. */
export async function loadUsablePackage(stores: Stores, caller: Caller, name: string): Promise<Package> {
  const found = await findNamed(stores, caller, name, mayUse)
  if (found === undefined) throw new Failure('package-not-found', { package: name })
  return found
}

/** The package to remove. Throws `package-not-found`. */
export async function loadOwnPackage(stores: Stores, caller: Caller, name: string): Promise<Package> {
  const found = await findOwnPackage(stores, caller, name)
  if (found === undefined) throw new Failure('package-not-found', { package: name })
  return found
}

/** The package to change. */
export function findOwnPackage(stores: Stores, caller: Caller, name: string): Promise<Package | undefined> {
  return findNamed(stores, caller, name, mayChange)
}

async function findNamed(
  stores: Stores,
  caller: Caller,
  name: string,
  may: (caller: Caller, found: Package) => boolean,
): Promise<Package | undefined> {
  const names = caller.kind === 'root' ? [name] : [name, nameForReseller(caller.user, name)]
  for (const candidate of names) {
    const found = await findPackage(stores, candidate)
    if (found !== undefined && may(caller, found)) return found
  }
  return undefined
}

export async function findPackage(stores: Stores, name: string): Promise<Package | undefined> {
  return (await stores.packages.find(name)) ?? (name === BUILT_IN_PACKAGE.name ? BUILT_IN_PACKAGE : undefined)
}

function mayUse(caller: Caller, found: Package): boolean {
  if (mayChange(caller, found) || found.name === BUILT_IN_PACKAGE.name) return true
  return caller.kind === 'reseller' && found.ownerId === undefined && holds(caller, 'viewglobalpackages')
}

export function mayChange(caller: Caller, found: Package): boolean {
  return caller.kind === 'root' || (caller.kind === 'reseller' && found.ownerId === caller.userId)
}
