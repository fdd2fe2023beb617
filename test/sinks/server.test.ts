/** The whole server with sinks: from a refused token to what its receivers got, over outages and restarts. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { test } from 'node:test'
import { run } from '../../src/cli/command.ts'
import { posternCommand } from '../../src/cli/postern.ts'
import { StartRefusal } from '../../src/storage/start-refusal.ts'
import { makeSecret } from '../../src/tokens/secret.ts'
import { done, startTestServer, type TestServer, type TestServerOptions } from '../start-server.ts'
import { startHookReceiver, startLineReceiver, startMailServer, until } from './receivers.ts'

async function postern(server: TestServer, ...args: readonly string[]) {
  let out = ''
  const into = new Writable({
    write(piece, _encoding, written) {
      out += String(piece)
      written()
    },
  })
  const env = { POSTERN_DATA: server.folder }
  const io = { stdin: Readable.from([]), stdout: into, stderr: into, env, exitCode: 0 }
  return { status: await run(posternCommand(io), args, io), out }
}

test('an old token becomes a mail, a signed webhook and a syslog line; “postern alert” and doctor tell of each', async (t) => {
  const hooks = await startHookReceiver(() => undefined)
  const mails = await startMailServer({ disabledCommands: ['STARTTLS'] })
  const lines = await startLineReceiver()
  const server = await startTestServer({
    settings: {
      alertWebhookUrl: `http://127.0.0.1:${hooks.port}/`,
      alertMailTo: ['root@example.com'],
      alertMailOwners: 'off',
      smtpHost: '127.0.0.1',
      smtpPort: mails.port,
      smtpSecurity: 'none',
      alertSyslog: `tcp://127.0.0.1:${lines.port}`,
    },
  })
  t.after(async () => {
    await server.close()
    for (const receiver of [hooks, mails, lines]) await receiver.close()
  })
  const refused = await server.call(`root:${makeSecret('PSW')}`, 'version')
  assert.equal(refused.status, 403)
  await until(() => hooks.got.length + mails.got.length + lines.got.length === 3)
  assert.equal(JSON.parse(hooks.got[0]?.body ?? '').type, 'alert.old-token')
  assert.match(
    mails.got[0]?.text ?? '',
    /^Subject: \[panel\.example\.com\] Somebody holds an old or unknown token:\s+127\.0\.0\.1\r$/m,
  )
  assert.match(lines.got[0] ?? '', /^\d+ <82>1 .* panel\.example\.com postern \d+ old-token - \{"alert":1,/)
  const secret = (await readFile(join(server.folder, 'webhook-secret'), 'utf8')).trim()
  const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature } = hooks.got[0]?.headers ?? {}
  const expected = createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
  assert.equal(signature, `v1,${expected.update(`${id}.${time}.${hooks.got[0]?.body}`).digest('base64')}`)
  assert.equal(statSync(join(server.folder, 'webhook-secret')).mode & 0o777, 0o600)
  assert.deepEqual(await postern(server, 'alert', 'test'), {
    status: 0,
    out: 'mail: everything was taken\nsyslog: everything was taken\nwebhook: everything was taken\n',
  })
  assert.equal(JSON.parse(hooks.got.at(-1)?.body ?? '').data.kind, 'test')
  const listed = await postern(server, 'alert', 'list', '--state', 'open')
  assert.match(
    listed.out,
    /^2 \S+ notice test x1 open This is a test .*\n1 \S+ critical old-token x1 open A well-formed/,
  )
  assert.equal((await postern(server, 'alert', 'acknowledge', '1', '2')).status, 0)
  assert.equal((await postern(server, 'alert', 'list', '--state', 'open')).out, '')
  const muted = await postern(server, 'alert', 'mute', '--kind', 'old-token')
  assert.deepEqual(muted, { status: 0, out: '1\n' })
  assert.equal((await postern(server, 'alert', 'unmute', '1')).status, 0)
  const doctor = await postern(server, 'doctor')
  assert.match(doctor.out, /^ok {7}alerts by webhook: 0 wait, 0 were given up$/m)
})

test('nothing is lost while a receiver is away and the server is restarted, and what comes then comes in order', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-sinks-'))
  const away = await startHookReceiver(() => undefined)
  const { port } = away
  await away.close()
  const settings = { alertWebhookUrl: `http://127.0.0.1:${port}/` }
  const first = await startTestServer({ folder, settings })
  t.after(() => first.close())
  for (const name of ['one', 'two', 'three']) await first.rootToken(['all'], { token_name: name })
  const failing = async () => done(await first.root('postern_alert_sinks')).json.data.sinks[0]
  await until(async () => (await failing()).failed_tries > 0)
  assert.match((await failing()).last_error, /ECONNREFUSED/)
  assert.match(
    (await postern(first, 'doctor')).out,
    /^warning {2}alerts by webhook: 3 wait, 0 were given up; fetch failed/m,
  )
  await first.stop()
  const back = await startHookReceiver(() => undefined)
  const second = await startTestServer({ folder, settings: { alertWebhookUrl: `http://127.0.0.1:${back.port}/` } })
  t.after(async () => {
    await second.close()
    await back.close()
    await rm(folder, { recursive: true })
  })
  // The new address of the webhook is a changed setting.
  await until(() => back.got.length === 4)
  assert.deepEqual(
    back.got.map(({ body }) => JSON.parse(body).data.token_name ?? JSON.parse(body).type),
    ['one', 'two', 'three', 'alert.settings-changed'],
  )
})

test('settings of sinks that cannot work stop the start, and say what to do', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-sinks-'))
  const bad = join(folder, 'bad')
  await writeFile(bad, 'hunter2\n')
  const cases = [
    [{ alertMailTo: ['a@example.com'] }, /alert_mail_to needs a mail server/],
    [{ smtpHost: 'mail.example.com', smtpUser: 'u', smtpSecurity: 'none' }, /would cross the network in clear/],
    [{ smtpHost: 'mail.example.com', smtpUser: 'u' }, /smtp_user needs a password/],
    [{ smtpHost: 'mail.example.com', smtpUser: 'u', smtpPasswordFile: join(folder, 'none') }, /cannot be read/],
    [{ alertWebhookUrl: 'https://example.com', alertWebhookSecretFile: bad }, /holds no secret of a webhook/],
    [{ alertSyslog: 'udp://127.0.0.1:99999' }, /names no port/],
  ] as const
  for (const [settings, message] of cases)
    await assert.rejects(startTestServer({ folder, settings }), (error) => {
      assert.ok(error instanceof StartRefusal)
      assert.match(error.message, message)
      assert.doesNotMatch(error.message, /hunter2/)
      return true
    })
  assert.equal(existsSync(join(folder, 'data/postern.sock')), false)
  await rm(folder, { recursive: true })
})

test('K1: without a file the secret of the webhook is made once, told once, and is in no reply, list or log', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-sinks-'))
  const hooks = await startHookReceiver(() => undefined)
  const told: string[] = []
  const options = {
    folder,
    settings: { alertWebhookUrl: `http://127.0.0.1:${hooks.port}/secret-path` },
    onWebhookSecret: (secret: string) => void told.push(secret),
  }
  const first = await startTestServer(options)
  t.after(async () => {
    await first.close()
    await hooks.close()
    await rm(folder, { recursive: true })
  })
  await first.rootToken(['all'])
  await until(() => hooks.got.length === 1)
  const replies = [await first.root('postern_alert_sinks'), await first.root('postern_alert_list')]
  const logged = JSON.stringify(first.logged)
  await first.stop()
  const second = await startTestServer(options)
  await second.close()
  assert.equal(told.length, 1)
  assert.match(told[0] ?? '', /^whsec_[A-Za-z0-9+/]{43}=$/)
  const shown = JSON.stringify([
    replies.map(({ body }) => body),
    logged,
    await readFile(join(folder, 'data/logs/access.log'), 'utf8'),
  ])
  for (const secret of [told[0]?.slice(6) ?? '', 'secret-path']) assert.ok(!shown.includes(secret))
})

test('a start with other settings than before is told, by their names alone', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-settings-'))
  const started: TestServer[] = []
  t.after(async () => {
    for (const server of started) await server.stop()
    await rm(folder, { recursive: true })
  })
  const alertsWith = async (settings: TestServerOptions['settings']) => {
    const server = await startTestServer({ folder, settings: settings ?? {} })
    started.push(server)
    const reply = done(await server.root('postern_alert_list', { kind: 'settings-changed' }))
    await server.stop()
    return reply.json.data.alerts.map(({ reason, occurrences }: { reason: string; occurrences: number }) => [
      reason,
      occurrences,
    ])
  }
  assert.deepEqual(await alertsWith({}), [])
  assert.deepEqual(await alertsWith({}), [])
  const said = 'The server on panel.example.com was started with other settings than before:'
  const changed = { sessionMaxHours: 3, alwaysAllowedAddresses: ['192.0.2.7'] }
  assert.deepEqual(await alertsWith(changed), [[`${said} always_allowed_addresses, session_max_hours.`, 1]])
  assert.deepEqual(await alertsWith(changed), [[`${said} always_allowed_addresses, session_max_hours.`, 1]])
  assert.deepEqual(await alertsWith({}), [[`${said} always_allowed_addresses, session_max_hours.`, 2]])
})
