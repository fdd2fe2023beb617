/** Privileges end to end: what may be put on a token, what is left of it when its owner changes, and that no door leads around them. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Arguments, done, queryOf, type Reply, startTestServer, type TestServer } from '../start-server.ts'
import {
  assertDenied,
  assertFailed,
  assertRefused,
  callFrom,
  freshName,
  listed,
  make,
  onEachDatabase,
  oneConnection,
  post,
  postJson,
  recordsOf,
  signIn,
} from './token-servers.ts'

const MANAGER = ['basic-whm-functions', 'list-accts', 'acct-summary', 'suspend-acct', 'manage-api-tokens']
const FAR = Math.floor(Date.now() / 1000) + 300 * 86_400
const NEAR = FAR - 200 * 86_400

const basic = (user: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:pass-of-${user}-1`).toString('base64')}`,
})

/** A call with the password of the user. */
const byPassword = (server: TestServer, user: string, name: string, args: Arguments = {}): Promise<Reply> =>
  server.send(`/json-api/${name}?${queryOf({ 'api.version': 1, ...args })}`, { headers: basic(user) })

const flags = (privileges: readonly string[]) => Object.fromEntries(privileges.map((acl) => [`acl-${acl}`, 1]))

onEachDatabase({ settings: { trustedProxies: ['127.0.0.1'] } }, ({ server, admin }) => {
  const setPrivileges = async (reseller: string, privileges: readonly string[]) =>
    done(await server().call(admin(), 'setacls', { reseller, ...flags(privileges) }))

  test('P1: a privilege that the owner lacks fails by its name, alone and among good ones, on create and on update', async () => {
    await server().account('p1', MANAGER)
    const credential = await server().tokenOf('p1', MANAGER)
    const made = await make(server(), credential, { acl: ['list-accts'] })
    const before = await recordsOf(server(), credential)
    for (const acl of [['kill-acct'], ['list-accts', 'kill-acct'], ['kill-acct', 'list-accts']]) {
      const reason = /^You do not hold the privilege “kill-acct”, so you cannot give it\.$/
      assertFailed(await server().call(credential, 'api_token_create', { token_name: freshName(), acl }), reason)
      assertFailed(await byPassword(server(), 'p1', 'api_token_create', { token_name: freshName(), acl }), reason)
      assertFailed(await server().call(credential, 'api_token_update', { token_name: made.name, acl }), reason)
      assertFailed(await byPassword(server(), 'p1', 'api_token_update', { token_name: made.name, acl }), reason)
    }
    assert.deepEqual(await recordsOf(server(), credential), before)
  })

  test('P2: what is no privilege fails by its name', async () => {
    const made = await make(server(), admin(), { acl: ['list-accts'] })
    const before = await recordsOf(server(), admin())
    for (const name of [
      'no-such',
      'Create-Acct',
      'ALL',
      'list-accts ',
      ' list-accts',
      'all ',
      '*',
      'list-accts,create-acct',
      '__proto__',
      'frontpage',
    ]) {
      for (const acl of [[name], ['list-accts', name]]) {
        const create = await post(server(), admin(), 'api_token_create', { token_name: freshName(), acl })
        assertFailed(create, /^There is no privilege named /, name)
        assert.ok(create.json.metadata.reason.includes(`“${name}”`), create.body)
        const update = await post(server(), admin(), 'api_token_update', { token_name: made.name, acl })
        assertFailed(update, /^There is no privilege named /, name)
      }
    }
    for (const acl of ['', ['list-accts', '']]) {
      const create = await post(server(), admin(), 'api_token_create', { token_name: freshName(), acl })
      assertFailed(create, /^The argument “acl” is not valid: “” is empty/)
    }
    assert.deepEqual(await recordsOf(server(), admin()), before)
  })

  test('P3: every documented spelling of a list gives the same set, doubles once', async () => {
    const [a, b, c] = ['list-accts', 'kill-acct', 'passwd']
    const spellings: readonly Arguments[] = [
      { acl: [a, b, c] },
      { acl: [c, b, a, a] },
      { 'acl-0': a, 'acl-1': b, 'acl-2': c },
      { 'acl-2': a, 'acl-1': b, 'acl-0': c },
      { acl: a, 'acl-1': b, 'acl-2': c },
      { 'acl-3': a, 'acl-90': b, 'acl-7': c, acl: b },
      { acl: [a, b], 'acl-0': c },
    ]
    const wanted = [...[a, b, c]].sort()
    for (const spelling of spellings) {
      const args = () => ({ token_name: freshName(), ...spelling })
      const replies = [
        await server().call(admin(), 'api_token_create', args()),
        await post(server(), admin(), 'api_token_create', args()),
        await postJson(server(), admin(), 'api_token_create', args()),
      ]
      for (const reply of replies) assert.deepEqual([...done(reply).json.data.acls].sort(), wanted, queryOf(spelling))
      const made = await make(server(), admin())
      const update = await post(server(), admin(), 'api_token_update', { token_name: made.name, ...spelling })
      assert.deepEqual([...done(update).json.data.acls].sort(), wanted)
    }
  })

  test('P3: what only resembles the list is not understood, since ignoring it would give everything', async () => {
    const made = await make(server(), admin(), { acl: ['list-accts'] })
    const before = await recordsOf(server(), admin())
    for (const name of [
      'acl[]',
      'acl[0]',
      'acl_1',
      'acl.0',
      'acl-x',
      'acl-01',
      'acl-',
      'acl-list-accts',
      'acls',
      'ACL',
      ' acl',
      'ａcl',
      'aclist',
    ]) {
      const create = { token_name: freshName(), [name]: 'list-accts' }
      assertFailed(await post(server(), admin(), 'api_token_create', create), /is not understood/, name)
      assertFailed(await postJson(server(), admin(), 'api_token_create', create), /is not understood/, name)
      const update = { token_name: made.name, expires_at: FAR, [name]: 'list-accts' }
      assertFailed(await post(server(), admin(), 'api_token_update', update), /is not understood/, name)
    }
    for (const acl of [null, {}, [], [['list-accts']], ['list-accts', null]]) {
      const body = { token_name: freshName(), acl }
      assertFailed(await postJson(server(), admin(), 'api_token_create', body), /^The argument “acl” is not valid/)
    }
    assert.deepEqual(await recordsOf(server(), admin()), before)
  })

  test('P4: a doubled JSON key is a bad request, and nothing is made', async () => {
    const before = await recordsOf(server(), admin())
    for (const body of [
      '{"token_name":"p4","acl":"list-accts","acl":"all"}',
      '{"token_name":"p4","acl":"all","\\u0061cl":"list-accts"}',
      '{"token_name":"p4","acl":["list-accts"],"acl":["list-accts"]}',
    ]) {
      const reply = await postJson(server(), admin(), 'api_token_create', body)
      assert.deepEqual([reply.status, reply.json.metadata.result], [400, 0])
    }
    assert.deepEqual(await recordsOf(server(), admin()), before)
  })

  test('P4: with the list in query and body the body wins, and the trail notes that it came twice', async () => {
    for (const [type, body] of [
      ['application/x-www-form-urlencoded', 'acl=list-accts'],
      ['application/json', '{"acl":["list-accts"]}'],
    ] as const) {
      const name = freshName()
      const reply = await server().send(`/json-api/api_token_create?api.version=1&token_name=${name}&acl=all`, {
        method: 'POST',
        headers: { authorization: `whm ${admin()}`, 'content-type': type },
        body,
      })
      assert.deepEqual(done(reply).json.data.acls, ['list-accts'])
      const [entry] = await server().audit({ function: 'api_token_create', target: name })
      assert.deepEqual(entry.details.given_twice, ['acl'])
    }
  })

  test('P5: Everything is for root; a list that is left out gives what the caller holds at that moment and no more later', async () => {
    await server().account('p5', MANAGER)
    const credential = await server().tokenOf('p5', MANAGER)
    for (const acl of ['all', ['list-accts', 'all']]) {
      const reply = await byPassword(server(), 'p5', 'api_token_create', { token_name: freshName(), acl })
      assertFailed(reply, /^The privilege “all” is for root alone\.$/)
    }
    const token_name = freshName()
    const { data } = done(await byPassword(server(), 'p5', 'api_token_create', { token_name })).json
    assert.deepEqual([...data.acls].sort(), [...MANAGER].sort())
    await setPrivileges('p5', [...MANAGER, 'list-pkgs', 'kill-acct'])
    assertDenied(await server().call(`p5:${data.token}`, 'removeacct', { username: 'nobody' }))
    assert.equal((await listed(server(), credential))[token_name].acls['kill-acct'], 0)
    const everything = done(await server().root('api_token_create', { token_name })).json.data
    assert.deepEqual(everything.acls, ['all'])
    const entries = await server().audit({ function: 'api_token_create', target: token_name })
    assert.deepEqual(
      entries.map(({ details }) => details.made_with),
      ['made with everything', 'made with everything'],
    )
  })

  test('P6: on one open connection a token follows what happens to its owner', async () => {
    await server().account('p6', MANAGER)
    const credential = await server().tokenOf('p6', ['list-accts', 'basic-whm-functions'])
    const secret = credential.slice(credential.indexOf(':') + 1)
    const agent = oneConnection()
    const call = (user = 'p6', name = 'listaccts') =>
      callFrom(server(), '192.0.2.1', `${user}:${secret}`, name, { agent })
    const asAdmin = async (name: string, args: Arguments) => done(await server().call(admin(), name, args))
    done(await call())
    await setPrivileges('p6', ['manage-api-tokens', 'basic-whm-functions'])
    assertDenied(await call())
    done(await call('p6', 'version'))
    await setPrivileges('p6', MANAGER)
    done(await call())
    await asAdmin('suspendacct', { user: 'p6' })
    assertRefused(await call())
    await asAdmin('unsuspendacct', { user: 'p6' })
    done(await call())
    await asAdmin('unsetupreseller', { user: 'p6' })
    assertDenied(await call())
    await asAdmin('setupreseller', { user: 'p6' })
    done(await call('p6', 'version'))
    await setPrivileges('p6', MANAGER)
    await asAdmin('modifyacct', { user: 'p6', newuser: 'p6new' })
    done(await call('p6new'))
    assertRefused(await call('p6'))
    done(await call('p6new'))
    await asAdmin('removeacct', { username: 'p6new' })
    assertRefused(await call('p6new'))
    agent.destroy()
    const reasons = (await server().audit({ outcome: 'refused', function: 'listaccts' })).map(({ reason }) => reason)
    assert.deepEqual(
      reasons.slice(0, 5).map((reason) => reason.split(':', 1)[0]),
      ['owner-removed', 'other-user', 'privilege-missing', 'owner-suspended', 'privilege-missing'],
    )
  })

  test('P6: a new account of the same name does not inherit the tokens of the one that was removed', async () => {
    await server().account('p6again', MANAGER)
    const old = await server().tokenOf('p6again', ['list-accts'])
    done(await server().call(admin(), 'removeacct', { username: 'p6again' }))
    await server().account('p6again', MANAGER)
    assertRefused(await server().call(old, 'listaccts'))
    assert.deepEqual(done(await byPassword(server(), 'p6again', 'api_token_list')).json.data.tokens, {})
  })

  test('P6: for a suspended owner no token can be made, not on the machine itself either', async () => {
    await server().account('p6susp', MANAGER)
    const token = await server().tokenOf('p6susp', MANAGER)
    done(await server().call(admin(), 'suspendacct', { user: 'p6susp' }))
    assertRefused(await server().call(token, 'api_token_create', { token_name: 'x', acl: 'list-accts' }))
    const { runtime } = server().server
    const user = await runtime.stores.accounts.findUser('p6susp')
    assert.ok(user)
    const { call } = await import('../../src/functions/call.ts')
    const local = {
      userId: user.id,
      user: user.name,
      kind: user.kind,
      privileges: new Set(user.privileges),
      credential: { kind: 'local' },
      address: undefined,
    } as const
    const args = { values: new Map([['token_name', ['x']]]), unreadable: new Map(), clashes: [] }
    const request = { functionName: 'api_token_create', args, requestId: '', now: new Date(), notes: {} }
    await assert.rejects(async () => call(runtime.door, local, request), /is suspended and can have no new token/)
  })

  describe('P7: a token that manages tokens is bounded by itself', () => {
    const limited = () =>
      make(server(), admin(), {
        acl: ['manage-api-tokens', 'list-accts'],
        whitelist_ip: ['192.0.2.0/24', '127.0.0.1'],
        expires_at: NEAR,
      })

    test('P7: what it makes holds no privilege, address or time that it lacks itself', async () => {
      const { credential } = await limited()
      const refusals: readonly (readonly [Arguments, RegExp])[] = [
        [{ acl: 'kill-acct' }, /do not hold the privilege “kill-acct”/],
        [{ acl: 'all' }, /“all” is for root alone/],
        [{ acl: 'list-accts', expires_at: NEAR + 1 }, /gives no more than it has itself/],
        [{ acl: 'list-accts', expires_at: 0 }, /gives no more than it has itself/],
        [{ acl: 'list-accts', whitelist_ip: '192.0.3.1' }, /gives no more than it has itself/],
        [{ acl: 'list-accts', whitelist_ip: '192.0.2.0/23' }, /gives no more than it has itself/],
        [{ acl: 'list-accts', whitelist_ip: ['192.0.2.1', '2001:db8::1'] }, /gives no more than it has itself/],
        [{ acl: 'list-accts', whitelist_ip: 'any' }, /gives no more than it has itself/],
        [{ acl: 'list-accts', whitelist_ip: '' }, /gives no more than it has itself/],
      ]
      const before = await recordsOf(server(), admin())
      for (const [args, reason] of refusals) {
        const create = { token_name: freshName(), ...args }
        assertFailed(await server().call(credential, 'api_token_create', create), reason, queryOf(args))
      }
      assert.deepEqual(await recordsOf(server(), admin()), before)
    })

    test('P7: what is left out on creation is its own, not its owner’s', async () => {
      const { credential } = await limited()
      const { data } = done(await server().call(credential, 'api_token_create', { token_name: freshName() })).json
      assert.deepEqual([...data.acls].sort(), ['list-accts', 'manage-api-tokens'])
      assert.deepEqual([data.expires_at, data.whitelist_ips], [NEAR, ['192.0.2.0/24', '127.0.0.1']])
      const narrower = { token_name: freshName(), acl: 'list-accts', whitelist_ip: '192.0.2.7', expires_at: NEAR - 5 }
      done(await server().call(credential, 'api_token_create', narrower))
    })

    test('P7: it cannot widen itself, only narrow and rename', async () => {
      const own = await limited()
      const before = (await listed(server(), admin()))[own.name]
      for (const args of [
        { acl: ['manage-api-tokens', 'list-accts', 'kill-acct'] },
        { acl: 'all' },
        { whitelist_ip: 'any' },
        { whitelist_ip: '' },
        { whitelist_ip: ['192.0.2.0/24', '10.0.0.1'] },
        { expires_at: 0 },
        { expires_at: '' },
        { expires_at: FAR },
      ]) {
        const reply = await server().call(own.credential, 'api_token_update', { token_name: own.name, ...args })
        assertFailed(reply, /do not hold|root alone|gives no more than it has itself/, queryOf(args))
      }
      assert.deepEqual((await listed(server(), admin()))[own.name].acls, before.acls)
      const new_name = freshName('itself')
      done(await server().call(own.credential, 'api_token_update', { token_name: own.name, new_name }))
      const narrow = {
        token_name: new_name,
        expires_at: NEAR - 100,
        whitelist_ip: '127.0.0.1',
        acl: 'manage-api-tokens',
      }
      done(await server().call(own.credential, 'api_token_update', narrow))
      const back = { token_name: new_name, acl: ['manage-api-tokens', 'list-accts'] }
      assertFailed(
        await server().call(own.credential, 'api_token_update', back),
        /do not hold the privilege “list-accts”/,
      )
    })

    test('P7: it takes nothing off a token that reaches further than itself', async () => {
      const free = await make(server(), admin(), { acl: ['manage-api-tokens', 'list-accts'] })
      const target = await make(server(), admin(), { acl: ['all'], whitelist_ip: '192.0.2.9', expires_at: NEAR })
      const update = (args: Arguments) =>
        server().call(free.credential, 'api_token_update', { token_name: target.name, ...args })
      for (const args of [
        { whitelist_ip: 'any' },
        { whitelist_ip: ['192.0.2.9', '127.0.0.1'] },
        { expires_at: 0 },
        { expires_at: FAR },
      ]) {
        assertFailed(await update(args), /gives no more than it has itself/, queryOf(args))
      }
      assertRefused(await server().call(target.credential, 'version'))
      const kept = (await listed(server(), admin()))[target.name]
      assert.deepEqual([kept.whitelist_ips, kept.expires_at, kept.acls.all], [['192.0.2.9'], NEAR, 1])
      // To narrow it, or to make it what it could have made itself, is no gift.
      done(await update({ expires_at: NEAR - 1000 }))
      done(await update({ acl: 'list-accts', whitelist_ip: 'any', expires_at: 0 }))
    })

    test('P7: under the setting “reset” it resets others and itself to its own limits', async () => {
      const strict = await startTestServer({ settings: { tokenUpdateOmission: 'reset' } })
      try {
        const root = await strict.rootToken(['all'])
        const acl = ['manage-api-tokens', 'list-accts']
        const own = await make(strict, root, { acl, whitelist_ip: '127.0.0.1', expires_at: NEAR })
        const wide = await make(strict, root, { acl: ['all'] })
        for (const { name } of [own, wide]) {
          const { data } = done(await strict.call(own.credential, 'api_token_update', { token_name: name })).json
          assert.deepEqual(
            [[...data.acls].sort(), data.whitelist_ips, data.expires_at],
            [['list-accts', 'manage-api-tokens'], ['127.0.0.1'], NEAR],
          )
        }
      } finally {
        await strict.close()
      }
    })

    test('P7: what its owner has lost since, it cannot give', async () => {
      await server().account('p7', MANAGER)
      const credential = await server().tokenOf('p7', MANAGER)
      await setPrivileges('p7', ['manage-api-tokens', 'list-accts'])
      const create = { token_name: freshName(), acl: 'suspend-acct' }
      assertFailed(await server().call(credential, 'api_token_create', create), /“suspend-acct”/)
      const { data } = done(await server().call(credential, 'api_token_create', { token_name: freshName() })).json
      assert.deepEqual([...data.acls].sort(), ['list-accts', 'manage-api-tokens'])
    })
  })

  test('P8: the account of another is “not found”, in the words of one that does not exist', async () => {
    await server().account('p8a', [...MANAGER, 'edit-account', 'kill-acct', 'passwd', 'create-acct'])
    await server().account('p8b', MANAGER)
    await server().account('p8mine', undefined, { owner: 'p8a' })
    await server().account('p8other', undefined, { owner: 'p8b' })
    const a = await server().tokenOf('p8a', [...MANAGER, 'edit-account', 'kill-acct', 'passwd'])
    const before = done(await server().call(admin(), 'listaccts')).json.data
    const withUser = (user: string): readonly (readonly [string, Arguments])[] => [
      ['accountsummary', { user }],
      ['suspendacct', { user }],
      ['unsuspendacct', { user }],
      ['modifyacct', { user, contactemail: 'x@example.org' }],
      ['passwd', { user, password: 'long enough 9' }],
      ['removeacct', { username: user }],
      ['accountsummary', { domain: `${user}.example.com` }],
    ]
    const nobody = withUser('p8zzzzz')
    for (const user of ['p8other', 'p8b']) {
      for (const [index, [name, args]] of withUser(user).entries()) {
        const [, missingArgs = {}] = nobody[index] ?? []
        const theirs = await server().call(a, name, args)
        const missing = await server().call(a, name, missingArgs)
        assertFailed(theirs, /./, `${name} ${user}`)
        assert.equal(theirs.body.replaceAll(user, 'X'), missing.body.replaceAll('p8zzzzz', 'X'), name)
      }
    }
    const mixed = (domain: string) => server().call(a, 'accountsummary', { user: 'p8mine', domain })
    assert.equal((await mixed('p8other.example.com')).body, (await mixed('nowhere.example.com')).body)
    for (const args of [
      {},
      { search: 'p8other', searchtype: 'user' },
      { search: '.', searchtype: 'domain' },
      { search: 'p8b', searchtype: 'owner' },
    ]) {
      const { acct } = done(await server().call(a, 'listaccts', args)).json.data
      assert.ok(acct.every((account: { owner: string }) => account.owner === 'p8a'))
    }
    assert.deepEqual(done(await server().call(admin(), 'listaccts')).json.data, before)
  })

  test('P8: the token of another owner is neither seen, changed, paused nor ended, by name, id or secret', async () => {
    await server().account('p8t', MANAGER)
    await server().account('p8v', MANAGER)
    const t = await server().tokenOf('p8t', MANAGER)
    const victim = await make(server(), await server().tokenOf('p8v', MANAGER), {
      token_name: 'victim',
      acl: ['list-accts'],
    })
    const [{ postern_id: id }] = done(
      await server().call(admin(), 'postern_token_list', { owner: 'p8v' }),
    ).json.data.tokens.filter((token: { name: string }) => token.name === 'victim')
    const missingId = 'tok_0000000000000000'
    for (const credential of [t, admin()]) {
      const asked: readonly (readonly [string, Arguments, Arguments])[] = [
        ['api_token_revoke', { token_name: 'victim' }, { token_name: 'vxxxxx' }],
        ['api_token_update', { token_name: 'victim', acl: 'list-accts' }, { token_name: 'vxxxxx', acl: 'list-accts' }],
        ['postern_token_pause', { token_id: id }, { token_id: missingId }],
      ]
      for (const [name, theirs, missing] of asked) {
        const reply = await server().call(credential, name, theirs)
        assertFailed(reply, /^You have no API token named/, name)
        const same = (await server().call(credential, name, missing)).body
        assert.equal(
          reply.body.replace('victim', 'X').replace(id, 'X'),
          same.replace('vxxxxx', 'X').replace(missingId, 'X'),
        )
      }
      assert.deepEqual(
        done(await post(server(), credential, 'api_token_get_details', { token: victim.secret })).json.data,
        {},
      )
      assert.equal((await server().call(credential, 'api_token_list')).body.includes('victim'), false)
    }
    for (const args of [{}, { owner: 'p8v' }, { owner: 'root' }, { owner: 'nobody' }]) {
      const { tokens } = done(await server().call(t, 'postern_token_list', args)).json.data
      assert.ok(tokens.every((token: { owner: string }) => token.owner === 'p8t'))
    }
    done(await server().call(victim.credential, 'listaccts'))
  })

  test('a session may call what its user may', async () => {
    await server().account('p9session', MANAGER)
    const session = await signIn(server(), 'p9session')
    done(await session.call('version'))
    assertDenied(await session.call('listresellers'))
  })
})
