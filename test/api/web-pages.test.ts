/** How the built pages are served: to whom, with which policy, and what an unknown path gets. Two small files stand for the build. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openWebFiles } from '../../src/server/web-files.ts'
import { type Reply, ROOT_PASSWORD, startTestServer, type TestServer } from '../start-server.ts'

let server: TestServer
let folder = ''
let cookie = ''
let session = ''
let buildEnds = (): void => {}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-web-'))
  const building = new Promise<void>((done) => {
    buildEnds = done
  })
  server = await startTestServer({ web: openWebFiles(folder, building) })
  const body = new URLSearchParams({ user: 'root', pass: ROOT_PASSWORD, login_only: '1' }).toString()
  const reply = await server.send('/login/', { method: 'POST', body })
  cookie = String(reply.headers['set-cookie']?.[0]).split(';')[0] ?? ''
  session = reply.json.security_token
})
after(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

const get = (path: string, headers: Record<string, string> = { cookie }): Promise<Reply> =>
  server.send(path, { headers })

async function writeBuild(): Promise<void> {
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'paths.json'), '["/","/tokens"]')
  await writeFile(join(folder, 'index.html'), '<meta nonce="POSTERN-STYLE-NONCE"><title>shell</title>')
  await writeFile(join(folder, 'assets/main-abc.js'), 'plain')
  await writeFile(join(folder, 'assets/main-abc.js.br'), 'packed')
}

test('a page waits for the build that is under way, and calls do not', async () => {
  const page = get(`${session}/tokens`)
  assert.equal((await get(`${session}/json-api/version?api.version=1`)).status, 200)
  await writeBuild()
  buildEnds()
  assert.match((await page).body, /shell/)
})

test('S5: each page carries a nonce of its own, which its policy names beside nothing inline', async () => {
  const nonces = await Promise.all(
    ['/', '/tokens'].map(async (path) => {
      const reply = await get(session + path)
      assert.equal(reply.status, 200)
      assert.equal(reply.headers['cache-control'], 'no-store')
      const nonce = /nonce="([A-Za-z0-9+/=]{24})"/.exec(reply.body)?.[1] ?? assert.fail(reply.body)
      const policy = String(reply.headers['content-security-policy'])
      assert.ok(policy.includes(`'nonce-${nonce}'`), policy)
      assert.ok(policy.includes("script-src 'self';"), policy)
      assert.ok(!/unsafe|\*|data:/.test(policy), policy)
      return nonce
    }),
  )
  assert.notEqual(nonces[0], nonces[1])
})

test('a path that is no page is a 404 for whoever is signed in, and the sign-in page for everybody else', async () => {
  for (const path of ['/nothing', '/tokens/', '/index.html', '/paths.json', '/assets/main-abc.js']) {
    assert.equal((await get(session + path)).status, 404, path)
  }
  for (const path of ['/tokens', '/assets/main-abc.js', '/assets/nothing.js', `${session}/tokens`]) {
    const reply = await get(path, {})
    assert.equal(reply.status, 401, path)
    assert.match(reply.body, /<h1>Sign in<\/h1>/)
  }
})

test('files of the pages are kept by the browser, are sent compressed to whoever takes it, and nothing beside them is sent', async () => {
  const plain = await get('/assets/main-abc.js')
  assert.deepEqual([plain.status, plain.body], [200, 'plain'])
  assert.match(String(plain.headers['content-type']), /javascript/)
  assert.equal(plain.headers['cache-control'], 'private, max-age=31536000, immutable')
  const packed = await get('/assets/main-abc.js', { cookie, 'accept-encoding': 'br' })
  assert.deepEqual([packed.body, packed.headers['content-encoding']], ['packed', 'br'])
  for (const path of [
    '/assets/..%2Findex.html',
    '/assets/../index.html',
    '/assets/%2e%2e/paths.json',
    '/assets/.hidden',
  ]) {
    const reply = await get(path)
    assert.equal(reply.status, 401, path)
    assert.ok(!reply.body.includes('shell'), path)
  }
})
