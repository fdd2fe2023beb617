/** Which passwords can be set, by whom, and that they are kept letter for letter. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  type Arguments,
  done,
  queryOf,
  type Reply,
  ROOT_PASSWORD,
  startTestServer,
  type TestServer,
} from '../start-server.ts'
import { oneTimeCode } from './one-time-code.ts'

let server: TestServer

before(async () => {
  server = await startTestServer()
  await server.account('holder')
  await server.account('seller', ['list-accts', 'passwd', 'create-acct'])
})
after(() => server.close())

function post(name: string, args: Arguments): Promise<Reply> {
  const authorization = `Basic ${Buffer.from(`root:${ROOT_PASSWORD}`).toString('base64')}`
  const body = queryOf({ 'api.version': '1', ...args })
  return server.send(`/json-api/${name}`, { method: 'POST', body, headers: { authorization } })
}

async function signsIn(user: string, pass: string): Promise<boolean> {
  const body = new URLSearchParams({ user, pass, login_only: '1' }).toString()
  const { status } = await server.send('/login/', { method: 'POST', body })
  assert.ok(status === 200 || status === 401)
  return status === 200
}

function assertRefused(reply: Reply, reason: RegExp): void {
  assert.deepEqual([reply.status, reply.json.metadata.result], [200, 0], reply.body)
  assert.match(reply.json.metadata.reason, reason)
}

test('S9: 14 characters are too few for root and for a reseller, and enough for a hosting account', async () => {
  const password = 'fourteen, few!'
  for (const user of ['root', 'seller'])
    assertRefused(await post('passwd', { user, password }), /fewer than 15 characters/)
  done(await post('passwd', { user: 'holder', password }))
  assert.equal(await signsIn('seller', 'pass-of-seller-1'), true)
})

test('S9: a billing system with a token sets a password of its own making, for a reseller too, but not for root', async () => {
  const token = await server.rootToken(['all'])
  done(await server.call(token, 'passwd', { user: 'seller', password: 'X7$kq2!vNz0p' }))
  assert.equal(await signsIn('seller', 'X7$kq2!vNz0p'), true)
  assertRefused(await server.call(token, 'passwd', { user: 'root', password: 'X7$kq2!vNz0p' }), /fewer than 15/)
  done(
    await server.call(token, 'createacct', { username: 'billed', domain: 'billed.example.com', password: 'q8Zr!2mK' }),
  )
})

test('S9: a common word, and a name that everybody guesses, are refused wherever a password is set', async () => {
  const token = await server.rootToken(['all'])
  const made = { username: 'guessed', domain: 'guessed.example.com' }
  assertRefused(await server.call(token, 'createacct', { ...made, password: 'Password123!' }), /common/)
  assertRefused(
    await server.call(token, 'createacct', { ...made, password: 'guessed-2026' }),
    /little more than the name/,
  )
  assertRefused(await post('passwd', { user: 'holder', password: 'iloveyou2026' }), /common/)
  assertRefused(await post('passwd', { user: 'root', password: 'Postern 2026 Postern' }), /little more than the name/)
  const trail = await server.audit({ limit: 20 })
  assert.ok(!JSON.stringify(trail).includes('iloveyou'), 'the trail quotes no password')
})

test('S9: 64 characters with blanks and emoji are kept whole', async () => {
  const password = `  ${'a gate 🗝 '.repeat(6)}ünd énd  🚪`
  assert.ok([...password].length >= 64)
  done(await post('passwd', { user: 'seller', password }))
  assert.equal(await signsIn('seller', password), true)
  for (const other of [password.trim(), password.normalize('NFD'), [...password].slice(0, 60).join('')])
    assert.equal(await signsIn('seller', other), false, other)
})

test('S9: two passwords that differ after byte 72 are told apart', async () => {
  const start = 'seventy-two bytes of the same beginning, and then they go separate ways.'
  assert.ok(Buffer.byteLength(start) >= 72)
  done(await post('passwd', { user: 'seller', password: `${start} left` }))
  assert.equal(await signsIn('seller', `${start} left`), true)
  assert.equal(await signsIn('seller', `${start} right`), false)
})

test('S9: a password of 1 MiB is refused before it is hashed, where it is set and where it is tried', async () => {
  const huge = 'x'.repeat(1024 * 1024)
  assert.equal((await post('passwd', { user: 'seller', password: huge })).status, 413)
  assertRefused(await post('passwd', { user: 'seller', password: huge.slice(0, 1_000_000) }), /longer than 1024/)
  const tried = await server.send('/login/', { method: 'POST', body: `login_only=1&user=root&pass=${huge}` })
  assert.equal(tried.status, 413)
  const authorization = `Basic ${Buffer.from(`root:${huge.slice(0, 4000)}`).toString('base64')}`
  assert.equal((await server.send('/json-api/version', { headers: { authorization } })).status, 403)
})

test('S9: with a second factor 8 characters are enough', async () => {
  const asSeller = async (name: string, args: Arguments = {}): Promise<Reply> => {
    const authorization = `Basic ${Buffer.from('guarded:pass-of-guarded-1').toString('base64')}`
    return server.send(`/json-api/${name}?${queryOf({ 'api.version': '1', ...args })}`, { headers: { authorization } })
  }
  await server.account('guarded', ['basic-whm-functions', 'list-accts', 'manage-api-tokens'])
  const password = 'eleven char'
  assertRefused(await post('passwd', { user: 'guarded', password }), /fewer than 15/)
  const { secret } = done(await asSeller('twofactorauth_generate_tfa_config')).json.data
  const code = oneTimeCode(secret, Date.now())
  done(await asSeller('twofactorauth_set_tfa_config', { secret, tfa_token: code }))
  done(await post('passwd', { user: 'guarded', password }))
})

test('S9: after ten wrong passwords in a session none is looked at for a while, not even the right one', async () => {
  const guessed = await startTestServer()
  try {
    const body = new URLSearchParams({ user: 'root', pass: ROOT_PASSWORD, login_only: '1' }).toString()
    const signedIn = await guessed.send('/login/', { method: 'POST', body })
    const cookie = String(signedIn.headers['set-cookie']?.[0]).split(';')[0] ?? ''
    const path = `${signedIn.json.security_token}/json-api/postern_confirm_password?api.version=1`
    const guess = (pass: string) =>
      guessed.send(path, { method: 'POST', headers: { cookie }, body: queryOf({ password: pass }) })
    const statuses: number[] = []
    for (let tried = 0; tried < 10; tried += 1) statuses.push((await guess(`guess number ${tried}`)).status)
    assert.deepEqual(statuses, Array(10).fill(200))
    assert.equal((await guess(ROOT_PASSWORD)).status, 429)
  } finally {
    await guessed.close()
  }
})
