/**
 * Packages: the named sets of limits that accounts are made under. An account keeps a copy of its package's values, so that one account
 * can differ from its package; a change of the package is carried over to its accounts. No I/O.
 */

/** A size in mebibytes; undefined means unlimited. */
type SizeMb = number | undefined

export type Package = {
  readonly name: string
  /** The reseller whom it belongs to; undefined for root's packages. */
  readonly ownerId: number | undefined
  readonly diskLimitMb: SizeMb
  readonly bandwidthLimitMb: SizeMb
  readonly hasDedicatedIp: boolean
  readonly hasShell: boolean
  readonly hasDigestAuth: boolean
  readonly theme: string
  readonly locale: string
  readonly featureList: string
  /** With blanks between them, as WHM keeps them; Postern knows no extension and only hands them back. */
  readonly extensions: string
  /** The numbered limits and switches under WHM's names (`MAXPOP`, `HASCGI`, …), as accounts keep them. What is absent is unlimited or on. */
  readonly limits: Readonly<Record<string, string>>
}

/** Always there, for calls that name no package, until root edits it; unlimited in all but what a privilege of its own gives. */
export const BUILT_IN_PACKAGE: Package = {
  name: 'default',
  ownerId: undefined,
  diskLimitMb: undefined,
  bandwidthLimitMb: undefined,
  hasDedicatedIp: false,
  hasShell: false,
  hasDigestAuth: false,
  theme: 'jupiter',
  locale: 'en',
  featureList: 'default',
  extensions: '',
  limits: {},
}

/** Where packages are kept. */
export type PackageStore = {
  /** In order of their names. */
  list(): Promise<readonly Package[]>
  find(name: string): Promise<Package | undefined>
  /** Makes it, or replaces the one of that name. */
  save(made: Package, at: Date): Promise<void>
  remove(name: string): Promise<void>
  /** Root inherits what a removed reseller had. */
  giveToRoot(ownerId: number): Promise<void>
}

/** The part before the first underscore, which in a reseller's package is the reseller's name. Undefined without one. */
export function prefixOf(name: string): string | undefined {
  const end = name.indexOf('_')
  return end > 0 ? name.slice(0, end) : undefined
}

/** The name under which a reseller's package is kept (WHM addpkg, documented): with the reseller's name before it, once. */
export function nameForReseller(reseller: string, name: string): string {
  return name.startsWith(`${reseller}_`) ? name : `${reseller}_${name}`
}
