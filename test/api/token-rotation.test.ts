/** Rotation: another secret for the same token, and what becomes of the one before. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Arguments, done, type TestServer } from '../start-server.ts'
import {
  assertDenied,
  assertFailed,
  assertRefused,
  listed,
  type Made,
  make,
  onEachDatabase,
  oneConnection,
  post,
  type TokenServer,
} from './token-servers.ts'

const OWNER = ['basic-whm-functions', 'list-accts', 'manage-api-tokens']

let nowMs = Date.now()

onEachDatabase({ wallMs: () => nowMs }, (on: TokenServer) => {
  const { server, admin, name: database, startNode } = on
  const idOf = async (made: Made, credential = admin()): Promise<string> =>
    (await listed(server(), credential))[made.name].postern_id
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails where that is not there
  const rotate = async (token_id: string, args: Arguments = {}): Promise<any> =>
    done(await post(server(), admin(), 'postern_token_rotate', { token_id, ...args })).json.data
  const works = async (made: Made, secret = made.secret, node: TestServer = server()): Promise<boolean> => {
    const reply = await node.call(`${made.user}:${secret}`, 'version')
    if (reply.status === 200) return true
    assertRefused(reply)
    return false
  }
  const lastRefusal = async (token: string) => (await server().audit({ token, outcome: 'refused', limit: 1 }))[0]

  describe('postern_token_rotate', () => {
    test('the token keeps id, name and settings, has another secret, and both work for a day', async () => {
      const made = await make(server(), admin(), {
        acl: ['basic-whm-functions', 'list-accts'],
        whitelist_ip: '127.0.0.1',
        expires_at: 4_000_000_000,
      })
      const token_id = await idOf(made)
      const before = (await listed(server(), admin()))[made.name]
      const data = await rotate(token_id)
      assert.match(data.token, /^PSW[0-9A-Z]{29}$/)
      assert.notEqual(data.token, made.secret)
      assert.deepEqual(
        [data.postern_id, data.name, data.secret_number, data.old_secret, data.old_secret_ended, data.repeated],
        [token_id, made.name, 2, 1, 0, 0],
      )
      // With PostgreSQL the database's clock decides, which no test can hold.
      const inADay = Math.floor((database === 'sqlite' ? nowMs : Date.now()) / 1000) + 86_400
      assert.ok(Math.abs(data.old_secret_ends_at - inADay) <= 5, `${data.old_secret_ends_at}`)
      const { acls, whitelist_ips, expires_at, create_time, postern_id } = (await listed(server(), admin()))[made.name]
      assert.deepEqual(
        [acls, whitelist_ips, expires_at, create_time, postern_id],
        [before.acls, before.whitelist_ips, before.expires_at, before.create_time, before.postern_id],
      )
      assert.equal(await works(made), true)
      assert.equal(await works(made, data.token), true)
      const [entry] = await server().audit({ target: token_id, function: 'postern_token_rotate' })
      assert.deepEqual([entry.outcome, entry.details.token, entry.details.secret_number], ['done', token_id, 2])
      assert.doesNotMatch(
        JSON.stringify(await server().audit({ limit: 50 })),
        new RegExp(`${data.token}|${made.secret}`),
      )
    })

    test('E4: the old secret works until its moment and not at it, and the trail says that it has ended', async () => {
      const made = await make(server(), admin())
      const token_id = await idOf(made)
      const data = await rotate(token_id, { overlap: 3600 })
      const startMs = nowMs
      try {
        nowMs = data.old_secret_ends_at * 1000 - 1000
        if (database === 'sqlite') {
          assert.equal(await works(made), true)
          nowMs = data.old_secret_ends_at * 1000
          assert.equal(await works(made), false)
          const refused = await lastRefusal(token_id)
          assert.equal(refused.reason, 'secret-ended')
          assert.match(refused.details.alarm, /real old token/)
        }
        assert.equal(await works(made, data.token), true)
      } finally {
        nowMs = startMs
      }
    })

    test('with overlap=0 the old secret is refused on the next call, on a connection that used it too, and older ones with it', async () => {
      const made = await make(server(), admin())
      const token_id = await idOf(made)
      const second = (await rotate(token_id)).token
      const agent = oneConnection()
      const options = { agent, headers: { authorization: `whm ${made.credential}` } }
      done(await server().send('/json-api/version?api.version=1', options))
      const third = await rotate(token_id, { overlap: 0 })
      assert.deepEqual([third.old_secret_ended, third.old_secret], [1, 2])
      assertRefused(await server().send('/json-api/version?api.version=1', options))
      agent.destroy()
      assert.deepEqual([await works(made, second), await works(made, third.token)], [false, true])
      const { reason, token_name } = await lastRefusal(token_id)
      assert.deepEqual([reason, token_name], ['secret-ended', made.name])
    })

    test('with overlap=first-use the old secret works until the new one is used, and is refused on the call after that', async () => {
      const made = await make(server(), admin())
      const token_id = await idOf(made)
      const data = await rotate(token_id, { overlap: 'first-use' })
      assert.equal(data.old_secret_ends_with_first_use, 1)
      for (let call = 0; call < 3; call += 1) assert.equal(await works(made), true)
      assert.equal(await works(made, data.token), true)
      assert.equal(await works(made), false)
      assert.equal(await works(made, data.token), true)
      const entries = await server().audit({ target: token_id, function: 'secret-first-use' })
      assert.equal(entries.length, 1)
      assert.deepEqual(
        [entries[0].outcome, entries[0].address, entries[0].details],
        ['done', '127.0.0.1', { secret_number: 2, ended_secrets: ['1'] }],
      )
    })

    test('C6: a hundred first uses at once are one', async () => {
      const made = await make(server(), admin())
      const token_id = await idOf(made)
      const { token } = await rotate(token_id, { overlap: 'first-use' })
      const agents = Array.from({ length: 100 }, oneConnection)
      const headers = { authorization: `whm ${made.user}:${token}` }
      const replies = await Promise.all(
        agents.map((agent) => server().send('/json-api/version?api.version=1', { agent, headers })),
      )
      for (const reply of replies) done(reply)
      for (const agent of agents) agent.destroy()
      assert.equal(await works(made), false)
      assert.equal((await server().audit({ target: token_id, function: 'secret-first-use' })).length, 1)
    })

    test('C7: a repeat with the same key ends the secret that nobody received and gives another; the overlap stays', async () => {
      const made = await make(server(), admin())
      const token_id = await idOf(made)
      const lost = await rotate(token_id, { key: 'change-4711', overlap: 7200 })
      const again = await rotate(token_id, { key: 'change-4711', overlap: 7200 })
      assert.deepEqual([again.repeated, again.secret_number, again.old_secret_ended], [1, 3, 1])
      assert.notEqual(again.token, lost.token)
      assert.equal(await works(made, lost.token), false)
      assert.equal(await works(made), true)
      assert.equal(await works(made, again.token), true)
      const [entry] = await server().audit({ target: token_id, function: 'postern_token_rotate' })
      assert.match(entry.details.repeated, /never used/)
      // The new one is in use: somebody received it.
      const args = { token_id, key: 'change-4711', overlap: 7200 }
      assertFailed(await post(server(), admin(), 'postern_token_rotate', args), /its new secret is in use/)
      assert.equal(await works(made, again.token), true)
      const next = await rotate(token_id, { key: 'change-4712' })
      assertFailed(await post(server(), admin(), 'postern_token_rotate', args), /rotated again since/)
      assertFailed(
        await post(server(), admin(), 'postern_token_rotate', { token_id, key: 'change-4712', overlap: 60 }),
        /another overlap/,
      )
      assert.equal(await works(made, next.token), true)
    })

    test('C3: of two rotations at once each gives a secret that works, and the trail has both', async () => {
      const made = await make(server(), admin())
      const token_id = await idOf(made)
      const both = await Promise.all([rotate(token_id), rotate(token_id)])
      for (const { token } of both) assert.equal(await works(made, token), true)
      assert.deepEqual(both.map(({ secret_number }) => secret_number).sort(), [2, 3])
      assert.equal(
        (await server().audit({ target: token_id, function: 'postern_token_rotate', outcome: 'done' })).length,
        2,
      )
    })

    test('C5: a rotation against a revoke leaves the token revoked, whoever was first', async () => {
      for (let round = 0; round < 10; round += 1) {
        const made = await make(server(), admin())
        const token_id = await idOf(made)
        const [rotated] = await Promise.all([
          post(server(), admin(), 'postern_token_rotate', { token_id }),
          server().call(admin(), 'api_token_revoke', { token_name: made.name }),
        ])
        assert.equal(await works(made), false)
        if (rotated?.json.metadata.result === 1) assert.equal(await works(made, rotated.json.data.token), false)
        else assertFailed(rotated!, /You have no API token named/)
      }
    })

    test('what holds for the token holds for both secrets: pause, address rules, revoke, look-up by secret', async () => {
      const made = await make(server(), admin())
      const token_id = await idOf(made)
      const { token } = await rotate(token_id)
      for (const secret of [made.secret, token]) {
        const found = done(await post(server(), admin(), 'api_token_get_details', { token: secret })).json.data
        assert.equal(found.name, made.name)
      }
      done(await server().root('postern_token_pause', { token_id }))
      assert.deepEqual([await works(made), await works(made, token)], [false, false])
      done(await server().root('postern_token_resume', { token_id }))
      await rotate(token_id, { overlap: 0 })
      assert.deepEqual(done(await post(server(), admin(), 'api_token_get_details', { token })).json.data, {})
    })

    test('P7: a token gets no secret of one that reaches further, and may rotate itself', async () => {
      const narrow = await make(server(), admin(), { acl: OWNER })
      const wide = await make(server(), admin(), { acl: ['basic-whm-functions', 'kill-acct'] })
      const elsewhere = await make(server(), narrow.credential, { acl: ['list-accts'] })
      const asked = async (made: Made) =>
        post(server(), narrow.credential, 'postern_token_rotate', { token_id: await idOf(made) })
      assertFailed(await asked(wide), /reaches further/)
      done(await asked(elsewhere))
      const own = done(await asked(narrow)).json.data.token
      assert.equal(await works(narrow, own), true)
      assert.equal(await works(wide), true)
    })

    test('P8: another owner’s token and none at all are one answer; root, signed in, may rotate it', async () => {
      await server().account('rota', OWNER)
      await server().account('rotb', OWNER)
      const victim = await server().tokenOf('rota', OWNER, { token_name: 'mine' })
      const other = await server().tokenOf('rotb', OWNER)
      const token_id = (await listed(server(), victim)).mine.postern_id
      const asked = (id: string) => post(server(), other, 'postern_token_rotate', { token_id: id })
      const reply = await asked(token_id)
      assertFailed(reply, /You have no API token named/)
      assert.equal(reply.body.replace(token_id, 'tok_none'), (await asked('tok_none')).body)
      const { token } = done(await server().root('postern_token_rotate', { token_id })).json.data
      done(await server().call(`rota:${token}`, 'version'))
      done(await server().call(victim, 'version'))
    })

    test('bad arguments fail and change nothing; without the privilege it is denied', async () => {
      const made = await make(server(), admin())
      const token_id = await idOf(made)
      const asked = (args: Arguments) => post(server(), admin(), 'postern_token_rotate', { token_id, ...args })
      for (const overlap of ['-1', '1.5', '1h', '', 'never', '012', '99999999'])
        assertFailed(await asked({ overlap }), /“overlap” is not valid/, overlap)
      for (const ends_at of [1, 0, 'x']) assertFailed(await asked({ ends_at }), /“ends_at” is not valid/, `${ends_at}`)
      assertFailed(await asked({ ends_at: Math.ceil(Date.now() / 1000) + 367 * 86_400 }), /is more than a year ahead/)
      assertFailed(await asked({ ends_at: 4_000_000_000, overlap: 60 }), /not both/)
      // Ignored, the secret of now would work on for a day.
      for (const args of [{ ends: 'now' }, { overlap_seconds: 0 }, { 'ends-at': 4_000_000_000 }])
        assertFailed(await asked(args), /is not understood. Did you mean “(ends_at|overlap)”/)
      assertFailed(await asked({ key: 'a b' }), /“key” is not valid/)
      const narrow = await make(server(), admin(), { acl: ['list-accts'] })
      assertDenied(await post(server(), narrow.credential, 'postern_token_rotate', { token_id }))
      assert.equal(await works(made), true)
      assert.equal((await rotate(token_id)).secret_number, 2)
    })
  })

  if (database === 'postgres') {
    test('C2, N3: a secret that a rotation or a first use ended is refused on the next call at the other node', async () => {
      const other = await startNode()
      for (let round = 0; round < 15; round += 1) {
        const made = await make(server(), admin())
        const token_id = await idOf(made)
        assert.equal(await works(made, made.secret, other), true)
        const second = (await rotate(token_id, { overlap: 0 })).token
        assert.equal(await works(made, made.secret, other), false)
        assert.equal(await works(made, second, other), true)
        const third = (await rotate(token_id, { overlap: 'first-use' })).token
        assert.equal(await works(made, second, other), true)
        assert.equal(await works(made, third), true)
        assert.equal(await works(made, second, other), false)
      }
    })
  }
})
