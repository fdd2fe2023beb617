/**
 * `api.filter`, `api.sort`, `api.chunk` and `api.columns` (WHM API 1 - Filter, Sort, Paginate Output, Output Columns): what a client
 * asks to have done to the list in a reply. Applied in this order; several filters are joined with AND (WHM is silent on both).
 * Field names and values come from outside: fields are looked up among a record's own members only, nothing becomes a pattern, and
 * the work is bounded. Text is compared letter for letter. No I/O.
 */
import { Failure } from '../failures.ts'
import type { Arguments } from './arguments.ts'
import { findSingle } from './given.ts'
import {
  type Filter,
  fieldOf,
  filterRecords,
  keepColumns,
  numberOrUnlimited,
  SORT_KEYS,
  type Sort,
  sortRecords,
} from './records.ts'
import type { Chunk, FilterCounts } from './reply.ts'

export type OutputControls = {
  readonly filters: readonly Filter[] | undefined
  readonly sorts: readonly NamedSort[] | undefined
  readonly chunk: { readonly start: number; readonly size: number | undefined } | undefined
  readonly columns: ReadonlySet<string> | undefined
}

type NamedSort = Sort & { readonly argument: string }

const MAX_SORTS = 26
const MAX_WANTED = 255 // as long as a domain name

/** What the arguments ask for, or undefined when nothing is switched on. Throws `output-control-invalid` for what makes no sense. */
export function readOutputControls(args: Arguments): OutputControls | undefined {
  if (!mentionsControls(args.values) && !mentionsControls(args.unreadable)) return undefined
  const filter = isEnabled(args, 'filter')
  const sort = isEnabled(args, 'sort')
  const chunk = isEnabled(args, 'chunk')
  const columns = isEnabled(args, 'columns')
  if (!filter && !sort && !chunk && !columns) return undefined
  return {
    filters: filter ? labels(args, 'filter').map((label) => readFilter(args, label)) : undefined,
    sorts: sort ? readSorts(args) : undefined,
    chunk: chunk ? readChunk(args) : undefined,
    columns: columns ? readColumns(args) : undefined,
  }
}

/** Nearly every call has `api.version` and nothing more of this kind. */
function mentionsControls(names: ReadonlyMap<string, unknown>): boolean {
  for (const name of names.keys()) if (name.startsWith('api.') && name !== 'api.version') return true
  return false
}

function isEnabled(args: Arguments, control: string): boolean {
  return readFlag(args, `api.${control}.enable`)
}

function readFlag(args: Arguments, name: string): boolean {
  const value = findSingle(args, name, [])
  if (value === undefined || value === '0' || value === '') return false
  if (value !== '1') throw invalid(name, 'is neither 1 nor 0')
  return true
}

/** The labels in use, in the order a … z, za, zb …, which is the order of the alphabet. */
function labels(args: Arguments, control: string): readonly string[] {
  const start = `api.${control}.`
  const found = new Set<string>()
  for (const name of args.values.keys()) {
    if (!name.startsWith(start)) continue
    const label = name.slice(start.length).split('.', 1)[0] ?? ''
    if (label !== '' && label !== 'enable' && label !== 'verbose') found.add(label)
  }
  return [...found].sort()
}

const TEXT_TESTS: ReadonlyMap<string, (value: string, wanted: string) => boolean> = new Map([
  ['contains', (value, wanted) => value.includes(wanted)],
  ['begins', (value, wanted) => value.startsWith(wanted)],
  ['eq', (value, wanted) => value === wanted],
])

const NUMBER_TESTS: ReadonlyMap<string, (value: number, wanted: number) => boolean> = new Map([
  ['==', (value, wanted) => value === wanted],
  ['lt', (value, wanted) => value < wanted],
  ['lt_equal', (value, wanted) => value <= wanted],
  ['gt', (value, wanted) => value > wanted],
  ['gt_equal', (value, wanted) => value >= wanted],
])

const UNLIMITED_SUFFIX = '_handle_unlimited'

function readFilter(args: Arguments, label: string): Filter {
  const name = `api.filter.${label}`
  const field = findSingle(args, `${name}.field`, [])
  if (field === undefined) throw invalid(`${name}.field`, 'is missing')
  const wanted = findSingle(args, `${name}.arg0`, []) ?? ''
  if (wanted.length > MAX_WANTED) throw invalid(`${name}.arg0`, `is longer than ${MAX_WANTED} characters`)
  const type = findSingle(args, `${name}.type`, []) ?? 'contains'
  const textTest = TEXT_TESTS.get(type)
  if (textTest !== undefined)
    return { field, wantedLength: wanted.length, matches: (value) => value !== undefined && textTest(value, wanted) }
  const handlesUnlimited = type === `lt${UNLIMITED_SUFFIX}` || type === `gt${UNLIMITED_SUFFIX}`
  const numberTest = NUMBER_TESTS.get(handlesUnlimited ? type.slice(0, 2) : type)
  if (numberTest === undefined) throw invalid(`${name}.type`, 'is not a kind of filter')
  const toNumber = handlesUnlimited ? numberOrUnlimited : Number.parseFloat
  const limit = toNumber(wanted)
  if (Number.isNaN(limit)) throw invalid(`${name}.arg0`, 'is not a number')
  return { field, wantedLength: 0, matches: (value) => value !== undefined && numberTest(toNumber(value), limit) }
}

function readSorts(args: Arguments): readonly NamedSort[] {
  const found = labels(args, 'sort')
  if (found.length === 0) throw invalid('api.sort.a.field', 'is missing')
  if (found.length > MAX_SORTS) throw invalid('api.sort', `has more than ${MAX_SORTS} fields`)
  return found.map((label) => {
    const argument = `api.sort.${label}.field`
    const field = findSingle(args, argument, [])
    if (field === undefined) throw invalid(argument, 'is missing')
    const key = SORT_KEYS.get(findSingle(args, `api.sort.${label}.method`, []) ?? 'lexicographic')
    if (key === undefined) throw invalid(`api.sort.${label}.method`, 'is not a way to sort')
    return { field, argument, reverse: readFlag(args, `api.sort.${label}.reverse`), key }
  })
}

/** Records are counted from 1; `-1` means all (documented, observed). 0 is read as 1. */
function readChunk(args: Arguments): OutputControls['chunk'] {
  const start = findSingle(args, 'api.chunk.start', []) ?? '1'
  if (start === '-1') return { start: 1, size: undefined }
  const size = findSingle(args, 'api.chunk.size', [])
  return {
    start: Math.max(1, readCount('api.chunk.start', start, 0)),
    size: size === undefined ? undefined : readCount('api.chunk.size', size, 1),
  }
}

function readCount(argument: string, text: string, min: number): number {
  const count = /^[0-9]{1,15}$/.test(text) ? Number(text) : -1
  if (count < min) throw invalid(argument, `is not a whole number of at least ${min}`)
  return count
}

function readColumns(args: Arguments): ReadonlySet<string> {
  const columns = labels(args, 'columns').map((label) => findSingle(args, `api.columns.${label}`, []))
  return new Set(columns.filter((column) => column !== undefined))
}

/**
 * Applies the controls to `data` when it is a list, else to the first list among its members; data without a list stays as it is.
 * A filter on a field that no record has leaves nothing; a sort on one is refused. The counts belong into the reply's metadata.
 */
export function applyOutputControls(
  controls: OutputControls,
  data: unknown,
): { readonly data: unknown; readonly chunk?: Chunk; readonly filter?: FilterCounts } {
  if (Array.isArray(data)) {
    const { list, ...counts } = applyToList(controls, data)
    return { data: list, ...counts }
  }
  if (typeof data !== 'object' || data === null) return { data }
  const entries: [string, unknown][] = Object.entries(data)
  const place = entries.findIndex(([, value]) => Array.isArray(value))
  const [key, found] = entries[place] ?? []
  if (key === undefined || !Array.isArray(found)) return { data }
  const { list, ...counts } = applyToList(controls, found)
  return { data: Object.fromEntries(entries.with(place, [key, list])), ...counts }
}

function applyToList(controls: OutputControls, all: readonly unknown[]) {
  const { filters, sorts, chunk, columns } = controls
  const filtered = filters === undefined ? all : filterRecords(filters, all)
  const sorted = sorts === undefined ? filtered : applySorts(sorts, filtered)
  const page =
    chunk === undefined ? sorted : sorted.slice(chunk.start - 1, chunk.start - 1 + (chunk.size ?? all.length))
  return {
    list: columns === undefined ? page : page.map((record) => keepColumns(columns, record)),
    ...(chunk && { chunk: describeChunk(chunk.start, chunk.size ?? sorted.length, sorted.length) }),
    // The official JavaScript client reads `filtered` as the count before the filter (observed).
    ...(filters && { filter: { filtered: all.length } }),
  }
}

function describeChunk(start: number, size: number, records: number): Chunk {
  if (size === 0) return { start, current: 1, size, chunks: 0, records }
  return { start, current: Math.ceil(start / size), size, chunks: Math.ceil(records / size), records }
}

/** A sort on a field that no record has is refused: it cannot be meant. */
function applySorts(sorts: readonly NamedSort[], all: readonly unknown[]): readonly unknown[] {
  for (const { field, argument } of sorts) {
    if (all.length > 0 && !all.some((record) => fieldOf(record, field) !== undefined))
      throw invalid(argument, 'names no field of this list')
  }
  return sortRecords(sorts, all)
}

function invalid(argument: string, problem: string): Failure {
  return new Failure('output-control-invalid', { argument, problem })
}
