/**
 * Expiry through the API, with the server's clock in the test's hand. How a date typed into the page becomes a moment (E1 to E3), and
 * the colours and words of the list in the page (part of E8), are tested with the page.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { done } from '../start-server.ts'
import { asAdministrator } from '../stores/databases.ts'
import {
  assertFailed,
  assertRefused,
  freshName,
  listed,
  make,
  onEachDatabase,
  oneConnection,
  post,
  postJson,
  recordsOf,
} from './token-servers.ts'

const DAY_SECONDS = 86_400
const HUNDRED_YEARS_SECONDS = 100 * 365.25 * DAY_SECONDS

// A clock that starts on a whole second of today. PostgreSQL's own clock decides there, so its tests move the token's expiry instead.
let wallMs = Math.ceil(Date.now() / 1000) * 1000
const passSeconds = (seconds: number) => {
  wallMs += seconds * 1000
}

onEachDatabase({ wallMs: () => wallMs }, ({ server, admin, name: database, databaseUrl, startNode }) => {
  const nowSeconds = () => Math.floor((database === 'sqlite' ? wallMs : Date.now()) / 1000)
  const create = (expires_at: string | number) =>
    post(server(), admin(), 'api_token_create', { token_name: freshName(), acl: 'basic-whm-functions', expires_at })

  test('E6: an argument that only resembles expires_at is refused, since ignoring it would make a token that never ends', async () => {
    for (const argument of [
      'expires',
      'expires_at[]',
      'expires-at',
      'Expires_At',
      'expires_at-0',
      'expire',
      'expiry',
      'expiration_date',
    ]) {
      const before = (await listed(server(), admin())) as object
      const wanted = {
        token_name: freshName(),
        acl: 'basic-whm-functions',
        [argument]: String(nowSeconds() + DAY_SECONDS),
      }
      assertFailed(
        await post(server(), admin(), 'api_token_create', wanted),
        /is not understood. Did you mean “expires_at”/,
      )
      assert.deepEqual(Object.keys(await listed(server(), admin())), Object.keys(before))
    }
  })

  if (database === 'sqlite') {
    test('E4: a token works until the second before its expiry, and is refused from that second on', async () => {
      const agent = oneConnection()
      passSeconds(2)
      const expires_at = nowSeconds() + 1000
      const made = await make(server(), admin(), { expires_at })
      const options = { agent, headers: { authorization: `whm ${made.credential}` } }
      const call = () => server().send('/json-api/version?api.version=1', options)
      done(await call())
      passSeconds(999)
      done(await call())
      passSeconds(1)
      assertRefused(await call())
      passSeconds(1)
      assertRefused(await call())
      agent.destroy()
      const [entry] = await server().audit({ outcome: 'refused' })
      assert.deepEqual([entry.reason, entry.token_name], ['expired', made.name])
    })

    test('E4: a clock that goes back brings no expired token back', async () => {
      const made = await make(server(), admin(), { expires_at: nowSeconds() + 100 })
      passSeconds(100)
      assertRefused(await server().call(made.credential, 'version'))
      passSeconds(-7200)
      assertRefused(await server().call(made.credential, 'version'))
      passSeconds(7200)
    })

    test('N5: the name of an expired token is taken until the token is revoked', async () => {
      const made = await make(server(), admin(), { expires_at: nowSeconds() + 60 })
      passSeconds(60)
      const again = { token_name: made.name, acl: 'list-accts' }
      assertFailed(await server().call(admin(), 'api_token_create', again), /already have an API token named/)
      done(await server().call(admin(), 'api_token_revoke', { token_name: made.name }))
      done(await server().call(admin(), 'api_token_create', again))
    })

    test('E8: a later expiry revives an expired token; nothing is deleted by itself, and the list has a word for each', async () => {
      passSeconds(2)
      const expired = await make(server(), admin(), { expires_at: nowSeconds() + 60 })
      const soon = await make(server(), admin(), { expires_at: nowSeconds() + 60 + 30 * DAY_SECONDS - 5 })
      const later = await make(server(), admin(), { expires_at: nowSeconds() + 60 + 31 * DAY_SECONDS })
      passSeconds(60)
      const statuses = async () => {
        const tokens = await listed(server(), admin())
        return [expired, soon, later].map(({ name }) => tokens[name].postern_status)
      }
      assert.deepEqual(await statuses(), ['expired', 'expires-soon', 'active'])
      assertRefused(await server().call(expired.credential, 'version'))
      const revive = { token_name: expired.name, expires_at: nowSeconds() + 90 * DAY_SECONDS }
      done(await server().call(admin(), 'api_token_update', revive))
      done(await server().call(expired.credential, 'version'))
      assert.deepEqual(await statuses(), ['active', 'expires-soon', 'active'])
    })
  } else {
    test('E4: on every node the database’s clock decides, to the second', async () => {
      const node = await startNode()
      const made = await make(server(), admin(), { expires_at: nowSeconds() + 10_000 })
      const expireAt = (moment: string) =>
        asAdministrator(databaseUrl(), `update tokens set expires_at = ${moment} where name = '${made.name}'`)
      const databaseNow = 'floor(extract(epoch from clock_timestamp()))::bigint'
      for (const one of [server(), node]) done(await one.call(made.credential, 'version'))
      await expireAt(databaseNow)
      for (const one of [server(), node]) assertRefused(await one.call(made.credential, 'version'))
      await expireAt(`${databaseNow} + 60`)
      for (const one of [server(), node]) done(await one.call(made.credential, 'version'))
      await expireAt(`${databaseNow} - 1`)
      for (const one of [server(), node]) assertRefused(await one.call(made.credential, 'version'))
      assert.equal((await listed(node, admin()))[made.name].postern_status, 'expired')
    })
  }

  test('E5: absent, 0 and empty mean never, which is null in replies', async () => {
    const never = [
      await server().call(admin(), 'api_token_create', { token_name: freshName(), acl: 'list-accts' }),
      await create('0'),
      await create(''),
      await postJson(server(), admin(), 'api_token_create', { token_name: freshName(), acl: 'all', expires_at: 0 }),
    ]
    const tokens = await listed(server(), admin())
    for (const reply of never) {
      const { data } = done(reply).json
      assert.deepEqual([data.expires_at, tokens[data.name].expires_at], [null, null])
      assert.equal(tokens[data.name].postern_status, 'active')
    }
  })

  describe('E6: what is no moment ahead fails, and nothing is created or changed', () => {
    const past = () => String(nowSeconds() - 1)
    const bad = [
      '-1',
      '-0',
      '1.5',
      '1e10',
      '0x10',
      ' 12',
      '12 ',
      '+12',
      '012',
      '12abc',
      'NaN',
      'Infinity',
      '١٢',
      '1_000',
      'true',
      '[1]',
      '{}',
      'null',
    ]
    test('E6: as text', async () => {
      const made = await make(server(), admin(), { expires_at: nowSeconds() + 1000 })
      const before = await recordsOf(server(), admin())
      for (const value of [...bad, past(), String(nowSeconds() - 1000), '1']) {
        assertFailed(await create(value), /“expires_at” is not valid/, value)
        const update = { token_name: made.name, expires_at: value, acl: 'all' }
        assertFailed(await post(server(), admin(), 'api_token_update', update), /“expires_at” is not valid/, value)
      }
      const twice = { token_name: freshName(), acl: 'all', expires_at: ['0', String(nowSeconds() + 5000)] }
      assertFailed(await post(server(), admin(), 'api_token_create', twice), /more than once with different values/)
      assert.deepEqual(await recordsOf(server(), admin()), before)
    })

    test('E6: as JSON', async () => {
      const before = await recordsOf(server(), admin())
      for (const value of [
        '-1',
        '-0',
        '1.5',
        '1e10',
        'true',
        '[1]',
        '{}',
        'null',
        '[]',
        '[[1]]',
        '"0x10"',
        '[0, 5]',
        past(),
      ]) {
        const body = `{"token_name":"${freshName()}","acl":"all","expires_at":${value}}`
        assertFailed(await postJson(server(), admin(), 'api_token_create', body), /“expires_at”/, value)
      }
      assert.deepEqual(await recordsOf(server(), admin()), before)
    })
  })

  test('E6: the second that it is now is not ahead', async () => {
    if (database === 'sqlite') passSeconds(2)
    // By the clock that decides, which on PostgreSQL is the database's.
    const { create_time } = done(await create(0)).json.data
    assertFailed(await create(create_time), /is in the past/)
  })

  test('E7: more than a hundred years ahead fails, with a hint where it looks like milliseconds', async () => {
    for (const value of ['9007199254740993', '99999999999', '9'.repeat(400)]) {
      const reply = await create(value)
      assertFailed(reply, /is more than 100 years ahead\.$/, value)
    }
    assertFailed(await create('1e21'), /“1e21”/)
    assertFailed(await create((nowSeconds() + 1000) * 1000), /more than 100 years ahead \(is it in milliseconds\?\)\.$/)
    const body = { token_name: freshName(), acl: 'all', expires_at: 1e21 }
    assertFailed(await postJson(server(), admin(), 'api_token_create', body), /“expires_at” is not valid/)
    done(await create(Math.floor(nowSeconds() + HUNDRED_YEARS_SECONDS - 1000)))
  })

  test('E8: an update keeps, clears and moves the expiry, and refuses a past one', async () => {
    const expires_at = nowSeconds() + 10_000
    const made = await make(server(), admin(), { expires_at })
    const update = async (args: object) =>
      server().call(admin(), 'api_token_update', { token_name: made.name, ...args })
    assert.equal(done(await update({})).json.data.expires_at, expires_at)
    assert.equal(done(await update({ expires_at: expires_at + 5 })).json.data.expires_at, expires_at + 5)
    assertFailed(await update({ expires_at: nowSeconds() - 10 }), /is in the past/)
    assert.equal((await listed(server(), admin()))[made.name].expires_at, expires_at + 5)
    assert.equal(done(await update({ expires_at: 0 })).json.data.expires_at, null)
    done(await update({ expires_at }))
    assert.equal(done(await update({ expires_at: '' })).json.data.expires_at, null)
    done(await server().call(made.credential, 'version'))
  })
})
