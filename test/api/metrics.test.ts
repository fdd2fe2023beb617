/** `/metrics`: who may read it, what it says after known calls, that no label grows, and that the example board asks for what is there. */
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { CallFigures } from '../../src/server/call-figures.ts'
import { StartRefusal } from '../../src/storage/start-refusal.ts'
import { makeSecret } from '../../src/tokens/secret.ts'
import { done, sendTo, startTestServer, type TestServer } from '../start-server.ts'

const TOKEN = 'a-token-of-the-metrics-alone'

let folder: string
let server: TestServer
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-metrics-'))
  await writeFile(join(folder, 'token'), `${TOKEN}\n`)
  server = await startTestServer({
    settings: { metricsListen: '127.0.0.1:0', metricsTokenFile: join(folder, 'token'), expiresSoonDays: 30 },
  })
})
after(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

const read = async (headers: Readonly<Record<string, string>> = { authorization: `Bearer ${TOKEN}` }) =>
  sendTo(server.server.metricsUrl ?? '', '/metrics', { headers })

function local(path: string, from = server): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: join(from.folder, 'postern.sock'), path }, async (reply) => {
      resolve({ status: reply.statusCode ?? 0, text: (await reply.toArray()).join('') })
    })
    sent.on('error', reject)
    sent.end()
  })
}

/** The samples by their name with labels. */
function samples(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  )
}

test('they are read with their own token alone, and on the local socket without one', async () => {
  const reply = await read()
  assert.equal(reply.status, 200)
  assert.match(String(reply.headers['content-type']), /^text\/plain; version=0\.0\.4/)
  const rootToken = await server.rootToken(['all'])
  const wrong = [
    {},
    { authorization: 'Bearer wrong' },
    { authorization: `Basic ${TOKEN}` },
    { authorization: `whm ${rootToken}` },
  ]
  for (const headers of wrong) {
    const refused = await read(headers as Record<string, string>)
    assert.deepEqual([refused.status, refused.body], [401, 'A token is needed.\n'])
  }
  assert.equal((await local('/metrics')).status, 200)
  assert.match((await local('/metrics')).text, /^postern_storage_ok 1$/m)
  const other = await sendTo(server.server.metricsUrl ?? '', '/json-api/version', {
    headers: { authorization: `Bearer ${TOKEN}` },
  })
  assert.equal(other.status, 404)
  assert.equal((await server.send('/metrics', { headers: { authorization: `Bearer ${TOKEN}` } })).status, 403)
})

test('calls are counted by outcome and time, whatever answered them', async () => {
  const before = samples((await read()).body)
  const token = await server.rootToken(['basic-whm-functions'])
  for (let times = 0; times < 5; times += 1) done(await server.call(token, 'version'))
  await server.call(token, 'setacls')
  await server.call(`root:${makeSecret('PSW')}`, 'version')
  await server.send('/json-api/version')
  await server.send('/json-api/version', { method: 'DELETE', headers: { authorization: `whm ${token}` } })
  const now = samples((await read()).body)
  const grown = (name: string): number => (now.get(name) ?? 0) - (before.get(name) ?? 0)
  const outcomes = ['answered', 'refused', 'no-credentials', 'bad-request', 'internal']
  assert.deepEqual(
    outcomes.map((outcome) => grown(`postern_calls_total{outcome="${outcome}"}`)),
    [6, 2, 1, 1, 0],
  )
  assert.equal(grown('postern_call_duration_seconds_count'), 10)
  assert.equal(grown('postern_call_duration_seconds_bucket{le="+Inf"}'), 10)
  assert.equal(grown('postern_call_duration_seconds_bucket{le="30"}'), 10)
  assert.ok(grown('postern_call_duration_seconds_sum') > 0)
})

test('the series are fixed: no name, address or function of a caller becomes a label, and no secret is there', async () => {
  const names = async () => [...samples((await local('/metrics')).text).keys()].filter((name) => /^postern_/.test(name))
  const before = await names()
  await server.account('labelled')
  const token = await server.rootToken(['list-accts'], { token_name: 'labelled-token' })
  await server.call(token, 'labelled_function')
  await server.call(token, 'version')
  await server.send('/json-api/version', { headers: { authorization: 'whm labelled:x' } })
  assert.deepEqual(await names(), before)
  const { text } = await local('/metrics')
  assert.doesNotMatch(text, /labelled|PSW|127\.0\.0\.1/)
  assert.ok(!text.includes(TOKEN))
})

test('tokens by state, those that expire, open alerts and sinks are told', async (t) => {
  const day = 86_400
  const now = Math.floor(Date.now() / 1000)
  const fresh = await startTestServer({ settings: { alertSyslog: 'udp://127.0.0.1:9' } })
  t.after(() => fresh.close())
  const token = await fresh.rootToken(['basic-whm-functions'], { expires_at: now + 5 * day })
  await fresh.rootToken(['list-accts'], { expires_at: now + 45 * day })
  await fresh.rootToken(['all'], { token_name: 'to-pause' })
  const listed = done(await fresh.root('api_token_list')).json.data.tokens
  done(await fresh.root('postern_token_pause', { token_id: listed['to-pause'].postern_id }))
  done(await fresh.call(token, 'version'))
  const { text } = await local('/metrics', fresh)
  const found = samples(text)
  const value = (name: string) => found.get(name)
  assert.deepEqual(
    ['active', 'expires_soon', 'expired', 'paused'].map((state) => value(`postern_tokens{state="${state}"}`)),
    [1, 1, 0, 1],
  )
  assert.deepEqual(
    [60, 30, 14, 7, 1].map((days) => value(`postern_tokens_expiring{days="${days}"}`)),
    [2, 1, 1, 1, 0],
  )
  assert.equal(value('postern_alerts_open{severity="warning"}'), 1)
  assert.equal(value('postern_bans'), 0)
  assert.equal(typeof value('postern_alert_events_waiting{sink="syslog"}'), 'number')
  assert.equal(value('postern_queue_length{queue="trail"}'), 0)
})

test('every metric that the example board asks for is there', async () => {
  const board = await readFile('examples/grafana-postern.json', 'utf8')
  const { panels } = JSON.parse(board) as { panels: { title: string; targets: { expr: string }[] }[] }
  const syslog = await startTestServer({ settings: { alertSyslog: 'udp://127.0.0.1:9' } })
  const { text } = await local('/metrics', syslog)
  await syslog.close()
  const there = new Set([...samples(text).keys()].map((name) => name.replace(/\{.*/, '')))
  const asked = panels.flatMap(({ targets }) =>
    targets.flatMap(({ expr }) => expr.match(/\b(?:postern|process|nodejs)_[a-z0-9_]+/g) ?? []),
  )
  assert.ok(asked.length >= panels.length)
  assert.deepEqual(
    asked.filter((name) => !there.has(name)),
    [],
  )
  const ours = [...there].filter((name) => /^postern_/.test(name) && !/_(sum|count)$/.test(name))
  assert.deepEqual(
    ours.filter((name) => !board.includes(name)),
    [],
  )
})

test('without a token of some length the start is refused', async () => {
  await writeFile(join(folder, 'short'), 'short\n')
  for (const settings of [{}, { metricsTokenFile: join(folder, 'none') }, { metricsTokenFile: join(folder, 'short') }])
    await assert.rejects(startTestServer({ settings: { metricsListen: '127.0.0.1:0', ...settings } }), StartRefusal)
})

test('each duration falls into the first bucket that holds it, and buckets count those before', () => {
  const figures = new CallFigures()
  for (const ms of [0.5, 0.6, 1000, 60_000]) figures.note(200, ms)
  const { buckets, count, seconds } = figures.durations()
  const upTo = new Map(buckets)
  assert.deepEqual([upTo.get(0.0005), upTo.get(0.001), upTo.get(0.5), upTo.get(1), upTo.get(30)], [1, 2, 2, 3, 3])
  assert.deepEqual([count, seconds], [4, 61.0011])
})
