import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../failures.ts'
import { decodeForm } from './arguments.ts'
import { applyOutputControls, readOutputControls } from './output-controls.ts'

const ACCOUNTS = [
  { user: 'carol', id: 3, quota: '2000M', ip: '192.0.2.10', plan: null },
  { user: 'alice', id: 10, quota: 'unlimited', ip: '192.0.2.9', plan: 'basic' },
  { user: 'bob', id: 0, quota: '50M', ip: '10.0.0.1', plan: 'big' },
]

function apply(query: string, data: unknown) {
  const controls = readOutputControls(decodeForm(query))
  assert.ok(controls)
  return applyOutputControls(controls, data)
}
const usersOf = (query: string, accounts: readonly object[] = ACCOUNTS) => {
  const { data } = apply(query, { acct: accounts })
  // The list was put in under this name.
  return (data as { acct: { user: string }[] }).acct.map((account) => account.user)
}
const refuses = (query: string, data: unknown = ACCOUNTS) =>
  assert.throws(
    () => apply(query, data),
    (error) => error instanceof Failure && error.code === 'output-control-invalid',
    query,
  )
const filter = (field: string, type: string, arg0: string) =>
  `api.filter.enable=1&api.filter.a.field=${field}&api.filter.a.type=${type}&api.filter.a.arg0=${arg0}`

test('nothing is asked for without a control that is switched on', () => {
  for (const query of [
    '',
    'api.version=1',
    'api.filter.a.field=x',
    'api.sort.enable=0&api.sort.a.field=x',
    'api.chunk.size=1',
  ]) {
    assert.equal(readOutputControls(decodeForm(query)), undefined, query)
  }
})

test('filters compare text and numbers as they are documented', () => {
  assert.deepEqual(usersOf(filter('user', 'contains', 'o')), ['carol', 'bob'])
  assert.deepEqual(usersOf('api.filter.enable=1&api.filter.a.field=user&api.filter.a.arg0=ali'), ['alice'])
  assert.deepEqual(usersOf(filter('user', 'begins', 'b')), ['bob'])
  assert.deepEqual(usersOf(filter('user', 'eq', 'bob')), ['bob'])
  assert.deepEqual(usersOf(filter('id', '%3D%3D', '10.0')), ['alice'])
  assert.deepEqual(usersOf(filter('id', 'lt', '10')), ['carol', 'bob'])
  assert.deepEqual(usersOf(filter('id', 'lt_equal', '10')), ['carol', 'alice', 'bob'])
  assert.deepEqual(usersOf(filter('id', 'gt', '3')), ['alice'])
  assert.deepEqual(usersOf(filter('id', 'gt_equal', '3')), ['carol', 'alice'])
  assert.deepEqual(usersOf(filter('quota', 'gt', '100')), ['carol'])
  assert.deepEqual(usersOf(filter('quota', 'gt_handle_unlimited', '100')), ['carol', 'alice'])
  assert.deepEqual(usersOf(filter('quota', 'lt_handle_unlimited', 'unlimited')), ['carol', 'bob'])
  assert.deepEqual(usersOf(filter('*', 'contains', '192.0.2')), ['carol', 'alice'])
})

test('several filters are joined with AND, under labels a … z, za', () => {
  const query =
    'api.filter.enable=1&api.filter.a.field=user&api.filter.a.arg0=o&api.filter.za.field=id&api.filter.za.type=gt&api.filter.za.arg0=1'
  assert.deepEqual(usersOf(query), ['carol'])
})

test('the reply tells how many there were before the filter', () => {
  assert.deepEqual(apply(filter('user', 'eq', 'bob'), { acct: ACCOUNTS }).filter, { filtered: 3 })
})

test('sorting is by text unless it says otherwise, by several fields in the order of their labels, and stable', () => {
  assert.deepEqual(usersOf('api.sort.enable=1&api.sort.a.field=user'), ['alice', 'bob', 'carol'])
  assert.deepEqual(usersOf('api.sort.enable=1&api.sort.a.field=user&api.sort.a.reverse=1'), ['carol', 'bob', 'alice'])
  assert.deepEqual(usersOf('api.sort.enable=1&api.sort.a.field=id'), ['bob', 'alice', 'carol'])
  const by = (field: string, method: string) =>
    usersOf(`api.sort.enable=1&api.sort.a.field=${field}&api.sort.a.method=${method}`)
  assert.deepEqual(by('id', 'numeric'), ['bob', 'carol', 'alice'])
  assert.deepEqual(by('id', 'numeric_zero_as_max'), ['carol', 'alice', 'bob'])
  assert.deepEqual(by('ip', 'ipv4'), ['bob', 'alice', 'carol'])
  const pairs = [
    { user: '1', x: 'b', y: 1 },
    { user: '2', x: 'a', y: 2 },
    { user: '3', x: 'a', y: 10 },
    { user: '4', x: 'a', y: 2 },
  ]
  const query =
    'api.sort.enable=1&api.sort.za.field=y&api.sort.za.method=numeric&api.sort.za.reverse=1&api.sort.b.field=x'
  assert.deepEqual(usersOf(query, pairs), ['3', '2', '4', '1'])
})

test('pages count records from 1, -1 means all, and the metadata describes the page', () => {
  const list = Array.from({ length: 25 }, (_, i) => i + 1)
  const page = (start: string, size: string) =>
    apply(`api.chunk.enable=1&api.chunk.verbose=1&api.chunk.start=${start}&api.chunk.size=${size}`, list)
  assert.deepEqual(page('11', '10'), {
    data: [11, 12, 13, 14, 15, 16, 17, 18, 19, 20],
    chunk: { start: 11, current: 2, size: 10, chunks: 3, records: 25 },
  })
  assert.deepEqual(page('21', '10').data, [21, 22, 23, 24, 25])
  assert.deepEqual(page('-1', '10'), { data: list, chunk: { start: 1, current: 1, size: 25, chunks: 1, records: 25 } })
  assert.deepEqual(page('26', '10').data, [])
  assert.deepEqual(apply('api.chunk.enable=1', []).chunk, { start: 1, current: 1, size: 0, chunks: 0, records: 0 })
})

test('columns keep only what is named, and a sort may use what is not shown', () => {
  const query =
    'api.columns.enable=1&api.columns.a=user&api.columns.b=none&api.sort.enable=1&api.sort.a.field=id&api.sort.a.method=numeric'
  assert.deepEqual(apply(query, ACCOUNTS).data, [{ user: 'bob' }, { user: 'carol' }, { user: 'alice' }])
})

test('filter, sort, page and columns come in this order', () => {
  const query = `${filter('id', 'lt', '10')}&api.sort.enable=1&api.sort.a.field=id&api.sort.a.method=numeric&api.chunk.enable=1&api.chunk.size=1&api.columns.enable=1&api.columns.a=user`
  assert.deepEqual(apply(query, { acct: ACCOUNTS, more: ['x', 'y'] }), {
    data: { acct: [{ user: 'bob' }], more: ['x', 'y'] },
    chunk: { start: 1, current: 1, size: 1, chunks: 2, records: 2 },
    filter: { filtered: 3 },
  })
})

test('plain values are filtered by *, data without a list stays as it is', () => {
  assert.deepEqual(apply(filter('*', 'begins', 'a'), { users: ['alice', 'bob'] }).data, { users: ['alice'] })
  for (const data of [{ tokens: { a: {} } }, 'text', null, undefined]) {
    assert.deepEqual(apply(filter('*', 'eq', 'a'), data), { data })
  }
})

test('R11: fields that no record has of its own give an empty page, and a sort on one is refused', () => {
  for (const field of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', 'none', '']) {
    assert.deepEqual(usersOf(filter(field, 'contains', '')), [], field)
    refuses(`api.sort.enable=1&api.sort.a.field=${field}`)
    assert.deepEqual(apply(`api.columns.enable=1&api.columns.a=${field}`, [{ user: 'a' }]).data, [{}])
  }
  assert.deepEqual(apply('api.sort.enable=1&api.sort.a.field=x', []).data, [])
})

test('R11: controls that make no sense are refused', () => {
  const queries = [
    'api.sort.enable=1',
    'api.sort.enable=yes',
    'api.sort.enable=1&api.sort.a.reverse=1',
    'api.sort.enable=1&api.sort.a.field=user&api.sort.a.method=random',
    'api.filter.enable=1&api.filter.a.arg0=x',
    filter('user', 'matches', '(a%2B)%2B$'),
    filter('id', 'gt', 'many'),
    filter('user', 'contains', 'x'.repeat(256)),
    'api.chunk.enable=1&api.chunk.start=-2',
    'api.chunk.enable=1&api.chunk.start=1.5',
    'api.chunk.enable=1&api.chunk.size=0',
    'api.chunk.enable=1&api.chunk.size=-1',
    'api.chunk.enable=1&api.chunk.size=1e9',
    `api.sort.enable=1&${Array.from({ length: 27 }, (_, i) => `api.sort.${'z'.repeat(i)}a.field=user`).join('&')}`,
  ]
  for (const query of queries) refuses(query)
})

test('R11: 1,000 filters, a size of 1,000,000,000 and long data cost at most 100 ms', () => {
  const many = Array.from({ length: 10_000 }, (_, i) => ({
    user: `user${i}`,
    note: 'a'.repeat(2_000),
    ...ACCOUNTS[i % 3],
  }))
  const labels = Array.from(
    { length: 1_000 },
    (_, i) => `${'z'.repeat(Math.floor(i / 26))}${String.fromCharCode(97 + (i % 26))}`,
  )
  const filters = (field: string, arg0: string) =>
    `api.filter.enable=1&${labels.map((label) => `api.filter.${label}.field=${field}&api.filter.${label}.arg0=${arg0}`).join('&')}`
  const queries = [
    filters('user', 'o'),
    filters('*', 'nothing'),
    filters('note', `b${'a'.repeat(254)}`),
    filters('note', `${'a'.repeat(150)}b${'a'.repeat(104)}`),
    filters('note', `${'ab'.repeat(127)}b`),
    filters('*', `${'a'.repeat(20)}b`),
    filters('none', ''),
    'api.chunk.enable=1&api.chunk.size=1000000000',
    `api.sort.enable=1&api.sort.a.field=note&api.sort.b.field=user&api.sort.b.reverse=1`,
  ]
  for (const query of queries) {
    const before = process.cpuUsage()
    try {
      apply(query, many)
    } catch (error) {
      assert.ok(error instanceof Failure)
    }
    const { user } = process.cpuUsage(before)
    assert.ok(user / 1000 <= 100, `${query.slice(0, 60)} took ${user / 1000} ms`)
  }
})

test('the pages of a list, put together, are the list', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.integer({ min: 1, max: 7 }), (list, size) => {
      const chunks = apply(`api.chunk.enable=1&api.chunk.size=${size}`, list).chunk?.chunks ?? 0
      const pages = Array.from({ length: chunks }, (_, i) =>
        apply(`api.chunk.enable=1&api.chunk.start=${1 + i * size}&api.chunk.size=${size}`, list),
      )
      assert.deepEqual(
        pages.flatMap((page) => page.data),
        list,
      )
      const numbers = pages.map((page) => page.chunk?.current)
      assert.deepEqual(
        numbers,
        [...numbers.keys()].map((i) => i + 1),
      )
    }),
  )
})

test('a filter keeps exactly the records that pass it, in their order', () => {
  const records = fc.array(fc.record({ name: fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 4 }) }))
  const wanted = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 2 })
  fc.assert(
    fc.property(records, wanted, (all, part) => {
      assert.deepEqual(
        apply(filter('name', 'contains', part), all).data,
        all.filter((record) => record.name.includes(part)),
      )
    }),
  )
})
