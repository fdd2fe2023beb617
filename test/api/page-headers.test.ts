/** What every reply tells a browser, and what a request cannot make a reply say. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Reply, ROOT_PASSWORD, startTestServer, type TestServer } from '../start-server.ts'
import { exchange, openConnection } from './raw.ts'

let server: TestServer
let cookie = ''
let path = ''

before(async () => {
  server = await startTestServer()
  const reply = await signIn()
  cookie = String(reply.headers['set-cookie']?.[0]).split(';')[0] ?? ''
  path = reply.json.security_token
})
after(() => server.close())

function signIn(more: Readonly<Record<string, string>> = {}): Promise<Reply> {
  const body = new URLSearchParams({ user: 'root', pass: ROOT_PASSWORD, login_only: '1', ...more }).toString()
  return server.send('/login/', { method: 'POST', body })
}

/** The directives of a reply's policy. */
function policyOf({ headers }: Pick<Reply, 'headers'>): ReadonlyMap<string, string> {
  const text = String(headers['content-security-policy'] ?? '')
  return new Map(
    text
      .split(';')
      .map((directive) => directive.trim())
      .map((directive) => [directive.split(' ', 1)[0] ?? '', directive.split(' ').slice(1).join(' ')]),
  )
}

/** What S5 asks of everything that a browser may show. */
function assertGuarded(reply: Pick<Reply, 'headers'>, note: string): void {
  const policy = policyOf(reply)
  const scripts = policy.get('script-src') ?? policy.get('default-src')
  assert.ok(scripts === "'self'" || scripts === "'none'", `${note}: scripts from ${scripts}`)
  assert.ok((policy.get('object-src') ?? policy.get('default-src')) === "'none'", note)
  assert.equal(policy.get('base-uri'), "'none'", note)
  assert.ok(["'self'", "'none'"].includes(policy.get('form-action') ?? ''), note)
  assert.equal(policy.get('frame-ancestors'), "'none'", note)
  assert.doesNotMatch(String(reply.headers['content-security-policy']), /unsafe-inline|unsafe-eval|https?:|\*/, note)
  assert.equal(reply.headers['x-content-type-options'], 'nosniff', note)
  assert.equal(reply.headers['referrer-policy'], 'no-referrer', note)
  assert.equal(reply.headers['cross-origin-opener-policy'], 'same-origin', note)
  assert.equal(reply.headers['strict-transport-security'], undefined, note)
}

const isAsset = (url: string) => /^\/assets\//.test(url)

test('S5: every page, every error page and every reply that a browser may show is guarded, and not kept', async () => {
  const inSession = { headers: { cookie } }
  const replies: Readonly<Record<string, Reply>> = {
    'sign-in': await server.send('/login/'),
    stranger: await server.send('/nothing'),
    home: await server.send(`${path}/`, inSession),
    'not found': await server.send(`${path}/nothing/at/all`, inSession),
    method: await server.send('/', { method: 'DELETE' }),
    undecodable: await server.send('/%'),
    'bad form': await server.send('/login/', { method: 'POST', body: 'a=%' }),
    'too large': await server.send('/login/', { method: 'POST', body: 'a'.repeat(70_000) }),
    'failed sign-in': await server.send('/login/', { method: 'POST', body: 'user=root&pass=wrong' }),
    'sign-out': await server.send('/logout'),
    health: await server.send('/healthz'),
    'no credentials': await server.send('/json-api/version'),
    reply: await server.send(`${path}/json-api/version?api.version=1`, inSession),
    'failed call': await server.send(`${path}/json-api/passwd?api.version=1`, inSession),
    'unknown function': await server.send(`${path}/json-api/nothing?api.version=1`, inSession),
    document: await server.send(`${path}/openapi.json`, inSession),
    uapi: await server.send(`${path}/execute/No/such`, inSession),
    'no calendar': await server.send(`/calendar/${'a'.repeat(43)}.ics`),
    'calendar by another method': await server.send('/calendar/x.ics', { method: 'DELETE' }),
  }
  for (const [note, reply] of Object.entries(replies)) {
    assertGuarded(reply, note)
    assert.equal(reply.headers['cache-control'], 'no-store', note)
  }
})

test('S5: what the parser refuses is guarded as well', async () => {
  for (const sent of ['GET / HTTP/1.1\r\nHost: a\r\n bad: fold\r\n\r\n', 'FOO / HTTP/1.1\r\nHost: a\r\n\r\n']) {
    const { head } = await exchange(await openConnection(server.port), sent)
    const headers = Object.fromEntries(
      head.slice(1).map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
    )
    assertGuarded({ headers }, sent)
  }
})

test('S5: every file that a page names is served, guarded, and of the kind that it is named as', async () => {
  const pages = [await server.send('/login/'), await server.send(`${path}/`, { headers: { cookie } })]
  for (const page of pages) {
    const named = [...page.body.matchAll(/\b(?:src|href)="(\/[^"]+)"/g)].map(([, url]) => url ?? '').filter(isAsset)
    for (const url of named) {
      const reply = await server.send(url)
      assert.equal(reply.status, 200, url)
      assertGuarded(reply, url)
      const kind = url.endsWith('.js') ? /javascript/ : url.endsWith('.css') ? /^text\/css/ : /./
      assert.match(String(reply.headers['content-type']), kind, url)
    }
    // What a page does not name, it does not run.
    assert.doesNotMatch(page.body, /<script(?![^>]*\bsrc=)[^>]*>|\son\w+=|javascript:/i)
  }
})

test('S8: goto_uri leads to a page of ours or home, never elsewhere, and never into a function', async () => {
  for (const [asked, wanted] of [
    ['/audit?who=bob', '/audit?who=bob'],
    ['//evil', '/'],
    ['https://evil', '/'],
    ['/\\evil', '/'],
    ['javascript:alert(1)', '/'],
    ['/a\r\nset-cookie: planted=1', '/'],
    ['/json-api/removeacct?username=bob', '/'],
  ] as const) {
    const reply = await signIn({ goto_uri: asked })
    assert.equal(reply.json.redirect, `${reply.json.security_token}${wanted}`, asked)
    assert.equal(reply.headers.location, reply.json.redirect)
    assert.equal(reply.headers['set-cookie']?.length, 1)
    const form = await server.send('/login/', {
      method: 'POST',
      body: new URLSearchParams({ user: 'root', pass: ROOT_PASSWORD, goto_uri: asked }).toString(),
    })
    assert.equal(form.status, 302)
    assert.match(String(form.headers.location), /^\/cpsess\d{10}\/[^/\\]?/)
    assert.ok(!form.body.includes('evil'))
  }
})

test('S8: a forged Host or X-Forwarded-Host is in no reply', async () => {
  const headers = { host: 'evil.example.net', 'x-forwarded-host': 'evil.example.net', 'x-forwarded-proto': 'http' }
  const replies = [
    await server.send('/login/', { headers }),
    await server.send('/nothing', { headers }),
    await server.send('/logout', { headers }),
    await server.send(`${path}/`, { headers: { ...headers, cookie } }),
    await server.send(`${path}/openapi.json`, { headers: { ...headers, cookie } }),
    await server.send('/login/', {
      method: 'POST',
      headers,
      body: `user=root&pass=${encodeURIComponent(ROOT_PASSWORD)}`,
    }),
  ]
  for (const reply of replies) {
    assert.ok(!reply.body.includes('evil'), reply.body)
    assert.ok(!JSON.stringify(reply.headers).includes('evil'))
  }
})

test('O2: markup in a path, a query or a name is nowhere in an error page, and replies are JSON that is not sniffed', async () => {
  const planted = '<script>window.planted=1</script>"><img src=x onerror=alert(1)>{{7*7}}'
  const encoded = encodeURIComponent(planted)
  const asked = [
    await server.send(`/${encoded}`),
    await server.send(`${path}/${encoded}`, { headers: { cookie } }),
    await server.send(`/login/?user=${encoded}&goto_uri=${encoded}`),
    await server.send('/login/', { method: 'POST', body: `user=${encoded}&pass=${encoded}` }),
    await server.send(`${path}/json-api/${encoded}?api.version=1`, { headers: { cookie } }),
    await server.send(`${path}/json-api/accountsummary?api.version=1&user=${encoded}`, { headers: { cookie } }),
  ]
  for (const reply of asked) {
    if (String(reply.headers['content-type']).startsWith('application/json')) {
      assert.equal(reply.headers['x-content-type-options'], 'nosniff')
    } else {
      assert.ok(!reply.body.includes('<script>window'), reply.body)
      assert.ok(!reply.body.includes('<img'), reply.body)
    }
  }
})

test('/openapi.json is for signed-in callers: a session, a password or any token, and for nobody else', async () => {
  const stranger = await server.send('/openapi.json')
  assert.equal(stranger.status, 401)
  const narrow = await server.rootToken(['ssl'])
  const basic = `Basic ${Buffer.from(`root:${ROOT_PASSWORD}`).toString('base64')}`
  const replies = [
    await server.send('/openapi.json', { headers: { authorization: `whm ${narrow}` } }),
    await server.send('/openapi.json?x=1', { headers: { authorization: basic } }),
    await server.send(`${path}/openapi.json`, { headers: { cookie } }),
  ]
  for (const reply of replies) {
    assert.equal(reply.status, 200)
    assert.match(String(reply.headers['content-type']), /^application\/json/)
    assert.equal(reply.json.openapi, '3.1.0')
    assert.ok('/json-api/api_token_create' in reply.json.paths)
  }
  assert.equal((await server.send('/openapi.json', { headers: { cookie } })).status, 401)
  assert.equal((await server.send('/openapi.jsonx', { headers: { authorization: basic } })).status, 404)
})
