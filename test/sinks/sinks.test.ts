/** Mail, webhook and syslog against real receivers: what arrives, what is refused, and what a stranger's text can do there. */
import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { NotTaken, type OutboxEvent } from '../../src/alerts/delivery.ts'
import { type MailSettings, makeMailSink, makeOwnerMailSink, makeSendMail } from '../../src/alerts/sinks/mail.ts'
import { formatSyslog, makeSyslogSink, parseSyslogTarget } from '../../src/alerts/sinks/syslog.ts'
import { makeWebhookSink, parseWebhookSecret } from '../../src/alerts/sinks/webhook.ts'
import { makeSelfSigned } from '../../src/server/self-signed.ts'
import { startHookReceiver, startLineReceiver, startMailServer, until } from './receivers.ts'

const NOW = Date.UTC(2026, 10, 25, 12)
const never = new AbortController().signal
/** What a stranger might send: markup, formulas, other lines, other directions, a fake log line. */
const HOSTILE =
  '<script>alert(1)</script>"\r\nBcc: x@example.org\u2028=1+1 \u202egpj ]]> <34>1 2026-01-01T00:00:00Z x y - - z'

const eventOf = (more: Partial<OutboxEvent['event']> = {}): OutboxEvent => ({
  id: 41,
  at: new Date(NOW),
  userId: 7,
  event: {
    alert: 9,
    kind: 'old-token',
    severity: 'critical',
    title: 'Somebody holds an old or unknown token',
    reason: 'The token “backup” was ended and is used again.',
    user: 'rita',
    token_id: 'tok_1',
    token_name: 'backup',
    address: '192.0.2.1',
    examples: ['192.0.2.1'],
    first_time: NOW / 1000,
    time: NOW / 1000,
    occurrences: 3,
    ...more,
  },
})

test('a webhook is signed over id, time and body, so that its receiver can tell it from a forged or repeated one', async () => {
  const receiver = await startHookReceiver(() => undefined)
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  const key = parseWebhookSecret(secret)
  assert.ok(key)
  await makeWebhookSink(`http://127.0.0.1:${receiver.port}/hook`, key, () => NOW).send(eventOf(), never)
  const [hook, ...others] = receiver.got
  assert.ok(hook)
  assert.deepEqual(others, [])
  // As a receiver does it, from the documentation alone.
  const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature } = hook.headers
  const expected = createHmac('sha256', Buffer.from(secret.slice(6), 'base64')).update(`${id}.${time}.${hook.body}`)
  assert.equal(signature, `v1,${expected.digest('base64')}`)
  assert.deepEqual(
    [id, time, hook.headers['content-type'], hook.path],
    ['alert-event-41', String(NOW / 1000), 'application/json', '/hook'],
  )
  assert.deepEqual(JSON.parse(hook.body), {
    type: 'alert.old-token',
    timestamp: '2026-11-25T12:00:00.000Z',
    event: 41,
    data: eventOf().event,
  })
  await receiver.close()
})

test('a webhook follows no redirect, tries again after other answers, and tells apart what can never be taken', async () => {
  const other = await startHookReceiver(() => undefined)
  const statuses = [302, 500, 401, 404, 429, 422, 400]
  const receiver = await startHookReceiver((_hook, count) => ({
    status: statuses[count - 1] ?? 200,
    headers: { location: `http://127.0.0.1:${other.port}/` },
  }))
  const sink = makeWebhookSink(`http://127.0.0.1:${receiver.port}/`, Buffer.alloc(32), () => NOW)
  for (const status of statuses) {
    const error = await sink.send(eventOf(), never).catch((thrown: unknown) => thrown)
    assert.ok(error instanceof Error, String(status))
    assert.equal(error.message, `the webhook answered ${status}`)
    assert.equal(error instanceof NotTaken, status === 422 || status === 400, String(status))
  }
  await sink.send(eventOf(), never)
  assert.equal(other.got.length, 0)
  await other.close()
  await receiver.close()
})

test('a webhook that never answers, or is not there, holds nothing up', async () => {
  const receiver = await startHookReceiver(() => ({ status: 0 }))
  const sink = makeWebhookSink(`http://127.0.0.1:${receiver.port}/`, Buffer.alloc(32), () => NOW)
  const stop = new AbortController()
  const sending = sink.send(eventOf(), stop.signal)
  await until(() => receiver.got.length === 1)
  stop.abort()
  await assert.rejects(sending, /aborted/)
  await receiver.close()
  await assert.rejects(sink.send(eventOf(), never), /fetch failed/)
})

test('only whsec_ and the base64 of 24 to 64 bytes is a secret of a webhook', () => {
  const of = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 1).toString('base64')}`
  assert.deepEqual(
    [of(24), of(64), ` ${of(32)}\n`].map((text) => parseWebhookSecret(text)?.length),
    [24, 64, 32],
  )
  for (const text of ['', 'whsec_', of(23), of(65), of(32).slice(6), `${of(32)}!`, 'hunter2'])
    assert.equal(parseWebhookSecret(text), undefined, text)
})

const mailOf = (port: number, more: Partial<MailSettings> = {}): MailSettings => ({
  host: '127.0.0.1',
  port,
  security: 'none',
  user: undefined,
  password: undefined,
  from: 'postern@panel.example.com',
  hostname: 'panel.example.com',
  url: () => 'https://panel.example.com:2087',
  ...more,
})

/** The text of a mail with its transfer encoding undone. */
function readMail(raw: string): { readonly head: string; readonly body: string } {
  const border = raw.indexOf('\r\n\r\n')
  const head = raw.slice(0, border).replace(/\r\n[ \t]+/g, ' ')
  const body = raw.slice(border + 4)
  if (/^content-transfer-encoding: base64/im.test(head)) return { head, body: Buffer.from(body, 'base64').toString() }
  if (!/^content-transfer-encoding: quoted-printable/im.test(head)) return { head, body }
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return { head, body: Buffer.from(bytes, 'latin1').toString('utf8') }
}

test('a mail goes to all who run the server, says what happened in words, and has the same id each time', async () => {
  const server = await startMailServer({ disabledCommands: ['STARTTLS'] })
  const mail = mailOf(server.port)
  const sink = makeMailSink(['a@example.com', 'b@example.com'], mail, makeSendMail(mail))
  await sink.send(eventOf(), never)
  await sink.send(eventOf(), never)
  const [first, second] = server.got
  assert.ok(first && second)
  assert.deepEqual([first.from, first.to], ['postern@panel.example.com', ['a@example.com', 'b@example.com']])
  const { head, body } = readMail(first.text)
  assert.match(head, /^Subject: \[panel\.example\.com\] Somebody holds an old or unknown token: backup$/m)
  assert.match(head, /^Message-ID: <alert-event-41@panel\.example\.com>$/m)
  assert.match(head, /^Auto-Submitted: auto-generated$/m)
  assert.equal(
    body.replaceAll('\r\n', '\n').trimEnd(),
    `The token “backup” was ended and is used again.

Severity:    critical
Token:       backup (tok_1)
User:        rita
Address:     192.0.2.1
Seen:        192.0.2.1
Time:        2026-11-25T12:00:00.000Z
Occurrences: 3

Look at it and acknowledge it: https://panel.example.com:2087/alerts`,
  )
  assert.match(readMail(second.text).head, /^Message-ID: <alert-event-41@panel\.example\.com>$/m)
  await server.close()
})

test('O1 O3: in a mail, text of a stranger stays on its line and makes no header and no recipient', async () => {
  const server = await startMailServer({ disabledCommands: ['STARTTLS'] })
  const mail = mailOf(server.port)
  const hostile = eventOf({ reason: HOSTILE, user: HOSTILE, token_name: HOSTILE, examples: [HOSTILE] })
  await makeMailSink(['a@example.com'], mail, makeSendMail(mail)).send(hostile, never)
  const [got] = server.got
  assert.ok(got)
  assert.deepEqual(got.to, ['a@example.com'])
  const { head, body } = readMail(got.text)
  assert.doesNotMatch(head, /^bcc:/im)
  assert.match(head, /^Content-Type: text\/plain/m)
  assert.match(body, /^<script>alert\(1\)<\/script>"\\u000d\\u000aBcc: x@example\.org\\u2028=1\+1 \\u202egpj/)
  assert.doesNotMatch(body, /[\u2028\u202e]/)
  await server.close()
})

test('a password goes to the mail server by STARTTLS or TLS alone, to a server that shows a certificate one can trust', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const cert = await makeSelfSigned(privateKey, 'localhost', 'Nobody', Date.now())
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const users: (string | undefined)[] = []
  const server = await startMailServer({
    cert,
    key,
    authOptional: false,
    onAuth: ({ username, password }, _session, done) => {
      users.push(username)
      if (password === 'the password') done(null, { user: username ?? '' })
      else done(new Error('no'))
    },
  })
  const withUser = (security: MailSettings['security']) =>
    makeMailSink(
      ['a@example.com'],
      mailOf(server.port),
      makeSendMail(mailOf(server.port, { security, user: 'u', password: 'the password' })),
    )
  await assert.rejects(withUser('starttls').send(eventOf(), never), /self-signed certificate/)
  await assert.rejects(withUser('tls').send(eventOf(), never))
  assert.deepEqual(users, [])
  await server.close()
  const clear = await startMailServer({ disabledCommands: ['STARTTLS'] })
  await assert.rejects(
    makeMailSink(['a@example.com'], mailOf(0), makeSendMail(mailOf(clear.port, { security: 'starttls' }))).send(
      eventOf(),
      never,
    ),
    /STARTTLS/,
  )
  assert.deepEqual(clear.got, [])
  await clear.close()
})

test('a recipient refused for good is told apart from a server that has no time', async () => {
  const refusal = (responseCode: number) => Object.assign(new Error('no'), { responseCode })
  for (const [code, isForGood] of [
    [550, true],
    [451, false],
    [421, false],
  ] as const) {
    const server = await startMailServer({ disabledCommands: ['STARTTLS'] }, () => refusal(code))
    const mail = mailOf(server.port)
    const error = await makeMailSink(['a@example.com'], mail, makeSendMail(mail))
      .send(eventOf(), never)
      .catch((e: unknown) => e)
    assert.equal(error instanceof NotTaken, isForGood, `${code} ${String(error)}`)
    assert.ok(error instanceof Error)
    await server.close()
  }
})

test('a mail server that says nothing is let go when the time is over', async () => {
  const silent = createServer(() => {})
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const connected = once(silent, 'connection')
  const { port } = silent.address() as { port: number }
  const stop = new AbortController()
  const mail = mailOf(port)
  const sending = makeMailSink(['a@example.com'], mail, makeSendMail(mail)).send(eventOf(), stop.signal)
  const [socket] = await connected
  stop.abort(new Error('too late'))
  await assert.rejects(sending)
  socket.destroy()
  await new Promise((resolve) => silent.close(resolve))
})

test('owners are mailed reminders alone, at their own address', async () => {
  const server = await startMailServer({ disabledCommands: ['STARTTLS'] })
  const mail = mailOf(server.port)
  const sink = makeOwnerMailSink(
    async ({ userId }) => (userId === 7 ? 'rita@example.com' : undefined),
    mail,
    makeSendMail(mail),
  )
  await sink.send(eventOf(), never)
  await sink.send({ ...eventOf({ kind: 'token-expires' }), userId: 8 }, never)
  await sink.send(eventOf({ kind: 'token-expires', reason: 'It expires in 7 days.' }), never)
  assert.deepEqual(
    server.got.map(({ to }) => to),
    [['rita@example.com']],
  )
  assert.match(
    readMail(server.got[0]?.text ?? '').body,
    /It expires in 7 days\.[\s\S]*https:\/\/panel\.example\.com:2087\/tokens/,
  )
  await server.close()
})

const LINE = /^<(\d+)>1 2026-11-25T12:00:00\.000Z panel\.example\.com postern \d+ (\S+) - (\{.*\})$/

test('L1: a syslog line is one line of RFC 5424 in ASCII, whatever a stranger sent, and reads back', () => {
  const line = formatSyslog(eventOf({ reason: HOSTILE, user: HOSTILE, examples: [HOSTILE] }), 'panel.example.com')
  assert.match(line, /^[\x20-\x7e]+$/)
  const [, priority, kind, json] = LINE.exec(line) ?? []
  assert.deepEqual([priority, kind], ['82', 'old-token'])
  const read = JSON.parse(json ?? '')
  assert.match(read.reason, /^<script>alert\(1\)<\/script>"\\u000d\\u000aBcc:/)
  assert.equal(read.token_id, 'tok_1')
  const long = formatSyslog(eventOf({ reason: '\u0000'.repeat(4000), user: 'x'.repeat(4000) }), 'panel.example.com')
  assert.ok(long.length < 8192, String(long.length))
})

test('syslog goes by UDP as a datagram, by TCP with its length before it, and into a socket of the machine', async () => {
  const udp = createSocket('udp4')
  udp.bind(0, '127.0.0.1')
  await once(udp, 'listening')
  const datagram = once(udp, 'message')
  const targetOf = (text: string) => parseSyslogTarget(text) ?? assert.fail(text)
  await makeSyslogSink(targetOf(`udp://127.0.0.1:${udp.address().port}`), 'panel.example.com').send(eventOf(), never)
  assert.match(String((await datagram)[0]), LINE)
  udp.close()
  const tcp = await startLineReceiver()
  await makeSyslogSink(targetOf(`tcp://127.0.0.1:${tcp.port}`), 'panel.example.com').send(eventOf(), never)
  const [, length, line] = /^(\d+) (.*)$/s.exec(tcp.got[0] ?? '') ?? []
  assert.equal(Number(length), line?.length)
  assert.match(line ?? '', LINE)
  await tcp.close()
  await assert.rejects(
    makeSyslogSink(targetOf(`tcp://127.0.0.1:${tcp.port}`), 'panel.example.com').send(eventOf(), never),
    /ECONNREFUSED/,
  )
  const folder = await mkdtemp(join(tmpdir(), 'postern-syslog-'))
  const local = await startLineReceiver(join(folder, 'log'))
  await makeSyslogSink(targetOf(`unix:${folder}/log`), 'panel.example.com').send(eventOf(), never)
  assert.match(local.got[0]?.trimEnd() ?? '', LINE)
  await local.close()
  await rm(folder, { recursive: true })
})

test('a target of syslog that could be read in two ways is none', () => {
  assert.deepEqual(parseSyslogTarget('udp://[::1]:514'), { kind: 'udp', host: '::1', port: 514 })
  assert.deepEqual(parseSyslogTarget('unix:/dev/log'), { kind: 'unix', path: '/dev/log' })
  for (const text of [
    '',
    '/dev/log',
    'unix:dev/log',
    'udp://h',
    'udp://h:0',
    'udp://h:65536',
    'tls://h:6514',
    'udp://::1:514',
  ])
    assert.equal(parseSyslogTarget(text), undefined, text)
})
