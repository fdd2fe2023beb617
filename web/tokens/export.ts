/** The list of tokens as files for other programs. It never holds a secret, since the pages have none. No I/O. */
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

/** RFC 4180; lists are joined by blanks. */
export function tokensAsCsv(tokens: readonly Token[]): string {
  const lines = tokens.map((token) => Object.values(rowOf(token)).map(csvCell).join(','))
  return [COLUMNS.join(','), ...lines, ''].join('\r\n')
}

/** A spreadsheet takes what begins with these for a formula and runs it; the mark before it says that it is text. */
const FORMULA = /^[=+\-@\t\r]/

function csvCell(value: string | number | readonly string[] | null): string {
  const text = Array.isArray(value) ? value.join(' ') : String(value ?? '')
  const safe = typeof value !== 'number' && FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
