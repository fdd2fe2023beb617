/**
 * What output controls do to lists of records, whichever interface asks for it. Fields are looked up among a record's own members
 * only, and the work is bounded, since both names and values come from outside. Text is compared letter for letter. No I/O.
 */
import { Failure } from '../failures.ts'
import { parseAddress } from '../ip-rules/address.ts'

export type Filter = {
  /** A field's name, or `*` for any. */
  readonly field: string
  /** Length of the text that is searched for; 0 where none is. */
  readonly wantedLength: number
  /** Undefined: the record has no such field, or nothing in it that is a text, number or flag. */
  matches(value: string | undefined): boolean
}

export type Sort = { readonly field: string; readonly reverse: boolean; readonly key: SortKey }
type SortKey = (value: string) => string | number

const COMPARISONS_AT_LEAST = 100_000
const COMPARISONS_A_RECORD = 50

/** The records that every filter lets through. Throws `output-control-invalid` when that is too much work. */
export function filterRecords(filters: readonly Filter[], all: readonly unknown[]): readonly unknown[] {
  let budget = COMPARISONS_AT_LEAST + COMPARISONS_A_RECORD * all.length
  const test = (filter: Filter, value: string | undefined): boolean => {
    // Searching a text costs up to its length times that of what is searched.
    budget -= 1 + Math.floor(((value?.length ?? 0) * filter.wantedLength) / 256)
    if (budget < 0) throw tooMuch()
    return filter.matches(value)
  }
  return all.filter((record) =>
    filters.every((filter) =>
      filter.field === '*'
        ? valuesOf(record).some((value) => test(filter, textOf(value)))
        : test(filter, fieldOf(record, filter.field)),
    ),
  )
}

/** The failure of controls that ask for too much work. */
export function tooMuch(): Failure {
  return new Failure('output-control-invalid', {
    argument: 'api.filter',
    problem: 'asks for more comparisons than are allowed',
  })
}

/** Ways to sort, by their names in both interfaces. */
export const SORT_KEYS: ReadonlyMap<string, SortKey> = new Map<string, SortKey>([
  ['lexicographic', (value) => value],
  ['numeric', (value) => Number.parseFloat(value) || 0],
  ['numeric_zero_as_max', (value) => Number.parseFloat(value) || Number.POSITIVE_INFINITY],
  ['ipv4', ipv4Key],
])

function ipv4Key(value: string): number {
  const address = parseAddress(value)
  return address?.family === 4 ? address.bytes.reduce((sum, byte) => sum * 256 + byte, 0) : -1
}

/** Sorted by the first, then by the next; equal records keep their order. A record without the field counts as empty. */
export function sortRecords(sorts: readonly Sort[], all: readonly unknown[]): readonly unknown[] {
  const keys = sorts.map((sort) => all.map((record) => sort.key(fieldOf(record, sort.field) ?? '')))
  const compare = (a: number, b: number): number => {
    for (const [i, sort] of sorts.entries()) {
      const left = keys[i]?.[a] ?? ''
      const right = keys[i]?.[b] ?? ''
      if (left !== right) return left < right !== sort.reverse ? -1 : 1
    }
    return 0
  }
  return all
    .map((_, place) => place)
    .sort(compare)
    .map((place) => all[place])
}

/** The record with these members alone. */
export function keepColumns(columns: ReadonlySet<string>, record: unknown): unknown {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return record
  return Object.fromEntries(Object.entries(record).filter(([key]) => columns.has(key)))
}

/** Own members only: `__proto__` and `constructor` are fields like any other, which no record has. `*` is a plain value itself. */
export function fieldOf(record: unknown, field: string): string | undefined {
  if (typeof record !== 'object' || record === null) return field === '*' ? textOf(record) : undefined
  if (!Object.hasOwn(record, field)) return undefined
  // `hasOwn` has just found the member.
  return textOf((record as Readonly<Record<string, unknown>>)[field])
}

/** Sizes stand in replies as `14M` and `unlimited`; the leading number counts. */
export function numberOrUnlimited(text: string): number {
  return text === 'unlimited' ? Number.POSITIVE_INFINITY : Number.parseFloat(text)
}

function valuesOf(record: unknown): readonly unknown[] {
  return typeof record === 'object' && record !== null ? Object.values(record) : [record]
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined
}
