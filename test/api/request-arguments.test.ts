/** Bodies and query strings that are broken, huge or odd, and output controls that ask for too much. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { done, type Reply, startTestServer, type TestServer } from '../start-server.ts'
import { tokensNamed } from './wire.ts'

let server: TestServer
let token = ''

before(async () => {
  server = await startTestServer()
  token = await server.rootToken(['all'])
  for (const user of ['anna', 'bert', 'carl']) await server.account(user)
})
after(() => server.close())

afterEach(async () => {
  done(await server.call(token, 'version'))
  assert.deepEqual(
    server.logged.filter((event) => event.level === 'error'),
    [],
  )
  assert.deepEqual(await tokensNamed(server, 'odd-'), [])
  const clean: Record<string, unknown> = {}
  assert.deepEqual([clean.polluted, Object.keys(Object.prototype)], [undefined, []])
})

const CREATE = '/json-api/api_token_create?api.version=1'

function post(type: string | undefined, body: string | Buffer, path = CREATE, more = {}): Promise<Reply> {
  const headers = { authorization: `whm ${token}`, ...(type !== undefined && { 'content-type': type }), ...more }
  return server.send(path, { method: 'POST', headers, body })
}

/** BAD: an HTTP status of its own; FAIL: 200 with result 0. Never a 5xx, never done. */
function assertRefused(reply: Reply, what: string): void {
  const isBad = [400, 413, 414, 415, 431].includes(reply.status)
  assert.ok(isBad || reply.status === 200, `${what}: ${reply.status} ${reply.body.slice(0, 300)}`)
  assert.equal(reply.json.metadata.result, 0, `${what}: ${reply.body.slice(0, 300)}`)
  assert.ok(reply.body.length < 2000, what)
}

/** The least processor time of three tries, the client's share included: other work on the machine only adds to it. */
async function leastCpuMs(work: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let count = 0; count < 3; count += 1) {
    const before = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(before)
    least = Math.min(least, (user + system) / 1000)
  }
  return least
}

const NAME = '"token_name":"odd-r4"'
const listOf = (part: (i: number) => string): string =>
  Array.from({ length: 19_000 }, (_, i) => `"${part(i)}"`).join(',')
const bodies: Readonly<Record<string, string>> = {
  broken: `{${NAME}`,
  'broken behind its end': `{${NAME}}}`,
  'with single quotes': "{'token_name':'odd-r4'}",
  'with a comment': `{${NAME}/* */}`,
  'with a comma too many': `{${NAME},}`,
  empty: ' ',
  'a text': '"token_name=odd-r4"',
  'a number': '1',
  true: 'true',
  null: 'null',
  'a list': `[{${NAME}}]`,
  'with a byte order mark': `\uFEFF{${NAME}}`,
  '100,000 lists deep': `{"acl":${'['.repeat(100_000)}${']'.repeat(100_000)},${NAME}}`,
  '100,000 objects deep': `{"acl":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)},${NAME}}`,
  '100,000 lists deep and never closed': '['.repeat(100_000),
  'with 100,000 keys': `{${Array.from({ length: 100_000 }, (_, i) => `"k${i}":1`).join(',')}}`,
  'with a list of 100,000': `{"acl":[${'"list-accts",'.repeat(100_000)}"list-accts"],${NAME}}`,
  'with a key twice': `{"acl":"list-accts","acl":"all",${NAME}}`,
  'with a key twice, once escaped': `{"acl":"list-accts","\\u0061cl":"all",${NAME}}`,
  'with a lone surrogate as the name': '{"token_name":"odd-r4\\ud800","acl":"list-accts"}',
  'with lone surrogates as a key': `{"\\udc00\\ud800":"x","acl":"nothing",${NAME}}`,
  'with a number of 400 digits': `{"expires_at":${'9'.repeat(400)},"acl":"list-accts",${NAME}}`,
  'with a number of 400 digits as text': `{"expires_at":"${'9'.repeat(400)}","acl":"list-accts",${NAME}}`,
  'with a number beyond all numbers': `{"expires_at":1e999,"acl":"list-accts",${NAME}}`,
  'with a NUL in a text': '{"token_name":"odd-r4\\u0000","acl":"list-accts"}',
  'with a raw NUL': '{"token_name":"odd-r4\0","acl":"list-accts"}',
  'with an object for an argument': `{"acl":{"0":"list-accts"},${NAME}}`,
  'with null for an argument': `{"acl":null,${NAME}}`,
  'with a list in a list': `{"acl":[["list-accts"]],${NAME}}`,
  'with __proto__ for a privilege': `{"acl":"__proto__",${NAME}}`,
  'with constructor for a privilege': `{"acl":["constructor"],${NAME}}`,
  'with 19,000 addresses': `{"whitelist_ip":[${listOf((i) => `10.1.${i >> 8}.${i & 255}`)}],"acl":"list-accts",${NAME}}`,
  'with 19,000 unknown privileges': `{"acl":[${listOf((i) => `p${i}`)}],${NAME}}`,
  'with a name of 900 KB': `{"token_name":"${'odd-r4'.repeat(150_000)}","acl":"list-accts"}`,
  'with a privilege of 900 KB': `{"acl":"${'a'.repeat(900_000)}",${NAME}}`,
  'with an address of 900 KB': `{"whitelist_ip":"${'1.'.repeat(450_000)}","acl":"list-accts",${NAME}}`,
}

for (const [what, body] of Object.entries(bodies)) {
  test(`R4: JSON that is ${what} is refused within 50 ms of the processor`, async () => {
    let reply: Reply | undefined
    const bytes = Buffer.from(body)
    const cpuMs = await leastCpuMs(async () => {
      reply = await post('application/json', bytes)
    })
    assertRefused(reply as Reply, what)
    assert.ok(cpuMs <= 50, `${cpuMs} ms`)
  })
}

test('R4: keys named __proto__ and constructor are unknown arguments like any other, and change no prototype', async () => {
  const body = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"prototype":"x","api.version":1}'
  done(await post('application/json', body, '/json-api/version'))
})

const queries: Readonly<Record<string, string>> = {
  'a lone percent': '%',
  'a percent at the end of a value': 'x=1%',
  'a percent with one digit': 'x=%4',
  'a percent with no digits': 'x=%zz',
  'cut UTF-8': 'x=%E0%A4%A',
  'UTF-8 without its end': 'x=%E0%A4',
  'an overlong slash': 'x=%C0%AF',
  'an overlong NUL': 'x=%C0%80',
  'a surrogate in UTF-8': 'x=%ED%A0%80',
  'a byte that no UTF-8 has': 'x=%FF',
  'a character beyond Unicode': 'x=%F4%90%80%80',
  'a NUL in the name': 'token_name=odd-r5%00&acl=list-accts',
  'a NUL in a privilege': 'token_name=odd-r5&acl=list-accts%00',
  'brackets behind a list': 'token_name=odd-r5&acl[]=list-accts',
  'a key of a list': 'token_name=odd-r5&acl[a][b][c]=list-accts',
  '__proto__ as a key of a list': 'token_name=odd-r5&acl[__proto__]=list-accts',
  'a plus in a name': 'token_name=odd+r5&acl=list-accts',
  'an encoded plus in a name': 'token_name=odd%2Br5&acl=list-accts',
  'a name twice': 'token_name=odd-r5&token_name=odd-r5b&acl=list-accts',
}

for (const [what, query] of Object.entries(queries)) {
  test(`R5: ${what} is refused in the query and in a form`, async () => {
    assertRefused(await server.send(`${CREATE}&${query}`, { headers: { authorization: `whm ${token}` } }), what)
    assertRefused(await post('application/x-www-form-urlencoded', query), what)
  })
}

const many = (count: number, part: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => part(i)).join('&')

test('R5: 10,000 unknown arguments are passed over, more than 20,000 are refused, both quickly', async () => {
  const form = 'application/x-www-form-urlencoded'
  const version = '/json-api/version?api.version=1'
  const cpuMs = await leastCpuMs(async () =>
    done(
      await post(
        form,
        many(10_000, (i) => `k${i}=%20+x`),
        version,
      ),
    ),
  )
  assert.ok(cpuMs <= 50, `${cpuMs} ms`)
  assertRefused(
    await post(
      form,
      many(20_001, () => 'a'),
      version,
    ),
    '20,001',
  )
  assertRefused(
    await post(
      form,
      many(200_000, () => 'a=1'),
      version,
    ),
    '200,000',
  )
})

test('R5: 19,000 values of one list, and of every spelling of it, are refused within 100 ms of the processor', async () => {
  const form = 'application/x-www-form-urlencoded'
  for (const [what, part] of Object.entries({
    same: () => 'acl=nothing',
    numbered: (i: number) => `acl-${i}=nothing-${i}`,
    backwards: (i: number) => `acl-${19_000 - i}=nothing`,
    addresses: (i: number) => `whitelist_ip-${i}=10.0.${i >> 8}.${i & 255}`,
    misspelt: (i: number) => `whitelist-ip-${i}=10.0.0.${i % 250}%2F3${i % 3}`,
    'look-alike': (i: number) => `acl_${i}=x`,
    names: (i: number) => `token_name-${i}=x`,
  })) {
    let reply: Reply | undefined
    const body = Buffer.from(`token_name=odd-r5&acl=nothing&${many(19_000, part)}`)
    const cpuMs = await leastCpuMs(async () => {
      reply = await post(form, body)
    })
    assertRefused(reply as Reply, what)
    assert.ok(cpuMs <= 100, `${what}: ${cpuMs} ms`)
  }
})

test('R5: empty names, parts without a value, and __proto__ are unknown arguments like any other', async () => {
  for (const query of [
    '=x',
    '&&&',
    '=',
    'a',
    '__proto__=x',
    '__proto__[polluted]=1',
    'constructor.prototype.polluted=1',
  ]) {
    const path = `/json-api/version?api.version=1&${query}`
    done(await server.send(path, { headers: { authorization: `whm ${token}` } }))
  }
})

test('R5: a plus is a blank and %2B is a plus, in the query and in a form', async () => {
  const form = 'user=anna&reason=late+and%2Bover%20due'
  done(await post('application/x-www-form-urlencoded', form, '/json-api/suspendacct?api.version=1'))
  const listed = done(await server.call(token, 'listsuspended')).json.data.account
  assert.equal(listed[0].reason, 'late and+over due')
})

const FORM = 'token_name=odd-r6&acl=list-accts'
const refusedTypes: readonly (readonly [type: string, body: string | Buffer, headers?: object])[] = [
  ['text/plain', FORM],
  ['text/xml', '<token_name>odd-r6</token_name>'],
  ['application/xml', '<token_name>odd-r6</token_name>'],
  [
    'multipart/form-data; boundary=x',
    '--x\r\nContent-Disposition: form-data; name="token_name"\r\n\r\nodd-r6\r\n--x--',
  ],
  ['application/json; charset=utf-16', Buffer.from(`{${NAME}}`, 'utf16le')],
  ['application/x-www-form-urlencoded; charset=iso-8859-1', FORM],
  ['application/x-www-form-urlencoded; charset="utf-16"', FORM],
  ['application/x-www-form-urlencoded', gzipSync(FORM), { 'content-encoding': 'gzip' }],
  ['application/json', gzipSync(`{${NAME}}`), { 'content-encoding': 'deflate' }],
  ['application/x-www-form-urlencoded', FORM, { 'content-encoding': 'br' }],
  ['application/jsonp', `{${NAME}}`],
  ['application/x-www-form-urlencoded2', FORM],
  ['nonsense', FORM],
]

for (const [type, body, headers] of refusedTypes) {
  test(`R6: a body of ${type}${headers ? ` with ${JSON.stringify(headers)}` : ''} is refused with 415`, async () => {
    const reply = await post(type, body, CREATE, headers)
    assert.equal(reply.status, 415)
    assertRefused(reply, type)
  })
}

test('R6: a body without a type, or of application/octet-stream, is read as a form; UTF-8 may be named', async () => {
  for (const [index, type] of [
    undefined,
    'application/octet-stream',
    'application/x-www-form-urlencoded',
    'application/x-www-form-urlencoded; charset=UTF-8',
    'Application/X-WWW-Form-Urlencoded;charset="utf-8"',
  ].entries()) {
    done(await post(type, `token_name=even-r6-${index}&acl=list-accts`))
  }
  done(await post('application/json; charset=utf-8', '{"token_name":"even-r6-json","acl":["list-accts"]}'))
})

const controls: Readonly<Record<string, readonly [query: string, expected: 'refused' | 'empty' | 'all']>> = {
  'a filter on __proto__': ['api.filter.enable=1&api.filter.a.field=__proto__&api.filter.a.arg0=x', 'empty'],
  'a filter on constructor': ['api.filter.enable=1&api.filter.a.field=constructor&api.filter.a.arg0=O', 'empty'],
  'a filter on an unknown field': ['api.filter.enable=1&api.filter.a.field=nothing&api.filter.a.arg0=x', 'empty'],
  'a filter labelled __proto__': [
    'api.filter.enable=1&api.filter.__proto__.field=user&api.filter.__proto__.arg0=zz',
    'empty',
  ],
  'a filter without a field': ['api.filter.enable=1&api.filter.a.arg0=x', 'refused'],
  'a filter of an unknown kind': [
    'api.filter.enable=1&api.filter.a.field=user&api.filter.a.type=(a%2B)%2B$',
    'refused',
  ],
  'a page of 10⁹': ['api.chunk.enable=1&api.chunk.size=1000000000', 'all'],
  'a page of −1': ['api.chunk.enable=1&api.chunk.size=-1', 'refused'],
  'a page of 0': ['api.chunk.enable=1&api.chunk.size=0', 'refused'],
  'a page that begins at 10⁹': ['api.chunk.enable=1&api.chunk.start=1000000000&api.chunk.size=1', 'empty'],
  'a page of 1e9': ['api.chunk.enable=1&api.chunk.size=1e9', 'refused'],
  'a sort on nothing': ['api.sort.enable=1', 'refused'],
  'a sort on an empty field': ['api.sort.enable=1&api.sort.a.field=', 'refused'],
  'a sort on an unknown field': ['api.sort.enable=1&api.sort.a.field=nothing', 'refused'],
  'a sort on __proto__': ['api.sort.enable=1&api.sort.a.field=__proto__', 'refused'],
}

for (const [what, [query, expected]] of Object.entries(controls)) {
  test(`R11: ${what} fails, or gives an empty page, or the whole of it`, async () => {
    const headers = { authorization: `whm ${token}` }
    const reply = await server.send(`/json-api/listaccts?api.version=1&${query}`, { headers })
    if (expected === 'refused') assertRefused(reply, what)
    else assert.equal(done(reply).json.data.acct.length, expected === 'all' ? 3 : 0)
  })
}

test('R6: the body of a GET is read too, so that a limit in it is not passed over', async () => {
  const get = (type: string, body: string) =>
    server.send(`${CREATE}&token_name=limited`, {
      method: 'GET',
      headers: { authorization: `whm ${token}`, 'content-type': type, 'content-length': String(body.length) },
      body,
    })
  for (const [type, body] of [
    ['application/x-www-form-urlencoded', 'acl=list-accts'],
    ['application/json', '{"acl":["list-accts"]}'],
  ] as const) {
    assert.deepEqual(done(await get(type, body)).json.data.acls, ['list-accts'])
    done(await server.call(token, 'api_token_revoke', { token_name: 'limited' }))
  }
  assertRefused(await get('text/xml', '<acl/>'), 'a body of another type')
})

test('R11: searchtype with a pattern that grows without end is refused or answered within 100 ms', async () => {
  const pattern = '(a+)+$'
  const cpuMs = await leastCpuMs(async () => {
    const reply = await server.call(token, 'listaccts', { searchtype: 'user', search: pattern })
    assert.equal(reply.status, 200)
    for (const search of [`^${pattern}`, '((a{0,9}){0,9}){0,9}$', `${'(a?)'.repeat(100)}a{100}$`]) {
      assert.equal((await server.call(token, 'listaccts', { searchtype: 'domain', search })).status, 200)
    }
  })
  assert.ok(cpuMs <= 100, `${cpuMs} ms`)
})

test('R11: 1,000 filters, sorts and columns are answered or refused within 100 ms, and delay nobody', async () => {
  const form = 'application/x-www-form-urlencoded'
  for (const part of [
    (i: number) => `api.filter.z${i}.field=*&api.filter.z${i}.arg0=a`,
    (i: number) => `api.filter.z${i}.field=*&api.filter.z${i}.arg0=${'a'.repeat(255)}`,
    (i: number) => `api.sort.z${i}.field=user`,
    (i: number) => `api.columns.z${i}=user`,
  ]) {
    const body = `api.filter.enable=1&api.sort.enable=1&api.sort.a.field=user&api.columns.enable=1&${many(1_000, part)}`
    const cpuMs = await leastCpuMs(async () => {
      const asked = post(form, body, '/json-api/listaccts?api.version=1')
      done(await server.call(token, 'version'))
      assert.equal((await asked).status, 200)
    })
    assert.ok(cpuMs <= 100, `${cpuMs} ms`)
  }
})
