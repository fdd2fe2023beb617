/** Guessing at the doors: what is counted, who is banned for how long, and who passes all the same. */
import assert from 'node:assert/strict'
import { Agent } from 'node:https'
import { after, before, test } from 'node:test'
import { makeSecret } from '../../src/tokens/secret.ts'
import { done, type Reply, ROOT_PASSWORD, startTestServer, type TestServer } from '../start-server.ts'

const MINUTE_MS = 60_000

/** It stands still, and the server's own time goes on past it meanwhile: where it is moved on, by a minute more than is needed. */
let wallMs = Date.now()
let server: TestServer

before(async () => {
  server = await startTestServer({
    settings: { ignoreSelf: 'off', maxConnectionsPerAddress: 1000 },
    wallMs: () => wallMs,
  })
})
after(() => server.close())

const PATH = '/json-api/applist?api.version=1'

function from(address: string, authorization: string, path = PATH): Promise<Reply> {
  return server.send(path, { headers: { authorization }, agent: new Agent({ localAddress: address }) })
}

const withToken = (address: string, credential: string): Promise<Reply> => from(address, `whm ${credential}`)

const withPassword = (address: string, password: string, user = 'root'): Promise<Reply> =>
  from(address, `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`)

function signIn(address: string, user: string, password: string): Promise<Reply> {
  return server.send('/login/?login_only=1', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ user, pass: password }).toString(),
    agent: new Agent({ localAddress: address }),
  })
}

async function statuses(count: number, attempt: (n: number) => Promise<Reply>): Promise<readonly number[]> {
  const found: number[] = []
  for (let n = 0; n < count; n += 1) found.push((await attempt(n)).status)
  return found
}

const repeated = (status: number, count: number): readonly number[] => Array.from({ length: count }, () => status)

/** A wrong password for a name that is tried nowhere else, so that only the address is counted. */
let names = 0
const wrongFrom = (address: string) => (): Promise<Reply> => {
  names += 1
  return withPassword(address, 'wrong', `nobody-${names}`)
}

test('T5: the 11th wrong password within five minutes is answered by a ban of 15 minutes; other addresses are untouched', async () => {
  assert.deepEqual(await statuses(10, wrongFrom('127.0.5.1')), repeated(403, 10))
  const banned = await wrongFrom('127.0.5.1')()
  assert.equal(banned.status, 429)
  assert.deepEqual([banned.json.metadata.result, banned.json.metadata.version, banned.json.data], [0, 1, null])
  assert.match(banned.json.metadata.reason, /^Too many failed attempts\. Try again in \d+ seconds\.$/)
  const retryAfter = Number(banned.headers['retry-after'])
  assert.ok(retryAfter > 890 && retryAfter <= 900, `${retryAfter}`)
  assert.equal((await withPassword('127.0.5.1', ROOT_PASSWORD)).status, 429)
  assert.equal((await withPassword('127.0.5.2', ROOT_PASSWORD)).status, 200)
  const bans = await server.audit({ function: 'ban', target: '127.0.5.1' })
  assert.deepEqual(
    bans.map(({ reason, outcome, details }) => [reason, outcome, details.attempts, details.repetition]),
    [['address-banned', 'done', 10, 1]],
  )
  wallMs += 16 * MINUTE_MS
  assert.equal((await withPassword('127.0.5.1', ROOT_PASSWORD)).status, 200)
})

test('T5: whoever guesses on without waiting as told is banned as well, and a user whom others keep waiting is not', async () => {
  await server.account('gina', ['basic-whm-functions'])
  const guess = (address: string) => withPassword(address, 'wrong', 'gina')
  assert.deepEqual(await statuses(5, () => guess('127.0.5.62')), repeated(403, 5))
  // Until each next attempt has to wait a minute.
  for (let n = 0; n < 7; n += 1) {
    wallMs += MINUTE_MS
    assert.equal((await guess(`127.0.5.${n === 6 ? 60 : 70 + n}`)).status, 403)
  }
  for (const reply of [await guess('127.0.5.60'), await guess('127.0.5.60')])
    assert.ok(reply.status === 429 && Number(reply.headers['retry-after']) <= 60)
  assert.deepEqual(await statuses(7, () => guess('127.0.5.60')), repeated(429, 7))
  const banned = await guess('127.0.5.60')
  assert.ok(Number(banned.headers['retry-after']) > 800, `${banned.headers['retry-after']}`)
  assert.equal((await server.audit({ function: 'ban', target: '127.0.5.60' })).length, 1)
  // Nothing failed from here, whatever was sent without waiting.
  assert.deepEqual(await statuses(20, () => withPassword('127.0.5.61', 'pass-of-gina-1', 'gina')), repeated(429, 20))
  wallMs += 2 * MINUTE_MS
  assert.equal((await withPassword('127.0.5.61', 'pass-of-gina-1', 'gina')).status, 200)
})

test('T5: what cannot be a token counts little, a wrong password normally, and a token that somebody once held much', async () => {
  assert.deepEqual(await statuses(40, () => withToken('127.0.5.10', 'root:mistyped')), repeated(403, 40))
  assert.equal((await withToken('127.0.5.10', 'root:mistyped')).status, 429)
  assert.deepEqual(await statuses(5, () => withToken('127.0.5.11', `root:${makeSecret('PSW')}`)), repeated(403, 5))
  assert.equal((await withToken('127.0.5.11', `root:${makeSecret('PSW')}`)).status, 429)
  // Counted together, and only within five minutes.
  assert.deepEqual(await statuses(9, wrongFrom('127.0.5.12')), repeated(403, 9))
  wallMs += 6 * MINUTE_MS
  assert.deepEqual(await statuses(4, () => withToken('127.0.5.12', `root:${makeSecret('PSW')}`)), repeated(403, 4))
  assert.deepEqual(await statuses(2, wrongFrom('127.0.5.12')), repeated(403, 2))
  assert.equal((await wrongFrom('127.0.5.12')()).status, 429)
})

test('T5: always-allowed addresses and tokens whose own rules name the address exactly pass a ban', async () => {
  const anywhere = await server.rootToken(['basic-whm-functions'])
  const range = await server.rootToken(['basic-whm-functions'], { whitelist_ip: '127.0.5.0/24' })
  const exact = await server.rootToken(['basic-whm-functions'], { whitelist_ip: '127.0.5.20' })
  const another = await server.rootToken(['basic-whm-functions'], { whitelist_ip: '127.0.5.21' })
  const version = (credential: string) => from('127.0.5.20', `whm ${credential}`, '/json-api/version?api.version=1')
  await statuses(10, wrongFrom('127.0.5.20'))
  for (const credential of [anywhere, range, another]) assert.equal((await version(credential)).status, 429)
  assert.equal((await version(exact)).status, 200)
  assert.equal((await version(`nobody:${exact.slice(5)}`)).status, 429)
  done(await server.root('create_cphulk_record', { ip: '127.0.5.20', list_name: 'white' }))
  assert.equal((await version(anywhere)).status, 200)
  assert.deepEqual(await statuses(12, wrongFrom('127.0.5.20')), repeated(403, 12))
})

test('R10: a banned address is told so five times on a connection, which then ends; a proxy keeps its own', async () => {
  const proxy = '127.0.5.66'
  const own = await startTestServer({ settings: { ignoreSelf: 'off', trustedProxies: [proxy] } })
  try {
    const ask = async (count: number, agent: Agent, headers: Record<string, string>): Promise<readonly string[]> => {
      const kept: string[] = []
      for (let n = 0; n < count; n += 1) {
        const authorization = `whm root:${makeSecret('PSW')}`
        const { status, headers: sent } = await own.send(PATH, { headers: { authorization, ...headers }, agent })
        kept.push(`${status} ${sent.connection}`)
      }
      return kept
    }
    for (const [address, forwarded] of [
      ['127.0.5.65', {}],
      [proxy, { 'x-forwarded-for': '198.51.100.65' }],
    ] as const) {
      const agent = new Agent({ localAddress: address, keepAlive: true, maxSockets: 1 })
      await ask(5, agent, forwarded)
      const told = await ask(6, agent, forwarded)
      const isProxy = address === proxy
      assert.deepEqual(
        told,
        Array.from({ length: 6 }, (_, n) => `429 ${n === 4 && !isProxy ? 'close' : 'keep-alive'}`),
      )
      agent.destroy()
    }
  } finally {
    await own.close()
  }
})

test('a call that a ban turns away is no first use of a new secret, so that the old one goes on', async () => {
  const old = await server.rootToken(['basic-whm-functions'], { token_name: 'rotated' })
  const token_id = done(await server.root('api_token_list')).json.data.tokens.rotated.postern_id
  const rotated = done(await server.root('postern_token_rotate', { token_id, overlap: 'first-use' })).json.data
  await statuses(10, wrongFrom('127.0.5.25'))
  assert.equal((await withToken('127.0.5.25', `root:${rotated.token}`)).status, 429)
  assert.equal((await withToken('127.0.5.26', old)).status, 200)
  assert.equal((await withToken('127.0.5.26', `root:${rotated.token}`)).status, 200)
  assert.equal((await withToken('127.0.5.26', old)).status, 403)
})

test('T5: a session that is open goes on, and a page to sign in says when to come again', async () => {
  const opened = await signIn('127.0.5.30', 'root', ROOT_PASSWORD)
  const { security_token: prefix } = opened.json
  const cookie = String(opened.headers['set-cookie']).split(';')[0]
  await statuses(10, wrongFrom('127.0.5.30'))
  const agent = new Agent({ localAddress: '127.0.5.30' })
  const headers = { cookie }
  assert.equal((await server.send(`${prefix}/json-api/myprivs?api.version=1`, { headers, agent })).status, 200)
  const refused = await signIn('127.0.5.30', 'nobody', 'wrong')
  assert.equal(refused.status, 429)
  assert.deepEqual([refused.json.status, refused.json.reason], [0, 'too_many_attempts'])
  assert.ok(Number(refused.headers['retry-after']) > 0)
})

test('T5: bans grow with repetition, and 30 failures within six hours make it a day', async () => {
  const retryAfter = async (): Promise<number> => {
    await statuses(10, wrongFrom('127.0.5.40'))
    return Number((await wrongFrom('127.0.5.40')()).headers['retry-after'])
  }
  const near = (seconds: number, expected: number): boolean => seconds > expected - 10 && seconds <= expected
  assert.ok(near(await retryAfter(), 15 * 60))
  wallMs += 16 * MINUTE_MS
  assert.ok(near(await retryAfter(), 30 * 60))
  wallMs += 31 * MINUTE_MS
  assert.ok(near(await retryAfter(), 24 * 3600))
  const excessive = done(await server.root('get_cphulk_excessive_brutes')).json.data.excessive_brutes
  assert.deepEqual(
    excessive.map(({ ip }: { ip: string }) => ip),
    ['127.0.5.40'],
  )
})

test('T6, N11: guessing one password from a hundred addresses is slowed down and bounded, and its owner is not locked out', async () => {
  await server.account('bob', ['basic-whm-functions'])
  const right = (address: string) => withPassword(address, 'pass-of-bob-1', 'bob')
  assert.equal((await right('127.0.6.250')).status, 200)
  const waits: number[] = []
  let evaluated = 0
  for (let n = 0; n < 500; n += 1) {
    const reply = await withPassword(`127.0.6.${n % 100}`, 'wrong', 'bob')
    if (reply.status === 403) evaluated += 1
    else {
      assert.equal(reply.status, 429)
      const seconds = Number(reply.headers['retry-after'])
      if (seconds > (waits.at(-1) ?? 0)) waits.push(seconds)
      // Whoever guesses waits as he is told, but never for the lock to end.
      if (evaluated < 100) wallMs += seconds * 1000
    }
  }
  assert.deepEqual(waits.slice(0, 7), [1, 2, 4, 8, 16, 32, 60])
  assert.equal(evaluated, 100)
  assert.equal((await right('127.0.6.101')).status, 429)
  assert.equal((await server.audit({ function: 'lock', target: 'bob' })).length, 1)
  // Where he signed in before, the owner gets in, and that ends the lock.
  assert.equal((await right('127.0.6.250')).status, 200)
  assert.equal((await right('127.0.6.101')).status, 200)
})

test('T6: behind a banned address a password still opens for a user who signed in there before', async () => {
  assert.equal((await withPassword('127.0.6.251', ROOT_PASSWORD)).status, 200)
  await statuses(10, wrongFrom('127.0.6.251'))
  assert.equal((await wrongFrom('127.0.6.251')()).status, 429)
  assert.equal((await withPassword('127.0.6.251', ROOT_PASSWORD)).status, 200)
  // But not for guessing it: five wrong ones, and that is over as well.
  assert.deepEqual(await statuses(5, () => withPassword('127.0.6.251', 'wrong')), repeated(403, 5))
  assert.equal((await withPassword('127.0.6.251', ROOT_PASSWORD)).status, 429)
})

test('T7: capitals, blanks and control characters make no other user, and forms of one address no other address', async () => {
  await server.account('carol', ['basic-whm-functions'])
  const spellings = ['carol', 'CAROL', ' carol', 'caro l ', 'Carol']
  for (const [n, user] of [...spellings, ...spellings, ...spellings].entries()) {
    wallMs += MINUTE_MS
    assert.equal((await withPassword(`127.0.7.${n}`, 'wrong', user)).status, 403)
  }
  assert.equal((await withPassword('127.0.7.90', 'pass-of-carol-1', 'carol')).status, 429)
})

test('T8: secrets that are looked up and are none of the caller’s count as well', async () => {
  const token = await server.rootToken(['manage-api-tokens'])
  const lookUp = () =>
    from('127.0.8.20', `whm ${token}`, `/json-api/api_token_get_details?api.version=1&token=${makeSecret('PSW')}`)
  assert.deepEqual(await statuses(5, lookUp), repeated(200, 5))
  assert.equal((await lookUp()).status, 429)
})

test('T8: within a batch no secret is looked up any more once the ones before have led to a ban', async () => {
  const token = await server.rootToken(['manage-api-tokens'], { token_name: 'asked-for' })
  const [, own = ''] = token.split(':')
  const commands = [...Array.from({ length: 6 }, () => makeSecret('PSW')), own].map(
    (secret, at) => `command-${at}=${encodeURIComponent(`api_token_get_details?token=${secret}`)}`,
  )
  const reply = await from('127.0.8.21', `whm ${token}`, `/json-api/batch?api.version=1&${commands.join('&')}`)
  const replies = reply.json.data.result.map(({ data, metadata }: Reply['json']) => [data, metadata.result])
  assert.deepEqual(replies, [...Array(5).fill([{}, 1]), ...Array(2).fill([null, 0])])
})

test('the machine’s own addresses are never banned unless the setting says so', async () => {
  const lenient = await startTestServer()
  try {
    const good = await lenient.rootToken(['basic-whm-functions'])
    for (let n = 0; n < 12; n += 1)
      assert.equal((await lenient.call(`root:${makeSecret('PSW')}`, 'version')).status, 403)
    done(await lenient.call(good, 'version'))
    const { failed_logins: listed } = done(await lenient.root('get_cphulk_failed_logins')).json.data
    assert.equal(listed.length, 12)
  } finally {
    await lenient.close()
  }
})

test('T5: the password of an open session is no better to guess', async () => {
  await server.account('frank', ['list-accts'])
  const opened = await signIn('127.0.5.50', 'frank', 'pass-of-frank-1')
  const headers = { cookie: String(opened.headers['set-cookie']).split(';')[0] }
  const agent = new Agent({ localAddress: '127.0.5.50' })
  const confirm = () =>
    server.send(`${opened.json.security_token}/json-api/postern_confirm_password`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ 'api.version': 1, password: 'wrong' }),
      agent,
    })
  for (let n = 0; n < 10; n += 1) assert.match((await confirm()).json.metadata.reason, /password/)
  const barred = await confirm()
  assert.equal(barred.status, 429)
  assert.ok(Number(barred.headers['retry-after']) > 0)
})

test('C6: of a hundred guesses at once ten are checked, and never one more', async () => {
  const agent = new Agent({ localAddress: '127.0.9.1', keepAlive: true })
  const authorization = (n: number) => `Basic ${Buffer.from(`nobody-c6-${n}:wrong`).toString('base64')}`
  const replies = await Promise.all(
    Array.from({ length: 100 }, (_, n) => server.send(PATH, { headers: { authorization: authorization(n) }, agent })),
  )
  agent.destroy()
  const count = (status: number) => replies.filter((reply) => reply.status === status).length
  assert.deepEqual([count(403), count(429)], [10, 90])
  const tokens = await Promise.all(
    Array.from({ length: 100 }, () => withToken('127.0.9.2', `root:${makeSecret('PSW')}`)),
  )
  assert.equal(tokens.filter(({ status }) => status === 403).length, 5)
})

test('the trail has one entry for each refused attempt, and one an address and second for those that were not looked at', async () => {
  await statuses(10, wrongFrom('127.0.9.10'))
  const count = 25
  const agent = new Agent({ localAddress: '127.0.9.10', keepAlive: true, maxSockets: 1 })
  for (let n = 0; n < count; n += 1)
    assert.equal((await server.send(PATH, { headers: { authorization: 'whm root:x' }, agent })).status, 429)
  agent.destroy()
  wallMs += 2000
  const ofAddress = () => server.audit({ address: '127.0.9.10', limit: 1000 })
  const summed = (entries: readonly { reason: string; details: { count: number } }[]) =>
    entries.filter(({ reason }) => reason === 'not-evaluated').reduce((sum, { details }) => sum + details.count, 0)
  const deadline = performance.now() + 5000
  let entries = await ofAddress()
  while (summed(entries) < count && performance.now() < deadline) entries = await ofAddress()
  assert.equal(summed(entries), count)
  assert.ok(entries.filter(({ reason }) => reason === 'not-evaluated').length < count)
  assert.equal(entries.filter(({ reason }) => reason === 'unknown-user').length, 10)
})

test('guessed login links are counted, and from a banned address a good one is not looked at', async () => {
  await server.account('linked', ['create-user-session'])
  const made = done(await server.root('create_user_session', { user: 'linked', service: 'whostmgrd' })).json.data
  const openFrom = (address: string, session: string, headers: Record<string, string> = {}) =>
    server.send(`${made.cp_security_token}/login/?session=${encodeURIComponent(session)}`, {
      headers,
      agent: new Agent({ localAddress: address }),
    })
  const guess = (n: number) => openFrom('127.0.11.1', `linked:guess${n},00`)
  assert.deepEqual(await statuses(10, guess), repeated(401, 10))
  const banned = await openFrom('127.0.11.1', made.session)
  assert.equal(banned.status, 429)
  assert.ok(Number(banned.headers['retry-after']) > 890)
  assert.equal(banned.headers['set-cookie'], undefined)
  const opened = await openFrom('127.0.11.2', made.session)
  assert.equal(opened.status, 200)
  // Going back in the browser that used it is no guess.
  const cookie = String(opened.headers['set-cookie']?.[0]).split(';')[0] ?? ''
  assert.deepEqual(await statuses(12, () => openFrom('127.0.11.2', made.session, { cookie })), repeated(200, 12))
  const refused = await server.audit({ function: 'login', address: '127.0.11.1' })
  assert.deepEqual(
    refused.map(({ reason }) => reason),
    Array.from({ length: 10 }, () => 'link-unknown'),
  )
})

test('guessed addresses of calendar feeds are counted, and other paths beside them are not', async () => {
  const { path } = done(await server.root('postern_calendar_feed_create')).json.data
  const read = (address: string, feed: string) => server.send(feed, { agent: new Agent({ localAddress: address }) })
  assert.deepEqual(await statuses(50, (n) => read('127.0.11.3', `/calendar/${n}.ics`)), repeated(404, 50))
  const guess = (n: number) => read('127.0.11.3', `/calendar/${String(n).padStart(43, 'x')}.ics`)
  assert.deepEqual(await statuses(10, guess), repeated(404, 10))
  const banned = await read('127.0.11.3', path)
  assert.equal(banned.status, 429)
  assert.ok(Number(banned.headers['retry-after']) > 890)
  assert.equal((await read('127.0.11.4', path)).status, 200)
  const refused = await server.audit({ function: 'calendar', address: '127.0.11.3' })
  assert.deepEqual([...new Set(refused.map(({ reason }) => reason))], ['feed-unknown'])
  assert.equal(refused.length, 10)
})

test('T8: counters outlive a restart and a clock that goes back, and a success elsewhere changes nothing', async () => {
  await statuses(9, wrongFrom('127.0.8.1'))
  await statuses(10, wrongFrom('127.0.8.2'))
  await server.account('dave', ['basic-whm-functions'])
  assert.equal((await withPassword('127.0.8.3', 'pass-of-dave-1', 'dave')).status, 200)
  await server.stop()
  wallMs -= 60 * MINUTE_MS
  const again = await startTestServer({
    settings: { ...server.server.runtime.settings, ignoreSelf: 'off' },
    folder: `${server.folder}/..`,
    wallMs: () => wallMs,
  })
  const closed = server
  server = again
  try {
    assert.equal((await wrongFrom('127.0.8.2')()).status, 429)
    assert.deepEqual(await statuses(1, wrongFrom('127.0.8.1')), [403])
    assert.equal((await wrongFrom('127.0.8.1')()).status, 429)
  } finally {
    await again.stop()
    await closed.close()
  }
})
