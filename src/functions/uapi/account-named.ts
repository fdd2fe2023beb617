/** From WHM's service an account is named by an argument: its user, or a domain that it owns. */
import type { Arguments } from '../../whm/arguments.ts'
import { findSingle } from '../../whm/given.ts'
import type { AccountNamed } from './admit.ts'

/** What of a UAPI function's own arguments names a domain, in this order. */
const DOMAIN_ARGUMENTS = ['domain', 'zone', 'rootdomain']

/** `cpanel.user` where it is given, since a `domain` may also be a label. Throws `argument-repeated`. */
export function accountNamedIn(args: Arguments): AccountNamed {
  const user = findSingle(args, 'cpanel.user', [])
  if (user !== undefined) return { by: 'user', user: user.toLowerCase() }
  const domains = DOMAIN_ARGUMENTS.map((argument) => findSingle(args, argument, []))
  const given = domains.filter((domain) => domain !== undefined && domain !== '')
  return { by: 'domains', domains: given.map((domain) => domain?.toLowerCase().replace(/\.$/, '') ?? '') }
}
