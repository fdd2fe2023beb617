/** Signals, sent to the real program: it ends without losing a call, hastens when told twice, and reloads while it serves. */
import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { connect } from 'node:tls'
import { makeSelfSigned } from '../../src/server/self-signed.ts'
import { launch } from '../faults/program.ts'
import { queryOf, type Reply, ROOT_PASSWORD, sendTo } from '../start-server.ts'
import { sendRaw } from './raw.ts'
import { converse, requestBytes } from './wire.ts'

type Program = ReturnType<typeof launch>

let base = ''
let data = ''
let token = ''
let started: Program[] = []

before(() => {
  base = mkdtempSync(join(tmpdir(), 'postern-stop-'))
  data = join(base, 'data')
  writeFileSync(join(base, 'password'), `${ROOT_PASSWORD}\n`, { mode: 0o600 })
})
after(async () => {
  for (const { child } of started) child.kill('SIGKILL')
  await Promise.all(started.map(({ ended }) => ended))
  rmSync(base, { recursive: true, force: true })
})

/** The server on the one folder of this file; the first time it is set up and a token is made. */
async function startIt(options: { readonly stderr?: number } = {}): Promise<{ program: Program; url: string }> {
  const flags = ['--data', data, '--listen', '127.0.0.1:0', '--root-password-file', join(base, 'password')]
  const program = launch(flags, options)
  started = [...started, program]
  const url = await program.ready
  if (token === '') {
    const authorization = `Basic ${Buffer.from(`root:${ROOT_PASSWORD}`).toString('base64')}`
    const path = `/json-api/api_token_create?${queryOf({ 'api.version': 1, token_name: 'load', acl: 'all' })}`
    token = (await sendTo(url, path, { headers: { authorization } })).json.data.token
  }
  return { program, url }
}

type CallOptions = { readonly args?: Record<string, string | number>; readonly agent?: Agent }

function call(url: string, functionName: string, { args = {}, agent }: CallOptions = {}): Promise<Reply> {
  return sendTo(url, `/json-api/${functionName}?${queryOf({ 'api.version': 1, ...args })}`, {
    headers: { authorization: `whm root:${token}` },
    ...(agent && { agent }),
  })
}

/** Callers that call one after the other until the server takes no more connections; what they were told stands in `told`. */
function callAsLoad(url: string, callers: number, one: (agent: Agent, count: number) => Promise<Reply>) {
  const told: { readonly count: number; readonly status: number; readonly result: number }[] = []
  const lost: unknown[] = []
  let count = 0
  const running = Array.from({ length: callers }, async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false })
    for (;;) {
      const mine = count++
      try {
        const reply = await one(agent, mine)
        told.push({ count: mine, status: reply.status, result: reply.json.metadata.result })
      } catch (error) {
        lost.push(error)
        break
      }
    }
    agent.destroy()
  })
  return { told, lost, ended: Promise.all(running), url }
}

test('B1, N17: SIGTERM under load answers every call that runs, exits 0 in 10 s, and flushes usage', async () => {
  const { program, url } = await startIt()
  const load = callAsLoad(url, 12, (agent, count) =>
    count % 3 === 0
      ? call(url, 'api_token_create', { args: { token_name: `made-${count}`, acl: 'list-accts' }, agent })
      : call(url, 'version', { agent }),
  )
  await reached(() => load.told.length > 300)
  const stoppedMs = performance.now()
  program.child.kill('SIGTERM')
  const code = await program.ended
  assert.equal(code, 0)
  assert.ok(performance.now() - stoppedMs < 10_000)
  await load.ended
  assert.ok(load.told.every(({ status, result }) => status === 200 && result === 1))
  // What was not answered was never begun: the connection had been closed, or was refused.
  const codes = load.lost.map((error) => (error as NodeJS.ErrnoException).code)
  assert.deepEqual(
    codes.filter((name) => name !== 'ECONNREFUSED' && name !== 'ECONNRESET'),
    [],
  )
  assert.equal(program.heard.stderr, '')

  const again = await startIt()
  const made = Object.keys((await call(again.url, 'api_token_list')).json.data.tokens).filter((name) =>
    name.startsWith('made-'),
  )
  const acknowledged = load.told.filter(({ count }) => count % 3 === 0).map(({ count }) => `made-${count}`)
  assert.deepEqual(made.sort(), acknowledged.sort())
  const [used] = (await call(again.url, 'postern_token_list')).json.data.tokens.filter(
    (one: { readonly name: string }) => one.name === 'load',
  )
  assert.equal(used.postern_calls, load.told.length)
  await stop(again.program)
})

test('B1: a call that is still running, and a body that is still coming, are answered after SIGTERM', async () => {
  const { program, url } = await startIt()
  const port = Number(new URL(url).port)
  const slow = openSlowBody(port)
  await slow.isOpen
  // Hashing a password takes long enough to be overtaken by the signal.
  const hashing = Array.from({ length: 8 }, () =>
    call(url, 'passwd', { args: { user: 'root', password: ROOT_PASSWORD } }),
  )
  await converse(port, requestBytes('GET /healthz HTTP/1.1', ['Connection: close']))
  program.child.kill('SIGTERM')
  for (const reply of await Promise.all(hashing)) assert.equal(reply.json.metadata.result, 1)
  slow.finish()
  assert.match(await slow.reply, /^HTTP\/1\.1 200 .*connection: close.*"version":"/is)
  assert.equal(await program.ended, 0)
})

test('B1: SIGTERM with connections that ask nothing takes no longer than without', async () => {
  const { program, url } = await startIt()
  const silent = Array.from({ length: 5 }, () =>
    connect({ host: '127.0.0.1', port: Number(new URL(url).port), rejectUnauthorized: false }).on('error', () => {}),
  )
  await Promise.all(silent.map((socket) => new Promise((resolve) => socket.once('secureConnect', resolve))))
  const stoppedMs = performance.now()
  await stop(program)
  assert.ok(performance.now() - stoppedMs < 3_000)
})

test('B1: a second SIGTERM within a second does not wait for calls any longer; usage is flushed all the same', async () => {
  const { program, url } = await startIt()
  const before = await callsOf(url)
  const slow = openSlowBody(Number(new URL(url).port))
  await slow.isOpen
  const stoppedMs = performance.now()
  program.child.kill('SIGTERM')
  await refused(url)
  assert.equal(program.child.exitCode, null)
  program.child.kill('SIGTERM')
  assert.equal(await program.ended, 0)
  assert.ok(performance.now() - stoppedMs < 3_000)
  const again = await startIt()
  // The look before, the slow call's credential, and the look after.
  assert.ok((await callsOf(again.url)) >= before + 1)
  await stop(again.program)
})

test('B1: SIGHUP takes a new certificate and opens the access log anew without losing a call', async () => {
  const { program, url } = await startIt()
  const port = Number(new URL(url).port)
  const load = callAsLoad(url, 6, (agent) => call(url, 'version', { agent }))
  await reached(() => load.told.length > 50)
  const fingerprint = await fingerprintAt(port)
  const key = createPrivateKey(readFileSync(join(data, 'tls/key.pem')))
  writeFileSync(join(data, 'tls/cert.pem'), await makeSelfSigned(key, 'renewed.example.com', 'A test', Date.now()), {
    mode: 0o600,
  })
  const log = join(data, 'logs/access.log')
  await reached(() => readFileSync(log, 'utf8').includes('"version"'))
  renameSync(log, `${log}.1`)
  program.child.kill('SIGHUP')
  await reached(async () => (await fingerprintAt(port)) !== fingerprint)
  const until = load.told.length + 200
  await reached(() => load.told.length > until)
  assert.deepEqual(load.lost, [])
  program.child.kill('SIGTERM')
  assert.equal(await program.ended, 0)
  await load.ended
  assert.ok(load.told.every(({ status }) => status === 200))
  const lines = [`${log}.1`, log].map((path) => readFileSync(path, 'utf8').trimEnd().split('\n'))
  for (const line of lines.flat()) JSON.parse(line)
  assert.ok((lines[1]?.length ?? 0) > 100)
})

test('B1: SIGHUP with a certificate that cannot be used leaves everything as it was, and says so', async () => {
  const { program, url } = await startIt()
  const port = Number(new URL(url).port)
  const path = join(data, 'tls/cert.pem')
  const good = readFileSync(path)
  const fingerprint = await fingerprintAt(port)
  writeFileSync(path, 'not a certificate')
  program.child.kill('SIGHUP')
  await reached(() => program.heard.stderr.includes('the reload failed'))
  assert.equal(await fingerprintAt(port), fingerprint)
  assert.equal((await call(url, 'version')).status, 200)
  writeFileSync(path, good)
  await stop(program)
})

test('a server whose standard error is a full disk goes on serving, and ends cleanly', async () => {
  const { program, url } = await startIt({ stderr: openSync('/dev/full', 'w') })
  const port = Number(new URL(url).port)
  for (let count = 0; count < 20; count += 1)
    await sendRaw(port, requestBytes('GET /json-api/version HTTP/1.1', []), { inClear: true })
  assert.equal((await call(url, 'version')).status, 200)
  await stop(program)
})

async function stop(program: Program): Promise<void> {
  program.child.kill('SIGTERM')
  assert.equal(await program.ended, 0)
}

async function callsOf(url: string): Promise<number> {
  const tokens: readonly { readonly name: string; readonly postern_calls: number }[] = (
    await call(url, 'postern_token_list')
  ).json.data.tokens
  return tokens.find(({ name }) => name === 'load')?.postern_calls ?? 0
}

/** A call whose body comes in two parts. */
function openSlowBody(port: number) {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false })
  socket.on('error', () => {})
  const lines = [`Authorization: whm root:${token}`, 'Content-Length: 13', 'Expect: 100-continue']
  let heard = ''
  socket.write(requestBytes('POST /json-api/version HTTP/1.1', lines))
  const isOpen = new Promise<void>((resolve) => {
    socket.on('data', (piece) => {
      heard += piece
      if (heard.startsWith('HTTP/1.1 100')) resolve()
    })
  })
  const reply = new Promise<string>((resolve) => {
    socket.once('close', () => resolve(heard.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '')))
  })
  return { isOpen, reply, finish: () => socket.write('api.version=1') }
}

async function refused(url: string): Promise<void> {
  await reached(async () => (await sendTo(url, '/healthz').catch((error) => error)).code === 'ECONNREFUSED')
}

function fingerprintAt(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256)
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

async function reached(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, 'not reached in 10 s')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
