/** Clients that hold connections without getting on with it. All kinds are held at once, so that the file takes half a minute. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { Agent } from 'node:https'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { openListener } from '../../src/server/listener.ts'
import { openConnection } from '../api/raw.ts'
import { requestBytes } from '../api/wire.ts'
import { makePlace, type Program, pathOf, startProgram } from '../faults/program.ts'
import { until } from '../faults/wait.ts'
import { times } from '../sizes.ts'
import { done, sendTo, startTestServer, type TestServer } from '../start-server.ts'

let server: TestServer
let token = ''

const undo: (() => unknown)[] = []

before(async () => {
  server = await startTestServer()
  token = await server.rootToken(['all'])
})
after(async () => {
  await server.close()
  for (const step of undo.reverse()) await step()
})

type Held = { readonly socket: Socket; heard: string; goneAfterMs: number | undefined }

/** Holds a connection; what the server says and when it ends it is noted. */
function hold(socket: Socket): Held {
  const held: Held = { socket, heard: '', goneAfterMs: undefined }
  const startedMs = performance.now()
  socket.on('data', (piece: Buffer) => {
    held.heard += piece.toString('latin1')
  })
  socket.on('error', () => {})
  socket.once('close', () => {
    held.goneAfterMs = performance.now() - startedMs
  })
  return held
}

/** Some at a time: what the kernel could not queue would look open to the client alone. */
async function holdMany(count: number, open: (index: number) => Promise<Socket>): Promise<readonly Held[]> {
  const held: Held[] = []
  while (held.length < count)
    held.push(
      ...(await Promise.all(
        Array.from({ length: Math.min(30, count - held.length) }, async (_, index) => hold(await open(index))),
      )),
    )
  return held
}

async function beginning(port: number, bytes: string): Promise<Socket> {
  const socket = await openConnection(port)
  socket.write(bytes)
  return socket
}

async function inClear(port: number, bytes: string): Promise<Socket> {
  const socket = await openConnection(port, { inClear: true })
  if (bytes !== '') socket.write(Buffer.from(bytes, 'latin1'))
  return socket
}

/** Asks for far more than any buffer holds, and reads none of it until the server should have ended it: only who reads learns that. */
async function neverReading(port: number, credential: string): Promise<Socket> {
  const socket = await openConnection(port)
  socket.pause()
  const list = requestBytes('GET /json-api/postern_audit_list?api.version=1&limit=1000 HTTP/1.1', [
    `Authorization: whm ${credential}`,
  ])
  socket.write(list.repeat(200))
  setTimeout(() => socket.resume(), 32_000)
  return socket
}

/** A byte a second on each, so that no connection is silent; evenly, as clients of their own would. Gives what ends it. */
function drip(held: readonly Held[]): () => void {
  let next = 0
  const timer = setInterval(() => {
    for (let count = 0; count < held.length / (1000 / DRIP_MS); count += 1) {
      const socket = held[next++ % held.length]?.socket
      if (socket?.writable) socket.write('x')
    }
  }, DRIP_MS)
  return () => clearInterval(timer)
}

async function waitUntil(isSo: () => boolean, seconds: number): Promise<void> {
  const deadline = performance.now() + seconds * 1000
  while (!isSo() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 100))
}

/** Two calls on one connection to a listener whose first reply takes so many seconds. */
async function replyAfter(seconds: number): Promise<readonly number[]> {
  let isFirst = true
  const listener = await openListener({
    listen: { host: '127.0.0.1', port: 0 },
    cert: server.server.certificate.cert,
    key: server.server.certificate.key,
    maxConnections: 10,
    maxConnectionsPerAddress: 10,
    redirectHost: undefined,
    handle(_request, response) {
      if (isFirst) setTimeout(() => response.end('late'), seconds * 1000)
      else response.end('at once')
      isFirst = false
    },
    onPlainRequest: () => {},
    mayConnect: () => true,
    onDrop: () => {},
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false })
  const url = `https://127.0.0.1:${listener.port}`
  const statuses = [(await sendTo(url, '/', { agent })).status, (await sendTo(url, '/', { agent })).status]
  agent.destroy()
  await listener.close(0)
  return statuses
}

function assertGone(kind: string, held: readonly Held[], seconds: number, atLeast = seconds - 1): void {
  for (const { goneAfterMs } of held) {
    assert.ok(goneAfterMs !== undefined, `${kind}: a connection is still open`)
    assert.ok(goneAfterMs <= (seconds + 2) * 1000, `${kind}: gone after ${Math.round(goneAfterMs)} ms`)
    assert.ok(goneAfterMs >= atLeast * 1000, `${kind}: gone after only ${Math.round(goneAfterMs)} ms`)
  }
}

const DRIP_MS = 20
const QUIET_MS = 3000

function p99Of(timesMs: readonly number[]): number {
  return timesMs[Math.floor(timesMs.length * 0.99)] ?? Number.POSITIVE_INFINITY
}

/** Normal calls all the while, from a process of their own, which thousands of clients do not keep waiting; gives their times when told. */
function callNormally({ url }: Program, credential: string): () => Promise<readonly number[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'caller.ts')], {
    env: { ...process.env, POSTERN_URL: url, POSTERN_CREDENTIAL: credential },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const said = text(child.stdout)
  return async () => {
    child.kill('SIGTERM')
    return (JSON.parse(await said) as number[]).sort((one, other) => one - other)
  }
}

test('R9, N9: slow clients of all kinds, held at once, are gone in time, and normal calls are answered', async () => {
  // In a process of its own, so that what thousands of clients cost is not taken for the server's time.
  const place = await makePlace()
  const limits = { POSTERN_MAX_CONNECTIONS: '3000', POSTERN_MAX_CONNECTIONS_PER_ADDRESS: '3000' }
  const program = await startProgram(place.flags, { env: limits })
  undo.push(async () => {
    await program.end('SIGTERM')
    await place.remove()
  })
  const port = Number(new URL(program.url).port)
  const credential = await program.rootToken('normal', ['all'])
  for (let count = 0; count < 1000; count += 1) await program.call(credential, `filler_${'x'.repeat(80)}_${count}`)
  const endQuiet = callNormally(program, credential)
  await new Promise((resolve) => setTimeout(resolve, QUIET_MS))
  const quietP99Ms = p99Of(await endQuiet())
  const late = replyAfter(20)
  const body = requestBytes('POST /json-api/version?api.version=1 HTTP/1.1', [
    `Authorization: whm ${credential}`,
    'Content-Length: 1000',
  ])
  // Those that are held longest come first, so that all are held at once.
  const slowBodies = await holdMany(times(20, 250), () => beginning(port, `${body}a=`))
  const noBodies = await holdMany(times(20, 200), () => beginning(port, body))
  const signIn = requestBytes('POST /login HTTP/1.1', ['Content-Length: 1000'], 'user=')
  const slowSignIns = await holdMany(times(10, 50), () => beginning(port, signIn))
  const unread = await holdMany(times(20, 200), () => neverReading(port, credential))
  const slowHeads = await holdMany(times(60, 600), () => beginning(port, 'GET /json-api/version HTTP/1.1\r\nX-Slow: '))
  const noHeads = await holdMany(times(40, 400), () => beginning(port, ''))
  const noHandshake = await holdMany(times(25, 250), () => inClear(port, ''))
  const halfHandshake = await holdMany(times(25, 250), () => inClear(port, '\x16\x03\x01'))
  const slowClear = await holdMany(10, () => inClear(port, 'GET / HTTP/1.1\r\n'))
  const endCalls = callNormally(program, credential)
  const endDrip = drip([...slowHeads, ...slowBodies, ...slowSignIns])
  const readers = [slowHeads, noHeads, slowBodies, noBodies, slowSignIns, noHandshake, halfHandshake, slowClear].flat()
  await waitUntil(() => readers.every(({ goneAfterMs }) => goneAfterMs !== undefined), 34)
  endDrip()
  await waitUntil(() => unread.every(({ goneAfterMs }) => goneAfterMs !== undefined), 34)
  const timesMs = await endCalls()

  // A call that takes long is silent as well, and its connection is not the client's fault; it even serves the next one.
  assert.deepEqual(await late, [200, 200])
  assertGone('slow headers', slowHeads, 10)
  assertGone('no headers at all', noHeads, 10)
  assertGone('slow bodies', slowBodies, 30)
  assertGone('no body at all', noBodies, 30)
  assertGone('slow sign-ins', slowSignIns, 30)
  assertGone('no handshake', noHandshake, 5)
  assertGone('half a handshake', halfHandshake, 5)
  assertGone('slow requests in clear', slowClear, 5)
  assertGone('replies that are never read', unread, 34, 0)
  for (const { heard } of [...slowHeads, ...noHeads, ...slowBodies, ...noBodies, ...slowSignIns])
    assert.match(heard, /^HTTP\/1\.1 408 /)
  for (const { heard } of unread) assert.ok(heard.split('HTTP/1.1 200').length - 1 < 200, 'everything was sent')
  const p99Ms = p99Of(timesMs)
  // At full size, meant for a machine with nothing else to do, N9 holds to the letter.
  const mostMs = times(250, Math.max(10, 2 * quietP99Ms))
  const found = `${timesMs.length} calls, p99 ${p99Ms.toFixed(1)} ms, ${quietP99Ms.toFixed(1)} ms before`
  assert.ok(timesMs.length > 300 && p99Ms < mostMs, found)
  assert.doesNotMatch(program.stderr(), /"level":"error"/)
})

test('R10: connections beyond the limit for one address are dropped at once, and other addresses are served', async () => {
  const small = await startTestServer({ settings: { maxConnectionsPerAddress: 50 } })
  try {
    const credential = await small.rootToken(['all'])
    const held = await Promise.all(
      Array.from({ length: 200 }, async () =>
        hold(await openConnection(small.port, { inClear: true, from: '127.0.0.2' })),
      ),
    )
    await waitUntil(() => held.filter(({ goneAfterMs }) => goneAfterMs !== undefined).length >= 150, 4)
    assert.equal(held.filter(({ goneAfterMs }) => goneAfterMs === undefined).length, 50)
    assert.equal((await small.call(credential, 'version')).status, 200)
    for (const { socket } of held) socket.destroy()
    await waitUntil(() => small.logged.some((event) => event.message === 'connections were dropped'), 3)
    const drops = small.logged.filter((event) => event.message === 'connections were dropped')
    assert.deepEqual(
      drops.map((event) => event.details),
      [{ dropped: { 'too-many-from-address': 150 } }],
    )
  } finally {
    await small.close()
  }
})

test('R10: connections beyond the limit for all are dropped at once, and served again when there is room', async () => {
  const small = await startTestServer({ settings: { maxConnections: 30 } })
  try {
    const held = await Promise.all(
      Array.from({ length: 60 }, async () => hold(await openConnection(small.port, { inClear: true }))),
    )
    await waitUntil(() => held.filter(({ goneAfterMs }) => goneAfterMs !== undefined).length >= 30, 4)
    assert.equal(held.filter(({ goneAfterMs }) => goneAfterMs === undefined).length, 30)
    for (const { socket } of held) socket.destroy()
    const deadline = performance.now() + 4000
    let status = 0
    while (status !== 200 && performance.now() < deadline)
      status = await small.send('/healthz').then(
        (reply) => reply.status,
        () => 0,
      )
    assert.equal(status, 200)
  } finally {
    await small.close()
  }
})

test('R10: with the descriptors used up connections are dropped at once, open ones are served, and new ones when there is room', async () => {
  const place = await makePlace()
  const program = await startProgram(place.flags, {
    env: { POSTERN_MAX_CONNECTIONS: '5000', POSTERN_MAX_CONNECTIONS_PER_ADDRESS: '5000' },
    command: ['prlimit', '--nofile=120:120'],
  })
  undo.push(async () => {
    await program.end('SIGTERM')
    await place.remove()
  })
  const port = Number(new URL(program.url).port)
  const credential = await program.rootToken('manager', ['all'])
  // One connection, which stays open.
  const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false })
  undo.push(() => agent.destroy())
  const call = (path: string) => sendTo(program.url, path, { agent, headers: { authorization: `whm ${credential}` } })
  const version = pathOf('version')
  done(await call(version))
  const held = await holdMany(300, () => inClear(port, ''))
  await waitUntil(() => held.filter(({ goneAfterMs }) => goneAfterMs !== undefined).length >= 190, 4)
  const dropped = held.filter(({ goneAfterMs }) => goneAfterMs !== undefined).length
  assert.ok(dropped >= 190, `${dropped} of 300 were dropped`)
  done(await call(version))
  done(await call(pathOf('api_token_create', { token_name: 'meanwhile', acl: 'list-accts' })))
  for (const { socket } of held) socket.destroy()
  await until(
    async () => (await sendTo(program.url, '/healthz').catch(() => undefined))?.status === 200,
    10_000,
    'room',
  )
  assert.match((await program.root('api_token_list')).body, /"meanwhile"/)
})

test('R10: a client that goes away after sending a create leaves it whole, with its entry in the trail, or absent', async () => {
  for (let count = 0; count < 40; count += 1) {
    const path = `/json-api/api_token_create?api.version=1&acl=list-accts&token_name=gone-${count}`
    const socket = await beginning(server.port, requestBytes(`GET ${path} HTTP/1.1`, [`Authorization: whm ${token}`]))
    // Sooner or later, from before the request has arrived until after its reply.
    await new Promise((resolve) => setTimeout(resolve, count / 4))
    socket.destroy()
  }
  done(await server.call(token, 'api_token_create', { token_name: 'after-all', acl: 'list-accts' }))
  const made = Object.keys((await server.root('api_token_list')).json.data.tokens).filter((name) => /^gone-/.test(name))
  const entries = await server.audit({ function: 'api_token_create', outcome: 'done', limit: 1000 })
  const recorded = entries.map((entry) => entry.target).filter((name) => /^gone-/.test(name))
  assert.deepEqual(made.sort(), recorded.sort())
  assert.deepEqual(
    server.logged.filter((event) => event.level === 'error'),
    [],
  )
})
