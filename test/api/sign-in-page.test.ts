/** The page to sign in: what it says, where it leads, and what it gives a stranger. It works without a script. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Reply, ROOT_PASSWORD, startTestServer, type TestServer } from '../start-server.ts'

let server: TestServer

before(async () => {
  server = await startTestServer()
})
after(() => server.close())

const get = (path: string, cookie?: string): Promise<Reply> =>
  server.send(path, cookie === undefined ? {} : { headers: { cookie } })
const post = (fields: Record<string, string>): Promise<Reply> =>
  server.send('/login/', { method: 'POST', body: new URLSearchParams(fields).toString() })

/** What the hidden field holds, as a browser reads it. */
function gotoIn(reply: Reply): string | undefined {
  const value = /<input type="hidden" name="goto_uri" value="([^"]*)">/.exec(reply.body)?.[1]
  return value?.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
}

test('the page that was asked for comes after the sign-in, also after a wrong password', async () => {
  const asked = await get('/cpsess1234567890/tokens/new?template=whmcs&expires_in=45')
  assert.equal(asked.status, 401)
  const goto_uri = gotoIn(asked) ?? ''
  assert.equal(goto_uri, '/tokens/new?template=whmcs&expires_in=45')
  const wrong = await post({ user: 'root', pass: 'wrong', goto_uri })
  assert.equal(wrong.status, 401)
  assert.equal(gotoIn(wrong), goto_uri)
  const right = await post({ user: 'root', pass: ROOT_PASSWORD, goto_uri })
  assert.equal(right.status, 302)
  assert.match(String(right.headers.location), /^\/cpsess\d{10}\/tokens\/new\?template=whmcs&expires_in=45$/)
})

test('O2: what stands in a path never becomes markup of the page', async () => {
  for (const path of [
    '/x?a="><script>',
    '/x?a=%22%3E%3Cscript%3E',
    "/'><img",
    '//evil.example.com/',
    '/\\evil.example.com',
  ]) {
    const reply = await get(path.replaceAll('"', '%22').replaceAll(' ', '%20'))
    assert.equal(reply.status, 401, path)
    assert.ok(!/<script|<img/.test(reply.body), path)
    assert.ok(!(gotoIn(reply) ?? '').startsWith('//'), path)
  }
})

test('a session that is over is told from a first visit', async () => {
  assert.ok(!(await get('/tokens')).body.includes('Your session has ended'))
  const ended = await get('/tokens', 'whostmgrsession=root%3AAAAAAAAAAAAAAAAAAAAAAA%2C00112233445566778899aabbccddeeff')
  assert.match(ended.body, /<p class="told" role="status">Your session has ended\. Sign in again to go on\.<\/p>/)
})

test('a self-signed certificate is explained, with its fingerprint and what to do', async () => {
  const { body } = await get('/login/')
  assert.match(body, /The certificate of this server is self-signed/)
  assert.ok(body.includes(server.server.certificate.fingerprint256))
  assert.match(body, /<code>tls\/cert\.pem<\/code>/)
})

test('the mark is there for browsers that ask for it, and nothing else is', async () => {
  for (const path of ['/favicon.svg', '/favicon.ico']) {
    const reply = await get(path)
    assert.deepEqual([reply.status, reply.headers['content-type']], [200, 'image/svg+xml'])
    assert.match(reply.body, /^<svg /)
    assert.equal(reply.headers['x-content-type-options'], 'nosniff')
  }
  assert.equal((await get('/favicon.png')).status, 401)
})
