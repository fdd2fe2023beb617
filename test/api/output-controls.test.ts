/** WHM's output controls on every function that answers a list, in the new shape and in the old one, and UAPI's on every list of UAPI. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { CATALOGUE } from '../../src/functions/catalogue.ts'
import { UAPI_CATALOGUE } from '../../src/functions/uapi/catalogue.ts'
import { type Reply, startTestServer, type TestServer } from '../start-server.ts'

let server: TestServer
let token = ''
before(async () => {
  server = await startTestServer({ settings: { cpanelListen: '127.0.0.1:0' } })
  token = await server.rootToken(['all'])
  await server.account('alpha', ['list-accts'])
  await server.account('beta', ['list-accts'])
})
after(() => server.close())

/** Nothing that one must know: called without arguments they answer what there is. */
const readsWithoutArguments = CATALOGUE.filter(
  ({ effect, params }) => effect === 'read' && Object.values(params).every(({ optional }) => optional),
)

const get = (name: string, query: string): Promise<Reply> =>
  server.send(`/json-api/${name}?${query}`, { headers: { authorization: `whm ${token}` } })

/** The list that controls act on: the data itself, or the first among its members. */
function listIn(data: unknown): readonly unknown[] | undefined {
  if (Array.isArray(data)) return data
  if (typeof data !== 'object' || data === null) return undefined
  return Object.values(data).find(Array.isArray)
}

const CHUNK = 'api.chunk.enable=1&api.chunk.start=1&api.chunk.size=1'

test('every list is paged, filtered and cut to columns in version 1, and nothing else is touched', async () => {
  let lists = 0
  for (const { name } of readsWithoutArguments) {
    const whole = (await get(name, 'api.version=1')).json
    if (whole.metadata?.result !== 1) continue
    const list = listIn(whole.data)
    const { data, metadata } = (await get(name, `api.version=1&${CHUNK}`)).json
    if (list === undefined) {
      assert.equal(metadata.chunk, undefined, name)
      continue
    }
    lists += 1
    assert.deepEqual(Object.keys(data), Object.keys(whole.data), name)
    assert.equal(listIn(data)?.length, Math.min(1, list.length), name)
    assert.equal(metadata.chunk.records, list.length, name)
    const none = 'api.version=1&api.filter.enable=1&api.filter.a.field=nothing_has_this&api.filter.a.arg0=x'
    const filtered = (await get(name, none)).json
    assert.deepEqual([listIn(filtered.data), filtered.metadata.filter.filtered], [[], list.length], name)
    const cut = (await get(name, 'api.version=1&api.columns.enable=1&api.columns.a=nothing_has_this')).json
    for (const record of listIn(cut.data) ?? []) if (typeof record === 'object') assert.deepEqual(record, {}, name)
  }
  assert.ok(lists >= 15, `${lists}`)
})

test('every list of the old shape is paged too', async () => {
  let lists = 0
  for (const { name, v0 } of readsWithoutArguments) {
    if (v0 !== 'list' && v0 !== 'plain') continue
    const list = listIn((await get(name, '')).json)
    if (list === undefined) continue
    lists += 1
    assert.equal(listIn((await get(name, CHUNK)).json)?.length, Math.min(1, list.length), name)
  }
  assert.ok(lists >= 8, `${lists}`)
})

test('every list of UAPI is paged and cut to columns, and says so in its metadata', async () => {
  const credential = await server.accountToken('alpha')
  let lists = 0
  for (const { name, effect, params } of UAPI_CATALOGUE) {
    if (effect !== 'read' || Object.values(params).some(({ optional }) => !optional)) continue
    const uapi = (args = {}) => server.uapi(credential, name as `${string}::${string}`, args)
    const whole = (await uapi()).json
    const paged = (await uapi({ 'api.paginate': 1, 'api.paginate_size': 1, 'api.columns_0': 'nothing_has_this' })).json
    if (!Array.isArray(whole.data)) {
      assert.deepEqual([paged.status, paged.metadata], [whole.status, {}], name)
      continue
    }
    lists += 1
    assert.equal(paged.data.length, Math.min(1, whole.data.length), name)
    assert.deepEqual([paged.metadata.transformed, paged.metadata.paginate.total_results], [1, whole.data.length], name)
    for (const record of paged.data) assert.deepEqual(record, {}, name)
  }
  assert.ok(lists >= 1)
})
