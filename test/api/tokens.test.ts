import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { PRIVILEGE_NAMES } from '../../src/acl/catalogue.ts'
import { makeSecret } from '../../src/tokens/secret.ts'
import { done, startTestServer } from '../start-server.ts'
import {
  assertDenied,
  assertFailed,
  assertRefused,
  freshName,
  listed,
  make,
  onEachDatabase,
  oneConnection,
  post,
  postJson,
} from './token-servers.ts'

const FACTS = ['acls', 'create_time', 'expires_at', 'name', 'whitelist_ips']
const YEAR_AHEAD = Math.floor(Date.now() / 1000) + 365 * 86_400
const HANDS_OUT = [
  'api_token_create',
  'api_token_list',
  'api_token_update',
  'api_token_revoke',
  'api_token_get_details',
]
const ADDRESSES = ['192.0.2.1', '2001:db8::f', '2620:0:28a4::/48']
const PRINTED = ['192.0.2.1', '2001:0db8:0000:0000:0000:0000:0000:000f', '2620:0000:28a4:0000:0000:0000:0000:0000/48']

onEachDatabase({}, ({ server, admin }) => {
  describe('api_token_create', () => {
    test('answers exactly the documented keys, with the types that clients compare', async () => {
      const now = Math.floor(Date.now() / 1000)
      const acl = ['list-accts', 'acct-summary']
      const args = { token_name: 'exampletoken', acl, expires_at: YEAR_AHEAD, whitelist_ip: ADDRESSES }
      const { data, metadata } = done(await server().call(admin(), 'api_token_create', args)).json
      const { token, create_time, acls, ...rest } = data
      assert.deepEqual(Object.keys(data), [...FACTS.slice(0, 4), 'token', 'whitelist_ips'])
      assert.deepEqual([...acls].sort(), ['acct-summary', 'list-accts'])
      assert.deepEqual(rest, { expires_at: YEAR_AHEAD, name: 'exampletoken', whitelist_ips: PRINTED })
      assert.match(token, /^PSW[0-9A-Z]{29}$/)
      assert.ok(Number.isInteger(create_time) && Math.abs(create_time - now) <= 5, String(create_time))
      assert.deepEqual(metadata, { version: 1, command: 'api_token_create', result: 1, reason: 'OK' })
    })

    test('no expiry and no addresses are null, and the reply with the secret is not to be stored on its way', async () => {
      const reply = done(await post(server(), admin(), 'api_token_create', { token_name: freshName(), acl: 'all' }))
      assert.deepEqual([reply.json.data.expires_at, reply.json.data.whitelist_ips], [null, null])
      assert.equal(reply.headers['cache-control'], 'no-store')
    })

    test('a call without api.version, which had no such function, is answered as version 1', async () => {
      const reply = await server().send(`/json-api/api_token_create?token_name=${freshName()}&acl=list-accts`, {
        headers: { authorization: `whm ${admin()}` },
      })
      assert.equal(done(reply).json.data.token.length, 32)
    })

    test('open question 5: each bad argument fails with a sentence that holds the value in curly quotes', async () => {
      const cases: readonly (readonly [object, RegExp])[] = [
        [{ acl: 'list-accts' }, /^The argument “token_name” is required\.$/],
        [
          { token_name: 'has blank', acl: 'list-accts' },
          /“token_name” is not valid: “has blank” may hold only letters/,
        ],
        [{ token_name: 'x', acl: 'no-such' }, /^There is no privilege named “no-such”\.$/],
        [{ token_name: 'x', acl: 'list-accts', expires_at: 'soon' }, /“expires_at” is not valid: “soon” /],
        [
          { token_name: 'x', acl: 'list-accts', whitelist_ip: '10.1' },
          /“whitelist_ip” is not valid: “10\.1” .*entry 1/,
        ],
        [{ token_name: ['x', 'y'], acl: 'list-accts' }, /“token_name” was given more than once/],
      ]
      const names = Object.keys(await listed(server(), admin()))
      for (const [args, reason] of cases) {
        assertFailed(await server().call(admin(), 'api_token_create', { ...args }), reason)
      }
      assert.deepEqual(Object.keys(await listed(server(), admin())), names)
    })

    test('a name that is taken fails, and the first token stays as it was', async () => {
      const made = await make(server(), admin(), { acl: ['list-accts'] })
      const again = await server().call(admin(), 'api_token_create', { token_name: made.name, acl: 'all' })
      assertFailed(again, new RegExp(`^You already have an API token named “${made.name}”\\.$`))
      done(await server().call(made.credential, 'listaccts'))
      const [entry] = await server().audit({ target: made.name })
      assert.deepEqual([entry.outcome, entry.reason.split(':', 1)[0]], ['failed', 'token-name-taken'])
    })

    test('a secret in the place of the name is refused, and none of the two is kept anywhere', async () => {
      const { secret } = await make(server(), admin())
      const reply = await server().call(admin(), 'api_token_create', { token_name: secret, acl: 'list-accts' })
      assertFailed(reply, /“\(not shown\)” is the secret of a token/)
      const entries = await server().audit({ function: 'api_token_create', limit: 50 })
      assert.equal(JSON.stringify(entries).includes(secret), false)
    })
  })

  describe('api_token_list', () => {
    test('answers an object keyed by name, privileges as a map, and neither secret nor digest', async () => {
      const { name } = await make(server(), admin(), {
        acl: ['list-accts'],
        expires_at: YEAR_AHEAD,
        whitelist_ip: ADDRESSES,
      })
      const { data, metadata } = done(await server().call(admin(), 'api_token_list')).json
      assert.deepEqual(Object.keys(data), ['tokens'])
      assert.equal(metadata.reason, 'OK')
      const { acls, create_time, postern_id, ...rest } = data.tokens[name]
      assert.deepEqual(Object.keys(acls), PRIVILEGE_NAMES)
      for (const [acl, held] of Object.entries(acls)) assert.equal(held, acl === 'list-accts' ? 1 : 0, acl)
      assert.ok(Number.isInteger(create_time))
      assert.match(postern_id, /^tok_[0-9a-z]{16}$/)
      assert.deepEqual(rest, {
        name,
        expires_at: YEAR_AHEAD,
        whitelist_ips: PRINTED,
        postern_status: 'active',
        postern_last_used: null,
        postern_last_used_from: null,
        postern_last_function: null,
        postern_first_used: null,
        postern_calls: 0,
        postern_refused: 0,
        postern_last_refused: null,
        postern_last_refused_from: null,
        postern_last_refused_reason: null,
        postern_pause_reason: null,
        postern_secret: 1,
      })
    })

    test('Everything shows as all: 1', async () => {
      const { name } = await make(server(), admin(), { acl: ['all'] })
      const { acls } = (await listed(server(), admin()))[name]
      assert.equal(acls.all, 1)
      assert.ok(Object.values(acls).every((held) => held === 1))
    })

    test('a caller without tokens gets an empty object', async () => {
      await server().account('empty', ['manage-api-tokens'])
      const reply = await server().send('/json-api/api_token_list?api.version=1', {
        headers: { authorization: `Basic ${Buffer.from('empty:pass-of-empty-1').toString('base64')}` },
      })
      assert.deepEqual(done(reply).json.data, { tokens: {} })
    })

    test('a use shows as last use, address and count', async () => {
      const made = await make(server(), admin())
      done(await server().call(made.credential, 'version'))
      done(await server().call(made.credential, 'version'))
      await server().server.runtime.flushUsage()
      const { postern_last_used, postern_last_used_from, postern_calls } = (await listed(server(), admin()))[made.name]
      assert.deepEqual([postern_last_used_from, postern_calls], ['127.0.0.1', 2])
      assert.ok(Math.abs(postern_last_used - Date.now() / 1000) <= 5)
    })

    test('a thousand tokens are listed whole, within a second', async () => {
      await server().account('many', ['manage-api-tokens', 'basic-whm-functions'])
      const owner = await server().tokenOf('many', ['manage-api-tokens', 'basic-whm-functions'])
      for (let batch = 0; batch < 20; batch += 1) {
        const creates = Array.from({ length: 50 }, (_, i) => make(server(), owner, { token_name: `t-${batch}-${i}` }))
        await Promise.all(creates)
      }
      const startedMs = performance.now()
      const tokens = await listed(server(), owner)
      const tookMs = performance.now() - startedMs
      assert.equal(Object.keys(tokens).length, 1001)
      assert.ok(tookMs < 1000, `${tookMs} ms`)
    })
  })

  describe('api_token_update', () => {
    test('changes name, privileges, expiry and addresses together; the answer has no token and the secret stays', async () => {
      const made = await make(server(), admin(), { acl: ['basic-whm-functions'] })
      const before = (await listed(server(), admin()))[made.name]
      const new_name = freshName('renamed')
      const change = { token_name: made.name, new_name, acl: ['list-accts'], expires_at: YEAR_AHEAD }
      const reply = done(await server().call(admin(), 'api_token_update', { ...change, whitelist_ip: '127.0.0.1' }))
      assert.deepEqual(Object.keys(reply.json.data), FACTS)
      assert.deepEqual(reply.json.data, {
        acls: ['list-accts'],
        create_time: before.create_time,
        expires_at: YEAR_AHEAD,
        name: new_name,
        whitelist_ips: ['127.0.0.1'],
      })
      done(await server().call(made.credential, 'listaccts'))
      assertDenied(await server().call(made.credential, 'version'))
      const tokens = await listed(server(), admin())
      assert.deepEqual([tokens[made.name], tokens[new_name].postern_id], [undefined, before.postern_id])
    })

    test('open question 1: what is left out stays, so that a rename never widens', async () => {
      const made = await make(server(), admin(), {
        acl: ['list-accts'],
        expires_at: YEAR_AHEAD,
        whitelist_ip: '127.0.0.1',
      })
      const args = { token_name: made.name, new_name: freshName('kept') }
      const { data } = done(await server().call(admin(), 'api_token_update', args)).json
      assert.deepEqual([data.acls, data.expires_at, data.whitelist_ips], [['list-accts'], YEAR_AHEAD, ['127.0.0.1']])
    })

    test('the trail says what an update added and what it took', async () => {
      const made = await make(server(), admin(), { acl: ['list-accts'], whitelist_ip: '10.0.0.1' })
      const args = { token_name: made.name, acl: ['kill-acct'], whitelist_ip: ['10.0.0.2'], expires_at: YEAR_AHEAD }
      done(await server().call(admin(), 'api_token_update', args))
      const [{ details, outcome }] = await server().audit({ target: made.name, function: 'api_token_update' })
      const { token, ...difference } = details
      assert.equal(outcome, 'done')
      assert.equal(token, (await listed(server(), admin()))[made.name].postern_id)
      assert.deepEqual(difference, {
        privileges_added: ['kill-acct'],
        privileges_removed: ['list-accts'],
        ip_rules_added: ['10.0.0.2'],
        ip_rules_removed: ['10.0.0.1'],
        expires_at: new Date(YEAR_AHEAD * 1000).toISOString(),
      })
    })

    test('an unknown token, a taken, bad or reserved new name, and a bad part fail and change nothing', async () => {
      const made = await make(server(), admin())
      const other = await make(server(), admin())
      const before = (await listed(server(), admin()))[made.name]
      const token_name = made.name
      const cases: readonly (readonly [object, RegExp])[] = [
        [{ token_name: 'nobody' }, /^You have no API token named “nobody”\.$/],
        [{ token_name, new_name: other.name, acl: 'all' }, /^You already have an API token named/],
        [{ token_name, new_name: 'a b', acl: 'all' }, /“new_name” is not valid/],
        [{ token_name, new_name: 'WP-Dashboard' }, /is reserved/],
        [{ token_name, new_name: made.secret }, /“\(not shown\)” is the secret of a token/],
        [{ token_name, new_name: 'fine', acl: ['all', 'nothing'] }, /“nothing”/],
        [{ token_name, acl: 'all', whitelist_ip: '10.0.0.1/33' }, /“10\.0\.0\.1\/33”/],
        [{ token_name, acl: 'all', expires_at: '1' }, /is in the past/],
      ]
      for (const [args, reason] of cases) {
        assertFailed(await server().call(admin(), 'api_token_update', { ...args }), reason)
      }
      assert.deepEqual((await listed(server(), admin()))[made.name], before)
    })

    test('a token that is renamed while it is used goes on working, and the trail tells it by its id', async () => {
      const made = await make(server(), admin(), { acl: ['basic-whm-functions', 'manage-api-tokens'] })
      const agent = oneConnection()
      const path = '/json-api/version?api.version=1'
      const options = { agent, headers: { authorization: `whm ${made.credential}` } }
      done(await server().send(path, options))
      const new_name = freshName('renamed')
      done(await server().call(admin(), 'api_token_update', { token_name: made.name, new_name }))
      done(await server().send(path, options))
      assertDenied(await server().send('/json-api/listaccts?api.version=1', options))
      agent.destroy()
      const { postern_id } = (await listed(server(), admin()))[new_name]
      const [entry] = await server().audit({ token: postern_id, function: 'listaccts' })
      assert.equal(entry.token_name, new_name)
    })
  })

  describe('api_token_revoke', () => {
    test('ends a token at once; the answer has no data and the list no token', async () => {
      const made = await make(server(), admin())
      done(await server().call(made.credential, 'version'))
      const { data, metadata } = done(await server().call(admin(), 'api_token_revoke', { token_name: made.name })).json
      assert.deepEqual(data, {})
      assert.deepEqual(metadata, { version: 1, command: 'api_token_revoke', result: 1, reason: 'OK' })
      assertRefused(await server().call(made.credential, 'version'))
      assert.equal((await listed(server(), admin()))[made.name], undefined)
      const [entry] = await server().audit({ function: 'version', outcome: 'refused' })
      assert.deepEqual([entry.reason, entry.token_name], ['revoked', made.name])
    })

    test('several names in every documented spelling', async () => {
      const spellings = [
        (a: string, b: string) => ({ token_name: [a, b] }),
        (a: string, b: string) => ({ token_name: a, 'token_name-1': b }),
        (a: string, b: string) => ({ 'token_name-0': a, 'token_name-1': b }),
        (a: string, b: string) => ({ 'token_name-7': a, 'token_name-2': b }),
      ]
      for (const spelling of spellings) {
        const [a, b] = [await make(server(), admin()), await make(server(), admin())]
        done(await server().call(admin(), 'api_token_revoke', spelling(a.name, b.name)))
        assertRefused(await server().call(a.credential, 'version'))
        assertRefused(await server().call(b.credential, 'version'))
      }
      const made = await make(server(), admin())
      done(await postJson(server(), admin(), 'api_token_revoke', { token_name: [made.name] }))
      assertRefused(await server().call(made.credential, 'version'))
    })

    test('open question 6: unknown names beside known ones are told, and the known ones are ended all the same', async () => {
      const made = await make(server(), admin())
      const missing = ['gone', 'g'.repeat(50), 'h'.repeat(50), 'i'.repeat(50)]
      const reply = await server().call(admin(), 'api_token_revoke', { token_name: ['gone', made.name, ...missing] })
      assertFailed(reply, new RegExp(`^You have no API token named “${missing.join('”, “')}”\\.$`))
      assertRefused(await server().call(made.credential, 'version'))
      const [entry] = await server().audit({ function: 'api_token_revoke', outcome: 'done' })
      assert.deepEqual([entry.outcome, entry.details.tokens.length, entry.details.not_found], ['done', 1, missing])
    })

    test('open question 6: only unknown names fail, and the trail has it', async () => {
      assertFailed(
        await server().call(admin(), 'api_token_revoke', { token_name: 'gone' }),
        /^You have no API token named “gone”\.$/,
      )
      const [entry] = await server().audit({ function: 'api_token_revoke' })
      assert.deepEqual([entry.outcome, entry.target], ['failed', 'gone'])
    })

    test('no name and a name that none can have fail', async () => {
      assertFailed(await server().call(admin(), 'api_token_revoke'), /“token_name” is required/)
      assertFailed(await server().call(admin(), 'api_token_revoke', { token_name: '../x' }), /“\.\.\/x” may hold only/)
    })

    test('a secret given as a name ends nothing and does not get into the trail', async () => {
      const made = await make(server(), admin())
      assertFailed(await post(server(), admin(), 'api_token_revoke', { token_name: made.secret }), /no API token named/)
      const [entry] = await server().audit({ function: 'api_token_revoke' })
      assert.equal(entry.target, '[masked]')
      assert.equal(JSON.stringify(entry).includes(made.secret.slice(3)), false)
      done(await server().call(made.credential, 'version'))
    })

    test('a token may end itself', async () => {
      const made = await make(server(), admin(), { acl: ['manage-api-tokens'] })
      done(await server().call(made.credential, 'api_token_revoke', { token_name: made.name }))
      assertRefused(await server().call(made.credential, 'api_token_list'))
    })
  })

  describe('api_token_get_details', () => {
    test('finds an own token by its secret, an expired or paused one too', async () => {
      const made = await make(server(), admin(), {
        acl: ['list-accts'],
        expires_at: YEAR_AHEAD,
        whitelist_ip: ADDRESSES,
      })
      const { postern_id, create_time } = (await listed(server(), admin()))[made.name]
      done(await server().call(admin(), 'postern_token_pause', { token_id: postern_id }))
      const { data, metadata } = done(
        await post(server(), admin(), 'api_token_get_details', { token: made.secret }),
      ).json
      assert.deepEqual(Object.keys(data), FACTS)
      assert.deepEqual(data, {
        acls: ['list-accts'],
        create_time,
        expires_at: YEAR_AHEAD,
        name: made.name,
        whitelist_ips: PRINTED,
      })
      assert.equal(metadata.reason, 'OK')
    })

    test('any other value is answered without facts, always the same, and each leaves an entry without the value', async () => {
      await server().account('holder', ['manage-api-tokens'])
      const foreign = (await server().tokenOf('holder', ['manage-api-tokens'])).split(':')[1] ?? ''
      const revoked = await make(server(), admin())
      done(await server().call(admin(), 'api_token_revoke', { token_name: revoked.name }))
      const unknown = makeSecret('PSW')
      for (const token of [foreign, revoked.secret, unknown, 'junk', 'x'.repeat(32), '%', revoked.name]) {
        const before = await server().audit({ limit: 1 })
        const reply = done(await post(server(), admin(), 'api_token_get_details', { token }))
        assert.deepEqual(reply.json, {
          data: {},
          metadata: { version: 1, command: 'api_token_get_details', result: 1, reason: 'OK' },
        })
        const [entry] = await server().audit({ limit: 1, function: 'api_token_get_details' })
        assert.ok(entry.seq > before[0].seq)
        assert.equal(entry.outcome, 'failed')
        assert.match(entry.reason, /^unknown-secret: .* looked up$/)
        assert.equal(JSON.stringify(entry).includes(token) && token.length > 1, false)
        assert.equal(entry.details.alarm !== undefined, token.startsWith('PSW'), 'well-formed ones are an alarm')
      }
    })

    test('a value that is missing or too long fails without being quoted', async () => {
      assertFailed(await post(server(), admin(), 'api_token_get_details', {}), /“token” is required/)
      assertFailed(
        await post(server(), admin(), 'api_token_get_details', { token: 'S'.repeat(300) }),
        /“\(not shown\)”/,
      )
    })
  })

  describe('all five', () => {
    test('open question 3: without credentials the answer is 401 with a JSON body', async () => {
      for (const name of HANDS_OUT) {
        const reply = await server().send(`/json-api/${name}?api.version=1&token_name=x&token=x`)
        assert.equal(reply.status, 401)
        assert.equal(reply.json.cpanelresult.data.result, '0')
      }
    })

    test('open question 2: without the privilege the answer is 403 in the envelope and names it', async () => {
      const { credential } = await make(server(), admin(), {
        acl: PRIVILEGE_NAMES.filter((acl) => !/^(all|manage-api-tokens)$/.test(acl)),
      })
      for (const name of HANDS_OUT) {
        const reply = await server().call(credential, name, { token_name: 'x', token: 'x' })
        assertDenied(reply)
        assert.deepEqual(reply.json, {
          data: null,
          metadata: {
            version: 1,
            command: name,
            result: 0,
            reason: `Permission denied: ${name} requires the privilege “manage-api-tokens”.`,
          },
        })
      }
    })

    test('open question 4: an ended, a foreign and an invented secret are refused in the same bytes', async () => {
      const made = await make(server(), admin())
      done(await server().call(admin(), 'api_token_revoke', { token_name: made.name }))
      const invented = makeSecret('PSW')
      for (const name of HANDS_OUT) {
        for (const credential of [made.credential, `root:${invented}`, `nobody:${invented}`, 'root:short']) {
          assertRefused(await server().call(credential, name, { token_name: 'x', token: 'x' }), name)
        }
      }
    })

    test('a hosting account that is no reseller may call none of them', async () => {
      await server().account('plain')
      const headers = { authorization: `Basic ${Buffer.from('plain:pass-of-plain-1').toString('base64')}` }
      for (const name of HANDS_OUT) {
        const reply = await server().send(`/json-api/${name}?api.version=1&token_name=x&token=x`, { headers })
        assertDenied(reply)
      }
    })

    test('the secret is in the reply of its creation and nowhere else, not in any file of the data folder either', async () => {
      const made = await make(server(), admin(), { acl: ['manage-api-tokens'] })
      const replies = [
        await server().call(made.credential, 'api_token_list'),
        await post(server(), made.credential, 'api_token_get_details', { token: made.secret }),
        await server().call(made.credential, 'api_token_update', { token_name: made.name, new_name: freshName() }),
        await server().call(made.credential, 'postern_token_list'),
        await server().call(made.credential, 'api_token_create', { token_name: made.secret }),
        await server().call(made.credential, 'api_token_get_details', { token: made.secret }),
        await server().root('postern_audit_list', { limit: 1000 }),
      ]
      await server().server.runtime.flushUsage()
      const middle = made.secret.slice(3, 28)
      for (const reply of replies) assert.equal(reply.body.includes(middle), false, reply.body.slice(0, 200))
      for (const file of readdirSync(server().folder, { recursive: true, withFileTypes: true })) {
        if (!file.isFile()) continue
        const content = readFileSync(join(file.parentPath, file.name), 'latin1')
        assert.equal(content.includes(middle), false, file.name)
      }
      assert.equal(JSON.stringify(server().logged).includes(middle), false)
    })

    test('the public id of a token cannot log in', async () => {
      const made = await make(server(), admin())
      const { postern_id } = (await listed(server(), admin()))[made.name]
      assertRefused(await server().call(`root:${postern_id}`, 'version'))
    })
  })

  describe('open questions that are about one fact', () => {
    test('open question 7: names are compared exactly', async () => {
      const upper = await make(server(), admin(), { token_name: 'Case' })
      const lower = await make(server(), admin(), { token_name: 'case' })
      done(await server().call(admin(), 'api_token_revoke', { token_name: 'case' }))
      done(await server().call(upper.credential, 'version'))
      assertRefused(await server().call(lower.credential, 'version'))
    })

    test('open question 8: a moment that has passed and one that is no whole number are refused', async () => {
      for (const expires_at of ['1', String(Math.floor(Date.now() / 1000) - 1), '1.5', 'tomorrow']) {
        const args = { token_name: freshName(), acl: 'list-accts', expires_at }
        assertFailed(await server().call(admin(), 'api_token_create', args), new RegExp(`“${expires_at}”`))
      }
    })

    test('open question 9: the API takes 100 addresses and no more', async () => {
      const rules = Array.from({ length: 101 }, (_, i) => `10.9.${i}.1`)
      const made = await make(server(), admin(), { whitelist_ip: rules.slice(1) })
      assert.equal((await listed(server(), admin()))[made.name].whitelist_ips.length, 100)
      const args = { token_name: freshName(), acl: 'list-accts', whitelist_ip: rules }
      assertFailed(await post(server(), admin(), 'api_token_create', args), /“101 entries” are more than the 100/)
    })

    test('open question 10: a token does no more than its owner may at that moment', async () => {
      await server().account('narrowed', ['list-accts', 'manage-api-tokens'])
      const token = await server().tokenOf('narrowed', ['list-accts'])
      done(await server().call(token, 'listaccts'))
      done(await server().call(admin(), 'setacls', { reseller: 'narrowed', 'acl-manage-api-tokens': 1 }))
      assertDenied(await server().call(token, 'listaccts'))
      done(await server().call(admin(), 'setacls', { reseller: 'narrowed', 'acl-list-accts': 1 }))
      done(await server().call(token, 'listaccts'))
    })
  })
})

test('open question 1: under the setting “reset” what is left out is reset as WHM’s page says, and the trail notes it', async () => {
  const server = await startTestServer({ settings: { tokenUpdateOmission: 'reset' } })
  try {
    const admin = await server.rootToken(['all'])
    const made = await make(server, admin, { acl: ['list-accts'], expires_at: YEAR_AHEAD, whitelist_ip: '127.0.0.1' })
    const { data } = done(await server.call(admin, 'api_token_update', { token_name: made.name })).json
    assert.deepEqual([data.acls, data.expires_at, data.whitelist_ips], [['all'], null, null])
    const [entry] = await server.audit({ function: 'api_token_update' })
    assert.equal(entry.details.made_with, 'made with everything')
  } finally {
    await server.close()
  }
})
