/** How far a token reaches, in words and numbers. No I/O. */
import { words } from '../words.ts'
import type { OpenedFunction, Privilege } from './privileges.ts'
import type { Token } from './token.ts'

/** The functions that these privileges open, each once. `all` opens every one. */
export function functionsOpened(acls: readonly string[], privileges: readonly Privilege[]): readonly OpenedFunction[] {
  const opened = privileges.filter(({ acl }) => acls.includes(acl)).flatMap(({ functions }) => functions)
  return [...new Map(opened.map((opens) => [opens.name, opens])).values()]
}

/** `Everything`, or how many privileges and functions. */
export function reachText(token: Pick<Token, 'privileges'>, privileges: readonly Privilege[]): string {
  if (token.privileges.includes('all')) return words.tokens.everything
  const functions = functionsOpened(token.privileges, privileges).length
  return `${words.tokens.privilegeCount(token.privileges.length)} · ${words.tokens.functionCount(functions)}`
}

const DAY = 86_400

/** A token whose end somebody would notice, so that its name is asked for: used lately, or able to do everything. */
export function needsTypedName(token: Token, now: number): boolean {
  return token.privileges.includes('all') || now - (token.lastUsedAt ?? 0) < DAY
}
