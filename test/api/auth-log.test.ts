/** The log that Fail2Ban reads: a line an act, and what becomes of it when somebody moves or removes it. */
import assert from 'node:assert/strict'
import { readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { makeSecret } from '../../src/tokens/secret.ts'
import { done, ROOT_PASSWORD, startTestServer, type TestServer } from '../start-server.ts'

let server: TestServer
let path = ''

before(async () => {
  server = await startTestServer()
  path = join(server.folder, 'logs/auth.log')
})
after(() => server.close())

function lines(): readonly string[] {
  try {
    return readFileSync(path, 'latin1').split('\n').slice(0, -1)
  } catch {
    return []
  }
}

async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 5_000
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, what)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const refuse = (user: string) => server.call(`${user}:mistyped`, 'version')

const written = (user: string): Promise<void> =>
  until(() => lines().some((line) => line.endsWith(`user="${user}"`)), `a line for ${user}`)

test('L3: each refused credential leaves one line with kind and reason, a sign-in that succeeds another word, a good call none', async () => {
  const credential = await server.rootToken(['basic-whm-functions'], { token_name: 'ends' })
  done(await server.call(credential, 'version'))
  const basic = (user: string, password: string) =>
    server.send('/json-api/version', {
      headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` },
    })
  const signIn = (user: string, pass: string) =>
    server.send('/login/?login_only=1', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ user, pass }).toString(),
    })
  await refuse('one')
  await server.call(`two:${makeSecret('PSW')}`, 'version')
  done(await server.root('api_token_revoke', { token_name: 'ends' }))
  await server.call(credential, 'version')
  await basic('three', 'wrong')
  await signIn('four', 'wrong')
  await signIn('five', '')
  await signIn('root', ROOT_PASSWORD)
  await until(() => lines().length >= 7, 'seven lines')
  assert.deepEqual(
    lines().map((line) => line.replace(/^\S+ postern: /, '')),
    [
      'auth-refused ip=127.0.0.1 kind=bad-token reason=malformed service=whostmgrd user="one"',
      'auth-refused ip=127.0.0.1 kind=old-token reason=unknown-token service=whostmgrd user="two"',
      'auth-refused ip=127.0.0.1 kind=old-token reason=revoked service=whostmgrd user="root"',
      'auth-refused ip=127.0.0.1 kind=sign-in reason=unknown-user service=whostmgrd user="three"',
      'auth-refused ip=127.0.0.1 kind=sign-in reason=unknown-user service=whostmgrd user="four"',
      'auth-refused ip=127.0.0.1 kind=sign-in reason=malformed service=whostmgrd user="five"',
      'auth-accepted ip=127.0.0.1 kind=sign-in reason=ok service=whostmgrd user="root"',
    ],
  )
  for (const line of lines()) assert.match(line, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00 postern: /)
  const text = lines().join('\n')
  for (const secret of [credential.slice('root:'.length), ROOT_PASSWORD]) assert.equal(text.includes(secret), false)
})

test('L4: renamed with and without a signal, truncated, deleted, the whole folder removed: the next line is in a file of that name', async () => {
  renameSync(path, `${path}.1`)
  await server.server.reload()
  await refuse('after-the-signal')
  await written('after-the-signal')
  renameSync(path, `${path}.2`)
  await refuse('after-the-rename')
  await written('after-the-rename')
  truncateSync(path)
  await refuse('after-the-truncation')
  await written('after-the-truncation')
  rmSync(path)
  await refuse('after-the-deletion')
  await written('after-the-deletion')
  assert.equal(lines().length, 1)
  rmSync(join(server.folder, 'logs'), { recursive: true })
  await until(() => lines().length === 0 && readsAsFile(), 'a new file without a line')
  await refuse('after-all')
  await written('after-all')
})

function readsAsFile(): boolean {
  try {
    readFileSync(path)
    return true
  } catch {
    return false
  }
}

const health = async () => {
  const reply = await server.send('/healthz')
  assert.equal(reply.status, 200)
  return reply.json
}

test('L4: while it cannot be written calls go on and /healthz warns; then the gap is marked and the warning gone', async () => {
  const credential = await server.rootToken(['basic-whm-functions'])
  assert.deepEqual(await health(), { status: 'ok' })
  const folder = join(server.folder, 'logs')
  rmSync(folder, { recursive: true })
  writeFileSync(folder, 'a file where the folder should be')
  await refuse('lost-1')
  await refuse('lost-2')
  await until(async () => (await health()).warnings?.includes('auth-log'), 'a warning')
  done(await server.call(credential, 'version'))
  rmSync(folder)
  await until(() => lines().some((line) => line.endsWith(' postern: auth-gap lost=2')), 'the mark of the gap')
  await until(async () => (await health()).warnings === undefined, 'the warning gone')
  rmSync(path)
  symlinkSync('/dev/full', path)
  await refuse('lost-3')
  await until(async () => (await health()).warnings?.includes('auth-log'), 'a warning on a full disk')
  done(await server.call(credential, 'version'))
  rmSync(path)
  await until(() => lines().some((line) => line.endsWith(' postern: auth-gap lost=1')), 'the mark of the second gap')
})
