import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { done, startTestServer, type TestServer } from '../start-server.ts'
import { filesHolding } from './kept-files.ts'
import { exchange, openConnection, type RawReply, sendRaw } from './raw.ts'

let server: TestServer
let credential: string
let secret: string

before(async () => {
  server = await startTestServer()
  credential = await server.rootToken(['basic-whm-functions'])
  secret = credential.slice('root:'.length)
})
after(() => server.close())

const inClear = (...lines: readonly string[]): Promise<RawReply> =>
  sendRaw(server.port, [...lines, '', ''].join('\r\n'), { inClear: true })

function assertRefused(reply: RawReply, note: string): void {
  assert.equal(reply.head[0], 'HTTP/1.1 400 Bad Request', note)
  assert.deepEqual(JSON.parse(reply.body), {
    data: null,
    metadata: {
      version: 1,
      command: '',
      result: 0,
      reason: 'This port speaks HTTPS only. A credential that was sent in clear should be replaced.',
    },
  })
}

async function exposures() {
  const entries = await server.audit({ limit: 500 })
  return entries.filter((entry) => entry.reason === 'sent-in-clear').reverse()
}

test('a browser without a credential is sent to HTTPS at the address that it used, whatever it says of the host', async () => {
  for (const [target, ...lines] of [
    ['/'],
    ['/some/page'],
    ['/', 'Host: evil.example.com', 'X-Forwarded-Host: evil.example.com'],
    ['//evil.example.com/'],
  ] as const) {
    for (const method of ['GET', 'HEAD']) {
      const reply = await inClear(`${method} ${target} HTTP/1.1`, ...(lines.length > 0 ? lines : ['Host: panel']))
      assert.equal(reply.status, 301)
      assert.ok(reply.head.includes(`location: https://127.0.0.1:${server.port}/`), reply.head.join('\n'))
      assert.equal(reply.body, '')
    }
  }
  assert.deepEqual(await exposures(), [])
})

test('a call in clear is refused, never redirected and never answered with data', async () => {
  const before = (await exposures()).length
  for (const target of [
    '/json-api/version?api.version=1',
    '/json-api/version',
    '/execute/Email/list_pops',
    '/xml-api/version',
    '/cpsess/json-api/version',
    '/?anything',
  ]) {
    assertRefused(await inClear(`GET ${target} HTTP/1.1`, 'Host: panel'), target)
    assertRefused(await inClear(`POST ${target} HTTP/1.1`, 'Host: panel', 'Content-Length: 0'), target)
  }
  for (const line of ['OPTIONS / HTTP/1.1', 'GET http://evil/ HTTP/1.1', 'GET /', 'PRI * HTTP/2.0', 'nonsense']) {
    assertRefused(await inClear(line), line)
  }
  assert.equal((await exposures()).length, before, 'without a credential nothing was exposed')
})

test('K2: whatever holds a credential in clear is refused, and the trail has who but not the value', async () => {
  const password = 'sent-in-clear-zq9'
  const basic = Buffer.from(`keeper:${password}`).toString('base64')
  const form = `user=root&pass=${password}`
  const cases: readonly (readonly [claimed: string, ...lines: readonly string[]])[] = [
    ['root', 'GET /json-api/version?api.version=1 HTTP/1.1', `Authorization: whm ${credential}`],
    ['root', 'GET / HTTP/1.1', `authorization:WHM ${credential}`],
    ['root', 'POST /json-api/api_token_create HTTP/1.1', 'Content-Length: 0', `AUTHORIZATION:\twhm ${credential} `],
    ['keeper', 'GET / HTTP/1.1', `Authorization: Basic ${basic}`],
    ['', 'GET / HTTP/1.1', `Authorization: Bearer ${secret}`],
    ['', 'GET / HTTP/1.1', `Authorization: ${secret}`],
    ['', 'GET / HTTP/1.1', 'Cookie: a=b; whostmgrsession=root%3Aabc%2Cdef'],
    ['', `GET /json-api/passwd?user=x&password=${password} HTTP/1.1`],
    ['', `GET /?p%61ss=${password} HTTP/1.1`],
    ['', `GET /?key=${password} HTTP/1.1`],
    ['', `GET /json-api/${secret} HTTP/1.1`],
    ['', 'GET / HTTP/1.1', `X-API-Key: ${secret}`],
    ['', 'POST /login/ HTTP/1.1', `Content-Length: ${form.length}`, '', form],
    ['', 'POST /login HTTP/1.1', `Content-Length: ${form.length}`],
    ['', 'POST /cpsess1234567890/login/?login_only=1 HTTP/1.1', 'Content-Length: 0'],
    ['', 'GET /cpsess1234567890/json-api/version HTTP/1.1'],
  ]
  const before = (await exposures()).length
  for (const [, ...lines] of cases) assertRefused(await inClear(...lines), lines.join(' | '))
  const entries = (await exposures()).slice(before)
  assert.deepEqual(
    entries.map(({ caller }) => caller),
    cases.map(([claimed]) => claimed),
  )
  for (const entry of entries) {
    assert.deepEqual([entry.outcome, entry.address, entry.credential], ['refused', '127.0.0.1', 'none'])
  }
  const text = JSON.stringify([entries, server.logged])
  for (const hidden of [secret, password, basic]) assert.equal(text.includes(hidden), false)
  assert.deepEqual(filesHolding(server.folder, [secret, password, basic]), [])
  done(await server.call(credential, 'version'))
})

test('a head that comes in pieces, or never ends, is refused once, and TLS is served beside it', async () => {
  const socket = await openConnection(server.port, { inClear: true })
  socket.write('GET /json-api/version HTTP/1.1\r\nAuthori')
  socket.write(`zation: whm ${credential}\r\n`)
  assertRefused(await exchange(socket, '\r\n'), 'in pieces')
  const before = (await exposures()).length
  const endless = await sendRaw(server.port, `GET / HTTP/1.1\r\n${'X-Filler: x\r\n'.repeat(2000)}`, { inClear: true })
  assert.ok([301, 400].includes(endless.status))
  assert.equal((await exposures()).length, before)
  done(await server.call(credential, 'version'))
})
