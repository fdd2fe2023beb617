/**
 * Random requests at every function, as root's token, a reseller's token and a stranger. POSTERN_TEST_NONSENSE_SEED
 * repeats a run.
 */
import assert from 'node:assert/strict'
import { Agent } from 'node:https'
import { after, before, beforeEach, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { PRIVILEGES } from '../../src/acl/catalogue.ts'
import { callLocal } from '../../src/cli/local-client.ts'
import { CATALOGUE } from '../../src/functions/catalogue.ts'
import type { WhmFunction } from '../../src/functions/define.ts'
import { makeSelfSigned } from '../made-certificates.ts'
import { times } from '../sizes.ts'
import { startTestServer, type TestServer } from '../start-server.ts'

const REQUESTS = times(5_000, 100_000)
const SEED = Number(process.env.POSTERN_TEST_NONSENSE_SEED ?? 20_261_123)
/** Fewer would hardly get past the first checks of a function. */
const RUNS = Math.max(64, Math.ceil(REQUESTS / CATALOGUE.length))
/** Stands for the public id of a token that is there when the request is sent. */
const SOME_TOKEN = 'tok_that_is_there'

type Sender = 'root' | 'reseller' | 'stranger'
const RESELLER = 'anna'
let someTokenId = ''
const secrets: Record<'root' | 'reseller', string> = { root: '', reseller: '' }
const agent = new Agent({ keepAlive: true, rejectUnauthorized: false })
let server: TestServer
let heapBefore = 0
/** Functions that did at least once what they are for. */
const done = new Set<string>()

before(async () => {
  console.log(`seed ${SEED}, ${RUNS} requests at each of ${CATALOGUE.length} functions`)
  server = await startTestServer()
  heapBefore = heapUsed()
})
after(() => {
  agent.destroy()
  return server.close()
})
beforeEach(async () => {
  await mendSenders()
  await makeSomeToken()
  // So that there is one to be read and taken away.
  await asRoot('installssl', { domain: 'anna.example.com', crt: CERTIFICATE.crt, key: CERTIFICATE.key })
})

/** Nonsense may well revoke the tokens it is sent with, freeze all of them, or remove the reseller. */
async function mendSenders(): Promise<void> {
  if (!(await works('root'))) {
    await asRoot('postern_thaw', {})
    secrets.root = await madeToken('root')
  }
  if (await works('reseller')) return
  // The name may be free because the account was renamed, which then still has its domain.
  for (const domain of ['anna.example.com', `anna-${names}.example.com`]) {
    await asRoot('createacct', { username: RESELLER, domain, password: 'pass-of-anna-1' })
  }
  await asRoot('unsuspendacct', { user: RESELLER })
  await asRoot('setupreseller', { user: RESELLER })
  const acl = Object.fromEntries(
    PRIVILEGES.map(({ acl }) => acl)
      .filter((acl) => acl !== 'all')
      .map((acl) => [`acl-${acl}`, '1']),
  )
  await asRoot('setacls', { reseller: RESELLER, ...acl })
  secrets.reseller = await madeToken(RESELLER)
}

async function makeSomeToken(): Promise<void> {
  names += 1
  await asRoot('api_token_create', { token_name: `some-${names}-${Date.now()}` })
  const { data } = JSON.parse((await asRoot('postern_token_list', { owner: 'root' })).body)
  const some = data.tokens.filter((token: { name: string; status: string }) => token.name.startsWith('some-'))
  someTokenId = some.at(-1)?.postern_id ?? ''
}

async function works(sender: 'root' | 'reseller'): Promise<boolean> {
  const reply = await server.call(secrets[sender], 'version')
  return reply.status === 200 && reply.json.metadata.result === 1
}

/** Through the socket, which no nonsense takes away. */
function asRoot(functionName: string, args: object, user = 'root') {
  const body = JSON.stringify({ 'api.version': 1, ...args })
  return callLocal(server.folder, { path: `/json-api/${functionName}`, body, user })
}

let names = 0
async function madeToken(user: string): Promise<string> {
  names += 1
  // Nonsense may have taken a name that is tried here.
  const reply = await asRoot('api_token_create', { token_name: `sender-${names}-${Date.now()}` }, user)
  const { data } = JSON.parse(reply.body)
  assert.ok(data?.token, `no token for ${user}: ${reply.body}`)
  return `${user}:${data.token}`
}

// Values that get past the first checks, and values that no function expects.
const plausible = fc.constantFrom(
  ...['', '0', '1', '-1', '7', '2147483648', '1e3', 'root', RESELLER, 'bert', 'nobody', 'all', 'list-accts', 'any'],
  ...['anna.example.com', 'new.example.com', 'a b', '*', '10.0.0.1', '10.0.0.0/8', '::/0', '0.0.0.0/0', 'nonsense-1'],
  ...[
    'default',
    '/bin/bash',
    'unlimited',
    'done',
    'user',
    'domain',
    '__proto__',
    'constructor',
    'it is a long password 1',
  ],
)
const strange = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom(
    '\0',
    '\r\n',
    '\u202e',
    '😀',
    '\ud800',
    '%',
    '%00',
    '../../etc/passwd',
    "' or 1=1 --",
    '<script>',
    '{{7*7}}',
  ),
  fc.nat().map((length) => 'a'.repeat(length % 5000)),
  fc.double().map(String),
)
const text = fc.oneof(plausible, plausible, strange)

const CERTIFICATE = await makeSelfSigned(['anna.example.com'])

/** What gets through, so that changes are made too, and nonsense is met behind the first checks. */
const FITTING: Readonly<Record<string, fc.Arbitrary<string>>> = {
  user: fc.constantFrom(RESELLER, 'bert', 'carl'),
  username: fc.constantFrom('bert', 'carl', 'dora', 'emil'),
  reseller: fc.constantFrom(RESELLER, 'bert'),
  'cpanel.user': fc.constantFrom(RESELLER, 'bert', 'carl'),
  'cpanel.module': fc.constantFrom('Tokens', 'Email', 'Batch'),
  'cpanel.function': fc.constantFrom('list', 'list_pops', 'strict'),
  command: fc.constantFrom('version', 'listaccts?search=%', 'suspendacct?user=bert', 'batch?command=version'),
  newuser: fc.constantFrom('bert', 'carl', 'dora'),
  domain: fc.oneof(
    fc.nat(1e6).map((number) => `d${number}.example.com`),
    fc.constant('anna.example.com'),
  ),
  password: fc.constant('it is a long password 1'),
  token_name: fc.constantFrom('nonsense-1', 'nonsense-2', 'a', 'b', 'c'),
  new_name: fc.constantFrom('a', 'b', 'c'),
  token_id: fc.constantFrom(SOME_TOKEN, 'unknown'),
  token: fc.constantFrom('PSW', 'a'),
  acl: fc.constantFrom('list-accts', 'create-acct', 'kill-acct'),
  acllist: fc.constantFrom('list_a', 'list_b'),
  expires_at: fc.constantFrom('0', '4000000000'),
  whitelist_ip: fc.constantFrom('127.0.0.0/8', '10.0.0.1'),
  reason: fc.string({ unit: 'grapheme', maxLength: 40 }),
  name: fc.constantFrom('pkg_a', 'pkg_b'),
  pkg: fc.constantFrom('default', 'pkg_a'),
  package: fc.constantFrom('default', 'pkg_a'),
  featurelist: fc.constantFrom('default', 'list_f'),
  service: fc.constantFrom('cpaneld', 'whostmgrd'),
  since: fc.constantFrom('1700000000', '1800000000'),
  period: fc.constantFrom('hour', 'day'),
  owner: fc.constantFrom(RESELLER, 'bert'),
  nameservers: fc.constant('ns1.example.com,ns2.example.com'),
  no_limit: fc.constantFrom('0', '1'),
  until: fc.constant('4000000000'),
  ip: fc.constantFrom('127.0.0.1', '192.0.2.1', '192.0.2.0/24', '2001:db8::1'),
  list_name: fc.constantFrom('white', 'black'),
  records: fc.constantFrom('[{"ip":"192.0.2.7","comment":"one"}]', '[{}]', '[{"ip":1}]', '[['),
  key: fc.constantFrom('mark_as_brute', 'notify_on_brute'),
  'installssl.key': fc.constant(CERTIFICATE.key),
  'installssl.domain': fc.constant('anna.example.com'),
  'fetchsslinfo.domain': fc.constant('anna.example.com'),
  value: fc.constantFrom('1', '0'),
  domains: fc.constant('anna.example.com'),
  host: fc.constant('anna.example.com'),
  crt: fc.constant(CERTIFICATE.crt),
  zone: fc.constant('anna.example.com'),
  line: fc.constantFrom('4', '11', '12', '13'),
  type: fc.constantFrom('TXT', 'A'),
  txtdata: fc.string({ unit: 'grapheme', maxLength: 40 }),
}

function fittingTo({ name: functionName, params }: WhmFunction): fc.Arbitrary<[string, string][]> {
  // Of one function alone, or of every argument of that name.
  const valueFor = (name: string) => FITTING[`${functionName}.${name}`] ?? FITTING[name]
  const parts = Object.entries(params)
    .filter(([name]) => valueFor(name) !== undefined)
    .map(([name, param]) => {
      const pair = (valueFor(name) ?? plausible).map((value): [string, string] => [name, value])
      return param.optional ? fc.option(pair, { freq: 3 }) : pair
    })
  return fc.tuple(...parts).map((all) => all.filter((pair) => pair !== null))
}

/** The spellings of several values, right ones and others. */
const suffix = fc.constantFrom(
  '',
  '',
  '',
  '-0',
  '-1',
  '-01',
  '--1',
  '-99999999999',
  '_1',
  '.0',
  '[]',
  '[0]',
  '[__proto__]',
  's',
  ' ',
)

const CONTROLS = ['filter', 'sort', 'chunk', 'columns'].flatMap((control) => [
  `api.${control}.enable`,
  ...['field', 'arg0', 'type', 'reverse', 'method'].map((part) => `api.${control}.a.${part}`),
  ...['start', 'size', 'verbose', 'a', '__proto__'].map((part) => `api.${control}.${part}`),
])

function argumentsFor(definition: WhmFunction) {
  const { params } = definition
  const declared = Object.entries(params).flatMap(([name, param]) => [name, ...param.aliases])
  const known = fc.tuple(fc.constantFrom(...(declared.length === 0 ? ['user'] : declared)), suffix)
  const name = fc.oneof(
    { weight: 6, arbitrary: known.map(([start, end]) => start + end) },
    { weight: 1, arbitrary: fc.constantFrom(...CONTROLS) },
    { weight: 1, arbitrary: strange },
  )
  const control = fc.tuple(fc.constantFrom(...CONTROLS), fc.constantFrom('1', '0', '-1', 'user', 'x', '1000000000'))
  const nonsense = fc.array(fc.tuple(name, text), { maxLength: 12 })
  const fitting = fc
    .tuple(fittingTo(definition), fc.array(fc.tuple(strange, text), { maxLength: 2 }))
    .map((all) => all.flat())
  return fc.tuple(
    fc.oneof(nonsense, fitting),
    fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(control, { maxLength: 6 }) }),
    fc.constantFrom('1', '1', '1', '0', '2', '', 'x', undefined),
  )
}

type Sent = { readonly path: string; readonly method: string; readonly type?: string; readonly body?: string | Buffer }

function requestTo(definition: WhmFunction): fc.Arbitrary<Sent> {
  const path = `/json-api/${definition.name}`
  const pairs = argumentsFor(definition).map(([args, controls, version]) => {
    const all = [...args, ...controls]
    return version === undefined ? all : [['api.version', version] as [string, string], ...all]
  })
  const query = pairs.map((all) =>
    new URLSearchParams(all.map(([n, v]) => [n.toWellFormed(), v.toWellFormed()])).toString(),
  )
  const form = 'application/x-www-form-urlencoded'
  const value = fc.oneof(
    text,
    fc.array(text, { maxLength: 4 }),
    fc.jsonValue({ maxDepth: 3 }),
    fc.integer(),
    fc.double(),
  )
  const asQuery = query.map((part) => ({ path: `${path}?${part}`, method: 'GET' }))
  const asForm = query.map((body) => ({ path, method: 'POST', type: form, body }))
  return fc.oneof(
    // Oftener than the rest, which seldom gets behind the first checks.
    ...[asQuery, asQuery, asQuery, asForm, asForm, asForm],
    fc.tuple(query, query).map(([part, body]) => ({ path: `${path}?${part}`, method: 'POST', type: form, body })),
    fc.tuple(pairs, fc.array(value, { minLength: 20, maxLength: 20 })).map(([all, values]) => ({
      path,
      method: 'POST',
      type: 'application/json',
      body: JSON.stringify(Object.fromEntries(all.map(([name], i) => [name, values[i % 20]]))),
    })),
    fc.json().map((body) => ({ path, method: 'POST', type: 'application/json', body })),
    // Percent signs and bytes that mean nothing, in the query and in bodies.
    fc.string({ unit: fc.constantFrom('%', '0', 'F', '&', '=', '+', 'a', '-', '[', ']') }).map((part) => ({
      path: `${path}?${part}`,
      method: 'GET',
    })),
    fc
      .tuple(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom(form, 'application/json', 'text/xml', 'multipart/form-data', 'x'),
      )
      .map(([bytes, type]) => ({ path, method: 'POST', type, body: Buffer.from(bytes) })),
    fc.tuple(query, fc.constantFrom('PUT', 'DELETE', 'OPTIONS', 'PATCH')).map(([part, method]) => ({
      path: `${path}?${part}`,
      method,
    })),
  )
}

async function assertAnswered(sent: Sent, sender: Sender): Promise<void> {
  const headers = {
    ...(sender !== 'stranger' && { authorization: `whm ${secrets[sender]}` }),
    ...(sent.type !== undefined && { 'content-type': sent.type }),
  }
  const path = sent.path.slice(0, 12_000).replace(SOME_TOKEN, someTokenId)
  const body = typeof sent.body === 'string' ? sent.body.replace(SOME_TOKEN, someTokenId) : sent.body
  const reply = await server.send(path, { ...sent, ...(body !== undefined && { body }), headers, agent })
  assert.ok(reply.status < 500, `${reply.status} ${reply.body}`)
  assert.equal(typeof reply.json, 'object', reply.body)
  if (sender === 'stranger') assert.ok([401, 405].includes(reply.status), `${reply.status} ${reply.body}`)
  if (reply.json.metadata?.result === 1) done.add(sent.path.slice('/json-api/'.length).split('?', 1)[0] ?? '')
  if (reply.json.cpanelresult !== undefined && sender !== 'stranger') await mendSenders()
}

for (const [index, definition] of CATALOGUE.entries()) {
  test(`N13: whatever is sent to ${definition.name} is answered with well-formed JSON and never a 5xx`, async () => {
    const sender = fc.constantFrom<Sender>('root', 'root', 'reseller', 'reseller', 'stranger')
    const property = fc.asyncProperty(requestTo(definition), sender, assertAnswered)
    await fc.assert(property, {
      seed: SEED + index,
      numRuns: RUNS,
      interruptAfterTimeLimit: 600_000,
      markInterruptAsFailure: true,
    })
    assert.deepEqual(
      server.logged.filter((event) => event.level === 'error'),
      [],
    )
    assert.equal((await server.send('/healthz')).status, 200)
  })
}

test('N13: the nonsense got through to most functions, the changing ones too', () => {
  // A reply without envelope does not tell.
  const missed = CATALOGUE.filter(({ name, v0 }) => v0 !== 'bare' && !done.has(name)).map(({ name }) => name)
  assert.ok(missed.length <= CATALOGUE.length / 4, `${missed.length} of ${CATALOGUE.length}: ${missed.join(' ')}`)
})

test('N13: after all the nonsense the memory is back within 50 MB, prototypes are clean, and the trail can be read', async () => {
  assert.deepEqual(Object.keys(Object.prototype), [])
  const trail = JSON.parse((await asRoot('postern_audit_list', { limit: 1000 })).body)
  assert.equal(trail.metadata.result, 1)
  assert.ok(heapUsed() - heapBefore < 50 * 1024 * 1024)
})

function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}
