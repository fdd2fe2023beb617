import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROOT_PASSWORD, startTestServer, type TestServer } from '../start-server.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

type Session = { readonly cookie: string; readonly path: string }

/** A folder whose server can be started again, and a clock that the test moves. */
async function withClock(
  work: (tools: { start(): Promise<TestServer>; setMinutes(minutes: number): void }) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-sessions-'))
  const startedMs = Date.now()
  let aheadMs = 0
  const servers: TestServer[] = []
  try {
    await work({
      async start() {
        const server = await startTestServer({ folder, wallMs: () => Date.now() + aheadMs })
        servers.push(server)
        return server
      },
      // From the test's beginning, whatever time the test itself takes.
      setMinutes: (minutes) => {
        aheadMs = startedMs + minutes * MINUTE_MS - Date.now()
      },
    })
  } finally {
    for (const server of servers) await server.close()
    await rm(folder, { recursive: true })
  }
}

async function openSession(server: TestServer): Promise<Session> {
  const body = new URLSearchParams({ user: 'root', pass: ROOT_PASSWORD, login_only: '1' }).toString()
  const reply = await server.send('/login/', { method: 'POST', body })
  assert.equal(reply.status, 200)
  return { cookie: String(reply.headers['set-cookie']?.[0]).split(';')[0] ?? '', path: reply.json.security_token }
}

async function isAlive(server: TestServer, { cookie, path }: Session): Promise<boolean> {
  const reply = await server.send(`${path}/json-api/version?api.version=1`, { headers: { cookie } })
  assert.ok(reply.status === 200 || reply.status === 401)
  return reply.status === 200
}

test('S7: 15 minutes without a request end a session, and each request begins them anew', () =>
  withClock(async ({ start, setMinutes }) => {
    const server = await start()
    setMinutes(0)
    const [used, idle] = [await openSession(server), await openSession(server)]
    setMinutes(14)
    assert.equal(await isAlive(server, used), true)
    setMinutes(16)
    assert.equal(await isAlive(server, idle), false)
    setMinutes(28)
    // A page counts as a request, too.
    assert.equal((await server.send(`${used.path}/`, { headers: { cookie: used.cookie } })).status, 200)
    setMinutes(42)
    assert.equal(await isAlive(server, used), true)
    setMinutes(57.1)
    assert.equal(await isAlive(server, used), false)
    // What failed does not keep a session alive.
    const session = await openSession(server)
    setMinutes(67)
    await server.send('/json-api/version', { headers: { cookie: session.cookie } })
    setMinutes(73)
    assert.equal(await isAlive(server, session), false)
  }))

test('S7: after 12 hours a session ends however often it was used, also over a restart', () =>
  withClock(async ({ start, setMinutes }) => {
    const first = await start()
    setMinutes(0)
    const session = await openSession(first)
    for (let minutes = 10; minutes <= 360; minutes += 10) {
      setMinutes(minutes)
      assert.equal(await isAlive(first, session), true, `${minutes}`)
    }
    await first.stop()
    const second = await start()
    for (let minutes = 370; minutes < 720; minutes += 10) {
      setMinutes(minutes)
      assert.equal(await isAlive(second, session), true, `${minutes}`)
    }
    setMinutes(720.1)
    assert.equal(await isAlive(second, session), false)
  }))

test('S7: a restart neither ends a session nor gives it more time', () =>
  withClock(async ({ start, setMinutes }) => {
    const first = await start()
    setMinutes(0)
    const [used, idle] = [await openSession(first), await openSession(first)]
    setMinutes(10)
    assert.equal(await isAlive(first, used), true)
    await first.stop()
    setMinutes(13)
    const second = await start()
    setMinutes(16)
    assert.equal(await isAlive(second, idle), false)
    assert.equal(await isAlive(second, used), true)
  }))

test('S7: setting the clock back brings no ended session back, running or over a restart', () =>
  withClock(async ({ start, setMinutes }) => {
    const first = await start()
    setMinutes(0)
    const session = await openSession(first)
    setMinutes(20)
    const later = await openSession(first)
    setMinutes(1)
    assert.equal(await isAlive(first, session), false)
    assert.equal(await isAlive(first, later), true)
    await first.stop()
    const second = await start()
    assert.equal(await isAlive(second, session), false)
    assert.equal(await isAlive(second, later), true)
    setMinutes(-12 * 60)
    assert.equal(await isAlive(second, session), false)
    assert.ok(second.server.runtime.clock.behindMs() > 12 * HOUR_MS)
  }))
