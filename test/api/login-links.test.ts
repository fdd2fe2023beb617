/** `create_user_session`: links that sign a browser in once, bound to whoever made them and to whom they are for. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Arguments, done, queryOf, type Reply, sendTo, startTestServer, type TestServer } from '../start-server.ts'
import { filesHolding } from './kept-files.ts'
import { assertDenied, assertFailed } from './replies.ts'
import { storedRows } from './stored.ts'

const LINKER = ['create-user-session', 'manage-api-tokens', 'basic-whm-functions', 'list-accts']

let server: TestServer
let cpanelUrl = ''
let nowMs = Date.now()

before(async () => {
  server = await startTestServer({
    wallMs: () => nowMs,
    settings: { cpanelListen: '127.0.0.1:0', sessionIdleMinutes: 60 },
  })
  cpanelUrl = server.server.cpanelUrl ?? ''
  await server.account('seller', LINKER)
  await server.account('other', LINKER)
  await server.account('mine', undefined, { owner: 'seller' })
  await server.account('theirs', undefined, { owner: 'other' })
})
after(() => server.close())

type Link = {
  readonly url: string
  readonly cp_security_token: string
  readonly session: string
  readonly service: string
  readonly expires: number
}

const ask = (credential: string, user: string, service = 'cpaneld', more: Arguments = {}): Promise<Reply> =>
  server.call(credential, 'create_user_session', { user, service, ...more })

async function linkFor(credential: string, user: string, service = 'cpaneld'): Promise<Link> {
  return done(await ask(credential, user, service)).json.data
}

const open = (link: Link, headers: Record<string, string> = {}): Promise<Reply> => {
  const { origin, pathname, search } = new URL(link.url)
  return sendTo(origin, `${pathname}${search}`, { headers })
}

const cookieOf = (reply: Reply) => String(reply.headers['set-cookie']?.[0]).split(';')[0] ?? ''

function assertOpened(reply: Reply, link: Link): string {
  assert.equal(reply.status, 200, reply.body)
  assert.equal(reply.headers.location, `${link.cp_security_token}/`)
  // A redirect would come from the site that had the link, and a browser would not send the new cookie with it.
  assert.ok(reply.body.includes(`<meta http-equiv="refresh" content="0; url=${link.cp_security_token}/">`))
  return cookieOf(reply)
}

async function assertOpensNothing(link: Link, reason: string): Promise<void> {
  const reply = await open(link)
  assert.equal(reply.status, 401)
  assert.match(reply.body, /<h1>Sign in<\/h1>/)
  assert.equal(reply.headers['set-cookie'], undefined)
  const [entry] = await server.audit({ function: 'login', limit: 1 })
  assert.deepEqual([entry.outcome, entry.reason], ['refused', reason])
}

test('2, 16: the reply has WHM’s keys and words, under any version, and the link WHM’s form', async () => {
  const token = await server.tokenOf('seller', ['create-user-session'])
  for (const version of [1, 2]) {
    const reply = done(await ask(token, 'mine', 'cpaneld', { 'api.version': version }))
    const { data, metadata } = reply.json
    assert.deepEqual(metadata, { version: 1, command: 'create_user_session', result: 1, reason: 'Created session' })
    assert.deepEqual(Object.keys(data).sort(), ['cp_security_token', 'expires', 'service', 'session', 'url'])
    assert.match(data.cp_security_token, /^\/cpsess[0-9]{10}$/)
    assert.match(data.session, /^mine:/)
    assert.equal(data.service, 'cpaneld')
    assert.equal(data.expires, Math.floor(nowMs / 1000) + 300)
    assert.equal(data.url, `${cpanelUrl}${data.cp_security_token}/login/?session=${encodeURIComponent(data.session)}`)
  }
})

test('a link opens one session at its service, once, with a new cookie', async () => {
  const token = await server.tokenOf('seller', ['create-user-session'])
  const link = await linkFor(token, 'mine')
  const cookie = assertOpened(await open(link, { 'sec-fetch-site': 'cross-site' }), link)
  assert.match(cookie, /^cpsession=mine%3A/)
  assert.equal(decodeURIComponent(cookie).includes(link.session), false)
  const home = await sendTo(cpanelUrl, `${link.cp_security_token}/`, { headers: { cookie } })
  assert.equal(home.status, 200)
  assert.match(home.body, /mine/)
  await assertOpensNothing(link, 'link-unknown')
  // The session it opened stays, and going back in its browser leads on.
  assert.equal((await sendTo(cpanelUrl, `${link.cp_security_token}/`, { headers: { cookie } })).status, 200)
  assert.equal((await open(link, { cookie })).status, 200)
  const [entry] = await server.audit({ function: 'login', caller: 'mine', outcome: 'done', limit: 1 })
  assert.equal(entry.details.link_made_by, 'seller')
  assert.match(entry.details.link_token, /^tok_/)
})

test('of many that open one link at once exactly one gets a session', async () => {
  const link = await linkFor(await server.tokenOf('seller', ['create-user-session']), 'mine')
  const replies = await Promise.all(Array.from({ length: 8 }, () => open(link)))
  assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 401, 401, 401, 401, 401, 401, 401])
})

test('a link for WHM opens the functions of its user, without the limits of the token', async () => {
  const token = await server.tokenOf('seller', ['create-user-session'])
  const link = await linkFor(token, 'seller', 'whostmgrd')
  assert.ok(link.url.startsWith(`${server.url}/cpsess`))
  const cookie = assertOpened(await open(link), link)
  const list = `${link.cp_security_token}/json-api/listaccts?api.version=1`
  assert.deepEqual(
    done(await server.send(list, { headers: { cookie } })).json.data.acct.map(({ user }: { user: string }) => user),
    ['mine'],
  )
})

test('S9: a session that a link opened proves no password: it makes and widens no token, makes no link, and changes no login of its own', async () => {
  const narrow = await server.tokenOf('seller', ['create-user-session'], {
    token_name: 'narrow',
    whitelist_ip: '127.0.0.1',
  })
  const link = await linkFor(narrow, 'seller', 'whostmgrd')
  const cookie = assertOpened(await open(link), link)
  for (const call of [
    'api_token_update?api.version=1&token_name=narrow&acl=create-user-session&acl-1=list-accts',
    'api_token_update?api.version=1&token_name=narrow&whitelist_ip=any',
    'create_user_session?api.version=1&user=seller&service=whostmgrd',
    'api_token_create?api.version=1&token_name=sneaked',
    'twofactorauth_set_tfa_config?api.version=1&secret=GEZDGNBVGY3TQOJQ&tfa_token=123456',
    'postern_twofactor_remove?api.version=1',
    'postern_twofactor_recovery_codes?api.version=1',
  ]) {
    const reply = await server.send(`${link.cp_security_token}/json-api/${call}`, { headers: { cookie } })
    assert.equal(reply.json.metadata.result, 0, call)
    assert.match(reply.json.metadata.reason, /password/, call)
  }
  // What takes something away needs no password.
  const narrowed = 'api_token_update?api.version=1&token_name=narrow&new_name=narrower'
  done(await server.send(`${link.cp_security_token}/json-api/${narrowed}`, { headers: { cookie } }))
  const asked = await server.root('create_user_session', { user: 'root', service: 'whostmgrd' })
  const ofRoot: Link = done(asked).json.data
  const asRoot = assertOpened(await open(ofRoot), ofRoot)
  for (const call of [
    'passwd?api.version=1&user=root&password=a-password-that-is-long-enough',
    'twofactorauth_remove_user_config?api.version=1&user=root',
    'twofactorauth_disable_policy?api.version=1',
  ]) {
    const reply = await server.send(`${ofRoot.cp_security_token}/json-api/${call}`, { headers: { cookie: asRoot } })
    assert.equal(reply.json.metadata.result, 0, call)
    assert.equal(reply.headers['x-postern-failure'], 'password-needed', call)
  }
})

test('K3: neither the link nor its parts are kept in any file, and the trail does not have them', async () => {
  const link = await linkFor(await server.tokenOf('seller', ['create-user-session']), 'mine')
  const parts = link.session.slice('mine:'.length).split(',')
  const needles = [link.session, encodeURIComponent(link.session), link.cp_security_token, ...parts]
  assert.deepEqual(filesHolding(server.folder, needles), [])
  const shown = JSON.stringify([await server.audit({ limit: 50 }), server.logged])
  for (const needle of needles) assert.equal(shown.includes(needle), false)
  assertOpened(await open(link), link)
  assert.deepEqual(filesHolding(server.folder, needles), [])
})

test('a link ends after five minutes, and the session it opened after fifteen minutes without use, whatever the settings say', async () => {
  const token = await server.tokenOf('seller', ['create-user-session'])
  const late = await linkFor(token, 'mine')
  nowMs += 300_000
  await assertOpensNothing(late, 'link-ended')
  const link = await linkFor(token, 'seller', 'whostmgrd')
  const cookie = assertOpened(await open(link), link)
  const call = () => server.send(`${link.cp_security_token}/json-api/version?api.version=1`, { headers: { cookie } })
  nowMs += 14 * 60_000
  assert.equal((await call()).status, 200)
  nowMs += 15 * 60_000
  assert.equal((await call()).status, 401)
})

test('a link is worth nothing at the other service or under another security token', async () => {
  const token = await server.tokenOf('seller', ['create-user-session'])
  const elsewhere = await linkFor(token, 'seller', 'whostmgrd')
  await assertOpensNothing({ ...elsewhere, url: elsewhere.url.replace(server.url, cpanelUrl) }, 'link-ended')
  await assertOpensNothing(elsewhere, 'link-unknown')
  const link = await linkFor(token, 'mine')
  await assertOpensNothing({ ...link, url: link.url.replace(/cpsess[0-9]+/, 'cpsess1234567890') }, 'link-ended')
  await assertOpensNothing(link, 'link-unknown')
})

test('neither cookie nor link is taken for the other', async () => {
  const link = await linkFor(await server.tokenOf('seller', ['create-user-session']), 'seller', 'whostmgrd')
  const planted = { cookie: `whostmgrsession=${encodeURIComponent(link.session)}` }
  const path = `${link.cp_security_token}/json-api/version?api.version=1`
  assert.equal((await server.send(path, { headers: planted })).status, 401)
  const cookie = assertOpened(await open(link), link)
  const value = decodeURIComponent(cookie.split('=')[1] ?? '')
  await assertOpensNothing(
    { ...link, url: `${server.url}${link.cp_security_token}/login/?session=${encodeURIComponent(value)}` },
    'link-unknown',
  )
})

test('P8: only the owner of an account, root and the user make links; “not yours” and “does not exist” are one answer', async () => {
  const token = await server.tokenOf('seller', ['create-user-session'])
  const bodyFor = async (user: string, service: string) => (await ask(token, user, service)).body.replaceAll(user, 'X')
  for (const service of ['cpaneld', 'whostmgrd']) {
    const missing = await bodyFor('nobodyhere', service)
    for (const user of ['theirs', 'other', 'root']) assert.equal(await bodyFor(user, service), missing, user)
  }
  assertFailed(await ask(token, 'mine', 'whostmgrd'), 'create_user_session', 'You have no account named “mine”.')
  done(await ask(token, 'seller', 'cpaneld'))
  const root = await server.rootToken(['create-user-session'])
  for (const [user, service] of [
    ['theirs', 'cpaneld'],
    ['other', 'whostmgrd'],
    ['root', 'whostmgrd'],
  ] as const)
    done(await ask(root, user, service))
  assertFailed(await ask(root, 'root', 'cpaneld'), 'create_user_session', 'You have no account named “root”.')
  assertFailed(await ask(root, 'mine', 'whostmgrd'), 'create_user_session', 'You have no account named “mine”.')
  const without = await server.tokenOf('seller', ['list-accts'])
  assertDenied(await ask(without, 'mine'), 'create_user_session', 'create-user-session')
})

/** Of a frozen maker the account is frozen too; a suspension has taken the links of its account away. */
const REASONS: Readonly<Record<string, string>> = { frozen: 'frozen', target: 'link-unknown' }

test('a link dies with the right to make it: token revoked, privilege lost, account given away, maker frozen, maker or target suspended or gone, password changed', async () => {
  const asAdmin = async (name: string, args: Arguments) => done(await server.root(name, args))
  const flags = Object.fromEntries(LINKER.map((acl) => [`acl-${acl}`, 1]))
  const back = () => asAdmin('setacls', { reseller: 'seller', ...flags })
  for (const [label, change, undo] of [
    ['revoked', () => asAdmin('api_token_revoke', { token_name: 'x' }), undefined],
    ['privilege', () => asAdmin('setacls', { reseller: 'seller', 'acl-list-accts': 1 }), back],
    [
      'given',
      () => asAdmin('modifyacct', { user: 'mine', owner: 'other' }),
      () => asAdmin('modifyacct', { user: 'mine', owner: 'seller' }),
    ],
    [
      'frozen',
      () => asAdmin('postern_freeze', { reason: 'incident', user: 'seller' }),
      () => asAdmin('postern_thaw', {}),
    ],
    ['maker', () => asAdmin('suspendacct', { user: 'seller' }), () => asAdmin('unsuspendacct', { user: 'seller' })],
    ['target', () => asAdmin('suspendacct', { user: 'mine' }), () => asAdmin('unsuspendacct', { user: 'mine' })],
  ] as const) {
    const token = await server.tokenOf('seller', ['create-user-session', 'manage-api-tokens'])
    const link = await linkFor(token, 'mine')
    if (label === 'revoked') done(await server.call(token, 'postern_token_revoke_all'))
    else await change()
    await assertOpensNothing(link, REASONS[label] ?? 'link-ended')
    if (label === 'target')
      assertFailed(await ask(token, 'mine'), 'create_user_session', 'The account “mine” is suspended.')
    await undo?.()
  }
  await server.account('changed', undefined, { owner: 'seller' })
  const before = await linkFor(await server.tokenOf('seller', ['create-user-session']), 'changed')
  await asAdmin('passwd', { user: 'changed', password: 'another-password-2' })
  await assertOpensNothing(before, 'link-unknown')
  await server.account('brief', undefined, { owner: 'seller' })
  const link = await linkFor(await server.tokenOf('seller', ['create-user-session']), 'brief')
  await asAdmin('removeacct', { username: 'brief' })
  assert.deepEqual(
    storedRows(server, "select 1 from login_links l join users u on u.id = l.user_id where u.name = 'brief'"),
    [],
  )
  await assertOpensNothing(link, 'link-unknown')
})

test('a missing user, an unknown service, and a service that is not open fail', async () => {
  const token = await server.tokenOf('seller', ['create-user-session'])
  const call = (args: Arguments) => server.call(token, 'create_user_session', args)
  assertFailed(await call({ service: 'cpaneld' }), 'create_user_session', 'The argument “user” is required.')
  assertFailed(await call({ user: 'mine' }), 'create_user_session', 'The argument “service” is required.')
  assertFailed(
    await call({ user: 'mine', service: 'webmaild' }),
    'create_user_session',
    'The argument “service” is not valid: “webmaild” is no service that is served here: cpaneld or whostmgrd.',
  )
  const alone = await startTestServer({ settings: { cpanelListen: 'off' } })
  try {
    await alone.account('holder')
    assertFailed(
      await alone.root('create_user_session', { user: 'holder', service: 'cpaneld' }),
      'create_user_session',
      'The service “cpaneld” is not open on this server.',
    )
  } finally {
    await alone.close()
  }
})

test('S8: a link goes to no other place than the home page of its service, and its host is not the request’s', async () => {
  const token = await server.tokenOf('seller', ['create-user-session'])
  const reply = await server.send(
    `/json-api/create_user_session?${queryOf({ 'api.version': 1, user: 'mine', service: 'cpaneld' })}`,
    {
      headers: { authorization: `whm ${token}`, host: 'evil.example.com', 'x-forwarded-host': 'evil.example.com' },
    },
  )
  const link: Link = done(reply).json.data
  assert.ok(link.url.startsWith(`${cpanelUrl}/`))
  assertOpened(await open({ ...link, url: `${link.url}&goto_uri=${encodeURIComponent('//evil.example.com/')}` }), link)
})
