/** Which tokens a view of the list shows, and in which order. No I/O; the time is an argument, in Unix seconds. */
import type { Token } from './token.ts'

const DAY = 86_400
/** Without use for this long a token counts as unused. */
export const UNUSED_DAYS = 60

/** For so long a refusal is recent. */
const RECENT_DAYS = 7

/** Each ready view by its name in the address. */
export const VIEWS = {
  all: () => true,
  soon: (token: Token) => token.status === 'expires-soon',
  expired: (token: Token) => token.status === 'expired',
  paused: (token: Token) => token.status === 'paused',
  'never-used': (token: Token) => token.lastUsedAt === undefined,
  unused: (token: Token, now: number) => now - (token.lastUsedAt ?? token.createdAt) > UNUSED_DAYS * DAY,
  'no-expiry': (token: Token) => token.expiresAt === undefined,
  'no-ips': (token: Token) => token.ips.length === 0,
  everything: (token: Token) => token.privileges.includes('all'),
  'owner-suspended': (token: Token) => token.isOwnerSuspended,
  refused: wasRefusedRecently,
  knocking: (token: Token, now: number) => stillKnocks(token) && wasRefusedRecently(token, now),
  revoked: (token: Token) => token.status === 'revoked',
} as const satisfies Record<string, (token: Token, now: number) => boolean>

export type View = keyof typeof VIEWS

/** Whether somebody still tried it after it had expired or was revoked. */
export function stillKnocks({ status, lastRefusedAt, revokedAt, expiresAt }: Token): boolean {
  if (lastRefusedAt === undefined || (status !== 'expired' && status !== 'revoked')) return false
  return lastRefusedAt >= Math.min(revokedAt ?? NEVER, expiresAt ?? NEVER)
}

/** The others ask about tokens that somebody still has to look after. */
const WITH_REVOKED: readonly View[] = ['all', 'knocking', 'revoked']

function wasRefusedRecently({ lastRefusedAt }: Token, now: number): boolean {
  return lastRefusedAt !== undefined && now - lastRefusedAt <= RECENT_DAYS * DAY
}

/** A view named in an address; anything else is the whole list. */
export function viewOf(name: string | null): View {
  return name !== null && Object.hasOwn(VIEWS, name) ? (name as View) : 'all'
}

export const SORT_KEYS = ['name', 'owner', 'created', 'used', 'expires', 'status'] as const
export type SortKey = (typeof SORT_KEYS)[number]
export type Sorting = { readonly key: SortKey; readonly isDown: boolean }

/** `name` or `-name`, as it stands in an address. */
export function sortingOf(text: string | null): Sorting {
  const isDown = text?.startsWith('-') === true
  const key = SORT_KEYS.find((candidate) => candidate === text?.replace(/^-/, ''))
  return key === undefined ? { key: 'name', isDown: false } : { key, isDown }
}

const STATUS_ORDER = ['expired', 'expires-soon', 'paused', 'active', 'revoked'] as const

/** Never sorts after every moment, as it does for a reader. */
const NEVER = Number.MAX_SAFE_INTEGER

const ORDERS: Readonly<Record<SortKey, (a: Token, b: Token) => number>> = {
  name: (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  owner: (a, b) => (a.owner < b.owner ? -1 : a.owner > b.owner ? 1 : 0),
  created: (a, b) => a.createdAt - b.createdAt,
  used: (a, b) => (a.lastUsedAt ?? 0) - (b.lastUsedAt ?? 0),
  expires: (a, b) => (a.expiresAt ?? NEVER) - (b.expiresAt ?? NEVER),
  status: (a, b) => STATUS_ORDER.indexOf(a.status) - STATUS_ORDER.indexOf(b.status),
}

/** The list with what search looks through made once, since it is looked through at each key. */
export type Searchable = { readonly token: Token; readonly text: string }

/** `textOf` gives more to search in, such as the functions that a token's privileges open. */
export function searchable(tokens: readonly Token[], textOf: (token: Token) => string): readonly Searchable[] {
  return tokens.map((token) => ({
    token,
    text: [token.name, token.owner, token.note, token.ticket, token.lastUsedFrom, ...token.ips, textOf(token)]
      .join('\n')
      .toLowerCase(),
  }))
}

/** What is shown, in order: every word that was typed must be found. */
export function select(
  list: readonly Searchable[],
  wanted: { readonly query: string; readonly view: View; readonly sorting: Sorting; readonly now: number },
): readonly Token[] {
  const asked = wanted.query.toLowerCase().split(/\s+/).filter(Boolean)
  const isOfKind: (token: Token, now: number) => boolean = VIEWS[wanted.view]
  const showsRevoked = WITH_REVOKED.includes(wanted.view)
  const isInView = (token: Token): boolean =>
    (showsRevoked || token.status !== 'revoked') && isOfKind(token, wanted.now)
  const found = list
    .filter(({ token, text }) => isInView(token) && asked.every((word) => text.includes(word)))
    .map(({ token }) => token)
  const order = ORDERS[wanted.sorting.key]
  const sign = wanted.sorting.isDown ? -1 : 1
  return found.sort((a, b) => sign * order(a, b) || ORDERS.name(a, b))
}
