/** The access log of a whole server: one line a call, whatever was called, and never a secret. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '../start-server.ts'
import { converse, requestBytes } from './wire.ts'

let server: TestServer
let token = ''

before(async () => {
  server = await startTestServer()
  token = await server.rootToken(['all'])
})
after(() => server.close())

const names = [
  'version',
  'no_such_function',
  'with"quote',
  'with\\backslash',
  '","user":"admin","x":"',
  'with%0d%0aline',
  'a;b',
  '%00',
  '{}',
  '\x7f',
  'x'.repeat(10_000),
  'PSWAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  'cpsess123456789/json-api/version',
  '\u2028',
  '../../etc/passwd',
]

test('L1: each call leaves one line that parses and is short, however its function is spelt', async () => {
  for (const name of names) {
    const bytes = requestBytes(`GET /json-api/${name} HTTP/1.1`, [`Authorization: whm ${token}`, 'Connection: close'])
    await converse(server.port, Buffer.from(bytes, 'utf8'))
  }
  for (const credential of ['whm root:nothing', 'whm a"b\\c:d', `whm nobody:${token.slice(5)}`, 'Bearer x', ''])
    await server.send('/json-api/version?password=hidden-one&token=hidden-two', {
      headers: { authorization: credential },
    })
  await server.send('/json-api/version', {
    method: 'POST',
    headers: { authorization: `whm ${token}`, 'user-agent': '"}\n{"fake":1}'.replace('\n', ' ') },
    body: 'password=hidden-three',
  })
  await server.stop()
  const lines = readFileSync(join(server.folder, 'logs/access.log'), 'utf8').split('\n').slice(0, -1)
  const parsed = lines.map((line) => JSON.parse(line))
  for (const line of lines) assert.ok(line.length < 1000, line)
  for (const one of parsed) {
    assert.deepEqual(
      Object.keys(one).filter((key) => key !== 'token'),
      ['time', 'id', 'from', 'user', 'method', 'function', 'status', 'bytes', 'ms'],
    )
    assert.equal(one.from, '127.0.0.1')
  }
  assert.equal(new Set(parsed.map(({ id }) => id)).size, parsed.length)
  // Without those that the parser refused: a blank, and bytes beyond ASCII, are no part of a path.
  const functions = parsed.map((one) => one.function)
  for (const name of ['version', 'no_such_function', 'with"quote', 'with\\backslash', '","user":"admin","x":"', '{}'])
    assert.ok(functions.includes(name), name)
  const all = lines.join('\n')
  for (const secret of ['hidden', token.slice(5), 'PSWA', '123456789']) assert.ok(!all.includes(secret), secret)
})
