/** What the server tells about itself and the caller: version, gethostname, applist, myprivs, systemloadavg, loadavg. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { INITIAL_PRIVILEGES, PRIVILEGE_NAMES } from '../../src/acl/catalogue.ts'
import { CATALOGUE } from '../../src/functions/catalogue.ts'
import { privilegesOf } from '../../src/functions/define.ts'
import { done, startTestServer, type TestServer } from '../start-server.ts'
import { assertDenied, assertDone } from './replies.ts'

const OPENS_NOTHING = PRIVILEGE_NAMES.find((name) => CATALOGUE.every((one) => !privilegesOf(one).includes(name))) ?? ''

let server: TestServer
/** Holds one privilege that opens none of these functions. */
let elsewhere = ''
before(async () => {
  server = await startTestServer({ settings: { timezone: 'UTC' } })
  elsewhere = await server.rootToken([OPENS_NOTHING])
})
after(() => server.close())

describe('version and gethostname', () => {
  test('version tells which WHM is spoken', async () => {
    const token = await server.rootToken(['basic-whm-functions'])
    assertDone(await server.call(token, 'version'), 'version', { version: '11.138.0.6' })
    assertDenied(await server.call(elsewhere, 'version'), 'version', 'basic-whm-functions')
  })

  test('gethostname tells the name of the settings, whatever the request says', async () => {
    const token = await server.rootToken(['basic-system-info'])
    assertDone(await server.call(token, 'gethostname'), 'gethostname', { hostname: 'panel.example.com' })
    const forged = await server.send('/json-api/gethostname?api.version=1', {
      headers: { authorization: `whm ${token}`, host: 'evil.example.net', 'x-forwarded-host': 'evil.example.net' },
    })
    assertDone(forged, 'gethostname', { hostname: 'panel.example.com' })
    assertDenied(await server.call(elsewhere, 'gethostname'), 'gethostname', 'basic-system-info')
  })
})

/** What every credential may call. */
const OPEN = CATALOGUE.filter((definition) => privilegesOf(definition).length === 0).map(({ name }) => name)
const withOpen = (...names: readonly string[]): readonly string[] => [...OPEN, ...names].sort()

describe('applist and myprivs', () => {
  const names = async (credential: string) => done(await server.call(credential, 'applist')).json.data.app

  test('applist names every function for root, in order', async () => {
    const all = done(await server.root('applist')).json.data.app
    assert.deepEqual(all, CATALOGUE.map(({ name }) => name).sort())
  })

  test('applist names for a token what the token may call, and is open to every token', async () => {
    assert.deepEqual(await names(elsewhere), OPEN)
    const token = await server.rootToken(['create-acct', 'basic-whm-functions'])
    assert.deepEqual(
      await names(token),
      withOpen(
        'createacct',
        'myprivs',
        'postern_privilege_list',
        'postern_twofactor_recovery_codes',
        'postern_twofactor_remove',
        'postern_twofactor_status',
        'twofactorauth_generate_tfa_config',
        'twofactorauth_policy_status',
        'twofactorauth_set_tfa_config',
        'verify_new_username',
        'version',
      ),
    )
  })

  test('applist of a token shrinks with what its owner loses', async () => {
    await server.account('losing', ['kill-acct', 'list-accts', 'manage-api-tokens'])
    const token = await server.tokenOf('losing', ['kill-acct', 'list-accts'])
    assert.deepEqual(
      await names(token),
      withOpen('get_disk_usage', 'list_pops_for', 'list_users', 'listaccts', 'removeacct'),
    )
    done(await server.root('setacls', { reseller: 'losing', 'acl-list-accts': 1 }))
    assert.deepEqual(await names(token), withOpen('get_disk_usage', 'list_pops_for', 'list_users', 'listaccts'))
  })

  test('postern_whoami tells every caller who they are, and nothing of others', async () => {
    const credential = await server.rootToken(['ssl'], { whitelist_ip: '127.0.0.0/8' })
    const { now, ...facts } = done(await server.call(credential, 'postern_whoami')).json.data.server
    assert.ok(Math.abs(now - Date.now() / 1000) < 60)
    assert.deepEqual(facts, { hostname: 'panel.example.com', timezone: 'UTC', expires_soon_seconds: 30 * 86_400 })
    const mine = done(await server.call(credential, 'postern_whoami')).json.data
    assert.deepEqual(
      { ...mine, server: undefined },
      {
        user: 'root',
        kind: 'root',
        credential: 'token',
        address: '127.0.0.1',
        privileges: ['ssl'],
        initial_privileges: 0,
        server: undefined,
      },
    )
    await server.account('whoseller', ['list-accts', 'manage-api-tokens'])
    const reseller = await server.tokenOf('whoseller', ['list-accts', 'manage-api-tokens'])
    done(await server.root('setacls', { reseller: 'whoseller', 'acl-list-accts': 1 }))
    const { user, kind, privileges } = done(await server.call(reseller, 'postern_whoami')).json.data
    assert.deepEqual({ user, kind, privileges }, { user: 'whoseller', kind: 'reseller', privileges: ['list-accts'] })
  })

  test('myprivs is a list of one map, and shows what the token may, not what its owner may', async () => {
    const token = await server.rootToken(['basic-whm-functions', 'list-pkgs'])
    const held = new Set(['basic-whm-functions', 'list-pkgs'])
    const map = Object.fromEntries(PRIVILEGE_NAMES.map((acl) => [acl, held.has(acl) ? 1 : 0]))
    assertDone(await server.call(token, 'myprivs'), 'myprivs', { privileges: [map] })
    assertDenied(await server.call(elsewhere, 'myprivs'), 'myprivs', 'basic-whm-functions')
  })

  test('myprivs shows every privilege for root, and the Initial ones for a new reseller', async () => {
    const [rootMap] = done(await server.root('myprivs')).json.data.privileges
    assert.deepEqual(rootMap, Object.fromEntries(PRIVILEGE_NAMES.map((acl) => [acl, 1])))
    await server.account('initial')
    done(await server.root('setupreseller', { user: 'initial' }))
    const token = await server.tokenOf('initial', [])
    const [map] = done(await server.call(token, 'myprivs')).json.data.privileges
    assert.deepEqual(
      Object.keys(map).filter((acl) => map[acl] === 1),
      INITIAL_PRIVILEGES,
    )
  })
})

describe('systemloadavg and loadavg', () => {
  test('systemloadavg answers three numbers', async () => {
    const token = await server.rootToken(['basic-system-info'])
    const { data } = done(await server.call(token, 'systemloadavg')).json
    assert.deepEqual(Object.keys(data), ['one', 'five', 'fifteen'])
    for (const load of Object.values(data)) assert.equal(typeof load, 'number')
    assertDenied(await server.call(elsewhere, 'systemloadavg'), 'systemloadavg', 'basic-system-info')
  })

  test('loadavg answers three texts without an envelope, also in version 1', async () => {
    const token = await server.rootToken(['basic-system-info'])
    const reply = await server.call(token, 'loadavg')
    assert.equal(reply.status, 200)
    assert.match(reply.body, /^\{"one":"\d+\.\d\d","five":"\d+\.\d\d","fifteen":"\d+\.\d\d"\}$/)
    assertDenied(await server.call(elsewhere, 'loadavg'), 'loadavg', 'basic-system-info')
  })
})
