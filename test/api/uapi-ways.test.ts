/** The ways into UAPI: at the cPanel service by token, password and session, from WHM's service for an account that is named, and on the machine. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { done, queryOf, type Reply, startTestServer, type TestServer } from '../start-server.ts'
import { assertRefused } from './token-servers.ts'

let server: TestServer
before(async () => {
  server = await startTestServer({ settings: { cpanelListen: '127.0.0.1:0' } })
  await server.account('alice')
  await server.account('biller', ['cpanel-api', 'list-accts', 'manage-api-tokens'])
  await server.account('other', ['cpanel-api', 'list-accts', 'manage-api-tokens'])
  await server.account('his', undefined, { owner: 'biller' })
})
after(() => server.close())

const FLAT = { data: null, messages: null, warnings: null, metadata: {} }

function assertFailed(reply: Reply, error: RegExp, status = 200): void {
  assert.equal(reply.status, status, reply.body)
  const { errors, ...rest } = reply.json
  assert.deepEqual(rest, { status: 0, ...FLAT })
  assert.match(errors.join(), error)
}

function basic(user: string, password = `pass-of-${user}-1`): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
}

describe('at the cPanel service', () => {
  test('a password and a session run functions on the own account, a session with its security token alone', async () => {
    const byPassword = await server.sendToCpanel('/execute/Tokens/list', { headers: basic('alice') })
    assert.equal(byPassword.json.status, 1)
    const signedIn = await server.sendToCpanel('/login/?login_only=1', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: queryOf({ user: 'alice', pass: 'pass-of-alice-1' }),
    })
    const headers = { cookie: String(signedIn.headers['set-cookie']).split(';', 1)[0] ?? '' }
    const within = await server.sendToCpanel(`${signedIn.json.security_token}/execute/Tokens/list`, { headers })
    assert.equal(within.json.status, 1)
    assert.equal((await server.sendToCpanel('/execute/Tokens/list', { headers })).status, 401)
    assert.equal((await server.sendToCpanel('/execute/Tokens/list')).status, 401)
  })

  test('names of others have no effect: the account is the caller’s own', async () => {
    const token = await server.accountToken('alice', { name: 'own' })
    await server.accountToken('his', { name: 'not-hers' })
    const { json } = await server.uapi(token, 'Tokens::list', { 'cpanel.user': 'his', domain: 'his.example.com' })
    assert.equal(json.status, 1)
    assert.ok(json.data.every(({ name }: { name: string }) => name !== 'not-hers'))
  })

  test('an unknown module and an unknown function are told, and the case of names counts', async () => {
    const token = await server.accountToken('alice')
    assertFailed(await server.uapi(token, 'Nothing::list'), /^Failed to load module “Cpanel::API::Nothing”/)
    assertFailed(await server.uapi(token, 'tokens::list'), /^Failed to load module “Cpanel::API::tokens”/)
    assertFailed(await server.uapi(token, 'Tokens::List'), /^There is no function “List” in the module “Tokens”\.$/)
    const headers = { authorization: `cpanel ${token}` }
    for (const path of ['/execute/Tokens', '/execute/', '/execute', '/execute/Tokens/list/', '/execute//Tokens/list'])
      assertFailed(await server.sendToCpanel(path, { headers }), /^Failed to load module|^There is no function “”/)
  })

  test('arguments come by query, form and JSON, and a failure names the one that is wrong', async () => {
    const headers = { authorization: `cpanel ${await server.accountToken('alice')}` }
    const create = (body: string, type: string) =>
      server.sendToCpanel('/execute/Tokens/create_full_access', {
        method: 'POST',
        headers: { ...headers, 'content-type': type },
        body,
      })
    assert.equal((await create('name=by-form', 'application/x-www-form-urlencoded')).json.status, 1)
    assert.equal((await create('{"name":"by-json","readonly":true}', 'application/json')).json.status, 1)
    assertFailed(await create('', 'application/x-www-form-urlencoded'), /“name” is required/)
    assertFailed(await create('name=a%20b', 'application/x-www-form-urlencoded'), /“a b” may hold only letters/)
  })

  test('root has no account of its own, and functions of WHM are none of this service', async () => {
    const reply = await server.sendToCpanel('/execute/Tokens/list', { headers: basic('root', 'the gate is narrow 7') })
    assertFailed(reply, /^Permission denied: “root” has no hosting account/, 403)
    const headers = { authorization: `cpanel ${await server.accountToken('alice')}` }
    const whm = await server.sendToCpanel('/json-api/listaccts?api.version=1', { headers })
    assert.match(whm.json.metadata.reason, /^Unknown app/)
  })
})

describe('from WHM’s service', () => {
  const execute = (credential: string, name: string, args: Readonly<Record<string, string>> = {}) =>
    server.send(`/execute/${name.replace('::', '/')}?${queryOf(args)}`, {
      headers: { authorization: `whm ${credential}` },
    })

  test('the account is that of the named domain, or of cpanel.user, which goes first', async () => {
    const token = await server.tokenOf('biller', ['cpanel-api'])
    for (const args of [
      { domain: 'his.example.com' },
      { domain: 'HIS.example.com.' },
      { zone: 'his.example.com' },
      { domain: 'label', rootdomain: 'his.example.com' },
      { 'cpanel.user': 'his' },
      { 'cpanel.user': 'His', domain: 'nowhere.example.org' },
    ])
      assert.equal((await execute(token, 'Tokens::list', args)).json.status, 1, JSON.stringify(args))
    const made = await execute(token, 'Tokens::create_full_access', { domain: 'his.example.com', name: 'from-whm' })
    assert.equal((await server.uapi(`his:${made.json.data.token}`, 'Tokens::list')).json.status, 1)
    const [entry] = await server.audit({ function: 'Tokens::create_full_access', caller: 'biller' })
    assert.deepEqual([entry.caller, entry.target, entry.details.account], ['biller', 'from-whm', 'his'])
    assertFailed(await execute(token, 'Tokens::list'), /Name the account/)
  })

  test('a zone of the account names it too, where none of its domains lies there', async () => {
    for (const [owner, domain] of [
      ['his', 'more.example.com'],
      ['biller', 'own.example.com'],
    ] as const)
      done(await server.root('adddns', { domain, ip: '192.0.2.1', trueowner: owner }))
    const token = await server.tokenOf('biller', ['cpanel-api'])
    const read = await execute(token, 'DNS::parse_zone', { zone: 'more.example.com' })
    assert.deepEqual([read.json.status, read.json.errors], [1, null])
    for (const zone of ['own.example.com', 'nowhere.example.com'])
      assertFailed(await execute(token, 'DNS::parse_zone', { zone }), /^You have no account with the domain/)
    const others = await server.tokenOf('other', ['cpanel-api'])
    assertFailed(await execute(others, 'DNS::parse_zone', { zone: 'more.example.com' }), /^You have no account with/)
  })

  test('P8: an account of another reseller answers like one that does not exist, by user and by domain, and nothing is made', async () => {
    const token = await server.tokenOf('other', ['cpanel-api'])
    const create = (args: Readonly<Record<string, string>>) =>
      execute(token, 'Tokens::create_full_access', { name: 'stolen', ...args })
    assertFailed(await create({ 'cpanel.user': 'his' }), /^You have no account named “his”\.$/)
    assertFailed(await create({ 'cpanel.user': 'ghost' }), /^You have no account named “ghost”\.$/)
    assertFailed(await create({ domain: 'his.example.com' }), /^You have no account with the domain/)
    assertFailed(await create({ domain: 'ghost.example.com' }), /^You have no account with the domain/)
    assertFailed(await create({ 'cpanel.user': 'other', domain: 'his.example.com' }), /^You have no account named/)
    const { json } = await execute(await server.tokenOf('biller', ['cpanel-api']), 'Tokens::list', {
      'cpanel.user': 'his',
    })
    assert.ok(json.data.every(({ name }: { name: string }) => name !== 'stolen'))
  })

  test('P9: without cpanel-api every function is denied, those that do not exist too', async () => {
    const token = await server.tokenOf('biller', ['list-accts'])
    for (const name of ['Tokens::list', 'Tokens::revoke', 'Nothing::list'])
      assertFailed(
        await execute(token, name, { 'cpanel.user': 'his', name: 'x' }),
        /^Permission denied: \w+::\w+ requires the privilege “cpanel-api”\.$/,
        403,
      )
    const password = await server.send('/execute/Tokens/list?cpanel.user=alice', { headers: basic('alice') })
    assertFailed(password, /^Permission denied/, 403)
  })

  test('P7: what a WHM token makes for an account ends no later and works from no other address', async () => {
    const token = await server.tokenOf('biller', ['cpanel-api'], {
      expires_at: 4_000_000_000,
      whitelist_ip: '127.0.0.1',
    })
    const name = 'bounded'
    const made = await execute(token, 'Tokens::create_full_access', { 'cpanel.user': 'his', name })
    const secret: string = made.json.data.token
    const listed = done(await server.root('postern_token_list', { owner: 'his' })).json.data.tokens
    const own = listed.find((one: { name: string }) => one.name === name)
    assert.deepEqual([own.expires_at, own.whitelist_ips, own.postern_service], [4_000_000_000, ['127.0.0.1'], 'cpanel'])
    assert.equal((await server.uapi(`his:${secret}`, 'Tokens::list')).json.status, 1)
  })

  test('a token of a suspended account is refused, and none is made for it', async () => {
    await server.account('resting', undefined, { owner: 'biller' })
    const own = await server.accountToken('resting')
    done(await server.root('suspendacct', { user: 'resting' }))
    assertRefused(await server.uapi(own, 'Tokens::list'))
    const token = await server.tokenOf('biller', ['cpanel-api'])
    const make = { 'cpanel.user': 'resting', name: 'new' }
    assertFailed(await execute(token, 'Tokens::create_full_access', make), /is suspended and can have no new token/)
  })
})
