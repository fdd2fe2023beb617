/** Nonsense at every function of UAPI, by every way in: well-formed replies, never an error of ours, and no account but the caller's own. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { UAPI_CATALOGUE } from '../../src/functions/uapi/catalogue.ts'
import { queryOf, startTestServer, type TestServer } from '../start-server.ts'

const SEED = Number(process.env.POSTERN_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31))
const RUNS = 40

let server: TestServer
let own = ''
let whm = ''
before(async () => {
  console.log(`seed ${SEED}, ${RUNS} requests at each of ${UAPI_CATALOGUE.length} functions`)
  server = await startTestServer({ settings: { cpanelListen: '127.0.0.1:0' } })
  await server.account('alpha')
  await server.account('other')
  own = await server.accountToken('alpha')
  whm = await server.rootToken(['cpanel-api'])
})
after(() => server.close())

const value = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '1',
    '-1',
    'alpha',
    'other.example.com',
    '../../etc/passwd',
    "' or 1=1 --",
    '\0',
    '\r\nx: y',
  ),
  fc.constantFrom(
    '__proto__',
    '["Tokens","list"]',
    '["Batch","strict",{"command":"[]"}]',
    '[',
    '{"a":',
    'unlimited',
    '%00',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.nat().map((length) => 'a'.repeat(length % 3000)),
)
const CONTROLS = [
  'api.filter_column',
  'api.filter_type',
  'api.filter_term',
  'api.sort_column',
  'api.paginate',
  'api.columns_0',
]
const ways = fc.constantFrom('query', 'form', 'json', 'from-whm', 'uapi_cpanel', 'cpanel')

for (const [index, { name, module, function: func, params }] of UAPI_CATALOGUE.entries()) {
  test(`N13: whatever is sent to ${name} is answered with well-formed JSON and never a 5xx`, async () => {
    const argument = fc.constantFrom(...Object.keys(params), ...CONTROLS, 'cpanel.user', 'name', '__proto__')
    const pairs = fc.array(fc.tuple(argument, value), { maxLength: 6 })
    const property = fc.asyncProperty(pairs, ways, async (sent, way) => {
      const args = Object.fromEntries(sent.map(([key, text]) => [key, text.toWellFormed()]))
      const path = `/execute/${module}/${func}`
      const headers = { authorization: `cpanel ${own}` }
      const into = { 'cpanel.user': 'alpha', 'cpanel.module': module, 'cpanel.function': func }
      const call = { cpanel_jsonapi_module: module, cpanel_jsonapi_func: func, cpanel_jsonapi_apiversion: '3' }
      const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' }
      const json = { ...headers, 'content-type': 'application/json' }
      const reply = await {
        query: () => server.sendToCpanel(`${path}?${queryOf(args).slice(0, 8000)}`, { headers }),
        form: () => server.sendToCpanel(path, { method: 'POST', headers: form, body: queryOf(args) }),
        json: () => server.sendToCpanel(path, { method: 'POST', headers: json, body: JSON.stringify(args) }),
        'from-whm': () =>
          server.send(path, {
            method: 'POST',
            headers: { ...form, authorization: `whm ${whm}` },
            body: queryOf({ ...args, 'cpanel.user': 'alpha' }),
          }),
        uapi_cpanel: () =>
          server.send('/json-api/uapi_cpanel?api.version=1', {
            method: 'POST',
            headers: { ...form, authorization: `whm ${whm}` },
            body: queryOf({ ...args, ...into }),
          }),
        cpanel: () =>
          server.sendToCpanel('/json-api/cpanel', {
            method: 'POST',
            headers: form,
            body: queryOf({ ...args, ...call }),
          }),
      }[way]()
      assert.ok(reply.status < 500, `${way}: ${reply.status} ${reply.body.slice(0, 300)}`)
      assert.equal(typeof reply.json, 'object', reply.body)
    })
    await fc.assert(property, { seed: SEED + index, numRuns: RUNS })
    const errors = server.logged.filter((event) => event.level === 'error')
    assert.deepEqual(errors, [])
  })
}

test('N13: after all the nonsense the other account is as it was, and prototypes are clean', async () => {
  assert.deepEqual(Object.keys(Object.prototype), [])
  assert.deepEqual(
    (await server.uapi(await server.accountToken('other', { name: 'one' }), 'Tokens::list')).json.data.length,
    1,
  )
})
