import assert from 'node:assert/strict'
import type { OutgoingHttpHeaders } from 'node:http'
import { after, before, test } from 'node:test'
import { signIn } from '../../src/server/sign-in.ts'
import { done, type Reply, ROOT_PASSWORD, sendTo, startTestServer, type TestServer } from '../start-server.ts'
import { filesHolding } from './kept-files.ts'
import { storedRows } from './stored.ts'

const VERSION = '/json-api/version?api.version=1'

let server: TestServer
let cpanelUrl = ''

before(async () => {
  server = await startTestServer({ settings: { cpanelListen: '127.0.0.1:0' } })
  cpanelUrl = server.server.cpanelUrl ?? ''
  await server.account('seller', ['list-accts'])
  await server.account('holder')
})
after(() => server.close())

type Session = { readonly cookie: string; readonly value: string; readonly path: string }
type SignIn = { readonly user?: string; readonly pass?: string; readonly headers?: OutgoingHttpHeaders }

function postSignIn(url: string, { user = 'root', pass, headers = {} }: SignIn = {}): Promise<Reply> {
  const password = pass ?? (user === 'root' ? ROOT_PASSWORD : `pass-of-${user}-1`)
  const body = new URLSearchParams({ user, pass: password, login_only: '1' }).toString()
  return sendTo(url, '/login/', { method: 'POST', body, headers })
}

async function openSession(url: string, options: SignIn = {}): Promise<Session> {
  const reply = await postSignIn(url, options)
  assert.equal(reply.status, 200, reply.body)
  const cookie = String(reply.headers['set-cookie']?.[0]).split(';')[0] ?? ''
  return { cookie, value: decodeURIComponent(cookie.split('=')[1] ?? ''), path: reply.json.security_token }
}

const callWith = (
  url: string,
  { cookie, path }: Pick<Session, 'cookie' | 'path'>,
  headers: OutgoingHttpHeaders = {},
  target = VERSION,
): Promise<Reply> => sendTo(url, `${path}${target}`, { headers: { cookie, ...headers } })

function assertNoCredentials(reply: Reply, note = ''): void {
  assert.equal(reply.status, 401, note)
  assert.equal(reply.json.cpanelresult.error, 'No credentials were sent.', note)
  assert.equal(reply.headers['set-cookie'], undefined)
}

function assertSignInPage(reply: Reply, note = ''): void {
  assert.equal(reply.status, 401, note)
  assert.match(String(reply.headers['content-type']), /^text\/html/)
  assert.match(reply.body, /<h1>Sign in<\/h1>/, note)
}

const sessionCount = (): number => storedRows(server, 'select digest from sessions').length

test('signing in with login_only answers JSON, with the security token in body and Location', async () => {
  for (const [path, body] of [
    ['/login/?login_only=1', { user: 'root', pass: ROOT_PASSWORD }],
    ['/login?login_only=1', { user: 'root', pass: ROOT_PASSWORD }],
    ['/login/', { user: 'root', pass: ROOT_PASSWORD, login_only: '1', goto_uri: '//evil.example.com/' }],
  ] as const) {
    const reply = await server.send(path, { method: 'POST', body: new URLSearchParams(body).toString() })
    assert.equal(reply.status, 200)
    assert.match(String(reply.headers['content-type']), /^application\/json/)
    assert.equal(reply.headers['cache-control'], 'no-store')
    const { status, security_token: token, redirect } = reply.json
    assert.match(token, /^\/cpsess[0-9]{10}$/)
    assert.deepEqual([status, redirect, reply.headers.location], [1, `${token}/`, `${token}/`])
  }
  const [entry] = await server.audit({ function: 'login', limit: 1 })
  assert.deepEqual([entry.caller, entry.outcome, entry.credential], ['root', 'done', 'password'])
})

test('signing in with the form leads to the home page behind the security token', async () => {
  const body = new URLSearchParams({ user: 'seller', pass: 'pass-of-seller-1' }).toString()
  const reply = await server.send('/login/', { method: 'POST', body })
  assert.equal(reply.status, 302)
  const location = String(reply.headers.location)
  assert.match(location, /^\/cpsess[0-9]{10}\/$/)
  const cookie = String(reply.headers['set-cookie']?.[0]).split(';')[0]
  const home = await server.send(location, { headers: { cookie } })
  assert.equal(home.status, 200)
  assert.match(home.body, /Signed in as seller/)
  assert.equal((await server.send(`${location}nothing`, { headers: { cookie } })).status, 404)
})

test('S1: the cookie is Secure, HttpOnly and SameSite, for every path, of no domain, and not guessable', async () => {
  const replies = [await postSignIn(server.url), await postSignIn(server.url)]
  const values = replies.map((reply) => {
    const [line, ...others] = reply.headers['set-cookie'] ?? []
    assert.deepEqual(others, [])
    const [pair = '', ...attributes] = String(line).split('; ')
    assert.deepEqual(attributes.sort(), ['HttpOnly', 'Path=/', 'SameSite=Strict', 'Secure'])
    // WHM: USER:RANDOM,HEX, URL-encoded (observed).
    const [, random = '', hex = ''] =
      /^whostmgrsession=root%3A([A-Za-z0-9_-]{22})%2C([0-9a-f]{32})$/.exec(pair) ?? assert.fail(pair)
    return [random, hex]
  })
  assert.notEqual(values[0]?.[0], values[1]?.[0])
  assert.notEqual(values[0]?.[1], values[1]?.[1])
})

test('S1: a session is stored as digests only', async () => {
  const { value, path, cookie } = await openSession(server.url)
  const parts = value.slice('root:'.length).split(',')
  assert.equal((await callWith(server.url, { cookie, path })).status, 200)
  assert.deepEqual(filesHolding(server.folder, [value, encodeURIComponent(value), path, ...parts]), [])
  for (const row of storedRows(server, 'select digest, security_token_digest from sessions')) {
    for (const digest of Object.values(row)) assert.match(digest, /^[0-9a-f]{64}$/)
  }
})

test('S1: the cookie of the one service is refused at the other, under its own name and under the other', async () => {
  const whm = await openSession(server.url)
  const cpanel = await openSession(cpanelUrl, { user: 'holder' })
  assert.match(cpanel.cookie, /^cpsession=/)
  for (const [url, session] of [
    [cpanelUrl, whm],
    [server.url, cpanel],
  ] as const) {
    for (const name of ['whostmgrsession', 'cpsession']) {
      const cookie = `${name}=${encodeURIComponent(session.value)}`
      assertNoCredentials(await callWith(url, { cookie, path: session.path }))
      assertSignInPage(await sendTo(url, `${session.path}/`, { headers: { cookie } }))
    }
  }
  assert.equal((await callWith(server.url, whm)).status, 200)
})

test('the cPanel service runs no WHM function, and takes no token of WHM, whoever calls', async () => {
  const credential = await server.rootToken(['all'])
  const byToken = await sendTo(cpanelUrl, VERSION, { headers: { authorization: `whm ${credential}` } })
  assert.equal(byToken.status, 403)
  const [entry] = await server.audit({ limit: 1 })
  assert.equal(entry.reason, 'wrong-scheme')
  const basic = `Basic ${Buffer.from(`root:${ROOT_PASSWORD}`).toString('base64')}`
  const session = await openSession(cpanelUrl, { user: 'holder' })
  const made = '/json-api/createacct?api.version=1&username=sneaky&domain=sneaky.example.com&password=pass-of-sneaky-1'
  for (const reply of [
    await sendTo(cpanelUrl, made, { headers: { authorization: basic } }),
    await callWith(cpanelUrl, session, {}, made),
  ]) {
    assert.equal(reply.json.metadata.result, 0)
    assert.match(reply.json.metadata.reason, /^Unknown app \("createacct"\)/)
  }
  assert.deepEqual(storedRows(server, "select name from users where name = 'sneaky'"), [])
})

test('S2: a failed sign-in gives 401, no cookie and no session, and the trail has the reason', async () => {
  const count = sessionCount()
  await server.account('resting', ['list-accts'])
  done(await server.root('suspendacct', { user: 'resting' }))
  for (const [options, reason] of [
    [{ pass: 'not the password' }, 'wrong-password'],
    [{ user: 'nobodyhere', pass: 'x' }, 'unknown-user'],
    [{ user: 'holder' }, 'not-a-reseller'],
    [{ user: 'resting' }, 'owner-suspended'],
    [{ user: 'ROOT', pass: ROOT_PASSWORD }, 'unknown-user'],
    [{ user: '', pass: ROOT_PASSWORD }, 'malformed'],
    [{ pass: '' }, 'malformed'],
    [{ user: 'r'.repeat(301), pass: 'x' }, 'malformed'],
    [{ headers: { 'sec-fetch-site': 'cross-site' } }, 'cross-site'],
    [{ headers: { origin: 'https://evil.example.com' } }, 'cross-site'],
  ] as const) {
    const reply = await postSignIn(server.url, options)
    assert.equal(reply.status, 401, reason)
    assert.deepEqual(reply.json, { status: 0, message: 'Access denied', reason: 'invalid_login' })
    assert.equal(reply.headers['set-cookie'], undefined)
    assert.equal(reply.headers.location, undefined)
    const [entry] = await server.audit({ limit: 1 })
    assert.deepEqual([entry.function, entry.outcome, entry.reason], ['login', 'refused', reason])
    assert.ok(entry.caller.length <= 300)
  }
  const page = await server.send('/login/', { method: 'POST', body: 'user=%3Cb%3Eme&pass=wrong' })
  assertSignInPage(page)
  assert.match(page.body, /role="alert"/)
  assert.equal(page.body.includes('<b>me'), false)
  assert.equal(page.headers['set-cookie'], undefined)
  assert.equal(sessionCount(), count)
})

test('S2: two names, or two passwords, in one sign-in are none', async () => {
  const [good, bad] = [encodeURIComponent(ROOT_PASSWORD), 'wrong']
  for (const [query, body] of [
    ['', `user=root&user=holder&pass=${good}`],
    ['', `user=root&pass=${bad}&pass=${good}`],
    [`?pass=${bad}`, `user=root&pass=${good}`],
    ['?user=holder', `user=root&pass=${good}`],
  ]) {
    const reply = await server.send(`/login/${query}`, { method: 'POST', body: `login_only=1&${body}` })
    assert.equal(reply.status, 401, `${query} ${body}`)
  }
})

test('S2: each sign-in makes a new session and ends the one the browser came with; a planted id is never taken', async () => {
  const planted = 'whostmgrsession=root%3Aplanted%2C00112233445566778899aabbccddeeff'
  const first = await openSession(server.url, { headers: { cookie: planted } })
  assert.notEqual(first.cookie, planted)
  assertNoCredentials(await callWith(server.url, { cookie: planted, path: first.path }))
  const second = await openSession(server.url, { headers: { cookie: first.cookie } })
  assert.notEqual(second.cookie, first.cookie)
  assert.notEqual(second.path, first.path)
  assertNoCredentials(await callWith(server.url, first))
  assert.equal((await callWith(server.url, second)).status, 200)
  // A failed one leaves what the browser has.
  await postSignIn(server.url, { pass: 'wrong', headers: { cookie: second.cookie } })
  assert.equal((await callWith(server.url, second)).status, 200)
})

test('S3: a cookie without its own security token, or with one from another site, does nothing and keeps its session', async () => {
  const [mine, other] = [await openSession(server.url), await openSession(server.url)]
  const make = '/json-api/api_token_create?api.version=1&token_name=forged&acl=list-accts'
  const host = `127.0.0.1:${server.port}`
  const wrong = `/cpsess${(Number(mine.path.slice(7)) % 9_000_000_000) + 1_000_000_001}`
  const attempts: readonly (readonly [path: string, headers: OutgoingHttpHeaders])[] = [
    ['', {}],
    [wrong, {}],
    ['/cpsess', {}],
    [`${mine.path}0`, {}],
    [mine.path.slice(0, -1), {}],
    [other.path, {}],
    [mine.path, { 'sec-fetch-site': 'cross-site' }],
    [mine.path, { 'sec-fetch-site': 'same-site' }],
    [mine.path, { origin: 'https://evil.example.com' }],
    [mine.path, { origin: 'null' }],
    [mine.path, { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    [mine.path, { origin: `http://${host}` }],
    [mine.path, { origin: `https://${host}.evil.example.com` }],
    [mine.path, { origin: 'https://127.0.0.1:2083' }],
  ]
  for (const [path, headers] of attempts) {
    const note = JSON.stringify([path, headers])
    const sent = { cookie: mine.cookie, ...headers }
    assertNoCredentials(await server.send(`${path}${make}`, { headers: sent }), note)
    assertNoCredentials(await server.send(`${path}${make}`, { method: 'POST', body: '', headers: sent }), note)
    if (path !== mine.path) assertSignInPage(await server.send(`${path}/`, { headers: sent }), note)
  }
  assert.equal((await callWith(server.url, mine)).status, 200, 'the session is kept')
  assert.equal('forged' in done(await server.root('api_token_list')).json.data.tokens, false)
  const same = { 'sec-fetch-site': 'same-origin', origin: `https://${host}` }
  assert.equal((await callWith(server.url, mine, same)).status, 200)
})

test('the forms of our own pages work in a browser, which under no-referrer sends them with the origin null', async () => {
  const page = await server.send('/')
  assert.equal(page.headers['referrer-policy'], 'no-referrer')
  // As Chromium sends them.
  const headers = { 'sec-fetch-site': 'same-origin', origin: 'null' }
  const session = await openSession(server.url, { headers })
  const out = { method: 'POST', headers: { cookie: session.cookie, ...headers } }
  assert.equal((await server.send(`${session.path}/logout`, out)).status, 302)
  assertNoCredentials(await callWith(server.url, session))
})

test('S3: another site can neither sign a person out nor take their cookie away', async () => {
  const session = await openSession(server.url)
  for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example.com' }]) {
    for (const path of ['/logout', '/logout/', `${session.path}/logout`]) {
      for (const method of ['GET', 'POST']) {
        const reply = await server.send(path, { method, headers: { cookie: session.cookie, ...headers } })
        assertSignInPage(reply, path)
        assert.equal(reply.headers['set-cookie'], undefined)
      }
    }
  }
  assert.equal((await callWith(server.url, session)).status, 200)
})

test('S3: two different session cookies are none, since a neighbouring host name can plant one; the same twice is one', async () => {
  const [mine, other] = [await openSession(server.url), await openSession(server.url)]
  for (const cookie of [
    `${mine.cookie}; ${other.cookie}`,
    `${other.cookie}; ${mine.cookie}`,
    `whostmgrsession=planted; ${mine.cookie}`,
    `${mine.cookie};whostmgrsession=`,
  ]) {
    assertNoCredentials(await callWith(server.url, { cookie, path: mine.path }), cookie)
    assertSignInPage(await server.send(`${mine.path}/`, { headers: { cookie } }))
  }
  const twice = `a=b; ${mine.cookie}; ${mine.cookie}`
  assert.equal((await callWith(server.url, { cookie: twice, path: mine.path })).status, 200)
})

test('S4: calls by token and by password set no cookie, and no origin is ever allowed', async () => {
  const credential = await server.rootToken(['basic-whm-functions'])
  const basic = `Basic ${Buffer.from(`root:${ROOT_PASSWORD}`).toString('base64')}`
  for (const authorization of [`whm ${credential}`, basic]) {
    for (const origin of [undefined, 'https://evil.example.com', 'null']) {
      const reply = await server.send(VERSION, { headers: { authorization, ...(origin && { origin }) } })
      assert.equal(reply.status, 200)
      assertNoSharing(reply)
    }
  }
  for (const path of [VERSION, '/login/', '/', '/healthz']) {
    const preflight = await server.send(path, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example.com', 'access-control-request-method': 'POST' },
    })
    assert.equal(preflight.status, 405)
    assertNoSharing(preflight)
    for (const origin of ['https://evil.example.com', 'null'])
      assertNoSharing(await server.send(path, { headers: { origin } }))
  }
})

function assertNoSharing({ headers }: Reply): void {
  assert.equal(headers['set-cookie'], undefined)
  assert.deepEqual(
    Object.keys(headers).filter((name) => name.startsWith('access-control-')),
    [],
  )
}

test('signing out ends the session, with and without the security token, and takes the cookie away', async () => {
  for (const [method, prefix] of [
    ['GET', true],
    ['POST', true],
    ['GET', false],
  ] as const) {
    const session = await openSession(server.url)
    const path = `${prefix ? session.path : ''}/logout`
    const reply = await server.send(path, { method, headers: { cookie: session.cookie } })
    assert.deepEqual([reply.status, reply.headers.location], [302, '/login/?signed_out=1'])
    assert.match(String(reply.headers['set-cookie']?.[0]), /^whostmgrsession=; Max-Age=0; Path=\/; HttpOnly; Secure/)
    assertNoCredentials(await callWith(server.url, session))
    const [entry] = await server.audit({ function: 'logout', limit: 1 })
    assert.deepEqual([entry.caller, entry.credential, entry.outcome], ['root', 'session', 'done'])
  }
})

test('a session calls what its user may and the trail shows it as a session', async () => {
  const session = await openSession(server.url, { user: 'seller' })
  const list = await callWith(server.url, session, {}, '/json-api/listaccts?api.version=1')
  assert.equal(done(list).json.metadata.command, 'listaccts')
  const refused = await callWith(server.url, session, {}, '/json-api/removeacct?api.version=1&username=holder')
  assert.match(refused.json.metadata.reason, /^Permission denied: removeacct requires/)
  const [entry] = await server.audit({ function: 'removeacct', limit: 1 })
  assert.deepEqual([entry.caller, entry.credential], ['seller', 'session'])
})

test('a session does not outlive its user’s password, suspension, reseller status or account', async () => {
  for (const [functionName, args] of [
    ['passwd', { password: 'another-password-2' }],
    ['suspendacct', {}],
    ['unsetupreseller', {}],
    ['removeacct', { username: 'brief' }],
  ] as const) {
    await server.account('brief', ['basic-whm-functions'])
    const session = await openSession(server.url, { user: 'brief' })
    assert.equal((await callWith(server.url, session)).status, 200)
    done(await server.root(functionName, { user: 'brief', ...args }))
    assertNoCredentials(await callWith(server.url, session), functionName)
    assertSignInPage(await server.send(`${session.path}/`, { headers: { cookie: session.cookie } }), functionName)
    if (functionName === 'suspendacct') {
      done(await server.root('unsuspendacct', { user: 'brief' }))
      assertNoCredentials(await callWith(server.url, session), 'the old session does not come back')
    }
    if (functionName !== 'removeacct') done(await server.root('removeacct', { username: 'brief' }))
  }
})

test('a sign-in that was under way when the password changed or the account was suspended makes no session', async () => {
  const { runtime } = server.server
  for (const [functionName, args, reason] of [
    ['passwd', { password: 'another-password-2' }, 'wrong-password'],
    ['suspendacct', {}, 'owner-suspended'],
    ['unsetupreseller', {}, 'not-a-reseller'],
    ['removeacct', { username: 'midway' }, 'unknown-user'],
  ] as const) {
    await server.account('midway', ['list-accts'])
    const count = sessionCount()
    // The change comes after the password was found right and before the session is written.
    const door = {
      ...runtime.door,
      write: async <T>(...work: Parameters<typeof runtime.door.write<T>>): Promise<T> => {
        done(await server.root(functionName, { user: 'midway', ...args }))
        return runtime.door.write(...work)
      },
    }
    const signedIn = await signIn(
      { door, service: 'whm', protection: runtime.protection, authenticate: { isFrozenByFile: () => false } },
      {
        user: 'midway',
        password: 'pass-of-midway-1',
        code: '',
        ticket: '',
        client: {
          address: { family: 4, bytes: Uint8Array.of(127, 0, 0, 1) },
          addressText: '127.0.0.1',
          ignoredHeaders: [],
        },
        requestId: 'midway',
        now: runtime.clock.now(),
        isCrossSite: false,
        oldCookie: undefined,
      },
    )
    assert.equal(signedIn, undefined, functionName)
    assert.equal(sessionCount(), count)
    const [entry] = await server.audit({ function: 'login', limit: 1 })
    assert.deepEqual([entry.outcome, entry.reason], ['refused', reason])
    if (functionName !== 'removeacct') done(await server.root('removeacct', { username: 'midway' }))
  }
})
