/** The trail as the page knows it. */
import { type Arguments, callFunction } from '../api.ts'
import { type CsvValue, csvOf } from '../csv.ts'
import { words } from '../words.ts'

export type Entry = {
  readonly seq: number
  readonly time: number
  readonly time_ms: number
  readonly request_id: string
  readonly caller: string
  readonly credential: keyof typeof words.audit.credentials
  readonly token_id: string | null
  readonly token_name: string | null
  readonly address: string | null
  readonly function: string
  readonly target: string
  readonly outcome: keyof typeof words.audit.outcomes
  readonly reason: string
  readonly details: Readonly<Record<string, string | number | readonly string[]>>
}

export type Trail = { readonly entries: readonly Entry[]; readonly next_before: number | null }

/** The filters as the address holds them, under the names of the function's arguments. */
export const FILTERS = ['caller', 'token', 'function', 'address', 'target', 'outcome', 'since', 'until'] as const

export type Filter = (typeof FILTERS)[number]

/** What the address asks for, as arguments of the call. */
export function argumentsOf(query: URLSearchParams): Arguments {
  return Object.fromEntries(
    [...FILTERS, 'before'].flatMap((name) => {
      const value = query.get(name) ?? ''
      return value === '' ? [] : [[name, value]]
    }),
  )
}

export async function readTrail(args: Arguments): Promise<Trail> {
  return (await callFunction<Trail>('postern_audit_list', args)).data
}

const AT_ONCE = 1000
/** More would be a matter for `postern audit` on the server. */
export const EXPORT_MAX = 20_000

/** Every entry that fits, the newest first; at most `EXPORT_MAX`. */
export async function readWholeTrail(
  args: Arguments,
): Promise<{ readonly entries: readonly Entry[]; readonly isCut: boolean }> {
  const entries: Entry[] = []
  let before: number | undefined
  while (entries.length < EXPORT_MAX) {
    const page = await readTrail({ ...args, limit: AT_ONCE, before })
    entries.push(...page.entries)
    if (page.next_before === null) return { entries, isCut: false }
    before = page.next_before
  }
  return { entries, isCut: true }
}

const COLUMNS = [
  'seq',
  'time',
  'caller',
  'credential',
  'token_name',
  'token_id',
  'address',
  'function',
  'target',
  'outcome',
  'reason',
  'details',
  'request_id',
] as const

/** Moments in ISO 8601, UTC; details as JSON. */
export function trailAsCsv(entries: readonly Entry[]): string {
  const cellOf = (entry: Entry, column: (typeof COLUMNS)[number]): CsvValue => {
    if (column === 'time') return new Date(entry.time_ms).toISOString()
    return column === 'details' ? JSON.stringify(entry.details) : entry[column]
  }
  return csvOf(
    COLUMNS,
    entries.map((entry) => COLUMNS.map((column) => cellOf(entry, column))),
  )
}

/** The reason in words: a refusal's code is explained, a failure is a sentence already. */
export function reasonText({ reason, outcome }: Pick<Entry, 'reason' | 'outcome'>): string {
  if (outcome === 'done') return reason === 'OK' ? '' : reason
  const meaning = words.audit.refusals[reason]
  return meaning === undefined ? reason.replace(/^[a-z-]+: /, '') : meaning
}
