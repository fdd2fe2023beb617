/** Requests that are malformed, too large, misspelt or odd: what no HTTP client sends, over a TLS socket. */
import assert from 'node:assert/strict'
import { METHODS } from 'node:http'
import type { Socket } from 'node:net'
import { after, afterEach, before, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { startTestServer, type TestServer } from '../start-server.ts'
import { openConnection, sendRaw } from './raw.ts'
import { converse, creation, listen, requestBytes, tokensNamed } from './wire.ts'

let server: TestServer
let token = ''

before(async () => {
  server = await startTestServer()
  token = await server.rootToken(['all'])
})
after(() => server.close())

// What holds after every check: the server answers quickly, has run nothing it should not have, and met no error of its own.
afterEach(async () => {
  const startedMs = performance.now()
  assert.equal((await server.call(token, 'version')).json.metadata.result, 1)
  assert.ok(performance.now() - startedMs < 1000)
  assert.deepEqual(
    server.logged.filter((event) => event.level === 'error'),
    [],
  )
  assert.deepEqual(await tokensNamed(server, 'odd-'), [])
})

const authorization = (): string => `Authorization: whm ${token}`
const good = (path: string, ...lines: readonly string[]): string =>
  requestBytes(`GET ${path} HTTP/1.1`, [authorization(), ...lines])
const one = ({ statuses }: { readonly statuses: readonly number[] }): boolean => statuses.length === 1

/** Small, JSON, closed, without a stack, and nothing of what was sent in it. */
async function assertBad(bytes: string | Buffer, allowed: readonly number[], sent = 'odd-'): Promise<void> {
  const heard = await converse(server.port, bytes)
  assert.equal(heard.statuses.length, 1, heard.text)
  assert.ok(allowed.includes(heard.statuses[0] ?? 0), heard.text)
  assert.ok(heard.isClosed, 'the connection is still open')
  const [head = '', body = ''] = heard.text.split('\r\n\r\n')
  assert.match(head, /content-type: application\/json/i)
  assert.match(head, /connection: close/i)
  assert.equal(JSON.parse(body).metadata.result, 0)
  assert.ok(heard.text.length < 1000)
  assert.ok(!/ at .*\.ts|node:/.test(heard.text) && !heard.text.includes(sent))
}

test('R1: a header of 20 KB, and a URL of 20 KB, are refused with 431 or 414', async () => {
  const behind = creation(token, 'odd-r1')
  await assertBad(good('/json-api/version', `X-Long: ${'x'.repeat(20_000)}`) + behind, [431])
  await assertBad(good(`/json-api/version?${'x'.repeat(20_000)}`) + behind, [431, 414])
  await assertBad(good('/login', `X-Long: ${'x'.repeat(200_000)}`) + behind, [431])
})

test('R1: 2,000 header lines are refused with 431, whatever stands behind the thousandth', async () => {
  const many = Array.from({ length: 2000 }, () => 'a:b')
  await assertBad(requestBytes('GET /json-api/version HTTP/1.1', many), [431])
  await assertBad(
    requestBytes('GET /json-api/version HTTP/1.1', [authorization(), ...many, 'Authorization: whm x:y']),
    [431],
  )
  await assertBad(requestBytes('GET /login HTTP/1.1', many), [431])
})

test('R1: 200 header lines are answered, and a second credential in the last of them is seen', async () => {
  const many = Array.from({ length: 197 }, () => 'a:b')
  assert.deepEqual((await converse(server.port, good('/json-api/version', ...many), one)).statuses, [200])
  assert.deepEqual(
    (await converse(server.port, good('/json-api/version', ...many, authorization()), one)).statuses,
    [400],
  )
})

test('R1: headers named __proto__, constructor and toString are like any other, for functions and pages', async () => {
  const lines = ['__proto__: x', 'constructor: x', 'toString: x', '__proto__: y']
  assert.deepEqual((await converse(server.port, good('/json-api/version', ...lines), one)).statuses, [200])
  assert.deepEqual((await converse(server.port, requestBytes('GET /healthz HTTP/1.1', lines), one)).statuses, [200])
  assert.equal(Object.getPrototypeOf({}), Object.prototype)
})

const post = (lines: readonly string[], body: string): string =>
  requestBytes('POST /json-api/version?api.version=1 HTTP/1.1', [authorization(), ...lines], body)

/** What is in doubt, and how it is sent. */
const malformed: Readonly<Record<string, () => string>> = {
  'a length beside chunks': () => post(['Transfer-Encoding: chunked', 'Content-Length: 3'], '0\r\n\r\n'),
  'two lengths': () => post(['Content-Length: 3', 'Content-Length: 4'], 'a=1'),
  'the same length twice': () => post(['Content-Length: 3', 'Content-Length: 3'], 'a=1'),
  'a list of lengths': () => post(['Content-Length: 3, 3'], 'a=1'),
  'a negative length': () => post(['Content-Length: -3'], 'a=1'),
  'a length with a plus': () => post(['Content-Length: +3'], 'a=1'),
  'a hexadecimal length': () => post(['Content-Length: 0x3'], 'a=1'),
  'a length beyond all numbers': () => post(['Content-Length: 99999999999999999999'], 'a=1'),
  'the coding xchunked': () => post(['Transfer-Encoding: xchunked'], '0\r\n\r\n'),
  'chunked that is not the last coding': () => post(['Transfer-Encoding: chunked, identity'], '0\r\n\r\n'),
  'chunked twice': () => post(['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], '0\r\n\r\n'),
  'a blank before the colon': () => post(['Content-Length : 3'], 'a=1'),
  'a lone line feed': () => `POST /json-api/version HTTP/1.1\nHost: x\n${authorization()}\n\n`,
  'a lone line feed between headers': () => post(['X: a\nContent-Length: 3'], 'a=1'),
  'the line end of WHM’s PHP sample': () =>
    requestBytes('GET /json-api/version?api.version=1 HTTP/1.1', [`${authorization()}\n\r`]),
  'a lone carriage return': () => post(['X: a\rContent-Length: 3'], 'a=1'),
  'a folded line': () => post(['X: a\r\n b', 'Content-Length: 3'], 'a=1'),
  'a header without a name': () => post([': a', 'Content-Length: 3'], 'a=1'),
  'a NUL in a header': () => post(['X: a\0b', 'Content-Length: 3'], 'a=1'),
  'a chunk length that is none': () => post(['Transfer-Encoding: chunked'], 'zz\r\na=1\r\n0\r\n\r\n'),
  'a chunk longer than it says': () => post(['Transfer-Encoding: chunked'], '2\r\na=1\r\n0\r\n\r\n'),
  'a chunk extension of 64 KiB': () =>
    post(['Transfer-Encoding: chunked'], `1;${'x'.repeat(65_536)}\r\na\r\n0\r\n\r\n`),
  'HTTP/1.2': () => requestBytes('GET /json-api/version HTTP/1.2', [authorization()]),
  'HTTP/2.0': () => requestBytes('GET /json-api/version HTTP/2.0', [authorization()]),
  'a request line without a version': () => 'GET /json-api/version\r\n',
  'the preface of HTTP/2': () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'the bytes of a TLS handshake': () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'a blank in the path': () => requestBytes('GET /json-api/ version HTTP/1.1', [authorization()]),
  'eight-bit bytes in the path': () => requestBytes('GET /json-api/vers\xefon HTTP/1.1', [authorization()]),
}

for (const [what, bytes] of Object.entries(malformed)) {
  test(`R2: ${what} is refused, and what comes behind it never runs`, async () => {
    await assertBad(bytes() + creation(token, 'odd-r2'), [400, 413])
  })
}

test('R2: what comes behind a running change and cannot be read is dropped; the change has its own reply', async () => {
  const first = creation(token, 'even-r2')
  const heard = await converse(server.port, `${first}nonsense nonsense\r\n\r\n${creation(token, 'odd-r2')}`)
  assert.deepEqual([heard.statuses, heard.isClosed], [[200], true])
  assert.match(heard.text, /"name":"even-r2"/)
})

test('R2: what comes behind a body that cannot be read, or a credential that is refused, never runs', async () => {
  const json = post(['Content-Type: application/json', 'Content-Length: 3'], '{a}')
  const wrong = Buffer.from('root:not the password').toString('base64')
  const refused = requestBytes('GET /json-api/version HTTP/1.1', [`Authorization: Basic ${wrong}`])
  for (const [first, status] of [
    [json, 400],
    [refused, 403],
  ] as const) {
    const heard = await converse(server.port, first + creation(token, 'odd-r2'))
    assert.deepEqual([heard.statuses, heard.isClosed], [[status], true])
  }
})

test('R2: requests that are sent in one go run one after the other, and each has its reply', async () => {
  const creations = Array.from({ length: 20 }, (_, count) => creation(token, `even-one-after-the-other-${count}`))
  const heard = await converse(server.port, creations.join(''), ({ statuses }) => statuses.length === 20)
  assert.deepEqual(
    [...heard.text.matchAll(/"name":"even-one-after-the-other-(\d+)"/g)].map((match) => Number(match[1])),
    Array.from({ length: 20 }, (_, count) => count),
  )
})

test('R2: what comes behind a request that ends its connection never runs', async () => {
  const first = good('/json-api/version?api.version=1', 'Connection: close')
  const heard = await converse(server.port, first + creation(token, 'odd-r2'))
  assert.deepEqual([heard.statuses, heard.isClosed], [[200], true])
})

test('R2: a request without Host, with two of them, or with one that is no host, is refused, and what comes behind it never runs', async () => {
  const head = (...lines: readonly string[]): string =>
    ['GET /json-api/version?api.version=1 HTTP/1.1', authorization(), ...lines, '', ''].join('\r\n')
  const hosts = [
    [],
    ['Host: a', 'HOST: a'],
    ['Host: a b'],
    ['Host: a/b'],
    ['Host: user@a'],
    ['Host: [::1'],
    ['Host: a:b'],
  ]
  for (const lines of hosts) await assertBad(head(...lines) + creation(token, 'odd-r2'), [400])
  await assertBad(['GET /login HTTP/1.1', 'Host: a', 'Host: b', '', ''].join('\r\n'), [400])
  for (const host of ['', 'panel.example.com', '127.0.0.1:2087', '[::1]:2087', 'under_score.example'])
    assert.deepEqual((await converse(server.port, head(`Host: ${host}`), one)).statuses, [200], host)
})

test('R2: a coding of the transfer other than chunks is not passed over', async () => {
  await assertBad(post(['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n') + creation(token, 'odd-r2'), [415])
})

test('R2: bytes that are no HTTP and no TLS get a refusal in clear, or nothing', async () => {
  for (const bytes of ['\x00\x01\x02\x03\r\n\r\n', 'SSH-2.0-x\r\n\r\n', creation(token, 'odd-r2')]) {
    const socket = await openConnection(server.port, { inClear: true })
    socket.write(Buffer.from(bytes, 'latin1'))
    const heard = await listen(socket)
    assert.deepEqual([heard.statuses, heard.isClosed], [[400], true])
    assert.ok(!heard.text.includes('version":"'))
  }
})

const LIMIT = 1024 * 1024

test('R3: a body whose declared length is over the limit is refused before it is sent', async () => {
  for (const length of [LIMIT + 1, 10 * 1024 ** 3]) {
    const startedMs = performance.now()
    await assertBad(post([`Content-Length: ${length}`], ''), [413])
    assert.ok(performance.now() - startedMs < 3000)
  }
})

test('R3: a body of 10 GB that comes slowly is refused at its head, and cut', async () => {
  const socket = await openConnection(server.port)
  const drip = setInterval(() => socket.write('x'), 50)
  socket.write(post([`Content-Length: ${10 * 1024 ** 3}`], ''))
  const heard = await listen(socket)
  clearInterval(drip)
  assert.deepEqual([heard.statuses, heard.isClosed], [[413], true])
})

test('R3: a body in chunks is refused where it passes the limit, and no more of it is kept', async () => {
  const { refused, grewBytes } = await sendChunks(64 * LIMIT)
  assert.ok(refused)
  // What both ends of the connection hold in their buffers counts as well.
  assert.ok(grewBytes < 16 * LIMIT, `${grewBytes} bytes`)
})

test('R3: a client that sends its whole body before it reads still learns why it was refused', async () => {
  const body = Buffer.alloc(5 * LIMIT, 'a')
  for (const [credential, status] of [
    [token, 413],
    ['root:nothing', 403],
  ] as const) {
    const headers = { authorization: `whm ${credential}` }
    for (let count = 0; count < 5; count += 1) {
      assert.equal((await server.send('/json-api/version', { method: 'POST', headers, body })).status, status)
    }
  }
})

test('R3: a sign-in of more than 64 KiB is refused, declared or in chunks', async () => {
  await assertBad(requestBytes('POST /login HTTP/1.1', ['Content-Length: 65537'], 'user='), [413])
  const chunk = `10000\r\n${'a'.repeat(0x10000)}\r\n`
  const heard = await converse(
    server.port,
    requestBytes('POST /login HTTP/1.1', ['Transfer-Encoding: chunked'], chunk + chunk),
  )
  assert.deepEqual([heard.statuses, heard.isClosed], [[413], true])
})

/** Sends so many bytes in chunks, or as many as the server takes, and measures what is kept of them. */
async function sendChunks(bytes: number): Promise<{ refused: boolean; grewBytes: number }> {
  const socket = await openConnection(server.port)
  const heard = listen(socket)
  socket.write(post(['Transfer-Encoding: chunked'], ''))
  const chunk = Buffer.from(`10000\r\n${'a'.repeat(0x10000)}\r\n`)
  const before = keptBytes()
  let top = before
  for (let sent = 0; sent < bytes && socket.writable; sent += 0x10000) {
    if (!socket.write(chunk)) await drained(socket)
    if (sent % (8 * LIMIT) === 0) top = Math.max(top, keptBytes())
  }
  return { refused: (await heard).statuses[0] === 413, grewBytes: top - before }
}

/** Bytes in buffers that something still refers to. */
function keptBytes(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().arrayBuffers
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done).off('close', done)
      resolve()
    }
    socket.on('drain', done).on('close', done)
    if (socket.destroyed) done()
  })
}

const CREATE = 'api_token_create?api.version=1&acl=list-accts&token_name=odd-r7'
const paths = [
  `//json-api/${CREATE}`,
  `///json-api/${CREATE}`,
  `/x/../json-api/${CREATE}`,
  `/./json-api/${CREATE}`,
  `/json-api//${CREATE}`,
  `/json-api/./${CREATE}`,
  `/%6ason-api/${CREATE}`,
  `/json-api%2f${CREATE}`,
  `/%2e%2e/json-api/${CREATE}`,
  `/JSON-API/${CREATE}`,
  `/json-apix/${CREATE}`,
  `\\json-api\\${CREATE}`,
  `https://elsewhere.example.com/json-api/${CREATE}`,
  `http://localhost/json-api/${CREATE}`,
  'https://root:secret@elsewhere.example.com/json-api/version',
  '/json-api/..%2fetc%2fpasswd',
  '/json-api/%2e%2e/%2e%2e/etc/passwd',
  '/..%2f..%2fetc/passwd',
  '/json-api/api_token_create%00?token_name=odd-r7',
  '/json-api/a%00b',
  '/json-api/api_token_create;x?token_name=odd-r7',
  '/json-api/api_token_create.?token_name=odd-r7',
  '/json-api/api_token_create/?token_name=odd-r7',
  '/json-api/API_TOKEN_CREATE?token_name=odd-r7',
  '/json-api/Api_Token_Create?token_name=odd-r7',
  '/json-api/api%5ftoken%5fcreate?token_name=odd-r7',
  '/json-api/',
  '/json-api',
  '/execute/Tokens/create_full_access?name=odd-r7',
  '/execute/..%2f',
  '/cpsess1/json-api',
  `/cpsess1/${CREATE}`,
  `/json-api/${'a'.repeat(101)}`,
  `/json-api/${'a'.repeat(10_000)}`,
  '/json-api/__proto__',
  '/json-api/constructor',
  '/nothing-of-the-kind',
]

test('R7: a path that only resembles a function reaches none; a stranger is asked for a credential first', async () => {
  for (const path of paths) {
    const asked = await converse(server.port, good(path), one)
    const [head = '', body = ''] = asked.text.split('\r\n\r\n')
    const status = asked.statuses[0] ?? 0
    assert.ok([200, 400, 404].includes(status), `${path}: ${asked.text.slice(0, 200)}`)
    assert.match(head, /content-type: application\/json/i, path)
    const reply = JSON.parse(Buffer.from(body, 'latin1').toString())
    const isFailure = reply.status === 0 || reply.metadata?.result === 0 || reply.error !== undefined
    assert.ok(isFailure, `${path}: ${body}`)
    assert.ok(body.length < 1000, path)
    const stranger = await converse(server.port, requestBytes(`GET ${path} HTTP/1.1`, []), one)
    assert.ok([400, 401].includes(stranger.statuses[0] ?? 0), `${path}: ${stranger.text.slice(0, 200)}`)
    const refused = await converse(
      server.port,
      requestBytes(`GET ${path} HTTP/1.1`, ['Authorization: whm root:nothing']),
      one,
    )
    assert.ok([400, 403].includes(refused.statuses[0] ?? 0), `${path}: ${refused.text.slice(0, 200)}`)
  }
  assert.deepEqual(await tokensNamed(server, 'odd-'), [])
})

test('R7: an unknown function is answered as WHM does, with the name cut', async () => {
  const reply = await server.call(token, 'a'.repeat(10_000))
  assert.equal(reply.status, 200)
  assert.match(reply.json.metadata.reason, /^Unknown app \("a{100}…"\) requested for this version \(1\) of the API\.$/)
})

test('R7: a security token in the path is no credential', async () => {
  const reply = await server.send('/cpsess1/json-api/version')
  assert.equal(reply.status, 401)
  assert.match(String(reply.headers['content-type']), /^application\/json/)
})

const methods = [...METHODS.filter((method) => !['GET', 'POST', 'CONNECT'].includes(method)), 'FOO', 'foo', 'GETT']

test('R8: a client that speaks HTTP/1.0 and offers nothing newer is answered', async () => {
  const bytes = requestBytes('GET /json-api/version HTTP/1.0', [authorization()])
  const reply = await sendRaw(server.port, bytes, { protocols: ['http/1.0'] })
  assert.deepEqual([reply.status, JSON.parse(reply.body)], [200, { version: '11.138.0.6' }])
})

test('R8: any method but GET and POST is refused with 405 and Allow, and runs nothing', async () => {
  for (const method of methods) {
    for (const target of [`/json-api/${CREATE}`, '/login', '/healthz', '/', '*']) {
      const heard = await converse(server.port, requestBytes(`${method} ${target} HTTP/1.1`, [authorization()]))
      assert.deepEqual([heard.statuses, heard.isClosed], [[405], true], `${method} ${target}: ${heard.text}`)
      assert.match(heard.text, /^allow: GET, POST\r$/im)
    }
  }
  for (const target of ['panel.example.com:2087', `/json-api/${CREATE}`]) {
    const connect = requestBytes(`CONNECT ${target} HTTP/1.1`, [authorization()])
    const heard = await converse(server.port, connect + creation(token, 'odd-r8'))
    assert.deepEqual([heard.statuses, heard.isClosed], [[405], true])
    assert.match(heard.text, /^allow: GET, POST\r$/im)
  }
  assert.deepEqual(await tokensNamed(server, 'odd-'), [])
})

test('R8: the body of a refused method is not taken for the next request', async () => {
  const inside = creation(token, 'odd-r8')
  const put = requestBytes(
    'PUT /json-api/version HTTP/1.1',
    [authorization(), `Content-Length: ${inside.length}`],
    inside,
  )
  const heard = await converse(server.port, put)
  assert.deepEqual([heard.statuses, heard.isClosed], [[405], true])
})

test('R8: nothing is upgraded', async () => {
  for (const protocol of ['websocket', 'h2c', 'TLS/1.3']) {
    const lines = ['Connection: Upgrade', `Upgrade: ${protocol}`, 'HTTP2-Settings: AAMAAABkAAQAAP__']
    // The connection ends, so that nobody waits for the reply to what the parser drops.
    for (const behind of ['', creation(token, 'odd-r8')]) {
      const heard = await converse(server.port, good('/json-api/version?api.version=1', ...lines) + behind)
      assert.deepEqual([heard.statuses, heard.isClosed], [[200], true])
      assert.ok(!/upgrade/i.test(heard.text))
    }
  }
})

test('R8: with Expect: 100-continue a bad credential is refused before the body is asked for', async () => {
  const path = `POST /json-api/${CREATE} HTTP/1.1`
  const expect = ['Expect: 100-continue', 'Content-Length: 1000']
  const refused = await converse(server.port, requestBytes(path, ['Authorization: whm root:nothing', ...expect]))
  assert.deepEqual([refused.statuses, refused.isClosed], [[403], true])
  const stranger = await converse(server.port, requestBytes(path, expect))
  assert.deepEqual([stranger.statuses, stranger.isClosed], [[401], true])
  const large = [authorization(), 'Expect: 100-continue', `Content-Length: ${LIMIT + 1}`]
  assert.deepEqual((await converse(server.port, requestBytes(path, large))).statuses, [413])
})

test('R8: with Expect: 100-continue a good credential, and a sign-in, are asked for the body', async () => {
  const call = requestBytes('POST /json-api/version HTTP/1.1', [
    authorization(),
    'Expect: 100-continue',
    'Content-Length: 13',
  ])
  const asked = await converse(server.port, `${call}api.version=1`, ({ statuses }) => statuses.length === 2)
  assert.deepEqual(asked.statuses, [100, 200])
  const signIn = requestBytes('POST /login HTTP/1.1', ['Expect: 100-continue', 'Content-Length: 6'], 'user=x')
  const page = await converse(server.port, signIn, ({ statuses }) => statuses.length === 2)
  assert.deepEqual(page.statuses, [100, 401])
})

test('R8: any other expectation is refused with 417, and the request does not run', async () => {
  for (const line of ['Expect: 200-ok', 'Expect: 100', 'Expect: x=100-continued']) {
    const heard = await converse(server.port, good(`/json-api/${CREATE}`, line))
    assert.deepEqual([heard.statuses, heard.isClosed], [[417], true], line)
  }
})
