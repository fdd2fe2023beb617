/** Expiry that never surprises: reminders once over restarts and nodes, the reply header, and the calendar feed. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import ICAL from 'ical.js'
import { remindOfExpiry } from '../../src/server/reminders.ts'
import { done, startTestServer, type TestServer } from '../start-server.ts'
import { assertDenied, onEachDatabase, type TokenServer } from './token-servers.ts'

const DAY = 86_400
const OWNER = ['basic-whm-functions', 'manage-api-tokens']
const nowSeconds = (): number => Math.floor(Date.now() / 1000)

const reminders = async (server: TestServer, name: string) =>
  done(await server.root('postern_alert_list', { kind: 'token-expires' }))
    .json.data.alerts.filter(({ token_name }: { token_name: string }) => token_name === name)
    .map(({ reason, occurrences }: { reason: string; occurrences: number }) => [
      /expires (.*?), on/.exec(reason)?.[1],
      occurrences,
    ])

onEachDatabase({}, (on: TokenServer) => {
  const remind = (server: TestServer, days: number): Promise<void> =>
    remindOfExpiry(server.server.runtime.storage, new Date(Date.now() + days * DAY * 1000))

  test('a token is reminded of once a step, also when two nodes look at the same moment', async () => {
    const server = on.server()
    await server.rootToken(['list-accts'], { token_name: 'ends', expires_at: nowSeconds() + 90 * DAY })
    await server.rootToken(['list-accts'], { token_name: 'never-ends' })
    const nodes = [server, on.name === 'postgres' ? await on.startNode() : server]
    const seen: unknown[] = []
    for (const day of [20, 31, 31, 62, 77, 84, 88, 89.5, 91]) {
      await Promise.all(nodes.map((node) => remind(node, day)))
      seen.push(...(await reminders(server, 'ends')))
    }
    assert.deepEqual(seen, [
      ['in 59 days', 1],
      ['in 59 days', 1],
      ['in 28 days', 2],
      ['in 13 days', 3],
      ['in 6 days', 4],
      ['in 6 days', 4],
      ['within a day', 5],
      ['within a day', 5],
    ])
    assert.deepEqual(await reminders(server, 'never-ends'), [])
  })

  test('a later end begins the reminders anew; a revoked token gets none', async () => {
    const server = on.server()
    await server.rootToken(['list-accts'], { token_name: 'moved', expires_at: nowSeconds() + 40 * DAY })
    await server.rootToken(['list-accts'], { token_name: 'gone', expires_at: nowSeconds() + 40 * DAY })
    done(await server.root('api_token_revoke', { token_name: 'gone' }))
    await remind(server, 12)
    done(await server.root('api_token_update', { token_name: 'moved', expires_at: nowSeconds() + 100 * DAY }))
    await remind(server, 75)
    assert.deepEqual(await reminders(server, 'moved'), [['in 25 days', 2]])
    assert.deepEqual(await reminders(server, 'gone'), [])
  })

  test('in its last thirty days each reply to a token says when it ends, and no other reply does', async () => {
    const server = on.server()
    const ends = nowSeconds() + 29 * DAY
    const soon = await server.rootToken(['list-accts'], { expires_at: ends })
    const later = await server.rootToken(['list-accts'], { expires_at: nowSeconds() + 31 * DAY })
    const headerOf = async (credential: string, name = 'version') =>
      (await server.call(credential, name)).headers['postern-token-expires']
    const expected = `${new Date(ends * 1000).toISOString().slice(0, 19)}Z`
    assert.equal(await headerOf(soon), expected)
    assert.equal(await headerOf(soon, 'setacls'), expected)
    assert.equal(await headerOf(later), undefined)
    assert.equal((await server.root('version')).headers['postern-token-expires'], undefined)
    assert.equal(
      (await server.call(`root:${soon.slice(5, 36)}0`, 'version')).headers['postern-token-expires'],
      undefined,
    )
  })

  test('a calendar feed shows the tokens of its owner, of everybody for root, under an address of its own', async () => {
    const server = on.server()
    await server.account('feeda', OWNER)
    await server.tokenOf('feeda', OWNER, { token_name: 'feed-token', expires_at: nowSeconds() + 5 * DAY })
    const asOwner = await server.send('/json-api/postern_calendar_feed_create?api.version=1', {
      headers: { authorization: `Basic ${Buffer.from('feeda:pass-of-feeda-1').toString('base64')}` },
    })
    const { path, url } = done(asOwner).json.data
    assert.match(path, /^\/calendar\/[A-Za-z0-9_-]{43}\.ics$/)
    assert.equal(url, `${server.url}${path}`)
    const summaries = async (from: string): Promise<readonly string[]> => {
      const reply = await server.send(from)
      assert.deepEqual([reply.status, reply.headers['content-type']], [200, 'text/calendar; charset=utf-8'])
      assert.doesNotMatch(reply.body, /PSW[0-9A-Z]{29}|[0-9a-f]{64}/)
      const events = new ICAL.Component(ICAL.parse(reply.body)).getAllSubcomponents('vevent')
      return events.map((event) => new ICAL.Event(event).summary).toSorted()
    }
    assert.deepEqual(await summaries(path), ['The API token feed-token of feeda expires'])
    const roots = done(await server.root('postern_calendar_feed_create')).json.data.path
    const all = await summaries(roots)
    assert.ok(all.includes('The API token feed-token of feeda expires'))
    assert.ok(all.some((summary) => summary.endsWith(' of root expires')))
    // Neither the secret nor its address is anywhere but in the reply.
    const stored = await server.server.runtime.storage.read.selectFrom('calendar_feeds').selectAll().execute()
    const trail = await server.audit({ function: 'postern_calendar_feed_create' })
    assert.doesNotMatch(JSON.stringify([stored, trail, server.logged]), new RegExp(path.slice(10, 53)))
    assert.equal((await server.send(roots, { method: 'POST' })).status, 405)
    assert.equal((await server.send(roots, { method: 'HEAD' })).body, '')
  })

  test('a feed ends when it is replaced or removed, and when its owner is suspended or removed; other addresses are nothing', async () => {
    const server = on.server()
    await server.account('feedb', OWNER)
    const make = async () =>
      done(
        await server.send('/json-api/postern_calendar_feed_create?api.version=1', {
          headers: { authorization: `Basic ${Buffer.from('feedb:pass-of-feedb-1').toString('base64')}` },
        }),
      ).json.data.path
    const statusOf = async (path: string) => (await server.send(path)).status
    const first = await make()
    const second = await make()
    assert.deepEqual([await statusOf(first), await statusOf(second)], [404, 200])
    done(await server.root('suspendacct', { user: 'feedb' }))
    assert.equal(await statusOf(second), 404)
    done(await server.root('unsuspendacct', { user: 'feedb' }))
    assert.equal(await statusOf(second), 200)
    const token = await server.tokenOf('feedb', OWNER)
    assertDenied(await server.call(token, 'postern_calendar_feed_create'))
    assert.deepEqual(done(await server.call(token, 'postern_calendar_feed_remove')).json.data, { removed: 1 })
    assert.equal(await statusOf(second), 404)
    for (const path of ['/calendar/', '/calendar/x.ics', `/calendar/${'A'.repeat(43)}.ics`, `${second}/..`])
      assert.equal(await statusOf(path), 404, path)
  })
})

test('a reminder that went out does not go out again after a restart', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-reminders-'))
  let wallMs = Date.now()
  const started: TestServer[] = []
  t.after(async () => {
    for (const server of started) await server.stop()
    await rm(folder, { recursive: true })
  })
  const start = async () => {
    const server = await startTestServer({ folder, wallMs: () => wallMs })
    started.push(server)
    return server
  }
  const first = await start()
  await first.rootToken(['list-accts'], { token_name: 'ends', expires_at: nowSeconds() + 90 * DAY })
  await first.stop()
  wallMs += 31.5 * DAY * 1000
  const second = await start()
  assert.deepEqual(await reminders(second, 'ends'), [['in 59 days', 1]])
  await second.stop()
  const third = await start()
  assert.deepEqual(await reminders(third, 'ends'), [['in 59 days', 1]])
})
