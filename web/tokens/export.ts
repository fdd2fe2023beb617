/** The list of tokens as files for other programs. It never holds a secret, since the pages have none. No I/O. */
import { csvOf } from '../csv.ts'
import type { Token } from './token.ts'

const COLUMNS = [
  'name',
  'owner',
  'status',
  'privileges',
  'ips',
  'created',
  'last_used',
  'last_used_from',
  'calls',
  'expires',
  'note',
  'ticket',
  'id',
] as const

function rowOf(token: Token): Readonly<Record<(typeof COLUMNS)[number], string | number | readonly string[] | null>> {
  return {
    name: token.name,
    owner: token.owner,
    status: token.status,
    privileges: token.privileges,
    ips: token.ips,
    created: iso(token.createdAt),
    last_used: iso(token.lastUsedAt),
    last_used_from: token.lastUsedFrom,
    calls: token.calls,
    expires: iso(token.expiresAt),
    note: token.note,
    ticket: token.ticket,
    id: token.id,
  }
}

function iso(seconds: number | undefined): string | null {
  return seconds === undefined ? null : new Date(seconds * 1000).toISOString()
}

/** An array of objects; moments in ISO 8601, UTC. */
export function tokensAsJson(tokens: readonly Token[]): string {
  return `${JSON.stringify(tokens.map(rowOf), null, 2)}\n`
}

/** Lists are joined by blanks. */
export function tokensAsCsv(tokens: readonly Token[]): string {
  return csvOf(
    COLUMNS,
    tokens.map((token) => Object.values(rowOf(token)).map((value) => (isList(value) ? value.join(' ') : value))),
  )
}

function isList(value: string | number | null | readonly string[]): value is readonly string[] {
  return Array.isArray(value)
}
