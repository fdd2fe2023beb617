/**
 * Secrets that went through the server, by every function and through every failure, and are then looked for in all that it leaves
 * behind: files of the data folder, backups, logs, the trail, what it printed, what the process list shows.
 */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { CATALOGUE } from '../../src/functions/catalogue.ts'
import { done } from '../start-server.ts'
import { lookInside } from './look-inside.ts'
import { makePlace, type Place, type Program, pathOf, ROOT_PASSWORD, runProgram, startProgram } from './program.ts'

const undo: (() => unknown)[] = []
after(async () => {
  for (const step of undo.reverse()) await step()
})

const ACCOUNT_PASSWORD = 'kJ7 "quoted" & 100% ünique+pass'
const SELLER_PASSWORD = 'zebra/lamp<9>moon=tide'

/** Each form in which a text may have been written down. */
function formsOf(secret: string): readonly Buffer[] {
  const bytes = Buffer.from(secret)
  const json = JSON.stringify(secret).slice(1, -1)
  const texts = [
    secret,
    json,
    json.replaceAll('/', '\\/'),
    encodeURIComponent(secret),
    encodeURIComponent(secret).replaceAll('%20', '+'),
    encodeURIComponent(secret).toLowerCase(),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  ]
  // Base64 of a longer text holds one of three forms, without the characters that also depend on what stands around.
  for (let shift = 0; shift < 3; shift++) {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const own = encoded.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6))
    texts.push(own, own.replaceAll('+', '-').replaceAll('/', '_'))
  }
  return [...new Set(texts)].map((text) => Buffer.from(text)).concat(Buffer.from(secret, 'utf16le'))
}

type Planted = Readonly<Record<string, string>>

/** Names of secrets that occur in the bytes. */
function found(bytes: Buffer, planted: Planted): readonly string[] {
  return Object.entries(planted).flatMap(([name, secret]) =>
    formsOf(secret).some((form) => bytes.includes(form)) ? [name] : [],
  )
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
const form = { 'content-type': 'application/x-www-form-urlencoded' }

/** Every function, by token and by password, with the secrets where they belong and in every place where they do not. */
async function callEverything(server: Program, planted: Planted, manager: string): Promise<number> {
  let calls = 0
  const call = async (name: string, args: Readonly<Record<string, string>>): Promise<void> => {
    await server.call(manager, name, args)
    calls += 1
  }
  for (const definition of CATALOGUE) {
    // What ends the credentials of this test, or its accounts, would end the test.
    if (['postern_token_revoke_all', 'removeacct'].includes(definition.name)) continue
    const names = Object.keys(definition.params)
    const usual = reasonable(definition.name)
    // What has the form of a token or a session is known by it wherever it comes; a password only where one is asked for.
    for (const value of [planted.token!, planted.sessionCookie!]) {
      await call(definition.name, Object.fromEntries(names.map((name) => [name, value])))
      for (const name of names) await call(definition.name, { ...usual, [name]: value, [`${name}-1`]: value })
      await call(definition.name, { ...usual, [value]: '1', acl_x: value, 'whitelist-ip-x': value })
      await call(definition.name, { 'api.filter.enable': '1', 'api.filter.a.field': value, 'api.filter.a.arg0': value })
    }
    for (const value of [planted.token!, planted.accountPassword!, planted.sessionCookie!]) {
      const secret = Object.fromEntries(
        names.filter((name) => definition.params[name]?.secret).map((name) => [name, value]),
      )
      await call(definition.name, { ...usual, ...secret })
      await call(definition.name, {
        ...usual,
        password: value,
        pass: value,
        token: value,
        key: value,
        'password-0': value,
        'p%61ss': value,
      })
    }
    await server.send(pathOf(definition.name), {
      method: 'POST',
      headers: { authorization: `whm ${manager}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        password: planted.accountPassword,
        nested: { token: planted.token },
        token_name: planted.token,
      }),
    })
  }
  return calls
}

/** Arguments with which a function gets far enough to fail, or to succeed, in its inner parts. */
function reasonable(name: string): Readonly<Record<string, string>> {
  if (name.startsWith('api_token_')) return { token_name: 'planted', acl: 'list-accts' }
  if (name === 'createacct') return { username: 'fresh', domain: 'fresh.example.com', password: ACCOUNT_PASSWORD }
  return { user: 'holder', reseller: 'seller', domain: 'holder.example.com' }
}

/** Credentials in every place where one may be sent, right, wrong and misplaced. */
async function sendCredentials(server: Program, planted: Planted, manager: string): Promise<void> {
  const { token = '', accountPassword = '', sessionCookie = '', securityToken = '' } = planted
  const headers: readonly Readonly<Record<string, string>>[] = [
    { authorization: `whm root:${token}` },
    { authorization: `whm nobody:${token}` },
    { authorization: `WHM root: ${token}x` },
    { authorization: `whm root:${token}, whm root:${token}` },
    { authorization: `whm ${token}:${token}` },
    { authorization: `Bearer ${token}` },
    { authorization: `cpanel root:${token}` },
    { authorization: `${token}` },
    { authorization: basic('root', ROOT_PASSWORD) },
    { authorization: basic('root', `${ROOT_PASSWORD}\n`) },
    { authorization: basic('holder', accountPassword) },
    { authorization: basic('root', token) },
    { 'x-api-key': token, 'x-forwarded-for': token, referer: `https://x/?token=${token}`, 'user-agent': token },
    { cookie: `whostmgrsession=${encodeURIComponent(token)}; other=${token}` },
    { cookie: `whostmgrsession=${encodeURIComponent(sessionCookie)}` },
  ]
  const paths = [
    pathOf('version'),
    `/json-api/${token}?api.version=1`,
    `/json-api/version?token=${token}&password=${encodeURIComponent(accountPassword)}`,
    `/execute/${token}/${token}?password=${encodeURIComponent(accountPassword)}`,
    `${securityToken}/json-api/version?api.version=1`,
    `/cpsess${token}/json-api/version`,
    `/${token}`,
    `/login/?user=root&pass=${encodeURIComponent(ROOT_PASSWORD)}`,
    `/unprotected/x?goto_uri=/${token}`,
  ]
  for (const one of headers) for (const path of paths) await server.send(path, { headers: one }).catch(() => {})
  const bodies = [
    `user=root&pass=${encodeURIComponent(accountPassword)}`,
    `user=${token}&pass=${token}`,
    `user=root&pass=${encodeURIComponent(ROOT_PASSWORD)}&goto_uri=/${token}`,
    `user=holder&pass=${encodeURIComponent(accountPassword)}`,
  ]
  for (const body of bodies)
    for (const path of ['/login/?login_only=1', '/login/', `/login/?x=${token}`])
      await server.send(path, { method: 'POST', headers: form, body })
  // Bodies that cannot be read, and some that are no HTTP at all.
  const bad: readonly (readonly [string, string])[] = [
    ['application/json', `{"token":"${token}","token":"${token}"}`],
    ['application/json', `{"token":"${token}"`],
    ['text/plain', token],
    ['multipart/form-data; boundary=x', `--x\r\ncontent-disposition: form-data; name="token"\r\n\r\n${token}\r\n--x--`],
  ]
  for (const [type, body] of bad)
    await server.send(pathOf('createacct'), {
      method: 'POST',
      headers: { authorization: `whm ${manager}`, 'content-type': type },
      body,
    })
}

/** Plain HTTP to the TLS port, with a credential that should not have crossed the network. */
async function sendInClear(server: Program, planted: Planted): Promise<void> {
  const { hostname, port } = new URL(server.url)
  for (const authorization of [`whm root:${planted.token}`, basic('root', ROOT_PASSWORD)]) {
    await new Promise<void>((resolve) => {
      const path = `/json-api/version?token=${planted.token}`
      const sent = request({ host: hostname, port, path, agent: new Agent(), headers: { authorization } }, (reply) => {
        reply.resume().on('end', resolve)
      })
      sent.on('error', () => resolve())
      sent.end()
    })
  }
}

/** A server with secrets that have all been used. */
async function plant(place: Place, server: Program): Promise<{ planted: Planted; manager: string }> {
  const manager = await server.rootToken('manager', ['all'])
  const token = await server.rootToken('planted', ['all'])
  const revoked = await server.rootToken('revoked', ['all'])
  done(await server.call(manager, 'api_token_revoke', { token_name: 'revoked' }))
  const account = (user: string, password: string) =>
    server.send(pathOf('createacct'), {
      method: 'POST',
      headers: { ...form, authorization: `whm ${manager}` },
      body: new URLSearchParams({ username: user, domain: `${user}.example.com`, password }).toString(),
    })
  done(await account('holder', ACCOUNT_PASSWORD))
  done(await account('seller', SELLER_PASSWORD))
  done(await server.call(manager, 'setupreseller', { user: 'seller' }))
  done(await server.call(manager, 'setacls', { reseller: 'seller', 'acl-list-accts': 1, 'acl-create-acct': 1 }))
  const signedIn = await server.send('/login/?login_only=1', {
    method: 'POST',
    headers: form,
    body: new URLSearchParams({ user: 'root', pass: ROOT_PASSWORD }).toString(),
  })
  const cookie = /whostmgrsession=([^;]+)/.exec(String(signedIn.headers['set-cookie']))?.[1] ?? ''
  const securityToken: string = signedIn.json.security_token
  assert.equal(
    (await server.send(`${securityToken}${pathOf('version')}`, { headers: { cookie: `whostmgrsession=${cookie}` } }))
      .status,
    200,
  )
  const peppers = JSON.parse(await readFile(join(place.data, 'pepper'), 'utf8')).peppers
  const after = (credential: string): string => credential.slice('root:'.length)
  const session = decodeURIComponent(cookie)
  return {
    manager,
    planted: {
      token: after(token),
      manager: after(manager),
      revoked: after(revoked),
      rootPassword: ROOT_PASSWORD,
      accountPassword: ACCOUNT_PASSWORD,
      sellerPassword: SELLER_PASSWORD,
      sessionCookie: session,
      // The name of the user in front of it is no secret.
      sessionSecret: session.slice(session.indexOf(':') + 1),
      securityToken,
      pepper: peppers[1],
    },
  }
}

test('K1: the search itself finds a secret in each form, wherever it stands', () => {
  const secret = SELLER_PASSWORD
  const written = [
    secret,
    JSON.stringify({ password: secret }),
    encodeURIComponent(secret),
    Buffer.from(secret).toString('hex'),
    ...['', 'x', 'xy'].map((before) => Buffer.from(`${before}${secret} and more`).toString('base64')),
    ...['', 'x', 'xy'].map((before) => Buffer.from(`${before}${secret}`).toString('base64url')),
  ]
  for (const text of written) assert.deepEqual(found(Buffer.from(`<<${text}>>`), { secret }), ['secret'], text)
  assert.deepEqual(found(Buffer.from(secret.slice(1)), { secret }), [])
})

test('K1 K4: what was planted, and sent in every place by every function, is found nowhere afterwards', async () => {
  const place = await makePlace()
  undo.push(() => place.remove())
  const server = await startProgram(place.flags)
  undo.push(() => server.end('SIGKILL'))
  const { planted, manager } = await plant(place, server)
  const calls = await callEverything(server, planted, manager)
  await sendCredentials(server, planted, manager)
  await sendInClear(server, planted)
  assert.equal((await server.call(manager, 'version')).status, 200)

  // Never again, to anybody: lists, details and the whole trail.
  const shown: string[] = []
  for (const [name, args] of [
    ['api_token_list', {}],
    ['postern_token_list', {}],
    ['api_token_get_details', { token: planted.token! }],
    ['listaccts', {}],
    ['accountsummary', { user: 'holder' }],
    ['listresellers', {}],
  ] as const)
    shown.push((await server.call(manager, name, args)).body)
  let next: number | null = null
  let entries = 0
  do {
    const page = done(
      await server.call(manager, 'postern_audit_list', { limit: 500, ...(next !== null && { before: next }) }),
    )
    shown.push(page.body)
    entries += page.json.data.entries.length
    next = page.json.data.next_before
  } while (next !== null)
  assert.deepEqual(found(Buffer.from(shown.join('\n')), planted), [])

  const backup = join(place.base, 'backup')
  assert.equal((await runProgram('postern', ['backup', backup, '--data', place.data])).status, 0)
  const packed = await readFile(backup)
  assert.deepEqual(found(packed, planted), [])
  assert.deepEqual(found(gunzipSync(packed), planted), [])

  for (const name of ['cmdline', 'environ'])
    assert.deepEqual(found(await readFile(`/proc/${server.pid}/${name}`), planted), [], name)

  // While it runs, as a kill leaves it, and after a start and a clean stop.
  await searchFolder(place, planted)
  await server.end('SIGKILL')
  await searchFolder(place, planted)
  const again = await startProgram(place.flags)
  assert.equal(await again.end('SIGTERM'), 0)
  const searched = await searchFolder(place, planted)
  assert.ok(searched.some((file) => file.endsWith('access.log')))
  for (const { stdout, stderr } of [server, again])
    assert.deepEqual(found(Buffer.from(stdout() + stderr()), planted), [])
  console.log(
    `${calls} calls, ${entries} entries of the trail, ${searched.length} files, ${Object.keys(planted).length} secrets: found nowhere`,
  )
})

/** The pepper is in its own file and in no other. */
async function searchFolder(place: Place, planted: Planted): Promise<readonly string[]> {
  const files = await filesBelow(place.data)
  for (const file of files) {
    const isPepper = file === join(place.data, 'pepper')
    assert.deepEqual(found(await readFile(file), planted), isPepper ? ['pepper'] : [], file)
  }
  return files
}

test('K3: a stolen database without the pepper tests no token; passwords cost what they should, sessions are digests only', async () => {
  const place = await makePlace()
  undo.push(() => place.remove())
  const server = await startProgram(place.flags)
  undo.push(() => server.end('SIGKILL'))
  const { planted } = await plant(place, server)
  const inside = await lookInside(place.data, undefined)
  const users = await inside.rows('select name, password_hash from users')
  for (const { name, password_hash } of users) {
    const [, m, t] = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=\d+\$/.exec(password_hash) ?? []
    assert.ok(Number(m) >= 19 * 1024 && Number(t) >= 2, `${name}: ${password_hash}`)
  }
  assert.equal(users.length, 3)
  const tokens = await inside.rows('select digest, name from tokens')
  const digests = new Set(tokens.map(({ digest }) => digest))
  const digestBy = (key: Buffer | string): string => createHmac('sha256', key).update(planted.token!).digest('hex')
  assert.ok(digests.has(digestBy(Buffer.from(planted.pepper!, 'base64url'))))
  // Keys that a thief might try: none, or what the database itself holds.
  const meta = await inside.rows('select value from meta')
  for (const key of ['', ...meta.map(({ value }) => value)]) assert.equal(digests.has(digestBy(key)), false)
  for (const session of await inside.rows('select digest, security_token_digest from sessions')) {
    assert.match(session.digest, /^[0-9a-f]{64}$/)
    assert.match(session.security_token_digest, /^[0-9a-f]{64}$/)
  }
  await inside.close()
})

test('K5: under umask 000 the folder is 0700, files and socket are 0600, whatever was done', async () => {
  const place = await makePlace()
  undo.push(() => place.remove())
  const server = await startProgram(place.flags, { command: ['/bin/sh', '-c', 'umask 000; exec "$0" "$@"'] })
  undo.push(() => server.end('SIGKILL'))
  await plant(place, server)
  assert.equal((await server.call('root:x', 'version')).status, 403)
  assert.equal((await lstat(place.data)).mode & 0o7777, 0o700)
  for (const entry of await readdir(place.data, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name)
    const mode = (await lstat(path)).mode & 0o777
    // The homes of accounts have modes of their own: programs of the machine pass through them.
    if (path.startsWith(join(place.data, 'home'))) assert.equal(mode & 0o022, 0, path)
    else assert.equal(mode, entry.isDirectory() ? 0o700 : 0o600, `${path} ${mode.toString(8)}`)
  }
  const backup = join(place.base, 'backup')
  assert.equal((await runProgram('postern', ['backup', backup, '--data', place.data])).status, 0)
  assert.equal((await lstat(backup)).mode & 0o777, 0o600)
})

test('K5: what would write secrets into diagnostics is refused at the start', async () => {
  const place = await makePlace()
  undo.push(() => place.remove())
  for (const env of [
    { NODE_DEBUG: 'http,tls' },
    { NODE_OPTIONS: '--inspect=127.0.0.1:0' },
    { NODE_OPTIONS: '--report-on-fatalerror' },
  ]) {
    await assert.rejects(
      startProgram(place.flags, { env }),
      /ended \(1\) before it was ready: .*(error|hint)/s,
      JSON.stringify(env),
    )
  }
})
