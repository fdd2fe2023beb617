/** What the form for a token holds, what is wrong with it, and the arguments it becomes. No I/O. */
import type { Arguments } from '../api.ts'
import { words } from '../words.ts'
import type { ExpiryValue } from './expiry-field.tsx'
import type { Token } from './token.ts'

export type Draft = {
  readonly name: string
  readonly note: string
  readonly ticket: string
  readonly privileges: ReadonlySet<string>
  /** Only root can give it, in a step of its own. */
  readonly isEverything: boolean
  /** One rule a line, as typed. */
  readonly ips: string
  readonly expiry: ExpiryValue
}

export const EMPTY_DRAFT: Draft = {
  name: '',
  note: '',
  ticket: '',
  privileges: new Set(),
  isEverything: false,
  ips: '',
  expiry: { kind: 'date', date: '', time: undefined },
}

const { form } = words.tokens
const NAME_MAX = 50

/** WHM, Manage API Tokens: letters, digits, dashes and underscores; unique among one's own. */
export function nameProblem(name: string, taken: readonly string[]): string | undefined {
  if (name === '') return form.nameMissing
  if (!/^[A-Za-z0-9_-]+$/.test(name)) return form.nameCharacters
  if (name.length > NAME_MAX) return form.nameLong(name.length)
  return taken.includes(name) ? form.nameTaken : undefined
}

export function aclsOf(draft: Draft): readonly string[] {
  return draft.isEverything ? ['all'] : [...draft.privileges]
}

/** The rules, without blank lines. */
export function ipLines(draft: Draft): readonly string[] {
  return draft.ips
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
}

/** For `api_token_create`; `expiresAt` is undefined for never. */
export function createArguments(draft: Draft, expiresAt: number | undefined): Arguments {
  const ips = ipLines(draft)
  return {
    token_name: draft.name,
    acl: aclsOf(draft),
    ...(ips.length > 0 && { whitelist_ip: ips }),
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
    ...(draft.note !== '' && { note: draft.note }),
    ...(draft.ticket !== '' && { ticket: draft.ticket }),
  }
}

/** What differs between the token and what is wanted, item by item. */
export type Difference = {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly ipsAdded: readonly string[]
  readonly ipsRemoved: readonly string[]
  readonly newName: string | undefined
  readonly expiry: { readonly before: number | undefined; readonly after: number | undefined } | undefined
  readonly isNoteChanged: boolean
}

/** `rules` are the wanted address rules in the form in which they are kept. */
export function differenceOf(
  token: Token,
  draft: Draft,
  rules: readonly string[],
  expiresAt: number | undefined,
): Difference {
  const acls = aclsOf(draft)
  const without = (list: readonly string[], others: readonly string[]) => list.filter((item) => !others.includes(item))
  return {
    added: without(acls, token.privileges),
    removed: without(token.privileges, acls),
    ipsAdded: without(rules, token.ips),
    ipsRemoved: without(token.ips, rules),
    newName: draft.name === token.name ? undefined : draft.name,
    expiry: expiresAt === token.expiresAt ? undefined : { before: token.expiresAt, after: expiresAt },
    isNoteChanged: draft.note !== token.note || draft.ticket !== token.ticket,
  }
}

export function isNothing(difference: Difference): boolean {
  const { added, removed, ipsAdded, ipsRemoved, newName, expiry, isNoteChanged } = difference
  const lists = [added, removed, ipsAdded, ipsRemoved]
  return lists.every((list) => list.length === 0) && newName === undefined && expiry === undefined && !isNoteChanged
}

/** For `api_token_update`: only what differs. */
export function updateArguments(token: Token, draft: Draft, difference: Difference): Arguments {
  const { added, removed, ipsAdded, ipsRemoved, newName, expiry, isNoteChanged } = difference
  const ips = ipLines(draft)
  return {
    token_name: token.name,
    ...(newName !== undefined && { new_name: newName }),
    ...(added.length + removed.length > 0 && { acl: aclsOf(draft) }),
    ...(ipsAdded.length + ipsRemoved.length > 0 && { whitelist_ip: ips.length === 0 ? ['any'] : ips }),
    ...(expiry !== undefined && { expires_at: expiry.after ?? 0 }),
    ...(isNoteChanged && { note: draft.note, ticket: draft.ticket }),
  }
}
