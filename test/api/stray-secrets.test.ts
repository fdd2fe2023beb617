/** Secrets in places where they do not belong: nothing is opened by them there, and nothing keeps them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { done, type Reply, startTestServer, type TestRequest, type TestServer } from '../start-server.ts'
import { filesHolding } from './kept-files.ts'
import { sendRaw } from './raw.ts'

function assertNoCredentials(reply: Reply, note: string): void {
  assert.equal(reply.status, 401, note)
  assert.equal(reply.headers['set-cookie'], undefined, note)
  const isApi = /^(application\/json|text\/xml)/.test(String(reply.headers['content-type']))
  assert.match(reply.body, isApi ? /No credentials were sent\./ : /<h1>Sign in<\/h1>/, note)
}

/** Stops the server first, so that everything that waited is written; files and logged events must be free of the texts. */
async function assertKeptNowhere(server: TestServer, texts: readonly string[]): Promise<void> {
  await server.stop()
  assert.deepEqual(filesHolding(server.folder, texts), [])
  const logged = JSON.stringify(server.logged)
  for (const text of texts) assert.equal(logged.includes(text), false, text)
}

async function withServer(work: (server: TestServer) => Promise<void>): Promise<void> {
  const server = await startTestServer()
  try {
    await work(server)
  } finally {
    await server.close()
  }
}

test('T4: a good token in query, body, cookie, path or another header is no credential, and is kept nowhere', () =>
  withServer(async (server) => {
    const credential = await server.rootToken(['basic-whm-functions'])
    const secret = credential.slice('root:'.length)
    const lower = secret.toLowerCase()
    const version = '/json-api/version?api.version=1'
    const places: readonly (readonly [path: string, request?: TestRequest])[] = [
      [`${version}&token=${secret}`],
      [`${version}&access_token=${secret}&user=root`],
      [`${version}&Authorization=whm%20root:${secret}`],
      [version, { method: 'POST', body: `user=root&token=${secret}` }],
      [version, { method: 'POST', body: JSON.stringify({ authorization: `whm root:${secret}` }) }],
      [version, { headers: { cookie: `whostmgrsession=root:${secret}` } }],
      [version, { headers: { cookie: `token=${secret}; authorization=whm root:${secret}` } }],
      [version, { headers: { 'x-api-key': secret, 'x-auth-token': credential } }],
      [version, { headers: { 'proxy-authorization': `whm ${credential}` } }],
      [`/json-api/${secret}?api.version=1`],
      [`/json-api/version/${secret}`],
      [`/json-api/${lower}`],
      [`/execute/${secret}/version`],
      [`/execute/Email/${secret}`],
      [`/xml-api/${secret}`],
      [`/cpsess${secret}/json-api/version`],
      [`/${secret}/json-api/version`],
      [`/login/${secret}`],
    ]
    for (const [path, request] of places) assertNoCredentials(await server.send(path, request), path)
    // Signing in with it is no way either; it may well be typed into the wrong field.
    for (const [user, pass] of [
      ['root', secret],
      [secret, 'x'],
      [credential, 'x'],
    ] as const) {
      const body = new URLSearchParams({ user, pass }).toString()
      const reply = await server.send('/login/?login_only=1', { method: 'POST', body })
      assert.equal(reply.status, 401)
    }
    // Where a caller is known, a secret as a function's name is masked in the trail all the same.
    await server.call(credential, secret)
    await server.call(`${secret}:${secret}`, 'version')
    await server.send(version, { headers: { authorization: secret } })
    const entries = await server.audit()
    for (const entry of entries) assert.equal(JSON.stringify(entry).includes(secret), false, JSON.stringify(entry))
    assert.ok(entries.some((entry) => entry.function === 'login' && entry.caller.includes('[masked]')))
    assert.ok(entries.some((entry) => entry.function.includes('[masked]')))
    done(await server.call(credential, 'version'))
    await assertKeptNowhere(server, [secret, lower])
  }))

test('K2: base64 that looks like a token by chance is taken, a token within it is refused and kept nowhere', () =>
  withServer(async (server) => {
    await server.account('alice')
    const secret = (await server.rootToken(['edit-dns'])).slice('root:'.length)
    const add = (key: string) => {
      const record = { domain: 'alice.example.com', name: 'x._domainkey', type: 'TXT', txtdata: `v=DKIM1; p=${key}` }
      return server.root('addzonerecord', record)
    }
    const chance = `MIIBIjANBgkqhkiG9w0BAQpSwq3Zb5xJt8Rk2Lm7Nc4Vd6Ye1Uf9Gh0Ajk/AQAB`
    assert.ok(/psw[0-9a-z]{24}/i.test(chance))
    done(await add(chance))
    for (const key of [`MIIB${secret}AQAB`, `MIIB/${secret.toLowerCase()}`, `${secret.slice(0, -4)}`]) {
      const { metadata } = (await add(key)).json
      assert.match(metadata.reason, /^The argument “txtdata” is not valid: “\(not shown\)” holds the secret of a token/)
    }
    await assertKeptNowhere(server, [secret, secret.toLowerCase()])
  }))

test('K2: a secret in a query string, under any spelling of its name, is in no log and not in the trail', () =>
  withServer(async (server) => {
    const credential = await server.rootToken(['basic-whm-functions', 'manage-api-tokens'])
    const planted = 'zq-planted-value-7'
    const queries = [
      `password=${planted}`,
      `pass=${planted}`,
      `token=${planted}`,
      `key=${planted}`,
      `password-0=${planted}`,
      `password=${planted}&password=${planted}2`,
      `p%61ssword=${planted}`,
      `%74oken=${planted}`,
    ]
    for (const query of queries) {
      const headers = { authorization: `whm ${credential}` }
      for (const name of ['version', 'createacct', 'passwd', 'api_token_get_details', 'no_such_function']) {
        for (const path of [`/json-api/${name}`, `/execute/Email/${name}`, `/${name}`]) {
          await server.send(`${path}?api.version=1&username=planted&user=root&${query}`, { headers })
          await server.send(`${path}?${query}`)
        }
      }
      await server.send(`/login/?${query}`, { method: 'POST', body: 'user=root' })
      await server.send(`/login/?${query}`)
    }
    // The same where it does its work.
    const made = { username: 'planted', domain: 'planted.example.com', password: `${planted}-right` }
    done(await server.root('createacct', made))
    done(await server.root('passwd', { user: 'planted', password: `${planted}-other` }))
    assert.equal(JSON.stringify(await server.audit({ limit: 500 })).includes(planted), false)
    await assertKeptNowhere(server, [planted])
  }))

test('K2: looking a token up by GET is answered with a warning, by POST without', () =>
  withServer(async (server) => {
    const credential = await server.rootToken(['manage-api-tokens'])
    const secret = credential.slice('root:'.length)
    const byGet = done(await server.call(credential, 'api_token_get_details', { token: secret })).json
    assert.match(byGet.metadata.output.warnings[0], /“token” is secret and came in the query string.* Send it by POST/)
    const byPost = await server.send('/json-api/api_token_get_details', {
      method: 'POST',
      headers: { authorization: `whm ${credential}` },
      body: `api.version=1&token=${secret}`,
    })
    assert.equal(done(byPost).json.metadata.output, undefined)
    assert.deepEqual(byPost.json.data, byGet.data)
    await assertKeptNowhere(server, [secret])
  }))

test('K2: a call in clear gets no data, and the trail says that a credential was exposed, without its value', () =>
  withServer(async (server) => {
    const credential = await server.rootToken(['basic-whm-functions'])
    const secret = credential.slice('root:'.length)
    const request = `GET /json-api/version?api.version=1 HTTP/1.1\r\nHost: panel\r\nAuthorization: whm ${credential}\r\n\r\n`
    const reply = await sendRaw(server.port, request, { inClear: true })
    assert.equal(reply.status, 400)
    assert.equal(JSON.parse(reply.body).data, null)
    const [entry] = await server.audit({ limit: 1 })
    assert.deepEqual(
      [entry.outcome, entry.reason, entry.caller, entry.address],
      ['refused', 'sent-in-clear', 'root', '127.0.0.1'],
    )
    await assertKeptNowhere(server, [secret])
  }))

test('H6: what a refused credential decodes to reaches no file', () =>
  withServer(async (server) => {
    for (const character of ['\r', '\n', '\0', '\x1b', '\x7f']) {
      for (const credentials of [`root:x${character}hasroot=1`, `root${character}hasroot=1:x`]) {
        const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`
        const reply = await server.send('/json-api/version', { headers: { authorization } })
        assert.equal(reply.status, 403)
        const body = new URLSearchParams({ user: credentials.replace(/:x$/, ''), pass: credentials }).toString()
        assert.equal((await server.send('/login/', { method: 'POST', body })).status, 401)
      }
    }
    await assertKeptNowhere(server, ['hasroot=1'])
  }))
