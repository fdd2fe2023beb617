/** The report over tokens, by function, command and once a month as an alert; and what is done about it, with undo. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { reportMonth } from '../../src/server/housekeeping.ts'
import { done } from '../start-server.ts'
import { assertDenied, assertRefused, listed, make, onEachDatabase, type TokenServer } from './token-servers.ts'

const OWNER = ['basic-whm-functions', 'manage-api-tokens']
const DAY_MS = 86_400_000

type Found = { readonly finding: string; readonly count: number; readonly tokens: readonly { name: string }[] }

let aheadMs = 0

onEachDatabase({ wallMs: () => Date.now() + aheadMs }, (on: TokenServer) => {
  const { server, admin, name: database } = on
  const report = async (credential = admin(), args = {}): Promise<readonly Found[]> =>
    done(await server().call(credential, 'postern_report', args)).json.data.findings
  const found = (findings: readonly Found[], finding: string): readonly string[] =>
    findings.find((one) => one.finding === finding)?.tokens.map(({ name }) => name) ?? []

  describe('postern_report', () => {
    test('names for root the tokens of everybody, for a reseller its own; without the privilege it is denied', async () => {
      await server().account('repa', OWNER)
      const reseller = await server().tokenOf('repa', OWNER, { token_name: 'of-repa' })
      const made = await make(server(), admin(), { token_name: 'wide', acl: ['all'] })
      const all = await report()
      assert.ok(found(all, 'all-privileges').includes('wide'))
      for (const finding of ['no-expiry', 'no-ip-rules']) {
        assert.ok(found(all, finding).includes('wide'))
        assert.ok(found(all, finding).includes('of-repa'))
        assert.deepEqual(found(await report(reseller), finding), ['of-repa'])
        assert.deepEqual(found(await report(admin(), { owner: 'repa' }), finding), ['of-repa'])
      }
      assert.deepEqual(found(await report(reseller), 'reaches-further'), ['of-repa'])
      assert.doesNotMatch(JSON.stringify(all), /PSW[0-9A-Z]{29}|[0-9a-f]{64}/)
      const narrow = await make(server(), admin(), { acl: ['list-accts'] })
      assertDenied(await server().call(narrow.credential, 'postern_report'))
      done(await server().call(made.credential, 'version'))
    })

    test('what it names is paused or revoked in one call, and brought back in one', async () => {
      const made = [await make(server(), admin()), await make(server(), admin())]
      const tokens = await listed(server(), admin())
      const token_id = made.map(({ name }) => tokens[name].postern_id)
      for (const [act, undo] of [
        ['postern_token_pause', 'postern_token_resume'],
        ['postern_token_revoke', 'postern_token_unrevoke'],
      ] as const) {
        done(await server().root(act, { token_id, reason: 'housekeeping' }))
        for (const { credential } of made) assertRefused(await server().call(credential, 'version'))
        done(await server().root(undo, { token_id }))
        for (const { credential } of made) done(await server().call(credential, 'version'))
      }
    })
  })

  test('the report of the month is raised once a month, over all starts and nodes', async () => {
    const { runtime } = server().server
    const alerts = async (): Promise<readonly { reason: string }[]> =>
      done(await server().root('postern_alert_list', { kind: 'housekeeping' })).json.data.alerts
    // The first month has just begun for this server.
    assert.equal(await reportMonth(runtime), false)
    assert.deepEqual(await alerts(), [])
    // With PostgreSQL the database's clock decides, which no test can move; another month may stand there all the same.
    if (database === 'sqlite') aheadMs += 32 * DAY_MS
    else
      await runtime.storage.write(
        async (trx) =>
          void (await trx
            .updateTable('meta')
            .set({ value: '2020-01' })
            .where('key', '=', 'housekeeping_month')
            .execute()),
      )
    const made = await Promise.all([reportMonth(runtime), reportMonth(runtime), reportMonth(runtime)])
    assert.equal(made.filter((isDone) => isDone).length, 1)
    const [alert, ...more] = await alerts()
    assert.deepEqual(more, [])
    assert.match(
      alert?.reason ?? '',
      /^The month's report over \d+ tokens: .*holds everything: \d+.*never expires: \d+/,
    )
    aheadMs = 0
  })
})
