/** What each token did, and the ready views of the list. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Arguments, done, type Reply } from '../start-server.ts'
import {
  assertDenied,
  assertFailed,
  assertRefused,
  callFrom,
  listed,
  make,
  onEachDatabase,
  post,
  type TokenServer,
} from './token-servers.ts'

const OWNER = ['basic-whm-functions', 'list-accts', 'acct-summary', 'create-acct', 'manage-api-tokens']
const DAY_MS = 86_400_000

let aheadMs = 0
const options = { settings: { trustedProxies: ['127.0.0.1'] }, wallMs: () => Date.now() + aheadMs }

onEachDatabase(options, (on: TokenServer) => {
  const { server, admin, name: database, startNode } = on
  const idOf = async (name: string): Promise<string> => (await listed(server(), admin()))[name].postern_id
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails where that is not there
  const usageOf = async (token_id: string, args: Arguments = {}): Promise<any> =>
    done(await server().root('postern_token_usage', { token_id, ...args })).json.data
  const view = async (view: string, args: Arguments = {}): Promise<readonly string[]> => {
    await server().server.runtime.flushUsage()
    const { tokens } = done(await server().root('postern_token_list', { view, ...args })).json.data
    return tokens.map(({ name }: { name: string }) => name)
  }

  describe('postern_token_usage', () => {
    test('functions within a batch and calls into an account are counted by their own names', async () => {
      await server().account('ledgi')
      const made = await make(server(), admin(), { acl: ['basic-whm-functions', 'cpanel-api'] })
      const into = 'uapi_cpanel?cpanel.user=ledgi&cpanel.module=Tokens&cpanel.function=list'
      done(await server().call(made.credential, 'batch', { command: ['version', 'version', into, 'no_such_one'] }))
      const byXml = await server().send('/xml-api/version', { headers: { authorization: `whm ${made.credential}` } })
      assert.equal(byXml.status, 200)
      const { functions } = await usageOf(await idOf(made.name))
      const counted = functions.map(({ name, calls }: { name: string; calls: number }) => [name, calls])
      assert.deepEqual(Object.fromEntries(counted), { batch: 1, version: 3, uapi_cpanel: 1, 'Tokens::list': 1 })
    })

    test('tells when, from where and with what a token was used, first and last, and counts functions, addresses and accounts', async () => {
      await server().account('ledga', OWNER)
      const made = await make(server(), admin(), { acl: OWNER })
      const token_id = await idOf(made.name)
      for (const address of ['192.0.2.7', '192.0.2.7', '2001:db8::7'])
        done(await callFrom(server(), address, made.credential))
      const asked = [
        ['accountsummary', { user: 'ledga' }],
        ['accountsummary', { domain: 'ledga.example.com' }],
        ['verify_new_username', { user: 'nobodyyet' }],
        ['listaccts', {}],
      ] as const
      for (const [name, args] of asked) done(await server().call(made.credential, name, args))
      const usage = await usageOf(token_id)
      assert.equal(usage.accuracy_seconds, 1)
      const counts = (list: readonly { name: string; calls: number }[]) =>
        Object.fromEntries(list.map(({ name, calls }) => [name, calls]))
      assert.deepEqual(counts(usage.functions), { version: 3, accountsummary: 2, listaccts: 1, verify_new_username: 1 })
      assert.deepEqual(counts(usage.addresses), { '127.0.0.1': 4, '192.0.2.7': 2, '2001:db8::7': 1 })
      assert.deepEqual(counts(usage.accounts), { ledga: 2 })
      const { token, series, secrets } = usage
      assert.deepEqual(
        [token.name, token.owner, token.postern_calls, token.postern_last_function, token.postern_last_used_from],
        [made.name, 'root', 7, 'listaccts', '127.0.0.1'],
      )
      const nowSeconds = Math.floor((Date.now() + aheadMs) / 1000)
      for (const at of [token.postern_first_used, token.postern_last_used])
        assert.ok(Math.abs(at - nowSeconds) < 60, `${at}`)
      assert.deepEqual(
        series.map(({ calls, refused }: { calls: number; refused: number }) => [calls, refused]),
        [[7, 0]],
      )
      assert.equal(series[0].time % 86_400, 0)
      const [hour] = (await usageOf(token_id, { period: 'hour' })).series
      assert.deepEqual([hour.calls, hour.time % 3600], [7, 0])
      assert.deepEqual([secrets.length, secrets[0].secret_number, secrets[0].calls], [1, 1, 7])
      assert.deepEqual(usage.unused_privileges, ['manage-api-tokens'])
      assert.doesNotMatch(JSON.stringify(usage), /PSW[0-9A-Z]{29}|[0-9a-f]{64}/)
    })

    test('refusals are counted by their reason: address, privilege, paused, expired, revoked; and show who still knocks', async () => {
      const made = await make(server(), admin(), { acl: ['basic-whm-functions'], whitelist_ip: '192.0.2.0/24' })
      const token_id = await idOf(made.name)
      assertRefused(await callFrom(server(), '198.51.100.1', made.credential))
      assertRefused(await callFrom(server(), '198.51.100.1', made.credential))
      assertDenied(await callFrom(server(), '192.0.2.1', made.credential, 'listaccts'))
      done(await server().root('postern_token_pause', { token_id }))
      assertRefused(await callFrom(server(), '192.0.2.1', made.credential))
      done(await server().root('postern_token_revoke', { token_id, reason: 'leaked' }))
      assertRefused(await callFrom(server(), '203.0.113.5', made.credential))
      const usage = await usageOf(token_id)
      assert.deepEqual(
        Object.fromEntries(usage.refusals.map(({ name, calls }: { name: string; calls: number }) => [name, calls])),
        { 'address-not-allowed': 2, 'privilege-missing': 1, paused: 1, revoked: 1 },
      )
      assert.deepEqual([usage.series[0].calls, usage.series[0].refused], [1, 5])
      const { token } = usage
      assert.deepEqual(
        [token.postern_refused, token.postern_last_refused_from, token.postern_last_refused_reason],
        [5, '203.0.113.5', 'revoked'],
      )
      assert.deepEqual([token.postern_status, token.postern_revoke_reason], ['revoked', 'leaked'])
      assert.ok((await view('still-knocking')).includes(made.name))
      assert.ok((await view('refused-recently', { revoked: 1 })).includes(made.name))
      assert.equal((await view('refused-recently')).includes(made.name), false)
    })

    test('a function that does not exist is counted without its name', async () => {
      const made = await make(server(), admin())
      const token_id = await idOf(made.name)
      await server().call(made.credential, 'no_such_function')
      await server().call(made.credential, made.secret)
      const usage = await usageOf(token_id)
      assert.deepEqual(
        usage.functions.map(({ name, calls }: { name: string; calls: number }) => [name, calls]),
        [['(unknown)', 2]],
      )
    })

    test('after a rotation each secret has its own last use, so one sees who still has the old one', async () => {
      const made = await make(server(), admin())
      const token_id = await idOf(made.name)
      done(await callFrom(server(), '192.0.2.1', made.credential))
      await server().server.runtime.flushUsage()
      const { token: second } = done(await server().root('postern_token_rotate', { token_id, key: 'k' })).json.data
      done(await callFrom(server(), '192.0.2.2', made.credential))
      done(await callFrom(server(), '192.0.2.3', `root:${second}`))
      const { secrets, token } = await usageOf(token_id)
      assert.deepEqual(
        secrets.map((secret: Record<string, unknown>) => [
          secret.secret_number,
          secret.is_newest,
          secret.calls,
          secret.last_used_from,
        ]),
        [
          [2, 1, 1, '192.0.2.3'],
          [1, 0, 2, '192.0.2.2'],
        ],
      )
      assert.equal(token.postern_calls, 3)
      assert.ok(secrets[1].ends_at > secrets[1].replaced)
      assert.equal(secrets[0].awaits_first_use, 0)
    })

    test('P8: a reseller sees the usage of its own tokens; another’s and none at all are one answer', async () => {
      await server().account('ledgb', OWNER)
      await server().account('ledgc', OWNER)
      const [b, c] = [await server().tokenOf('ledgb', OWNER), await server().tokenOf('ledgc', OWNER)]
      const own = Object.values(await listed(server(), b))[0].postern_id
      const asked = (credential: string, token_id: string): Promise<Reply> =>
        server().call(credential, 'postern_token_usage', { token_id })
      assert.equal(done(await asked(b, own)).json.data.token.owner, 'ledgb')
      const reply = await asked(c, own)
      assertFailed(reply, /no API token named/)
      assert.equal(reply.body.replace(own, 'tok_none'), (await asked(c, 'tok_none')).body)
      assert.equal(done(await asked(admin(), own)).json.data.token.owner, 'ledgb')
      const narrow = await make(server(), admin(), { acl: ['list-accts'] })
      assertDenied(await asked(narrow.credential, own))
      for (const args of [{ period: 'week' }, { since: 'yesterday' }])
        assertFailed(await server().root('postern_token_usage', { token_id: own, ...args }), /is not valid/)
    })
  })

  describe('the views of postern_token_list', () => {
    test('each shows the tokens that it names and no other', async () => {
      const soon = Math.floor((Date.now() + aheadMs) / 1000) + 86_400
      const late = soon + 300 * 86_400
      const plain = await make(server(), admin(), {
        token_name: 'view-plain',
        expires_at: late,
        whitelist_ip: '127.0.0.1',
      })
      const free = await make(server(), admin(), { token_name: 'view-free' })
      const all = await make(server(), admin(), { token_name: 'view-all', acl: ['all'], expires_at: soon })
      const paused = await make(server(), admin(), { token_name: 'view-paused', expires_at: late })
      const revoked = await make(server(), admin(), { token_name: 'view-revoked' })
      await server().account('ledgs', OWNER)
      await server().tokenOf('ledgs', OWNER, { token_name: 'view-suspended', expires_at: late })
      for (const made of [plain, free]) done(await server().call(made.credential, 'version'))
      done(await server().root('postern_token_pause', { token_id: await idOf(paused.name) }))
      done(await server().root('postern_token_revoke', { token_id: await idOf(revoked.name) }))
      done(await server().root('suspendacct', { user: 'ledgs' }))
      const mine = async (name: string) => (await view(name)).filter((token) => token.startsWith('view-')).sort()
      assert.deepEqual(await mine('never-used'), ['view-all', 'view-paused', 'view-suspended'])
      assert.deepEqual(await mine('no-expiry'), ['view-free'])
      assert.deepEqual(await mine('no-ip-rules'), ['view-all', 'view-free', 'view-paused', 'view-suspended'])
      assert.deepEqual(await mine('all-privileges'), ['view-all'])
      assert.deepEqual(await mine('owner-suspended'), ['view-suspended'])
      assert.deepEqual(await mine('expiring-soon'), ['view-all'])
      assert.deepEqual(await mine('paused'), ['view-paused'])
      assert.deepEqual(await mine('revoked'), ['view-revoked'])
      assert.deepEqual(await mine('expired'), [])
      assert.deepEqual(await mine('unused-60-days'), [])
      assert.deepEqual(await mine('refused-recently'), [])
      const bad = await server().root('postern_token_list', { view: 'everything' })
      assertFailed(bad, /“view” is not valid: “everything” is no view of tokens/)
      if (database === 'sqlite') {
        aheadMs += 61 * DAY_MS
        assert.deepEqual(await mine('unused-60-days'), [
          'view-all',
          'view-free',
          'view-paused',
          'view-plain',
          'view-suspended',
        ])
        assert.deepEqual(await mine('expired'), ['view-all'])
        assert.deepEqual(await mine('revoked'), [])
        assertRefused(await server().call(all.credential, 'version'))
        assert.ok((await mine('still-knocking')).includes('view-all'))
        aheadMs = 0
      }
    })
  })

  test('C6: a hundred calls at once by many functions are each counted once', async () => {
    const made = await make(server(), admin(), { acl: OWNER })
    const token_id = await idOf(made.name)
    const names = ['version', 'listaccts', 'myprivs', 'applist', 'postern_whoami']
    await Promise.all(
      Array.from({ length: 100 }, async (_, n) => done(await post(server(), made.credential, names[n % 5] ?? '', {}))),
    )
    const usage = await usageOf(token_id)
    assert.deepEqual(
      Object.fromEntries(usage.functions.map(({ name, calls }: { name: string; calls: number }) => [name, calls])),
      Object.fromEntries(names.map((name) => [name, 20])),
    )
    assert.equal(usage.token.postern_calls, 100)
  })

  if (database === 'postgres') {
    test('two nodes count into one ledger', async () => {
      const other = await startNode()
      const made = await make(server(), admin())
      const token_id = await idOf(made.name)
      for (let n = 0; n < 5; n += 1)
        for (const node of [server(), other]) done(await node.call(made.credential, 'version'))
      await other.server.runtime.flushUsage()
      const { functions, token } = await usageOf(token_id)
      assert.deepEqual([functions[0].name, functions[0].calls, token.postern_calls], ['version', 10, 10])
    })
  }
})
