/** Signing in with two factors: setting it up, the codes, recovery, and who may see and change what. */
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
import { filesHolding } from './kept-files.ts'
import { oneTimeCode } from './one-time-code.ts'
import { assertDenied, assertDone, assertFailed } from './replies.ts'
import { storedRows } from './stored.ts'

const SELF_SERVICE = ['basic-whm-functions', 'list-accts', 'manage-api-tokens']

let server: TestServer
let admin = ''
/** The machine's clock; tests move it forward. */
let nowMs = Date.now()

before(async () => {
  server = await startTestServer({ wallMs: () => nowMs, settings: { cpanelListen: '127.0.0.1:0' } })
  admin = await server.rootToken(['all'])
})
after(() => server.close())

const nextPeriod = () => {
  nowMs += 30_000
}
const passwordOf = (user: string) => (user === 'root' ? ROOT_PASSWORD : `pass-of-${user}-1`)
const basicOf = (user: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${passwordOf(user)}`).toString('base64')}`,
})
const byPassword = (user: string, name: string, args: Arguments = {}): Promise<Reply> =>
  server.send(`/json-api/${name}?${queryOf({ 'api.version': 1, ...args })}`, { headers: basicOf(user) })
const login = (args: Arguments): Promise<Reply> =>
  server.send('/login/?login_only=1', { method: 'POST', body: queryOf(args) })
const signIn = (user: string, code?: string): Promise<Reply> =>
  login({ user, pass: passwordOf(user), ...(code !== undefined && { tfa_token: code }) })
const signInForm = (args: Arguments): Promise<Reply> => server.send('/login/', { method: 'POST', body: queryOf(args) })

type SetUp = { readonly secret: string; readonly recoveryCodes: readonly string[]; code(): string }

/** Sets it up for a fresh reseller. */
async function setUp(user: string): Promise<SetUp> {
  await server.account(user, SELF_SERVICE)
  return setUpAs((name, args) => byPassword(user, name, args))
}

async function setUpAs(call: (name: string, args?: Arguments) => Promise<Reply>): Promise<SetUp> {
  const { secret } = done(await call('twofactorauth_generate_tfa_config')).json.data
  const set = done(await call('twofactorauth_set_tfa_config', { secret, tfa_token: oneTimeCode(secret, nowMs) }))
  assert.deepEqual(Object.keys(set.json.data), ['success', 'postern_recovery_codes'])
  assert.equal(set.json.data.success, 1)
  nextPeriod()
  return { secret, recoveryCodes: set.json.data.postern_recovery_codes, code: () => oneTimeCode(secret, nowMs) }
}

const lastSignIn = async () => (await server.audit({ function: 'login', limit: 1 }))[0]

function assertSignedIn(reply: Reply): { readonly cookie: string; readonly path: string } {
  assert.equal(reply.status, 200, reply.body)
  assert.equal(reply.json.status, 1)
  return { cookie: String(reply.headers['set-cookie']).split(';')[0] ?? '', path: reply.json.security_token }
}

function assertCodeNeeded(reply: Reply, reason: string): void {
  assert.equal(reply.status, 401, reply.body)
  const { status, message, reason: said, ticket, ...others } = reply.json
  assert.deepEqual([status, said, others], [0, reason, {}])
  assert.match(message, /two-factor code/)
  assert.match(ticket, /^[0-9.]+[0-9a-f]{64}$/)
  assert.equal(reply.headers['set-cookie'], undefined)
  assert.equal(reply.headers.location, undefined)
}

test('a secret and its address for apps are made, and a right code takes them into use', async () => {
  await server.account('maker', SELF_SERVICE)
  const made = done(await byPassword('maker', 'twofactorauth_generate_tfa_config')).json.data
  assert.deepEqual(Object.keys(made), ['secret', 'otpauth_str'])
  const uri = new URL(made.otpauth_str)
  assert.equal(uri.searchParams.get('secret'), made.secret)
  assert.equal(decodeURIComponent(uri.pathname), '/panel.example.com:maker')
  // Nothing is kept before a code proved that the app has it.
  assert.equal(done(await byPassword('maker', 'postern_twofactor_status')).json.data.is_enabled, 0)
  for (const tfa_token of ['000000', oneTimeCode(made.secret, nowMs - 90_000), '12 3456', 'x'])
    assertFailed(
      await byPassword('maker', 'twofactorauth_set_tfa_config', { secret: made.secret, tfa_token }),
      'twofactorauth_set_tfa_config',
      'The two-factor code was not accepted. Each code works once.',
    )
  assert.equal((await signIn('maker')).status, 200)
  const tfa_token = oneTimeCode(made.secret, nowMs)
  done(await byPassword('maker', 'twofactorauth_set_tfa_config', { secret: made.secret, tfa_token }))
  assertCodeNeeded(await signIn('maker'), 'tfa_required')
})

test('a set-up without secret or code, with what is no secret, or without the privilege fails', async () => {
  await server.account('setter', SELF_SERVICE)
  for (const [args, reason] of [
    [{ tfa_token: '123456' }, 'The argument “secret” is required.'],
    [{ secret: 'GEZDGNBVGY3TQOJQ' }, 'The argument “tfa_token” is required.'],
    [
      { secret: 'short', tfa_token: '123456' },
      'The argument “secret” is not valid: “(not shown)” is no secret in base32 of 16 to 128 letters.',
    ],
  ] as const)
    assertFailed(
      await byPassword('setter', 'twofactorauth_set_tfa_config', args),
      'twofactorauth_set_tfa_config',
      reason,
    )
  await server.account('outsider', ['list-accts'])
  const denied = await byPassword('outsider', 'twofactorauth_generate_tfa_config')
  assertDenied(denied, 'twofactorauth_generate_tfa_config', 'basic-whm-functions')
})

test('H7: with two factors a right password alone opens nothing, by Basic it gets the form that clients look for, a wrong one a refusal', async () => {
  const { code } = await setUp('basic')
  const reply = await byPassword('basic', 'version')
  assert.equal(reply.status, 401)
  assert.match(String(reply.headers['content-type']), /^text\/html/)
  assert.match(reply.body, /id="tfa_login_form"/)
  // A client takes these words in a page for a ban.
  assert.doesNotMatch(reply.body, /access denied/i)
  assert.match(String(reply.headers['content-security-policy']), /default-src 'none'.*frame-ancestors 'none'/)
  assert.equal(reply.headers['set-cookie'], undefined)
  const [entry] = await server.audit({ caller: 'basic', limit: 1 })
  assert.deepEqual([entry.outcome, entry.reason, entry.function], ['refused', 'tfa-required', 'version'])
  for (const path of ['/xml-api/version?api.version=1', '/execute/Email/list_pops?cpanel.user=basic']) {
    const elsewhere = await server.send(path, { headers: basicOf('basic') })
    assert.equal(elsewhere.status, 401, path)
    assert.match(String(elsewhere.headers['content-type']), /^text\/html/)
    assert.match(elsewhere.body, /id="tfa_login_form"/)
  }
  for (const pass of ['wrong', `${passwordOf('basic')} ${code()}`, `${passwordOf('basic')}${code()}`]) {
    const authorization = `Basic ${Buffer.from(`basic:${pass}`).toString('base64')}`
    const refused = await server.send('/json-api/version?api.version=1', { headers: { authorization } })
    assert.equal(refused.status, 403)
    assert.equal(refused.json.cpanelresult.error, 'Access denied')
  }
})

test('tokens are used without a code', async () => {
  await server.account('tokens', SELF_SERVICE)
  const token = await server.tokenOf('tokens', ['list-accts'])
  await setUpAs((name, args) => byPassword('tokens', name, args))
  done(await server.call(token, 'listaccts'))
})

test('a sign-in needs password and code; that a code is needed is told only after the right password', async () => {
  const { code } = await setUp('signer')
  assertCodeNeeded(await signIn('signer'), 'tfa_required')
  assert.deepEqual([(await lastSignIn()).outcome, (await lastSignIn()).reason], ['refused', 'tfa-required'])
  const wrong = await login({ user: 'signer', pass: 'not the password', tfa_token: code() })
  assert.deepEqual([wrong.status, wrong.json], [401, { status: 0, message: 'Access denied', reason: 'invalid_login' }])
  assertCodeNeeded(await signIn('signer', '000000'), 'tfa_invalid')
  // The wrong password before did not use the code up.
  const { cookie, path } = assertSignedIn(await signIn('signer', code()))
  done(await server.send(`${path}/json-api/listaccts?api.version=1`, { headers: { cookie } }))
  const [entry] = await server.audit({ function: 'login', caller: 'signer', outcome: 'done', limit: 1 })
  assert.equal(entry.details.second_factor, 'code')
})

test('the page asks in two steps, and carries neither user nor password from the first to the second', async () => {
  const { code } = await setUp('twosteps')
  const first = await signInForm({ user: 'twosteps', pass: passwordOf('twosteps') })
  assert.equal(first.status, 401)
  assert.match(first.body, /<form id="tfa_login_form" method="post" action="\/login\/">/)
  assert.equal(first.body.includes(passwordOf('twosteps')), false)
  const ticket = /name="ticket" value="([^"]+)"/.exec(first.body)?.[1] ?? ''
  const failed = await signInForm({ ticket, tfa_token: '000000' })
  assert.equal(failed.status, 401)
  assert.match(failed.body, /role="alert">The code was not accepted/)
  assert.equal(failed.headers['set-cookie'], undefined)
  const second = await signInForm({ ticket, tfa_token: code() })
  assert.equal(second.status, 302)
  assert.match(String(second.headers.location), /^\/cpsess[0-9]{10}\/$/)
})

test('what the first step answered opens nothing alone, ends after five minutes and with the password, and cannot be changed', async () => {
  const { code } = await setUp('ticket')
  const { ticket } = (await signIn('ticket')).json
  assertCodeNeeded(await login({ ticket }), 'tfa_required')
  const other = (await signIn('ticket')).json.ticket.split('.')
  for (const forged of [
    ticket.replace(/.$/, (last: string) => (last === '0' ? '1' : '0')),
    [other[0], String(Number(other[1]) + 1), other[2]].join('.'),
    [String(Number(other[0]) - 1), other[1], other[2]].join('.'),
    'x',
  ]) {
    const reply = await login({ ticket: forged, tfa_token: code() })
    assert.deepEqual([reply.status, reply.json.reason], [401, 'invalid_login'], forged)
  }
  const late = (await signIn('ticket')).json.ticket
  nowMs += 301_000
  assert.equal((await login({ ticket: late, tfa_token: code() })).json.reason, 'invalid_login')
  const stale = (await signIn('ticket')).json.ticket
  done(await server.root('passwd', { user: 'ticket', password: 'another-password-2' }))
  assert.equal((await login({ ticket: stale, tfa_token: code() })).json.reason, 'invalid_login')
})

test('T8: a code works once, and not with a blank inside', async () => {
  const { code } = await setUp('once')
  const now = code()
  for (const spaced of [` ${now}`, `${now} `, `${now.slice(0, 3)} ${now.slice(3)}`, `${now}\n`])
    assertCodeNeeded(await signIn('once', spaced), 'tfa_invalid')
  assertSignedIn(await signIn('once', now))
  assertCodeNeeded(await signIn('once', now), 'tfa_invalid')
  assert.equal((await lastSignIn()).reason, 'tfa-used')
  nextPeriod()
  // The code of the period before is still within the window, and used.
  assertCodeNeeded(await signIn('once', now), 'tfa_invalid')
  assertSignedIn(await signIn('once', code()))
})

test('T8: of many that come with one code at once exactly one gets a session', async () => {
  const { code } = await setUp('crowd')
  const now = code()
  const replies = await Promise.all(Array.from({ length: 4 }, () => signIn('crowd', now)))
  assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 401, 401, 401])
})

test('T8: guessed codes are counted and limited, against many at once too; a recovery code helps', async () => {
  const { code, recoveryCodes } = await setUp('guessed')
  const guesses = await Promise.all(Array.from({ length: 12 }, (_, i) => signIn('guessed', String(i).padStart(6, '9'))))
  for (const reply of guesses) assertCodeNeeded(reply, 'tfa_invalid')
  const failures = () =>
    storedRows(server, "select failures from two_factor join users on id = user_id where name = 'guessed'")
  assert.deepEqual(failures(), [{ failures: 5 }])
  // The right one is not looked at either; and waiting does not count.
  assertCodeNeeded(await signIn('guessed', code()), 'tfa_invalid')
  assert.equal((await lastSignIn()).reason, 'tfa-throttled')
  assert.deepEqual(failures(), [{ failures: 5 }])
  nowMs += 31_000
  assertCodeNeeded(await signIn('guessed', '000000'), 'tfa_invalid')
  assert.deepEqual(failures(), [{ failures: 6 }])
  nowMs += 31_000
  assertCodeNeeded(await signIn('guessed', code()), 'tfa_invalid')
  assertSignedIn(await signIn('guessed', recoveryCodes[0]))
  assert.deepEqual(failures(), [{ failures: 0 }])
  assertSignedIn(await signIn('guessed', code()))
})

test('T8: after a hundred wrong codes in a row none is looked at any more, until a recovery code or root helps', async () => {
  const { code, recoveryCodes } = await setUp('hundred')
  await server.server.runtime.storage.write((trx) =>
    trx
      .updateTable('two_factor')
      .set({ failures: 99, waits_until: null })
      .execute()
      .then(() => {}),
  )
  assertCodeNeeded(await signIn('hundred', '000000'), 'tfa_invalid')
  nowMs += 86_400_000
  assertCodeNeeded(await signIn('hundred', code()), 'tfa_invalid')
  assert.equal((await lastSignIn()).reason, 'tfa-throttled')
  assertSignedIn(await signIn('hundred', recoveryCodes[0]))
  assertSignedIn(await signIn('hundred', code()))
})

test('a recovery code signs in once; new ones end all before, and the reply that made them is the only one with them', async () => {
  const { recoveryCodes } = await setUp('recovery')
  assert.equal(recoveryCodes.length, 10)
  const { cookie, path } = assertSignedIn(await signIn('recovery', recoveryCodes[0]))
  const [entry] = await server.audit({ function: 'login', caller: 'recovery', outcome: 'done', limit: 1 })
  assert.equal(entry.details.second_factor, 'recovery code')
  assertCodeNeeded(await signIn('recovery', recoveryCodes[0]), 'tfa_invalid')
  assertCodeNeeded(await signIn('recovery', 'aaaa-bbbb-cccc-dddd'), 'tfa_invalid')
  const call = (name: string) => server.send(`${path}/json-api/${name}?api.version=1`, { headers: { cookie } })
  assert.equal(done(await call('postern_twofactor_status')).json.data.recovery_codes_left, 9)
  const renewed = done(await call('postern_twofactor_recovery_codes')).json.data.recovery_codes
  assert.equal(renewed.length, 10)
  assertCodeNeeded(await signIn('recovery', recoveryCodes[1]), 'tfa_invalid')
  assertSignedIn(await signIn('recovery', renewed[0]))
  const { data } = done(await call('postern_twofactor_status')).json
  assert.deepEqual([data.is_enabled, data.recovery_codes_left], [1, 9])
})

test('K1, K3: no file, log or entry holds the secret, a code of it or a recovery code; another user’s database row opens nothing', async () => {
  const { secret, recoveryCodes, code } = await setUp('sealed')
  const now = code()
  assertSignedIn(await signIn('sealed', now))
  await signIn('sealed', recoveryCodes[0])
  await byPassword('sealed', 'twofactorauth_set_tfa_config', { secret, tfa_token: 'x' })
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '')
  const needles = [
    secret,
    secret.toLowerCase(),
    base64,
    ...recoveryCodes,
    ...recoveryCodes.map((c) => c.replaceAll('-', '')),
  ]
  assert.deepEqual(filesHolding(server.folder, needles), [])
  const shown = JSON.stringify([await server.audit({ limit: 500 }), server.logged])
  for (const needle of [...needles, `"${now}"`]) assert.equal(shown.includes(needle), false)
  for (const name of ['twofactorauth_get_tfa_config_for_user', 'twofactorauth_get_user_configs']) {
    const reply = await server.call(admin, name, { user: 'sealed' })
    assert.equal(done(reply).json.data.sealed.is_enabled, 1)
    assert.equal(reply.body.includes(secret), false)
  }
})

test('observed: a client sets it up in its session, is refused there, and signs in with the same code, once', async () => {
  // Of a reseller who holds no more than this, as in that client's own tests.
  await server.account('observed', ['create-acct'])
  const { cookie, path } = assertSignedIn(await signIn('observed'))
  const callIn = (name: string, args: Arguments = {}) =>
    server.send(`${path}/json-api/${name}?${queryOf({ 'api.version': 1, ...args })}`, { headers: { cookie } })
  assert.ok((await callIn('loadavg')).json.one)
  const { secret } = done(await callIn('twofactorauth_generate_tfa_config')).json.data
  const tfa_token = oneTimeCode(secret, nowMs)
  done(await callIn('twofactorauth_set_tfa_config', { secret, tfa_token }))
  assert.equal((await callIn('loadavg')).status, 401)
  // The form, without login_only: the token is read from Location, and no redirect is followed.
  const form = await signInForm({ user: 'observed', pass: passwordOf('observed'), tfa_token })
  assert.equal(form.status, 302)
  assert.match(String(form.headers.location), /^\/cpsess[0-9]{10}\//)
  assertCodeNeeded(await signIn('observed', tfa_token), 'tfa_invalid')
})

test('S6: a new second factor ends every session; taking it away ends all but the one that did', async () => {
  await server.account('changer', SELF_SERVICE)
  const open = async (code?: string) => assertSignedIn(await signIn('changer', code))
  let own = await open()
  const other = await open()
  const callIn = ({ cookie, path }: { cookie: string; path: string }, name: string, args: Arguments = {}) =>
    server.send(`${path}/json-api/${name}?${queryOf({ 'api.version': 1, ...args })}`, { headers: { cookie } })
  const { code } = await setUpAs((name, args) => callIn(other, name, args))
  for (const ended of [own, other]) assert.equal((await callIn(ended, 'version')).status, 401)
  const third = await open(code())
  nextPeriod()
  own = await open(code())
  done(await callIn(own, 'postern_twofactor_remove'))
  done(await callIn(own, 'version'))
  assert.equal((await callIn(third, 'version')).status, 401)
  assertFailed(
    await callIn(own, 'postern_twofactor_remove'),
    'postern_twofactor_remove',
    '“changer” has no two-factor set-up.',
  )
  assertFailed(
    await callIn(own, 'postern_twofactor_recovery_codes'),
    'postern_twofactor_recovery_codes',
    '“changer” has no two-factor set-up.',
  )
  // Root takes it away from another: all of that user's sessions end.
  const again = await setUpAs((name, args) => callIn(own, name, args))
  own = await open(again.code())
  const { data } = done(await server.call(admin, 'twofactorauth_remove_user_config', { user: 'changer' })).json
  assert.deepEqual(data, { users_modified: ['changer'], failed: {} })
  assert.equal((await callIn(own, 'version')).status, 401)
})

test('a token that is narrower than everything does not touch how its owner signs in', async () => {
  await server.account('narrow', SELF_SERVICE)
  const token = await server.tokenOf('narrow', SELF_SERVICE)
  const rootToken = await server.rootToken(['basic-whm-functions', 'passwd'])
  const secret = 'GEZDGNBVGY3TQOJQ'
  for (const credential of [token, rootToken]) {
    for (const [name, args] of [
      ['twofactorauth_generate_tfa_config', {}],
      ['twofactorauth_set_tfa_config', { secret, tfa_token: oneTimeCode(secret, nowMs) }],
      ['postern_twofactor_recovery_codes', {}],
      ['postern_twofactor_remove', {}],
    ] as const) {
      const reply = await server.call(credential, name, args)
      assert.equal(reply.status, 403)
      assert.match(reply.json.metadata.reason, /^Permission denied: a token that does not hold every privilege may not/)
    }
  }
  assert.equal((await signIn('narrow')).status, 200)
})

test('the policy says whether codes are asked at all; a set-up outlives it', async () => {
  const { code } = await setUp('policy')
  const status = async () => done(await server.call(admin, 'twofactorauth_policy_status')).json.data
  assert.deepEqual(await status(), { is_enabled: 1 })
  assertDone(await server.call(admin, 'twofactorauth_disable_policy'), 'twofactorauth_disable_policy', {})
  assert.deepEqual(await status(), { is_enabled: 0 })
  assert.equal((await signIn('policy')).status, 200)
  done(await byPassword('policy', 'version'))
  assertDone(await server.call(admin, 'twofactorauth_enable_policy'), 'twofactorauth_enable_policy', {})
  assert.deepEqual(await status(), { is_enabled: 1 })
  assertCodeNeeded(await signIn('policy'), 'tfa_required')
  assertSignedIn(await signIn('policy', code()))
})

test('root sees who signs in with two factors, chooses the issuer, and takes set-ups away from several at once', async () => {
  await setUp('listed')
  await server.account('plain', SELF_SERVICE)
  const configs = done(await server.call(admin, 'twofactorauth_get_user_configs')).json.data
  assert.deepEqual(configs.listed, { is_enabled: 1, primary_domain: 'listed.example.com' })
  assert.deepEqual(configs.plain, { is_enabled: 0, primary_domain: 'plain.example.com' })
  assert.deepEqual(configs.root, { is_enabled: 0, primary_domain: '' })
  const one = await server.call(admin, 'twofactorauth_get_user_configs', { user: 'listed' })
  assert.deepEqual(done(one).json.data, { listed: configs.listed })
  const { listed: state } = done(await server.call(admin, 'twofactorauth_get_tfa_config_for_user', { user: 'listed' }))
    .json.data
  assert.deepEqual(state, {
    is_enabled: 1,
    primary_domain: 'listed.example.com',
    email: {},
    team: {},
    postern_enabled_at: Math.floor(nowMs / 1000) - 30,
    postern_recovery_codes_left: 10,
  })
  for (const name of ['twofactorauth_get_user_configs', 'twofactorauth_get_tfa_config_for_user'])
    assertFailed(
      await server.call(admin, name, { user: 'nobodyhere' }),
      name,
      'You have no account named “nobodyhere”.',
    )
  const issuer = async () => done(await server.call(admin, 'twofactorauth_get_issuer')).json.data
  assert.deepEqual(await issuer(), { issuer: 'panel.example.com' })
  const set = await server.call(admin, 'twofactorauth_set_issuer', { issuer: 'Example Hosting' })
  assertDone(set, 'twofactorauth_set_issuer', { issuer: 'Example Hosting' })
  assert.deepEqual(await issuer(), { issuer: 'Example Hosting' })
  for (const bad of ['', 'a:b', ' a', 'a '])
    assert.equal((await server.call(admin, 'twofactorauth_set_issuer', { issuer: bad })).json.metadata.result, 0)
  const made = done(await byPassword('plain', 'twofactorauth_generate_tfa_config')).json.data
  assert.equal(new URL(made.otpauth_str).searchParams.get('issuer'), 'Example Hosting')
  const removed = await server.call(admin, 'twofactorauth_remove_user_config', {
    user: 'listed',
    'user-1': 'plain',
    'user-2': 'nobodyhere',
  })
  assert.deepEqual(done(removed).json.data, {
    users_modified: ['listed'],
    failed: {
      plain: '“plain” has no two-factor set-up.',
      nobodyhere: 'You have no account named “nobodyhere”.',
    },
  })
  assert.equal((await signIn('listed')).status, 200)
})

test('a removed account leaves neither set-up nor recovery codes, and a new one of its name has none', async () => {
  await setUp('leaver')
  const rows = () =>
    storedRows(server, "select 1 from two_factor t join users u on u.id = t.user_id where u.name = 'leaver'").length +
    storedRows(server, "select 1 from recovery_codes r join users u on u.id = r.user_id where u.name = 'leaver'").length
  assert.equal(rows(), 11)
  done(await server.root('removeacct', { username: 'leaver' }))
  assert.equal(rows(), 0)
  await server.account('leaver', SELF_SERVICE)
  assert.equal((await signIn('leaver')).status, 200)
})

test('a renamed account keeps its set-up', async () => {
  const { code } = await setUp('oldname')
  done(await server.root('modifyacct', { user: 'oldname', newuser: 'newname' }))
  const reply = await login({ user: 'newname', pass: passwordOf('oldname'), tfa_token: code() })
  assertSignedIn(reply)
})
