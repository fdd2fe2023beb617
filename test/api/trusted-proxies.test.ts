import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '../start-server.ts'
import { type RawReply, rawGet, sendRaw } from './raw.ts'

// Linux has every 127.0.0.0/8 address on the loopback; 127.0.0.1 is nobody's proxy here.
const PROXY = '127.0.0.2'
const ALLOWED = '198.51.100.7'
const ALLOWED_V6 = '2001:db8::7'
const FORWARDING = [
  'X-Forwarded-For',
  'X-Real-IP',
  'Forwarded',
  'X-Client-IP',
  'CF-Connecting-IP',
  'True-Client-IP',
  'X-Cluster-Client-IP',
]

let server: TestServer
let allowed: string
let proxyOnly: string

before(async () => {
  server = await startTestServer({ settings: { trustedProxies: [PROXY, '192.0.2.0/24', '2001:db8:ffff::/48'] } })
  allowed = await server.rootToken(['basic-whm-functions'], { whitelist_ip: [ALLOWED, ALLOWED_V6] })
  proxyOnly = await server.rootToken(['basic-whm-functions'], { whitelist_ip: PROXY })
})
after(() => server.close())

function ask(from: string, lines: readonly string[], credential = allowed): Promise<RawReply> {
  const request = rawGet('/json-api/version?api.version=1', `Authorization: whm ${credential}`, ...lines)
  return sendRaw(server.port, request, { from })
}

const forwardedFor = (...values: readonly string[]): readonly string[] => values.map((one) => `X-Forwarded-For: ${one}`)

async function newestEntry() {
  const [entry] = await server.audit({ limit: 1 })
  return entry
}

test('I8: an allowed address in a forwarding header from an untrusted peer is ignored, and the trail notes the forgery', async () => {
  for (const header of FORWARDING) {
    const value = header === 'Forwarded' ? `for=${ALLOWED}` : ALLOWED
    assert.equal((await ask('127.0.0.1', [`${header}: ${value}`])).status, 403, header)
    const { reason, address, details } = await newestEntry()
    assert.deepEqual([reason, address], ['address-not-allowed', '127.0.0.1'], header)
    assert.deepEqual(details.ignored_headers, [header.toLowerCase()])
  }
  await ask(
    '127.0.0.1',
    FORWARDING.flatMap((header) => Array(20).fill(`${header}: ${ALLOWED}`)),
  )
  const { details } = await newestEntry()
  assert.deepEqual(
    details.ignored_headers,
    FORWARDING.map((header) => header.toLowerCase()),
    'each name is noted once',
  )
})

test('I8: a forged header does not let a peer pass for another, nor does it shut out one who is allowed', async () => {
  const mine = await server.rootToken(['basic-whm-functions'], { whitelist_ip: '127.0.0.1' })
  assert.equal((await ask('127.0.0.1', forwardedFor('203.0.113.1'), mine)).status, 200)
  const change = rawGet(
    '/json-api/api_token_revoke?api.version=1&token_name=none',
    `Authorization: whm ${mine}`,
    ...forwardedFor(ALLOWED),
  )
  await sendRaw(server.port, change)
  const { address, details } = await newestEntry()
  assert.equal(address, '127.0.0.1')
  assert.deepEqual(details.ignored_headers, ['x-forwarded-for'], 'also where the caller is known')
})

test('I8: a refused sign-in notes a forged header', async () => {
  const headers = { 'x-forwarded-for': ALLOWED }
  const reply = await server.send('/login/', { method: 'POST', headers, body: 'user=root&pass=not-the-password' })
  assert.equal(reply.status, 401)
  const { reason, address, details } = await newestEntry()
  assert.deepEqual([reason, address], ['wrong-password', '127.0.0.1'])
  assert.deepEqual(details.ignored_headers, ['x-forwarded-for'])
})

test('I9: behind a trusted proxy the rightmost untrusted address decides', async () => {
  const hundred = Array.from({ length: 100 }, (_, hop) => `192.0.2.${hop + 1}`)
  const accepted: readonly (readonly string[])[] = [
    [ALLOWED],
    [`203.0.113.66, ${ALLOWED}`],
    [`garbage, ${ALLOWED}`],
    ['203.0.113.66', ALLOWED],
    [`203.0.113.66, ${ALLOWED}`, '192.0.2.3'],
    [`${ALLOWED}:4711`],
    [`[${ALLOWED_V6}]:4711`],
    [`[${ALLOWED_V6}]`],
    [ALLOWED_V6.toUpperCase()],
    [`::ffff:${ALLOWED}`],
    [`${ALLOWED},2001:db8:ffff::1 ,\t192.0.2.9 `],
    [`203.0.113.66, ${ALLOWED}, ${hundred.slice(1).join(', ')}`],
  ]
  for (const lines of accepted) {
    assert.equal((await ask(PROXY, forwardedFor(...lines))).status, 200, lines.join(' | '))
  }
  const refused: readonly (readonly [readonly string[], address: string])[] = [
    [[`${ALLOWED}, 203.0.113.66`], '203.0.113.66'],
    [[ALLOWED, '203.0.113.66'], '203.0.113.66'],
    [['::ffff:203.0.113.66'], '203.0.113.66'],
    [['192.0.2.1, 192.0.2.2'], '192.0.2.1'],
    [[hundred.join(',')], '192.0.2.1'],
  ]
  for (const [lines, address] of refused) {
    assert.equal((await ask(PROXY, forwardedFor(...lines))).status, 403, lines.join(' | '))
    const entry = await newestEntry()
    assert.deepEqual([entry.reason, entry.address], ['address-not-allowed', address])
  }
})

test('I9: an address that cannot be read is refused', async () => {
  const anywhere = await server.rootToken(['basic-whm-functions'])
  const unreadable = [
    'unknown',
    '_hidden',
    '',
    `${ALLOWED},`,
    `${ALLOWED}, unknown`,
    '198.51.100.007',
    '198.51.100',
    `${ALLOWED}:`,
    `${ALLOWED}:123456`,
    `"${ALLOWED}"`,
    `for=${ALLOWED}`,
    `${ALLOWED} 192.0.2.1`,
    'fe80::1%eth0',
    `[${ALLOWED_V6}`,
    'localhost',
    '1'.repeat(4000),
    Array.from({ length: 102 }, () => '192.0.2.1').join(','),
  ]
  for (const value of unreadable) {
    for (const credential of [allowed, anywhere]) {
      assert.equal((await ask(PROXY, forwardedFor(value), credential)).status, 403, value.slice(0, 60))
    }
    const { reason, address } = await newestEntry()
    assert.deepEqual([reason, address], ['address-unreadable', null])
  }
  const body = 'user=root&pass=any-password'
  const head = ['POST /login/ HTTP/1.1', 'Host: panel', 'X-Forwarded-For: unknown', `Content-Length: ${body.length}`]
  assert.equal((await sendRaw(server.port, [...head, '', body].join('\r\n'), { from: PROXY })).status, 401)
  assert.equal((await newestEntry()).reason, 'address-unreadable')
})

test('I9: without the header the address is the proxy’s own, and other headers of a proxy are not read', async () => {
  assert.equal((await ask(PROXY, [], proxyOnly)).status, 200)
  assert.equal((await ask(PROXY, [])).status, 403)
  assert.equal((await newestEntry()).address, PROXY)
  assert.equal((await ask(PROXY, [`X-Real-IP: ${ALLOWED}`, `Forwarded: for=${ALLOWED}`])).status, 403)
  assert.equal((await newestEntry()).address, PROXY)
})

test('I9: on one connection of a proxy each request has its own address', async () => {
  for (const [value, status] of [
    [ALLOWED, 200],
    ['203.0.113.66', 403],
    [ALLOWED, 200],
    ['unknown', 403],
  ] as const) {
    assert.equal((await ask(PROXY, forwardedFor(value))).status, status)
  }
})

test('I9: trusting every proxy, or a number of hops, is refused at the start with the reason', () => {
  const postern = resolve(import.meta.dirname, '../../bin/postern')
  const folder = mkdtempSync(join(tmpdir(), 'postern-proxies-'))
  try {
    for (const value of ['true', '1', '0.0.0.0/0', '10.0.0.1,::/1,8000::/1']) {
      const args = ['serve', '--data', join(folder, 'data'), '--listen', '127.0.0.1:0', '--trusted-proxies', value]
      const { status, stderr, stdout } = spawnSync(postern, args, { encoding: 'utf8', timeout: 20_000 })
      assert.ok(status !== null && status > 0, `${status}`)
      assert.match(stderr, /trusted.proxies.*any caller could pretend to come from any address/s)
      assert.doesNotMatch(stdout, /^ready /m)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})
