/**
 * The rules about sets of privileges: what an owner holds, what is left of a token, what may be given on. Pure; who may act on
 * whose account is not decided here. `all` stands for every privilege and is root's alone, wherever it is written down.
 */

import type { UserKind } from './caller.ts'
import { PRIVILEGE_NAMES } from './catalogue.ts'

/** Whose privileges are asked for; `privileges` is what is stored for a reseller now and counts for nobody else. */
export type PrivilegeOwner = { readonly kind: UserKind; readonly privileges: readonly string[] }

const ALL = 'all'
const NONE: ReadonlySet<string> = new Set()

/** What the owner holds now, without a token's limits. A hosting account holds none: WHM's functions are not for it. */
export function ownerPrivileges(owner: PrivilegeOwner): ReadonlySet<string> {
  if (owner.kind === 'root') return new Set([ALL])
  if (owner.kind === 'account') return NONE
  return new Set(owner.privileges.filter((name) => name !== ALL))
}

/** What a token may do now: what it was given, cut to what its owner holds. A stored `all` on a reseller's token gives nothing. */
export function effectivePrivileges(tokenPrivileges: readonly string[], owner: PrivilegeOwner): ReadonlySet<string> {
  const held = ownerPrivileges(owner)
  return held.has(ALL) ? new Set(tokenPrivileges) : new Set(tokenPrivileges.filter((name) => held.has(name)))
}

/** What the holder may put on a token or give to a reseller: everything for `all`, else no more than it holds; catalogue order first. */
export function grantablePrivileges(holder: ReadonlySet<string>): readonly string[] {
  if (holder.has(ALL)) return PRIVILEGE_NAMES
  return [...PRIVILEGE_NAMES.filter((name) => holder.has(name)), ...pluginNames(holder)]
}

/**
 * The map that `myprivs`, `api_token_list` and `listacls` show: every catalogue name with 1 or 0. WHM shows `all: 1` for root
 * (documented); that every other name is 1 with it is our choice, since the holder may do all of it. Plugins' own names
 * (`software-…`) follow when held.
 */
export function privilegeMap(privileges: ReadonlySet<string>): Record<string, 0 | 1> {
  const everything = privileges.has(ALL)
  const map: Record<string, 0 | 1> = {}
  for (const name of PRIVILEGE_NAMES) map[name] = everything || privileges.has(name) ? 1 : 0
  for (const name of pluginNames(privileges)) map[name] = 1
  return map
}

function pluginNames(privileges: ReadonlySet<string>): string[] {
  return [...privileges].filter((name) => name.startsWith('software-')).sort()
}
