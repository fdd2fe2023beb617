/** Which of a token's privileges its calls made use of. No I/O. */
import type { WhmFunction } from '../define.ts'
import { privilegesOf } from '../define.ts'

/** Looked back so far. */
export const UNUSED_PRIVILEGE_DAYS = 90

/**
 * Those that no function of `used` needed. A function that several privileges open counts for each of them. Everything (`all`) is never
 * judged: its holder may have called what no other privilege opens.
 */
export function unusedPrivileges(
  catalogue: readonly WhmFunction[],
  privileges: readonly string[],
  used: readonly string[],
): readonly string[] {
  const names = new Set(used)
  const needed = new Set<string>()
  for (const definition of catalogue)
    if (names.has(definition.name)) for (const acl of privilegesOf(definition)) needed.add(acl)
  // A call into an account; which privilege opened it depends on the module.
  if (used.some((name) => name.includes('::'))) needed.add('cpanel-api')
  return privileges.filter((acl) => acl !== 'all' && !needed.has(acl))
}
