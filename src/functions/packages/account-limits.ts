/** What an account takes over from its package. No I/O. */
import type { Account } from '../../accounts/account.ts'
import { BUILT_IN_PACKAGE, type Package } from '../../hosting/packages.ts'

/** What an account on the package keeps of it; unlimited is kept as nothing. */
export function accountLimitsOf({ limits, featureList }: Package): Account['limits'] {
  const kept = Object.entries(limits).filter(([name, value]) => value !== (name.startsWith('HAS') ? '1' : 'unlimited'))
  const list = featureList === BUILT_IN_PACKAGE.featureList ? [] : [['FEATURELIST', featureList] as const]
  return Object.fromEntries([...kept, ...list])
}

/** What belongs to the account and to no package. */
const OWN = ['HASDKIM', 'HASSPF', 'HASDMARC', 'OUTGOING_EMAIL_SUSPENDED', 'BACKUP', 'MAILBOX_FORMAT']

/** The limits of the account once it is on another package. */
export function limitsOnPackage(kept: Account['limits'], found: Package): Account['limits'] {
  const own = Object.entries(kept).filter(([name]) => OWN.includes(name))
  return { ...Object.fromEntries(own), ...accountLimitsOf(found) }
}

/** The limits of an account after a change of its package: what changed there changes here, and nothing else. */
export function limitsAfterChange(kept: Account['limits'], before: Package, after: Package): Account['limits'] {
  const [former, limits] = [accountLimitsOf(before), accountLimitsOf(after)]
  const names = [...new Set([...Object.keys(limits), ...Object.keys(former)])]
  const changed = names.filter((name) => limits[name] !== former[name])
  const others = Object.entries(kept).filter(([name]) => !changed.includes(name))
  const wanted = changed.flatMap((name) => (limits[name] === undefined ? [] : [[name, limits[name]] as const]))
  return Object.fromEntries([...others, ...wanted])
}
