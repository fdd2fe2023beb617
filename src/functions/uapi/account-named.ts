/** From WHM's service an account is named by an argument: its user, or a domain or zone that it owns. */
import type { Arguments } from '../../whm/arguments.ts'
import { findSingle } from '../../whm/given.ts'
import type { AccountNamed } from './admit.ts'

/** What of a UAPI function's own arguments names a domain, in this order. */
const DOMAIN_ARGUMENTS = ['domain', 'zone', 'rootdomain']
/** After those, what names a mailbox by its address. */
const ADDRESS_ARGUMENTS = ['email', 'address']

/** `cpanel.user` where it is given, since a `domain` may also be a label. Throws `argument-repeated`. */
export function accountNamedIn(args: Arguments): AccountNamed {
  const user = findSingle(args, 'cpanel.user', [])
  if (user !== undefined) return { by: 'user', user: user.toLowerCase() }
  const domains = DOMAIN_ARGUMENTS.map((argument) => findSingle(args, argument, []))
  const addresses = ADDRESS_ARGUMENTS.map((argument) => findSingle(args, argument, [])?.split('@')[1])
  const given = [...domains, ...addresses].filter((domain) => domain !== undefined && domain !== '')
  return { by: 'domains', domains: given.map((domain) => domain?.toLowerCase().replace(/\.$/, '') ?? '') }
}
