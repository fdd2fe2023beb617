/** A clock that jumps: back, forward and back again, running and across a restart. What expired stays so until a person decides otherwise. */
import assert from 'node:assert/strict'
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { done, type Reply, startTestServer, type TestServer, type TestServerOptions } from '../start-server.ts'
import { DATABASES, makeTestDatabase } from '../stores/databases.ts'
import { runProgram } from './program.ts'
import { makeRandom } from './random.ts'
import { until } from './wait.ts'

const HOUR_MS = 3_600_000
const YEAR_MS = 365 * 24 * HOUR_MS

const undo: (() => unknown)[] = []
after(async () => {
  for (const step of undo.reverse()) await step()
})

/** A server whose wall clock shows the machine's time and `offsetMs`; PostgreSQL's own clock would decide, so this is SQLite alone. */
async function start(clock: { offsetMs: number }, folder?: string): Promise<TestServer> {
  const options: TestServerOptions = {
    wallMs: () => Date.now() + clock.offsetMs,
    ...(folder !== undefined && { folder }),
  }
  const server = await startTestServer(options)
  undo.push(() => server.close())
  return server
}

async function makeBase(): Promise<string> {
  const base = await mkdtemp(join(tmpdir(), 'postern-test-'))
  undo.push(() => rm(base, { recursive: true, force: true }))
  return base
}

const secondsFromNow = (clock: { readonly offsetMs: number }, ms: number): number =>
  Math.floor((Date.now() + clock.offsetMs + ms) / 1000)

async function signIn(server: TestServer): Promise<{ use(server: TestServer): Promise<Reply> }> {
  const reply = await server.send('/login/?login_only=1', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'user=root&pass=the+gate+is+narrow+7',
  })
  const cookie = String(reply.headers['set-cookie']).split(';', 1)[0] ?? ''
  const path = `${reply.json.security_token}/json-api/version?api.version=1`
  return { use: (other) => other.send(path, { headers: { cookie } }) }
}

test('D6: the time that calls are judged by is on disk before the first of them', async () => {
  const clock = { offsetMs: YEAR_MS }
  const { runtime } = (await start(clock)).server
  const marks = runtime.storage.read.selectFrom('meta').select('value').where('key', '=', 'clock_high_water_ms')
  const { value } = await marks.executeTakeFirstOrThrow()
  assert.ok(Number(value) > Date.now() + YEAR_MS - HOUR_MS)
})

test('D6 N16: set back two hours, running and across restarts, what expired stays expired until a person accepts the clock', async () => {
  const base = await makeBase()
  const clock = { offsetMs: 2 * HOUR_MS }
  const server = await start(clock, base)
  const manager = await server.rootToken(['all'])
  const short = await server.rootToken(['all'], { expires_at: secondsFromNow(clock, 60_000) })
  const session = await signIn(server)
  assert.equal((await session.use(server)).status, 200)
  assert.equal((await server.call(short, 'version')).status, 200)
  clock.offsetMs += 61_000
  assert.equal((await server.call(short, 'version')).status, 403)
  clock.offsetMs = 0
  assert.equal((await server.call(short, 'version')).status, 403)
  assert.equal((await server.call(manager, 'version')).status, 200)
  const [refused] = await server.audit({ outcome: 'refused', limit: 1 })
  assert.equal(refused.reason, 'expired')
  await server.stop()

  for (let restart = 0; restart < 2; restart++) {
    const again = await start(clock, base)
    const warning = again.logged.find(({ message }) => /clock went back/.test(message))
    const { behindSeconds = 0 } = (warning?.details ?? {}) as { readonly behindSeconds?: number }
    assert.ok(behindSeconds >= 7200 && behindSeconds < 7500, String(behindSeconds))
    assert.equal((await again.call(short, 'version')).status, 403)
    assert.equal((await again.call(manager, 'version')).status, 200)
    assert.deepEqual((await again.send('/healthz')).json, { status: 'ok', warnings: ['clock'] })
    await again.stop()
  }

  const data = join(base, 'data')
  const doctor = await runProgram('postern', ['doctor', '--data', data])
  assert.equal(doctor.status, 1, doctor.stdout)
  assert.match(doctor.stdout, /BAD +clock: it is 7\d\d\d s behind the latest time seen.*\n.*--accept-clock/)
  const running = await start(clock, base)
  const tooEarly = await runProgram('postern', ['doctor', '--accept-clock', '--data', data])
  assert.equal(tooEarly.status, 1, tooEarly.stdout)
  assert.match(tooEarly.stdout, /BAD +clock: it is not accepted: a server runs/)
  assert.equal((await running.call(short, 'version')).status, 403)
  await running.stop()

  const accepted = await runProgram('postern', ['doctor', '--accept-clock', '--data', data])
  assert.equal(accepted.status, 0, accepted.stdout)
  const later = await start(clock, base)
  assert.equal((await later.call(short, 'version')).status, 200)
  // By the accepted clock that session would have lived two hours longer.
  assert.equal((await session.use(later)).status, 401)
  const [entry] = await later.audit({ function: 'accept-clock' })
  assert.equal(entry.outcome, 'done')
  assert.equal(
    later.logged.some(({ message }) => /clock/.test(message)),
    false,
  )
  await later.stop()
})

test('D6 N16: a year forward and back leaves what expired meanwhile expired, and sessions no longer than they would have been', async () => {
  const base = await makeBase()
  const clock = { offsetMs: 0 }
  const server = await start(clock, base)
  const manager = await server.rootToken(['all'])
  const month = await server.rootToken(['all'], { expires_at: secondsFromNow(clock, 30 * 24 * HOUR_MS) })
  const session = await signIn(server)
  clock.offsetMs = YEAR_MS
  assert.equal((await server.call(month, 'version')).status, 403)
  assert.equal((await session.use(server)).status, 401)
  clock.offsetMs = 0
  assert.equal((await server.call(month, 'version')).status, 403)
  assert.equal((await session.use(server)).status, 401)
  assert.equal((await server.call(manager, 'version')).status, 200)
  await server.stop()
  const again = await start(clock, base)
  assert.equal((await again.call(month, 'version')).status, 403)
  assert.equal((await session.use(again)).status, 401)
  await again.stop()
})

test('D6: with a second of jitter the time never goes back, nobody is warned, and the trail stays in order', async () => {
  const random = makeRandom('jitter')
  const base = await makeBase()
  const server = await startTestServer({ folder: base, wallMs: () => Date.now() + (random.next() - 0.5) * 2000 })
  undo.push(() => server.close())
  const manager = await server.rootToken(['all'])
  for (let i = 0; i < 50; i++)
    done(await server.call(manager, 'api_token_create', { token_name: `t${i}`, acl: 'list-accts' }))
  const entries = (await server.audit({ limit: 100 })).reverse()
  assert.ok(entries.length >= 50)
  for (const [i, entry] of entries.entries()) {
    const before = entries[i - 1]
    if (before === undefined) continue
    assert.ok(entry.seq > before.seq)
    assert.ok(entry.time_ms >= before.time_ms)
  }
  await server.stop()
  const again = await startTestServer({ folder: base })
  undo.push(() => again.close())
  assert.deepEqual(
    again.logged.filter(({ message }) => /clock/.test(message)),
    [],
  )
  await again.stop()
})

if (DATABASES.includes('postgres')) {
  describe('postgres', () => {
    test("D6 E4: of two nodes whose clocks are five minutes apart each goes by the database's", async () => {
      const database = await makeTestDatabase('postgres')
      undo.push(() => database.remove())
      const bases = [await makeBase(), await makeBase()] as const
      const settings = { database: database.url! }
      const early = await startTestServer({ folder: bases[0], settings, wallMs: () => Date.now() - 5 * 60_000 })
      undo.push(() => early.stop())
      await mkdir(join(bases[1], 'data'), { mode: 0o700 })
      await copyFile(join(bases[0], 'data/pepper'), join(bases[1], 'data/pepper'))
      const late = await startTestServer({ folder: bases[1], settings, wallMs: () => Date.now() + 5 * 60_000 })
      undo.push(() => late.stop())
      const expires = Math.floor(Date.now() / 1000) + 4
      const token = await early.rootToken(['all'], { expires_at: expires })
      for (const node of [early, late]) assert.equal((await node.call(token, 'version')).status, 200)
      // To the second: never accepted once it is over, and not refused long before.
      for (const node of [early, late]) {
        let lastAcceptedMs = 0
        await until(async () => {
          const sentMs = Date.now()
          const isAccepted = (await node.call(token, 'version')).status === 200
          if (isAccepted) lastAcceptedMs = sentMs
          return !isAccepted
        }, 6000)
        assert.ok(lastAcceptedMs < expires * 1000, `${lastAcceptedMs} after ${expires}`)
      }
      assert.ok(Date.now() >= expires * 1000 - 50)
    })
  })
}
