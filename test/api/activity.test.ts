/** What went on over time: calls, refusals and sign-ins, of everybody for root and of their own tokens for others. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { done, ROOT_PASSWORD } from '../start-server.ts'
import { assertDenied, assertFailed, onEachDatabase, type TokenServer } from './token-servers.ts'

const OWNER = ['basic-whm-functions', 'manage-api-tokens']

onEachDatabase({}, (on: TokenServer) => {
  test('postern_activity counts calls, refusals and sign-ins by day and hour; owners see their own calls alone', async () => {
    const server = on.server()
    await server.account('busy', OWNER)
    const token = await server.tokenOf('busy', OWNER)
    const sum = async (credential: string, args = {}) => {
      const { series } = done(await server.call(credential, 'postern_activity', args)).json.data
      const total = (field: string) =>
        series.reduce((all: number, point: Record<string, number>) => all + point[field]!, 0)
      return ['calls', 'refused', 'sign_ins', 'failed_sign_ins'].map(total)
    }
    const before = await sum(on.admin())
    for (let times = 0; times < 4; times += 1) done(await server.call(token, 'version'))
    await server.call(token, 'setacls')
    for (const pass of [ROOT_PASSWORD, 'wrong'])
      await server.send('/login/', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ user: 'root', pass }).toString(),
      })
    const mine = await sum(token)
    // The one that asks is counted when it has come in, so a second look has it.
    assert.deepEqual(mine.slice(1), [1, 0, 0])
    assert.ok(Number(mine[0]) >= 5, String(mine))
    const all = await sum(on.admin(), { period: 'hour' })
    const grown = all.map((figure: number, index: number) => figure - before[index])
    assert.deepEqual(grown.slice(1), [1, 1, 1])
    assert.ok((grown[0] ?? 0) >= 5)
    const later = Math.floor(Date.now() / 1000) + 2 * 86_400
    assert.deepEqual(await sum(on.admin(), { since: later }), [0, 0, 0, 0])
    assertDenied(await server.call(await server.rootToken(['list-accts']), 'postern_activity'))
    assertFailed(await server.call(on.admin(), 'postern_activity', { period: 'week' }), /neither “hour” nor “day”/)
  })
})
