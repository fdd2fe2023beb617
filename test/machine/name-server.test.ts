/** The zones of accounts served by Debian's BIND on the loopback, asked with dig: what a call changed is what the world sees. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { done, startTestServer, type TestServer } from '../start-server.ts'
import { eventually, type Named, startNamed } from './pebble.ts'

const runFile = promisify(execFile)
const SCRIPT = resolve(import.meta.dirname, '../../examples/dns-01.sh')
const ZONE = 'anna.example.com'
let folder = ''
let named: Named
let server: TestServer
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-served-'))
  await writeFile(join(folder, 'zones.conf'), '')
  named = await startNamed({}, join(folder, 'zones.conf'))
  server = await startTestServer({
    settings: {
      cpanelListen: '127.0.0.1:0',
      accountIp: '192.0.2.10',
      nameservers: ['ns1.example.net', 'ns2.example.net'],
      zonesFolder: folder,
      zoneCommand: [...named.rndc, 'reload', 'ZONE'],
    },
  })
  await server.account('seller', ['edit-dns', 'manage-api-tokens'])
  await server.account('anna', undefined, { owner: 'seller' })
})
after(async () => {
  await server.close()
  await named.stop()
  await rm(folder, { recursive: true, force: true })
})

/** The answers, one a line, in the words of a zone file. */
async function dig(name: string, type: string): Promise<readonly string[]> {
  const { stdout } = await runFile('dig', [
    '@127.0.0.1',
    '-p',
    String(named.port),
    '+short',
    '+tries=2',
    '+time=5',
    name,
    type,
  ])
  return stdout.split('\n').filter((line) => line !== '')
}

/** BIND reloads a zone soon after it was told. */
const served = (name: string, type: string, wanted: readonly string[]): Promise<unknown> =>
  eventually(`${type} of ${name}: ${wanted.join()}`, async () =>
    String((await dig(name, type)).toSorted()) === String(wanted.toSorted()) ? true : undefined,
  )

type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string }
function dns01(action: string, api: string, token: string, value: string, zone = ZONE): Promise<Ran> {
  const url = api === 'whm' ? server.url : (server.server.cpanelUrl ?? '')
  const env = {
    PATH: process.env.PATH ?? '',
    URL: url.replace('127.0.0.1', 'localhost'),
    TOKEN: token,
    CA: join(server.folder, 'tls/cert.pem'),
    ZONE: zone,
    API: api,
  }
  return new Promise((resolve) =>
    execFile('sh', [SCRIPT, action, '_acme-challenge', value], { env, timeout: 30_000 }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr }),
    ),
  )
}
const quoted = (value: string): string => `"${value}"`

test('a zone is served from the moment that its account is made, and no longer than it lives', async () => {
  await server.account('short')
  await served('short.example.com', 'NS', ['ns1.example.net.', 'ns2.example.net.'])
  await served('www.short.example.com', 'A', ['192.0.2.10', 'short.example.com.'])
  const [soa = ''] = await dig('short.example.com', 'SOA')
  assert.match(soa, /^ns1\.example\.net\. hostmaster\.short\.example\.com\. 20\d{8} 3600 1800 1209600 86400$/)
  done(await server.root('modifyacct', { user: 'short', domain: 'long.example.org' }))
  await served('www.long.example.org', 'A', ['192.0.2.10', 'long.example.org.'])
  done(await server.root('removeacct', { username: 'short' }))
  await served('long.example.org', 'NS', [])
  await served('short.example.com', 'NS', [])
})

test('examples/dns-01.sh adds and removes a TXT record by WHM’s API, UAPI and API 2 with tokens that hold only what is needed', async () => {
  const account = await server.accountToken('anna')
  for (const [api, token] of [
    ['whm', await server.rootToken(['edit-dns'])],
    ['whm', await server.tokenOf('seller', ['edit-dns'])],
    ['uapi', account],
    ['api2', account],
  ] as const) {
    const [one, two] = [`one-${api}_A`, `two-${api}_B`]
    for (const value of [one, two, ...(api === 'api2' ? [] : [one])])
      assert.deepEqual(await dns01('add', api, token, value), { code: 0, stdout: '', stderr: '' })
    await served(`_acme-challenge.${ZONE}`, 'TXT', [quoted(one), quoted(two)])
    assert.equal((await dns01('remove', api, token, one)).code, 0)
    await served(`_acme-challenge.${ZONE}`, 'TXT', [quoted(two)])
    for (const _ of [1, 2]) assert.equal((await dns01('remove', api, token, two)).code, 0)
    await served(`_acme-challenge.${ZONE}`, 'TXT', [])
  }
})

test('examples/dns-01.sh is refused without what is needed, says why, and nothing is served', async () => {
  await server.account('bert')
  const reading = await server.accountToken('anna', { readonly: 1 })
  const stranger = await server.accountToken('bert')
  for (const [api, token, why] of [
    ['whm', await server.rootToken(['list-accts', 'create-dns', 'kill-dns']), /requires the privilege “edit-dns”/],
    ['uapi', stranger, /You do not control a DNS zone named anna\.example\.com\./],
    ['api2', stranger, /You do not control a DNS zone named anna\.example\.com\./],
    ['uapi', reading, /this token may only read/],
    ['api2', reading, /this token may only read/],
    ['whm', 'root:nothing', /Access denied/],
  ] as const) {
    const { code, stderr } = await dns01('add', api, token, 'refused')
    assert.equal(code, 1, `${api} ${stderr}`)
    assert.match(stderr, why)
  }
  done(await server.root('create_featurelist', { featurelist: 'no-dns', zoneedit: 0 }))
  done(await server.root('addpkg', { name: 'no-dns', featurelist: 'no-dns' }))
  done(await server.root('changepackage', { user: 'bert', pkg: 'no-dns' }))
  for (const api of ['uapi', 'api2'])
    assert.match(
      (await dns01('add', api, stranger, 'refused', 'bert.example.com')).stderr,
      /You do not have the feature “zoneedit”/,
    )
  for (const zone of [ZONE, 'bert.example.com']) assert.deepEqual(await dig(`_acme-challenge.${zone}`, 'TXT'), [])
})

test('every type of record is served as it was asked for', async () => {
  const token = await server.rootToken(['edit-dns'])
  const records: readonly (readonly [type: string, data: readonly string[], answer: string])[] = [
    ['A', ['192.0.2.7'], '192.0.2.7'],
    ['AAAA', ['2001:db8::7'], '2001:db8::7'],
    ['CNAME', ['x.example.org.'], 'x.example.org.'],
    ['MX', ['10', ZONE], `10 ${ZONE}.${ZONE}.`],
    ['TXT', ['a; "b" \\ é'], '"a; \\"b\\" \\\\ \\195\\169"'],
    ['TXT', ['x'.repeat(300)], `"${'x'.repeat(255)}" "${'x'.repeat(45)}"`],
    ['SRV', ['1', '2', '3', `${ZONE}.`], `1 2 3 ${ZONE}.`],
    ['CAA', ['128', 'issue', 'ca.example.net; a=b'], '128 issue "ca.example.net; a=b"'],
    ['PTR', ['host.example.org.'], 'host.example.org.'],
    ['TLSA', ['3', '1', '1', 'ab'.repeat(32)], `3 1 1 ${'AB'.repeat(28)} ${'AB'.repeat(4)}`],
    ['SSHFP', ['4', '2', 'cd'.repeat(32)], `4 2 ${'CD'.repeat(28)} ${'CD'.repeat(4)}`],
  ]
  const own = JSON.stringify({ dname: ZONE, ttl: 60, record_type: 'A', data: ['192.0.2.8'] })
  const add = records.map(([type, data], n) => JSON.stringify({ dname: `t${n}`, ttl: 60, record_type: type, data }))
  const delegation = [
    { dname: 'sub', ttl: 60, record_type: 'NS', data: ['ns.example.org.'] },
    { dname: 'sub', ttl: 60, record_type: 'DS', data: ['1', '13', '2', 'ef'.repeat(32)] },
  ].map((one) => JSON.stringify(one))
  const [soa = ''] = await dig(ZONE, 'SOA')
  const serial = Number(soa.split(' ')[2])
  done(await server.call(token, 'mass_edit_dns_zone', { zone: ZONE, serial, add: [own, ...add, ...delegation] }))
  for (const [n, [type, , answer]] of records.entries()) await served(`t${n}.${ZONE}`, type, [answer])
  await served(`sub.${ZONE}`, 'DS', [`1 13 2 ${'EF'.repeat(28)} ${'EF'.repeat(4)}`])
  const [after = ''] = await dig(ZONE, 'SOA')
  assert.equal(Number(after.split(' ')[2]), serial + 1)
})

test('while the name server is away changes are saved with a warning, and served when it is back', async () => {
  const token = await server.rootToken(['edit-dns'])
  await named.stop()
  const args = { zone: ZONE, type: 'TXT', name: 'away', txtdata: 'x' }
  const { metadata } = done(await server.call(token, 'addzonerecord', args)).json
  assert.match(
    metadata.output.warnings.join(),
    /saved, but the machine has not carried out “write-zone” yet; it will be tried again/,
  )
  named = await startNamed({}, join(folder, 'zones.conf'))
  await served(`away.${ZONE}`, 'TXT', ['"x"'])
})
