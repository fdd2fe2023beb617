/** Postern's own token functions: the list over all owners, pause and resume, and the end of all. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Arguments, done, queryOf, type Reply } from '../start-server.ts'
import {
  assertDenied,
  assertFailed,
  assertRefused,
  listed,
  make,
  onEachDatabase,
  signIn,
  type TokenServer,
} from './token-servers.ts'

const OWNER = ['basic-whm-functions', 'manage-api-tokens']
const NOBODYS = 'tok_0000000000000000'
const SOON = Math.floor(Date.now() / 1000) + 86_400

type Listed = {
  readonly name: string
  readonly owner: string
  readonly postern_id: string
  readonly postern_status: string
}

onEachDatabase({}, (on: TokenServer) => {
  const { server, admin } = on
  const all = async (credential: string, args: Arguments = {}): Promise<readonly Listed[]> =>
    done(await server().call(credential, 'postern_token_list', args)).json.data.tokens
  const idOf = async (credential: string, name: string): Promise<string> =>
    (await listed(server(), credential))[name].postern_id
  const withPassword = (user: string, name: string, args: Arguments = {}): Promise<Reply> =>
    server().send(`/json-api/${name}?${queryOf({ 'api.version': 1, ...args })}`, {
      headers: { authorization: `Basic ${Buffer.from(`${user}:pass-of-${user}-1`).toString('base64')}` },
    })

  describe('postern_token_list', () => {
    test('root sees the tokens of all owners, a reseller their own, as a list with all that api_token_list tells, and the owner', async () => {
      await server().account('lista', OWNER)
      await server().account('listb', OWNER)
      const [a, b] = [await server().tokenOf('lista', OWNER), await server().tokenOf('listb', OWNER)]
      const owners = (tokens: readonly Listed[]) => [...new Set(tokens.map(({ owner }) => owner))].sort()
      assert.deepEqual(owners(await all(admin())), ['lista', 'listb', 'root'])
      assert.deepEqual(owners(await all(a)), ['lista'])
      assert.deepEqual(owners(await all(b)), ['listb'])
      assert.deepEqual(owners(await all(admin(), { owner: 'lista' })), ['lista'])
      assert.deepEqual(await all(a, { owner: 'listb' }), [])
      assert.deepEqual(await all(a, { owner: 'root' }), [])
      assert.deepEqual(await all(admin(), { owner: 'nobody' }), [])
      const [mine] = (await all(a)) as readonly object[]
      const [whm] = Object.values(await listed(server(), a))
      assert.deepEqual(
        [...Object.keys(whm), 'owner'].filter((key) => !Object.hasOwn(mine ?? {}, key)),
        [],
      )
    })

    test('output controls filter, sort and page it', async () => {
      for (const token_name of ['page-b', 'page-a', 'page-c']) await make(server(), admin(), { token_name })
      const controls = {
        'api.filter.enable': 1,
        'api.filter.a.field': 'name',
        'api.filter.a.type': 'begins',
        'api.filter.a.arg0': 'page-',
        'api.sort.enable': 1,
        'api.sort.a.field': 'name',
        'api.sort.a.reverse': 1,
        'api.chunk.enable': 1,
        'api.chunk.size': 2,
        'api.chunk.start': 1,
      }
      assert.deepEqual(
        (await all(admin(), controls)).map(({ name }) => name),
        ['page-c', 'page-b'],
      )
    })

    test('each token has a status, and neither secret nor digest is there', async () => {
      const soon = await make(server(), admin(), { expires_at: SOON })
      const paused = await make(server(), admin())
      done(await server().call(admin(), 'postern_token_pause', { token_id: await idOf(admin(), paused.name) }))
      const tokens = await all(admin())
      const statusOf = (name: string) => tokens.find((token) => token.name === name)?.postern_status
      assert.deepEqual([statusOf(soon.name), statusOf(paused.name)], ['expires-soon', 'paused'])
      assert.doesNotMatch(JSON.stringify(tokens), /PSW[0-9A-Z]{29}|[0-9a-f]{64}/)
    })

    test('without the privilege it is denied; a bad owner fails', async () => {
      const narrow = await make(server(), admin(), { acl: ['list-accts'] })
      assertDenied(await server().call(narrow.credential, 'postern_token_list'))
      assertFailed(await server().call(admin(), 'postern_token_list', { owner: '' }), /“owner” is not valid/)
    })
  })

  describe('postern_token_pause and postern_token_resume', () => {
    test('a paused token is refused at once, stays listed, and works again when it is resumed', async () => {
      const made = await make(server(), admin())
      const token_id = await idOf(admin(), made.name)
      const { data } = done(
        await server().call(admin(), 'postern_token_pause', { token_id, reason: 'being looked at' }),
      ).json
      assert.deepEqual(data, {})
      assertRefused(await server().call(made.credential, 'version'))
      assert.equal((await listed(server(), admin()))[made.name].postern_status, 'paused')
      const [refused] = await server().audit({ token: token_id, outcome: 'refused' })
      const [entry] = await server().audit({ target: token_id })
      assert.equal(refused.reason, 'paused')
      assert.deepEqual(
        [entry.outcome, entry.details.tokens, entry.details.pause_reason],
        ['done', [token_id], 'being looked at'],
      )
      done(await server().root('postern_token_resume', { token_id }))
      done(await server().call(made.credential, 'version'))
    })

    test('both can be repeated, and a resume of what is not paused changes nothing', async () => {
      const made = await make(server(), admin())
      const token_id = await idOf(admin(), made.name)
      done(await server().root('postern_token_resume', { token_id }))
      for (const name of ['postern_token_pause', 'postern_token_pause', 'postern_token_resume', 'postern_token_resume'])
        done(await server().root(name, { token_id }))
      done(await server().call(made.credential, 'version'))
    })

    test('root, signed in, acts on the tokens of everybody; whoever comes with a token on those of its user', async () => {
      await server().account('pausa', OWNER)
      await server().account('pausb', OWNER)
      const victim = await server().tokenOf('pausa', OWNER, { token_name: 'mine' })
      const other = await server().tokenOf('pausb', OWNER)
      const token_id = await idOf(victim, 'mine')
      for (const credential of [other, admin()]) {
        const reply = await server().call(credential, 'postern_token_pause', { token_id })
        assertFailed(reply, /^You have no API token named/)
        const missing = await server().call(credential, 'postern_token_pause', { token_id: NOBODYS })
        assert.equal(reply.body.replace(token_id, NOBODYS), missing.body)
      }
      assertFailed(await withPassword('pausb', 'postern_token_resume', { token_id }), /You have no API token named/)
      done(await server().call(victim, 'version'))
      done(await server().root('postern_token_pause', { token_id }))
      assertRefused(await server().call(victim, 'version'))
      done(await server().root('postern_token_resume', { token_id }))
      done(await server().call(victim, 'version'))
    })

    test('what root paused, its owner cannot resume', async () => {
      await server().account('pausr', ['basic-whm-functions', 'manage-api-tokens'])
      const credential = await server().tokenOf('pausr', ['basic-whm-functions'])
      const tokens = done(await server().root('postern_token_list', { owner: 'pausr' })).json.data.tokens
      const token_id = tokens[0].postern_id
      done(await server().root('postern_token_pause', { token_id }))
      assertFailed(
        await withPassword('pausr', 'postern_token_resume', { token_id }),
        /only root may resume a token that root paused/,
      )
      assertRefused(await server().call(credential, 'version'))
      done(await server().root('postern_token_resume', { token_id }))
      done(await server().call(credential, 'version'))
    })

    test('a token may pause, itself too, and may not resume', async () => {
      const made = await make(server(), admin(), { acl: OWNER })
      const other = await make(server(), admin())
      const ids = [await idOf(admin(), other.name), await idOf(admin(), made.name)]
      done(await server().call(made.credential, 'postern_token_pause', { token_id: ids[0] ?? '' }))
      for (const args of [{ token_id: ids[0] ?? '' }, { restored: 1 }]) {
        for (const credential of [made.credential, admin()])
          assertFailed(await server().call(credential, 'postern_token_resume', args), /sign in to do that/)
      }
      done(await server().call(made.credential, 'postern_token_pause', { token_id: ids[1] ?? '' }))
      assertRefused(await server().call(made.credential, 'version'))
      assertRefused(await server().call(other.credential, 'version'))
    })

    test('unknown ids beside known ones are told, and the known ones are done all the same', async () => {
      const made = await make(server(), admin())
      const token_id = await idOf(admin(), made.name)
      for (const [name, isUsable] of [
        ['postern_token_pause', false],
        ['postern_token_resume', true],
      ] as const) {
        assertFailed(await server().root(name, { token_id: [NOBODYS, token_id] }), new RegExp(`“${NOBODYS}”`))
        const used = await server().call(made.credential, 'version')
        if (isUsable) done(used)
        else assertRefused(used)
        const [entry] = await server().audit({ function: name, outcome: 'done' })
        assert.deepEqual([entry.details.tokens, entry.details.not_found], [[token_id], [NOBODYS]])
        assertFailed(await server().root(name, { token_id: NOBODYS }), /You have no API token named/)
      }
    })

    test('a revoked token can be neither paused nor resumed, and an update leaves a paused one paused', async () => {
      const [gone, kept] = [await make(server(), admin()), await make(server(), admin())]
      const [goneId, keptId] = [await idOf(admin(), gone.name), await idOf(admin(), kept.name)]
      done(await server().call(admin(), 'api_token_revoke', { token_name: gone.name }))
      for (const name of ['postern_token_pause', 'postern_token_resume'])
        assertFailed(await server().root(name, { token_id: goneId }), /You have no API token named/)
      done(await server().root('postern_token_pause', { token_id: keptId }))
      done(await server().call(admin(), 'api_token_update', { token_name: kept.name, acl: 'all', expires_at: SOON }))
      assertRefused(await server().call(kept.credential, 'version'))
    })

    test('bad arguments fail: none, both, the reason kept for restored backups', async () => {
      const root = (name: string, args: Arguments = {}) => server().root(name, args)
      assertFailed(await root('postern_token_pause'), /“token_id” is required/)
      assertFailed(await root('postern_token_resume'), /“token_id” is required/)
      assertFailed(await root('postern_token_resume', { token_id: NOBODYS, restored: 1 }), /not both/)
      assertFailed(await root('postern_token_pause', { token_id: NOBODYS, reason: 'restored' }), /kept for restored/)
      await server().account('pausc', OWNER)
      assertFailed(await withPassword('pausc', 'postern_token_resume', { restored: 1 }), /only root may/)
      const { metadata } = done(await root('postern_token_resume', { restored: 1 })).json
      assert.equal(metadata.reason, '0 tokens resumed.')
    })

    test('without the privilege they are denied, without credentials not answered', async () => {
      const narrow = await make(server(), admin(), { acl: ['list-accts'] })
      for (const name of ['postern_token_pause', 'postern_token_resume', 'postern_token_revoke_all']) {
        assertDenied(await server().call(narrow.credential, name, { token_id: NOBODYS }))
        assert.equal((await server().send(`/json-api/${name}?api.version=1&token_id=${NOBODYS}`)).status, 401)
      }
    })
  })

  test('postern_token_revoke_all ends every token of the caller, the calling one too, and none of another', async () => {
    await server().account('alla', OWNER)
    const [first, second] = [await server().tokenOf('alla', OWNER), await server().tokenOf('alla', OWNER)]
    const session = await signIn(server(), 'alla')
    const { revoked, tokens } = done(await server().call(first, 'postern_token_revoke_all')).json.data
    assert.deepEqual([revoked, tokens.length], [2, 2])
    for (const credential of [first, second]) assertRefused(await server().call(credential, 'version'))
    const [entry] = await server().audit({ function: 'postern_token_revoke_all', outcome: 'done' })
    assert.deepEqual([entry.caller, entry.details.revoked, entry.details.tokens.length], ['alla', 2, 2])
    assert.deepEqual(done(await session.call('postern_token_revoke_all')).json.data, { revoked: 0, tokens: [] })
    done(await server().call(admin(), 'version'))
  })
})
