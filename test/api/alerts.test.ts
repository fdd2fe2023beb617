/** Alerts through the functions: what raises one, who sees it, and how it is closed and muted. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { makeSecret } from '../../src/tokens/secret.ts'
import { type Arguments, done, type Reply } from '../start-server.ts'
import { assertDenied, assertFailed, assertRefused, onEachDatabase, type TokenServer } from './token-servers.ts'

const OWNER = ['basic-whm-functions', 'manage-api-tokens']

type Listed = { readonly id: number; readonly kind: string; readonly [field: string]: unknown }

onEachDatabase({ settings: { alertRefusalBurst: 20 } }, (on: TokenServer) => {
  const { server, admin } = on
  const alerts = async (credential: string, args: Arguments = {}): Promise<readonly Listed[]> =>
    done(await server().call(credential, 'postern_alert_list', args)).json.data.alerts
  /** A refused call, and what was raised for it. */
  const refusedAs = async (credential: string): Promise<Reply> => {
    const reply = await server().call(credential, 'version')
    assertRefused(reply)
    return reply
  }
  const asRoot = (name: string, args: Arguments = {}): Promise<Reply> => server().root(name, args)

  describe('what raises an alert', () => {
    test('a token with every privilege, made or widened, in the transaction of the change', async () => {
      const made = await server().rootToken(['all'], { token_name: 'with-all' })
      const narrow = await server().rootToken(['list-accts'], { token_name: 'was-narrow' })
      assert.ok(made && narrow)
      done(await asRoot('api_token_update', { token_name: 'was-narrow', acl: 'all' }))
      done(await asRoot('api_token_update', { token_name: 'was-narrow', new_name: 'is-wide' }))
      const found = await alerts(admin(), { kind: 'token-with-all' })
      assert.deepEqual(
        found.slice(0, 2).map(({ token_name, occurrences }) => [token_name, occurrences]),
        [
          ['was-narrow', 1],
          ['with-all', 1],
        ],
      )
      assert.equal(
        found[1]?.reason,
        'The token “with-all” of “root” was made, and holds every privilege; it was done with no token, from 127.0.0.1.',
      )
      assert.equal(found[0]?.user, 'root')
    })

    test('a change of the privileges of a reseller, whom it concerns as well', async () => {
      await server().account('priva', OWNER)
      const token = await server().tokenOf('priva', OWNER)
      const [mine] = await alerts(token, { kind: 'privileges-changed' })
      assert.deepEqual([mine?.user, mine?.occurrences], ['priva', 2])
      assert.match(String(mine?.reason), /^The reseller “priva” (was given|lost) .*; changed by “root”\.$/)
    })

    test('T2: a revoked token that is used again, counted by token and shown to its owner', async () => {
      await server().account('olda', OWNER)
      const keeper = await server().tokenOf('olda', OWNER)
      const old = await server().tokenOf('olda', OWNER, { token_name: 'was-here' })
      done(await server().call(keeper, 'api_token_revoke', { token_name: 'was-here' }))
      for (let times = 0; times < 7; times += 1) await refusedAs(old)
      const [alert, ...others] = await alerts(keeper, { kind: 'old-token' })
      assert.deepEqual(others, [])
      assert.deepEqual(
        [alert?.token_name, alert?.user, alert?.occurrences, alert?.severity, alert?.examples],
        ['was-here', 'olda', 7, 'critical', ['127.0.0.1']],
      )
    })

    test('T2: a well-formed token that nobody knows raises the alarm for root alone', async () => {
      await server().account('guest', OWNER)
      const token = await server().tokenOf('guest', OWNER)
      await refusedAs(`guest:${makeSecret('PSW')}`)
      const unknown = (await alerts(admin(), { kind: 'old-token' })).filter(({ token_id }) => token_id === null)
      assert.deepEqual(
        unknown.map(({ user }) => user),
        ['guest'],
      )
      assert.deepEqual(await alerts(token, { kind: 'old-token' }), [])
    })

    test('a burst of refusals from one address', async () => {
      for (let times = 0; times < 25; times += 1) await refusedAs('root:PSWNONSENSE')
      const [burst] = await alerts(admin(), { kind: 'refusal-burst' })
      assert.equal(burst?.address, '127.0.0.1')
      assert.ok(Number(burst?.occurrences) >= 25, String(burst?.occurrences))
    })
  })

  describe('who sees and closes alerts', () => {
    test('acknowledged by root it is closed for all; by its owner, for the owner alone', async () => {
      await server().account('acka', OWNER)
      await server().account('ackb', OWNER)
      const [a, b] = [await server().tokenOf('acka', OWNER), await server().tokenOf('ackb', OWNER)]
      const [mine] = await alerts(a)
      assert.ok(mine)
      assert.ok((await alerts(b)).every(({ user }) => user === 'ackb'))
      assertFailed(await server().call(b, 'postern_alert_acknowledge', { id: mine.id }), /no alert with the number/)
      assert.deepEqual(done(await server().call(a, 'postern_alert_acknowledge', { id: mine.id })).json.data, {
        acknowledged: 1,
      })
      assert.deepEqual(await alerts(a, { state: 'open' }), [])
      const openForRoot = (await alerts(admin(), { state: 'open' })).find(({ id }) => id === mine.id)
      assert.ok(openForRoot)
      assert.deepEqual([openForRoot.acknowledged, typeof openForRoot.acknowledged_by_owner], [null, 'number'])
      done(await asRoot('postern_alert_acknowledge', { id: mine.id }))
      assert.deepEqual(done(await asRoot('postern_alert_acknowledge', { id: mine.id })).json.data, {
        acknowledged: 0,
      })
      const [closed] = await alerts(a, { state: 'acknowledged' })
      assert.deepEqual([closed?.id, closed?.acknowledged_by], [mine.id, 'root'])
      const [entry] = await server().audit({ function: 'postern_alert_acknowledge', outcome: 'done', limit: 1 })
      assert.equal(entry.target, String(mine.id))
    })

    test('a token closes no alert about itself, and mutes nothing', async () => {
      await server().account('selfa', OWNER)
      const old = await server().tokenOf('selfa', OWNER, { token_name: 'itself' })
      assertRefused(
        await server().send('/json-api/version', { headers: { authorization: `whm root:${old.slice(6)}` } }),
      )
      const [about] = await alerts(old, { kind: 'old-token' })
      assert.equal(about?.token_name, 'itself')
      assertDenied(await server().call(old, 'postern_alert_acknowledge', { id: about?.id ?? 0 }))
      assertDenied(await server().call(old, 'postern_alert_mute', { kind: 'old-token' }))
      assertDenied(await server().call(old, 'postern_alert_unmute', { id: 1 }))
      assert.equal((await alerts(old, { state: 'open', kind: 'old-token' })).length, 1)
    })

    test('without the privilege they are denied; bad arguments fail', async () => {
      const narrow = await server().rootToken(['list-accts'])
      for (const name of ['list', 'acknowledge', 'mute', 'unmute'])
        assertDenied(await server().call(narrow, `postern_alert_${name}`, { id: 1 }), name)
      assertFailed(await asRoot('postern_alert_list', { kind: 'nonsense' }), /is no kind of alert/)
      assertFailed(await asRoot('postern_alert_list', { state: 'shut' }), /neither open nor acknowledged/)
      assertFailed(await asRoot('postern_alert_acknowledge', { id: 999_999 }), /no alert with the number 999999/)
      assertFailed(await asRoot('postern_alert_mute'), /give “kind”, “token_id” or both/)
      assertFailed(await asRoot('postern_alert_mute', { token_id: 'tok_none' }), /tok_none/)
      assertFailed(await asRoot('postern_alert_unmute', { id: 999_999 }), /no mute with the number 999999/)
    })
  })

  test('muted alerts are listed and marked until the mute is taken back', async () => {
    const { id } = done(await asRoot('postern_alert_mute', { kind: 'token-with-all', until: soon() })).json.data
    await server().rootToken(['all'], { token_name: 'muted-one' })
    const [muted] = await alerts(admin(), { kind: 'token-with-all' })
    assert.deepEqual([muted?.token_name, muted?.muted], ['muted-one', 1])
    const { mutes } = done(await server().call(admin(), 'postern_alert_list')).json.data
    assert.deepEqual(
      mutes.map(({ kind, created_by }: Listed) => [kind, created_by]),
      [['token-with-all', 'root']],
    )
    done(await asRoot('postern_alert_unmute', { id }))
    assert.equal((await alerts(admin(), { kind: 'token-with-all' }))[0]?.muted, 0)
  })
})

function soon(): number {
  return Math.floor(Date.now() / 1000) + 3600
}
