/**
 * UAPI's output controls (Introduction to UAPI, on sorting, filtering, paging and columns): `api.sort_…`, `api.filter_…`,
 * `api.paginate_…` and `api.columns_…`, several of a kind told apart by `_0`, `_1` …. Naming a column is enough to switch a control on,
 * since an official client sends no more (observed). Applied in the order filter, sort, page, columns; several filters are joined
 * with AND (our choices). No I/O.
 */
import { RE2JS, RE2JSException } from 're2js'
import { Failure } from '../failures.ts'
import type { Arguments } from './arguments.ts'
import { findSingle } from './given.ts'
import {
  type Filter,
  filterRecords,
  keepColumns,
  numberOrUnlimited,
  SORT_KEYS,
  type Sort,
  sortRecords,
  tooMuch,
} from './records.ts'
import { workedMs } from './worked-time.ts'

export type UapiControls = {
  readonly filters: readonly Filter[]
  readonly sorts: readonly Sort[]
  readonly page: Page | undefined
  readonly columns: ReadonlySet<string> | undefined
}

/** `start` is counted from 1. Undefined size: all from there on. */
type Page = { readonly start: number; readonly size: number | undefined }

const MAX_WANTED = 255 // as long as a domain name
const MAX_SORTS = 26
const MAX_EXPRESSIONS = 26

/** What the arguments ask for; undefined when nothing. Throws `output-control-invalid` for what makes no sense. */
export function readUapiControls(args: Arguments): UapiControls | undefined {
  if (![...args.values.keys()].some((name) => CONTROL.test(name))) return undefined
  const spent: Spent = { ms: 0 }
  const filters = suffixes(args, 'filter', 'filter_column').map((suffix) => readFilter(args, suffix, spent))
  const sorts = suffixes(args, 'sort', 'sort_column').map((suffix) => readSort(args, suffix))
  if (sorts.length > MAX_SORTS) throw invalid('api.sort_column', `comes more than ${MAX_SORTS} times`)
  if (filters.filter(({ isExpression }) => isExpression).length > MAX_EXPRESSIONS)
    throw invalid('api.filter_type', `is “matches” more than ${MAX_EXPRESSIONS} times`)
  const columns = suffixes(args, 'columns', 'columns').map((suffix) => readText(args, `api.columns${suffix}`))
  return {
    filters,
    sorts,
    page: isOn(args, 'paginate') ? readPage(args) : undefined,
    columns: columns.length === 0 ? undefined : new Set(columns),
  }
}

const CONTROL = /^api\.(?:filter|sort|paginate|columns)(?:_|$)/

/** `''`, `_0`, `_1` … of the controls that name a column, in that order; none when the control is switched off in so many words. */
function suffixes(args: Arguments, control: string, named: string): readonly string[] {
  const start = `api.${named}`
  const found: number[] = []
  for (const name of args.values.keys()) {
    if (!name.startsWith(start)) continue
    const suffix = name.slice(start.length)
    // `api.columns` by itself is the switch, and every other bare name a column.
    if (suffix === '' && control !== named) found.push(-1)
    else if (/^_(0|[1-9][0-9]{0,5})$/.test(suffix)) found.push(Number(suffix.slice(1)))
  }
  if (found.length === 0 || readText(args, `api.${control}`) === '0') return []
  return found.sort((a, b) => a - b).map((number) => (number === -1 ? '' : `_${number}`))
}

function isOn(args: Arguments, control: string): boolean {
  const text = readText(args, `api.${control}`)
  if (text !== '' && text !== '0' && text !== '1') throw invalid(`api.${control}`, 'is neither 1 nor 0')
  return text === '1'
}

function readText(args: Arguments, name: string): string {
  return findSingle(args, name, []) ?? ''
}

const TEXT_TESTS: ReadonlyMap<string, (value: string, wanted: string) => boolean> = new Map([
  ['contains', (value, wanted) => value.includes(wanted)],
  ['begins', (value, wanted) => value.startsWith(wanted)],
  ['ends', (value, wanted) => value.endsWith(wanted)],
  ['eq', (value, wanted) => value === wanted],
  ['ne', (value, wanted) => value !== wanted],
])

const NUMBER_TESTS: ReadonlyMap<string, (value: number, wanted: number) => boolean> = new Map([
  ['lt', (value, wanted) => value < wanted],
  ['gt', (value, wanted) => value > wanted],
])

type UapiFilter = Filter & { readonly isExpression?: true }

function readFilter(args: Arguments, suffix: string, spent: Spent): UapiFilter {
  const field = readText(args, `api.filter_column${suffix}`)
  const argument = `api.filter_term${suffix}`
  const wanted = readText(args, argument)
  if (wanted.length > MAX_WANTED) throw invalid(argument, `is longer than ${MAX_WANTED} characters`)
  const type = readText(args, `api.filter_type${suffix}`) || 'contains'
  if (type === 'defined') return { field, wantedLength: 0, matches: (value) => value !== undefined }
  if (type === 'undefined') return { field, wantedLength: 0, matches: (value) => value === undefined }
  if (type === 'matches')
    return { field, wantedLength: 0, matches: expression(argument, wanted, spent), isExpression: true }
  const textTest = TEXT_TESTS.get(type)
  if (textTest !== undefined)
    return { field, wantedLength: wanted.length, matches: (value) => value !== undefined && textTest(value, wanted) }
  const numberTest = NUMBER_TESTS.get(type.replace(/_handle_unlimited$/, ''))
  if (numberTest === undefined) throw invalid(`api.filter_type${suffix}`, 'is not a kind of filter')
  const toNumber = type.endsWith('unlimited') ? numberOrUnlimited : Number.parseFloat
  const limit = toNumber(wanted)
  if (Number.isNaN(limit)) throw invalid(argument, 'is not a number')
  return { field, wantedLength: 0, matches: (value) => value !== undefined && numberTest(toNumber(value), limit) }
}

/** What all expressions of one request took together. */
type Spent = { ms: number }

/** For all of them on one list; an ordinary one takes 3 to 10 µs a value. */
const EXPRESSIONS_MAX_MS = 50

/** RE2's expressions, which take time in proportion to the text; a dear one is stopped all the same. */
function expression(argument: string, pattern: string, spent: Spent): (value: string | undefined) => boolean {
  const compiled = compile(argument, pattern)
  return (value) => {
    if (value === undefined) return false
    const startedMs = workedMs()
    const found = compiled.matcher(value.slice(0, MAX_SEARCHED)).find()
    spent.ms += workedMs() - startedMs
    if (spent.ms > EXPRESSIONS_MAX_MS) throw tooMuch()
    return found
  }
}

/** An expression looks at the beginning of a value: longer than any address or name, and short enough for the dearest of them. */
const MAX_SEARCHED = 512

function compile(argument: string, pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    throw new Failure(
      'output-control-invalid',
      { argument, problem: 'is not a regular expression that RE2 takes' },
      { cause: error },
    )
  }
}

function readSort(args: Arguments, suffix: string): Sort {
  const reverse = readText(args, `api.sort_reverse${suffix}`)
  if (!['', '0', '1'].includes(reverse)) throw invalid(`api.sort_reverse${suffix}`, 'is neither 1 nor 0')
  const key = SORT_KEYS.get(readText(args, `api.sort_method${suffix}`) || 'lexicographic')
  if (key === undefined) throw invalid(`api.sort_method${suffix}`, 'is not a way to sort')
  return { field: readText(args, `api.sort_column${suffix}`), reverse: reverse === '1', key }
}

/** Records are counted from 1 (documented). A page is `paginate_page`, or begins at `paginate_start`, which goes first. */
function readPage(args: Arguments): Page {
  const size = readCount(args, 'api.paginate_size')
  const start = readCount(args, 'api.paginate_start')
  const page = readCount(args, 'api.paginate_page')
  return { start: start ?? (page === undefined || size === undefined ? 1 : (page - 1) * size + 1), size }
}

function readCount(args: Arguments, argument: string): number | undefined {
  const text = readText(args, argument)
  if (text === '') return undefined
  if (!/^[1-9][0-9]{0,11}$/.test(text)) throw invalid(argument, 'is not a whole number of at least 1')
  return Number(text)
}

/** Applies the controls to the list; the metadata tells of pages and filters. A sort on a field that no record has changes nothing. */
export function applyUapiControls(
  { filters, sorts, page, columns }: UapiControls,
  all: readonly unknown[],
): { readonly data: readonly unknown[]; readonly metadata: Readonly<Record<string, unknown>> } {
  const filtered = filters.length === 0 ? all : filterRecords(filters, all)
  const sorted = sorts.length === 0 ? filtered : sortRecords(sorts, filtered)
  const shown = page === undefined ? sorted : sorted.slice(page.start - 1, page.start - 1 + (page.size ?? all.length))
  return {
    data: columns === undefined ? shown : shown.map((record) => keepColumns(columns, record)),
    metadata: {
      ...(filters.length > 0 && { filter: { records_before_filter: all.length } }),
      ...(page && { paginate: describePage(page.start, page.size ?? Math.max(1, sorted.length), sorted.length) }),
    },
  }
}

function describePage(start: number, size: number, total: number) {
  return {
    start_result: start,
    current_page: Math.ceil(start / size),
    results_per_page: size,
    total_pages: Math.ceil(total / size),
    total_results: total,
  }
}

function invalid(argument: string, problem: string): Failure {
  return new Failure('output-control-invalid', { argument, problem })
}
