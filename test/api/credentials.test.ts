import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { makeSecret } from '../../src/tokens/secret.ts'
import { done, type Reply, ROOT_PASSWORD, startTestServer, type TestServer } from '../start-server.ts'
import { exchange, openConnection, type RawReply, rawGet, sendRaw } from './raw.ts'
import { storedRows } from './stored.ts'

const VERSION = '/json-api/version?api.version=1'
// WHM, observed in many public reports of refused tokens.
const REFUSED =
  '{"cpanelresult":{"apiversion":"2","error":"Access denied","data":{"reason":"Access denied","result":"0"},"type":"text"}}'

let server: TestServer
let secret: string

before(async () => {
  server = await startTestServer()
  secret = (await server.rootToken(['basic-whm-functions', 'manage-api-tokens'])).slice('root:'.length)
})
after(() => server.close())

const ask = (...lines: readonly string[]): Promise<RawReply> => sendRaw(server.port, rawGet(VERSION, ...lines))
const authorization = (value: string): string => `Authorization: ${value}`
const basic = (credentials: string | Uint8Array): string => `Basic ${Buffer.from(credentials).toString('base64')}`

function assertRefused(reply: RawReply, note: string): void {
  assert.equal(reply.head[0], 'HTTP/1.1 403 Forbidden Access denied', note)
  assert.equal(reply.body, REFUSED, note)
}

function assertNoCredentials(reply: Pick<Reply, 'status' | 'body'>, note: string): void {
  assert.equal(reply.status, 401, note)
  assert.equal(JSON.parse(reply.body).cpanelresult.error, 'No credentials were sent.', note)
}

/** Sends each header value, wants it refused, and gives the trail's entries in the same order. */
async function refusedEntries(values: readonly string[]) {
  for (const value of values) assertRefused(await ask(authorization(value)), value)
  const entries = await server.audit({ limit: values.length })
  for (const entry of entries) {
    assert.equal(entry.outcome, 'refused')
    assert.equal(entry.function, 'version')
    assert.equal(entry.address, '127.0.0.1')
  }
  return entries.reverse()
}

async function assertAccepts(good = `root:${secret}`): Promise<void> {
  assert.deepEqual(done(await server.call(good, 'version')).json.data, { version: '11.138.0.6' })
}

test('H1: the scheme in any case, with blanks or a tab behind it and blanks at the end, is the same caller', async () => {
  const path = '/json-api/removeacct?api.version=1&username=nobody'
  const values = [
    `whm root:${secret}`,
    `WHM root:${secret}`,
    `wHm root:${secret}`,
    `whm  root:${secret}`,
    `whm\troot:${secret}`,
    `whm root:${secret}  `,
  ]
  for (const value of values) {
    const reply = await sendRaw(server.port, rawGet(path, authorization(value)))
    assert.match(JSON.parse(reply.body).metadata.reason, /^Permission denied: removeacct requires/, value)
  }
  const entries = await server.audit({ function: 'removeacct' })
  assert.equal(entries.length, values.length)
  const callers = entries.map(({ caller, credential, token_id, token_name }) =>
    JSON.stringify([caller, credential, token_id, token_name]),
  )
  assert.equal(new Set(callers).size, 1)
  assert.match(callers[0] ?? '', /^\["root","token","tok_[0-9a-z]{16}","token-/)
})

test('H2: no header, and an empty one, is no credential', async () => {
  assertNoCredentials(await ask(), 'none')
  for (const value of ['', ' ', '\t']) assertNoCredentials(await ask(authorization(value)), JSON.stringify(value))
})

test('H2: a header that lacks a part is refused as malformed', async () => {
  const values = ['whm', 'whm root', `whm :${secret}`, 'whm root:', `root:${secret}`]
  const entries = await refusedEntries(values)
  assert.deepEqual(
    entries.map(({ reason, caller }) => [reason, caller]),
    [
      ['malformed', ''],
      ['malformed', ''],
      ['malformed', ''],
      ['malformed', 'root'],
      ['malformed', ''],
    ],
  )
})

const mixUp = (what: string, scheme: string) => `${what} came under the scheme “${scheme}” to the WHM service`

test('H3: a credential under another scheme is refused, never tried as its own, and the trail names the mix-up', async () => {
  const accountSecret = makeSecret('PSC')
  const entries = await refusedEntries([
    `Bearer ${secret}`,
    `Bearer root:${secret}`,
    `Digest username="root", response="${secret}"`,
    `cpanel root:${accountSecret}`,
    `cpanel root:${secret}`,
    `whm root:${accountSecret}`,
    `Basic ${Buffer.from(`root:${secret}`).toString('base64')}`,
  ])
  assert.deepEqual(
    entries.map(({ reason, details, caller }) => [reason, details.scheme, caller, details.mix_up]),
    [
      ['wrong-scheme', 'bearer', '', undefined],
      ['wrong-scheme', 'bearer', '', undefined],
      ['wrong-scheme', 'digest', '', undefined],
      ['wrong-scheme', 'cpanel', 'root', mixUp('a token of a hosting account', 'cpanel')],
      ['wrong-scheme', 'cpanel', 'root', mixUp('a WHM token', 'cpanel')],
      ['wrong-scheme', 'whm', 'root', mixUp('a token of a hosting account', 'whm')],
      ['wrong-password', undefined, 'root', 'a WHM token came as a password'],
    ],
  )
})

test('H4: user and secret are split at the first colon, and what hangs on the secret is not cut off', async () => {
  const [head, tail] = [secret.slice(0, 20), secret.slice(20)]
  const values = [
    `whm root:${head}:${tail}`,
    `whm root:${secret}:`,
    `whm root:${secret}, whm root:${secret}`,
    `whm root:${secret};x`,
    `whm "root:${secret}"`,
    `whm root:"${secret}"`,
  ]
  const entries = await refusedEntries(values)
  for (const entry of entries) assert.equal(entry.reason, 'malformed')
  assert.deepEqual(
    entries.map(({ caller }) => caller),
    ['root', 'root', 'root', 'root', '"root', 'root'],
  )
})

test('H5: with two Authorization lines, or one more in the trailers, none is used', async () => {
  const good = authorization(`whm root:${secret}`)
  const bad = authorization(`whm root:${makeSecret('PSW')}`)
  const body = 'api.version=1&token_name=smuggled&acl=list-accts'
  const lengthLine = `Content-Length: ${body.length}`
  for (const lines of [
    [good, bad],
    [bad, good],
    [good, good],
  ]) {
    const head = ['POST /json-api/api_token_create HTTP/1.1', 'Host: panel', ...lines, lengthLine, '', ''].join('\r\n')
    const reply = await sendRaw(server.port, head + body)
    assert.equal(reply.status, 400)
    assert.match(JSON.parse(reply.body).metadata.reason, /more than one Authorization line/)
  }
  for (const method of ['POST', 'GET']) {
    const head = [`${method} /json-api/api_token_create?${body} HTTP/1.1`, 'Host: panel', good]
    const chunked = ['Transfer-Encoding: chunked', 'Trailer: Authorization', '', '1', '&', '0', bad, '', '']
    const reply = await sendRaw(server.port, [...head, ...chunked].join('\r\n'))
    assert.equal(reply.status, 400, method)
    assert.match(JSON.parse(reply.body).metadata.reason, /a credential stands behind the body/)
  }
  const form = `user=root&pass=${encodeURIComponent(ROOT_PASSWORD)}`
  const signIn = ['POST /login/ HTTP/1.1', 'Host: panel', good, bad, `Content-Length: ${form.length}`, '', form]
  assert.equal((await sendRaw(server.port, signIn.join('\r\n'))).status, 400)
  const tokens = done(await server.root('api_token_list')).json.data.tokens
  assert.equal('smuggled' in tokens, false)
  assert.deepEqual(storedRows(server, 'select * from sessions'), [])
  await assertAccepts()
})

test('H6: a raw control character or a folded line in the header is a bad request', async () => {
  for (const character of ['\0', '\r', '\n', '\r\n ', '\r\n\t', '\x1b', '\x7f']) {
    const value = `whm root${character}:${secret}`
    const reply = await ask(authorization(value))
    assert.equal(reply.status, 400, JSON.stringify(character))
    assert.equal(reply.body.includes(secret), false)
  }
  await assertAccepts()
})

test('H6: Basic that decodes to control characters is refused, and makes neither a session nor a line of a file', async () => {
  const characters = ['\r', '\n', '\r\n', '\0', '\x1b', '\x7f']
  const values = characters.flatMap((character) => [
    basic(`root:${ROOT_PASSWORD}${character}hasroot=1`),
    basic(`root${character}hasroot=1:${ROOT_PASSWORD}`),
  ])
  for (const entry of await refusedEntries(values)) assert.deepEqual([entry.reason, entry.caller], ['malformed', ''])
  // The sign-in form takes the same two texts by another way.
  for (const character of characters) {
    for (const [user, pass] of [
      [`root${character}hasroot=1`, ROOT_PASSWORD],
      ['root', `${ROOT_PASSWORD}${character}hasroot=1`],
    ] as const) {
      const reply = await server.send('/login/?login_only=1', {
        method: 'POST',
        body: new URLSearchParams({ user, pass }).toString(),
      })
      assert.equal(reply.status, 401)
      assert.equal(reply.headers['set-cookie'], undefined)
    }
  }
  assert.deepEqual(storedRows(server, 'select * from sessions'), [])
  const entries = await server.audit({ function: 'login', limit: 12 })
  for (const entry of entries) assert.equal(entry.reason, 'malformed')
})

test('H7: Basic that cannot be read is refused at once, without hashing a password', async () => {
  const good = Buffer.from(`root:${ROOT_PASSWORD}?>~`).toString('base64')
  const values = [
    'Basic !!!!',
    'Basic root:plain',
    `Basic ${Buffer.from('root:pw').toString('base64').slice(0, -1)}`,
    `Basic ${good}=`,
    `Basic ${Buffer.from('root:>>>???').toString('base64url')}`,
    basic('no colon at all'),
    basic(Uint8Array.of(...Buffer.from('root:'), 0xff, 0xfe)),
    basic(Uint8Array.of(...Buffer.from('root:'), 0xc0, 0xaf)),
    basic(`:${ROOT_PASSWORD}`),
    basic(`root:${'x'.repeat(8 * 1024)}`),
  ]
  for (const value of values) {
    // A hash takes some 30 ms; the best of a few tries leaves out what else the machine does.
    let bestMs = Number.POSITIVE_INFINITY
    for (let attempt = 0; attempt < 10 && bestMs >= 5; attempt += 1) {
      const socket = await openConnection(server.port)
      const startedMs = performance.now()
      assertRefused(await exchange(socket, rawGet(VERSION, authorization(value))), value)
      bestMs = Math.min(bestMs, performance.now() - startedMs)
    }
    assert.ok(bestMs < 5, `${value.slice(0, 40)}: ${bestMs} ms`)
  }
  assertRefused(await ask(authorization('Basic')), 'Basic alone')
})

test('H8: names are compared byte for byte: look-alikes, other cases, blanks and long names are refused', async () => {
  const password = ROOT_PASSWORD
  const values = [
    `whm ROOT:${secret}`,
    `whm Root:${secret}`,
    `whm root :${secret}`,
    `whm ${'r'.repeat(300)}:${secret}`,
    `whm r\xf6\xf6t:${secret}`,
    `whm root:${secret}\xa0`,
    `whm ${Buffer.from('rооt').toString('latin1')}:${secret}`,
    basic(`ROOT:${password}`),
    basic(`root :${password}`),
    basic(` root:${password}`),
    basic(`root\u00a0:${password}`),
    basic(`rооt:${password}`),
    basic(`ｒoot:${password}`),
    basic(`root\u200b:${password}`),
    basic(`${'r'.repeat(300)}:${password}`),
    basic(`root\0:${password}`),
  ]
  const entries = await refusedEntries(values)
  assert.deepEqual(
    entries.map(({ reason }) => reason),
    [...Array(4).fill('other-user'), ...Array(3).fill('malformed'), ...Array(8).fill('unknown-user'), 'malformed'],
  )
  for (const entry of entries) assert.ok(entry.caller.length <= 300)
  assert.equal((await ask(authorization(`whm root\0:${secret}`))).status, 400)
})

test('H8: a bad header beside a good cookie is refused: the header alone decides', async () => {
  const signedIn = await server.send('/login/?login_only=1', {
    method: 'POST',
    body: new URLSearchParams({ user: 'root', pass: ROOT_PASSWORD }).toString(),
  })
  const cookie = String(signedIn.headers['set-cookie']?.[0]).split(';')[0] ?? ''
  const path = `${signedIn.json.security_token}${VERSION}`
  assert.equal((await server.send(path, { headers: { cookie } })).status, 200)
  for (const bad of [`whm root:${makeSecret('PSW')}`, 'whm', 'Bearer x', basic('root:wrong password')]) {
    const reply = await server.send(path, { headers: { cookie, authorization: bad } })
    assert.deepEqual([reply.status, reply.body], [403, REFUSED], bad)
    const page = await server.send(`${signedIn.json.security_token}/`, { headers: { cookie, authorization: bad } })
    assert.equal(page.status, 401, bad)
  }
  assert.equal((await server.send(path, { headers: { cookie } })).status, 200, 'the session is kept')
})

test('a header that the local socket believes means nothing on the network', async () => {
  assertNoCredentials(await ask('X-Postern-User: root'), 'alone')
  await server.account('plain')
  const lines = [authorization(basic('plain:pass-of-plain-1')), 'X-Postern-User: root']
  const reply = await sendRaw(server.port, rawGet('/json-api/listaccts?api.version=1', ...lines))
  assert.match(reply.body, /Permission denied: listaccts requires the privilege/)
  assertRefused(await ask(authorization('whm root:x'), 'X-Postern-User: root'), 'with a bad credential')
})
