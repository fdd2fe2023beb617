/**
 * What programs in use send and read where WHM's documents do not tell: calls without `api.version` (WHM API 0), odd bodies, letters that
 * must arrive as they were sent, and the output controls. The numbers are those of a list of such observations that the project keeps.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { done, type Reply, startTestServer, type TestServer } from '../start-server.ts'
import { assertDone, assertFailed } from './replies.ts'
import { storedRows } from './stored.ts'

const FORM = 'application/x-www-form-urlencoded'
const PRIVILEGES = [
  'basic-whm-functions',
  'basic-system-info',
  'create-acct',
  'list-accts',
  'acct-summary',
  'suspend-acct',
  'edit-account',
  'passwd',
  'kill-acct',
  'manage-api-tokens',
]

let server: TestServer
let token = ''
before(async () => {
  server = await startTestServer()
  token = await server.rootToken(PRIVILEGES)
  for (const name of ['gold', 'silver', 'root_Gold Plan'])
    done(await server.root('addpkg', { name, quota: 'unlimited', bwlimit: 'unlimited' }))
  await server.account('alpha', undefined, { plan: 'gold', quota: 500, maxpop: 10 })
  await server.account('beta', undefined, { plan: 'silver', quota: 2000, maxpop: 0 })
  await server.account('gamma', undefined, { plan: 'gold', quota: 0 })
})
after(() => server.close())

/** A call as it goes over the wire: nothing is added, no `api.version` either. */
function get(path: string, credential = token): Promise<Reply> {
  return server.send(`/json-api/${path}`, { headers: { authorization: `whm ${credential}` } })
}
function post(path: string, body?: string, type?: string): Promise<Reply> {
  const headers = { authorization: `whm ${token}`, ...(type === undefined ? {} : { 'content-type': type }) }
  return server.send(`/json-api/${path}`, { method: 'POST', headers, ...(body === undefined ? {} : { body }) })
}
const json = (value: unknown) => JSON.stringify(value)

/** `applist` is open to every credential, also to a hosting account's. */
async function signsIn(user: string, password: string): Promise<boolean> {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  return (await server.send('/json-api/applist?api.version=1', { headers: { authorization } })).status === 200
}

describe('without api.version', () => {
  test('1: facts about the server stand at the top level', async () => {
    assert.equal((await get('version')).body, '{"version":"11.138.0.6"}')
    assert.equal((await get('gethostname')).body, '{"hostname":"panel.example.com"}')
    assert.ok((await get('applist')).json.app.includes('createacct'))
    assert.deepEqual(Object.keys((await get('loadavg')).json), ['one', 'five', 'fifteen'])
    assert.deepEqual(Object.keys((await get('systemloadavg')).json), ['one', 'five', 'fifteen'])
  })

  test('1: lists carry status and statusmsg beside them', async () => {
    for (const [path, key] of [
      ['listaccts', 'acct'],
      ['accountsummary?user=alpha', 'acct'],
      ['listsuspended', 'account'],
      ['list_users', 'users'],
      ['myprivs', 'privileges'],
      ['listaccts?api.version=0', 'acct'],
      ['listaccts?api.version=', 'acct'],
    ]) {
      const { json: reply, body } = await get(path ?? '')
      assert.deepEqual(Object.keys(reply), ['status', 'statusmsg', key])
      assert.ok(body.startsWith(`{"status":1,"statusmsg":"Ok","${key}":[`), body)
    }
  })

  test('1: changes answer a list of one result, with its log and its facts', async () => {
    const created = await post('createacct', 'username=oldway&domain=oldway.example.com&password=pass-old-way', FORM)
    const [{ status, statusmsg, rawout, options }, ...rest] = created.json.result
    assert.deepEqual([status, statusmsg, rest], [1, 'Account Creation Ok', []])
    assert.match(rawout, /Account Creation Ok$/)
    assert.equal(options.ip, '127.0.0.1')
    const ok = '{"result":[{"status":1,"statusmsg":"OK","rawout":"","options":{}}]}'
    for (const path of ['suspendacct?user=oldway', 'unsuspendacct?user=oldway', 'modifyacct?user=oldway&MAXPOP=1'])
      assert.equal((await get(path)).body, ok)
    assert.equal(
      (await get('passwd?user=oldway&pass=another-pass')).body,
      '{"passwd":[{"status":1,"statusmsg":"OK","rawout":""}]}',
    )
    const removed = await get('removeacct?user=oldway')
    assert.equal(removed.json.result[0].statusmsg, 'oldway account removed')
  })

  test('1: failures are where the old clients look for them', async () => {
    const result = await get('suspendacct?user=ghost')
    const reason = 'You have no account named “ghost”.'
    assert.equal(result.status, 200)
    assert.deepEqual(result.json, { result: [{ status: 0, statusmsg: reason, rawout: '', options: {} }] })
    const list = await get('accountsummary?user=ghost')
    assert.deepEqual(list.json, { status: 0, statusmsg: reason, data: { result: '0', reason } })
    const passwd = await get('passwd?user=ghost&pass=long-enough')
    assert.deepEqual(passwd.json, { passwd: [{ status: 0, statusmsg: reason, rawout: '' }] })
  })

  test('1: a denied call is HTTP 403, and in the old shape too', async () => {
    const narrow = await server.rootToken(['ssl'])
    for (const [path, at] of [
      ['listaccts', (reply: Reply) => reply.json],
      ['suspendacct?user=alpha', (reply: Reply) => reply.json.result[0]],
      ['passwd?user=alpha&pass=long-enough', (reply: Reply) => reply.json.passwd[0]],
    ] as const) {
      const reply = await get(path, narrow)
      assert.equal(reply.status, 403)
      assert.equal(at(reply).status, 0)
      assert.match(at(reply).statusmsg, /^Permission denied: /)
    }
  })

  test('1: a function that is younger than the old API answers in the new one', async () => {
    const reply = await get('api_token_list')
    assert.equal(reply.json.metadata.result, 1)
    const failed = await get('api_token_revoke?token_name=none')
    assert.equal(failed.json.status, 0)
    assert.equal(failed.json.metadata.result, 0)
  })

  test('17: an unknown function says “Unknown App Requested”', async () => {
    const { status, json: reply } = await get('nosuchthing')
    assert.equal(status, 200)
    assert.equal(reply.error, 'Unknown App Requested: nosuchthing')
    assert.equal(reply.data.result, '0')
    const newer = await get('nosuchthing?api.version=1')
    const reason = 'Unknown app ("nosuchthing") requested for this version (1) of the API.'
    assertFailed(newer, 'nosuchthing', reason)
    // Another case of a name is another name.
    assert.match((await get('ListAccts')).json.error, /^Unknown App Requested/)
  })
})

describe('requests', () => {
  test('2: api.version as 2, as more, and as a JSON number is answered as version 1', async () => {
    for (const version of ['1', '2', '3', '1.0'])
      assertDone(await get(`version?api.version=${version}`), 'version', { version: '11.138.0.6' })
    assertDone(await post('version', '{"api.version":1}', 'application/json'), 'version', { version: '11.138.0.6' })
    assert.equal((await post('version', '{"api.version":0}', 'application/json')).body, '{"version":"11.138.0.6"}')
  })

  test('3: the scheme is taken in any case', async () => {
    for (const scheme of ['whm', 'WHM', 'Whm', 'wHm']) {
      const reply = await server.send('/json-api/version', { headers: { authorization: `${scheme} ${token}` } })
      assert.equal(reply.status, 200)
    }
  })

  test('4: forms labelled octet-stream or not at all are read as forms', async () => {
    for (const type of [FORM, `${FORM}; charset=UTF-8`, 'application/octet-stream', undefined]) {
      const reply = await post('accountsummary', 'api.version=1&user=alpha', type)
      assert.equal(done(reply).json.data.acct[0].user, 'alpha')
    }
    const text = await post('accountsummary', 'api.version=1&user=alpha', 'text/plain')
    assert.equal(text.status, 415)
  })

  test('4: a POST without body and type is a call without arguments', async () => {
    assert.equal((await post('version')).body, '{"version":"11.138.0.6"}')
  })

  test('5: arguments come in JSON, in the query of a POST, or in both places', async () => {
    const summaries = [
      post('accountsummary', json({ 'api.version': 1, user: 'alpha' }), 'application/json'),
      post('accountsummary?api.version=1&user=alpha'),
      post('accountsummary?api.version=1', 'user=alpha', FORM),
      post('accountsummary?user=alpha', json({ 'api.version': '1' }), 'application/json; charset=utf-8'),
      post('accountsummary?api.version=1&user=beta', 'user=alpha', FORM),
    ]
    for (const reply of await Promise.all(summaries)) assert.equal(done(reply).json.data.acct[0].user, 'alpha')
    const old = await post('accountsummary', json({ user: 'alpha' }), 'application/json')
    assert.equal(old.json.acct[0].user, 'alpha')
  })

  test('6: several values come as a repeated name, as name-0 and name-1, bare and then name-1, or as a JSON list', async () => {
    const acls = ['list-accts', 'kill-acct', 'passwd']
    const [a, b, c] = acls
    const spellings = [
      `acl=${a}&acl=${b}&acl=${c}`,
      `acl-0=${a}&acl-1=${b}&acl-2=${c}`,
      `acl=${a}&acl-1=${b}&acl-2=${c}`,
      `acl-7=${c}&acl-3=${b}&acl=${a}&acl=${a}`,
    ]
    const made = spellings.map((acl, i) => post('api_token_create', `api.version=1&token_name=s${i}&${acl}`, FORM))
    made.push(post('api_token_create', json({ 'api.version': 1, token_name: 'j', acl: acls }), 'application/json'))
    for (const reply of await Promise.all(made))
      assert.deepEqual([...done(reply).json.data.acls].sort(), [...acls].sort())
  })

  test('7: passwords and reasons arrive letter for letter, however they are encoded', async () => {
    const password = 'p=a&s+s %41 é “q”'
    await server.account('letters')
    const form = `user=letters&pass=${encodeURIComponent(password)}`
    const plus = form.replaceAll('%20', '+')
    for (const send of [
      () => post('passwd', form, FORM),
      () => post('passwd', plus, FORM),
      () => get(`passwd?${plus}`),
      () => post('passwd', json({ user: 'letters', password }), 'application/json'),
    ]) {
      done(await server.root('passwd', { user: 'letters', password: 'something else' }))
      assert.equal((await send()).json.passwd[0].status, 1)
      assert.ok(await signsIn('letters', password))
    }
    const reason = 'Overdue: see #12 & “note”\nsecond line, é, 100% <b>'
    assert.equal((await post('suspendacct', json({ user: 'letters', reason }), 'application/json')).status, 200)
    assert.equal((await get('accountsummary?user=letters')).json.acct[0].suspendreason, reason)
    const [row] = storedRows(server, 'select suspend_reason from accounts where suspended_at is not null')
    assert.deepEqual(row, { suspend_reason: reason })
  })

  test('8: old names of arguments, capitals, and package names with a prefix are taken', async () => {
    const made = await post(
      'createacct',
      'username=CamelCaseName016&domain=Camel.example.com&plan=root_Gold%20Plan',
      FORM,
    )
    assert.equal(made.json.result[0].options.package, 'root_Gold Plan')
    const { user, plan } = (await get('accountsummary?user=CamelCaseName016')).json.acct[0]
    assert.deepEqual([user, plan], ['camelcasename016', 'root_Gold Plan'])
    assert.equal((await get('passwd?user=CamelCaseName016&pass=old-argument')).json.passwd[0].status, 1)
    assert.ok(await signsIn('camelcasename016', 'old-argument'))
    assert.equal((await get('removeacct?user=CamelCaseName016&keepdns=0')).json.result[0].status, 1)
  })
})

describe('9: output controls', () => {
  const users = ({ json: reply }: Reply) => reply.data.acct.map(({ user }: { user: string }) => user)
  const only = 'search=^(alpha|beta|gamma)\\.&'
  const listed = (controls: string) => get(`listaccts?api.version=1&${only}${controls}`)

  test('9: a page starts at a record counted from 1, and -1 means all', async () => {
    const page = (start: string, size: number) =>
      listed(`api.chunk.enable=1&api.chunk.verbose=1&api.chunk.start=${start}&api.chunk.size=${size}`)
    const second = await page('2', 2)
    assert.deepEqual(users(second), ['beta', 'gamma'])
    assert.deepEqual(second.json.metadata.chunk, { start: 2, current: 1, size: 2, chunks: 2, records: 3 })
    assert.deepEqual(users(await page('1', 1)), ['alpha'])
    assert.deepEqual(users(await page('0', 1)), ['alpha'])
    assert.deepEqual(users(await page('-1', 1)), ['alpha', 'beta', 'gamma'])
    assert.deepEqual(users(await page('9', 2)), [])
    assert.deepEqual(users(await page('1', 1_000_000_000)), ['alpha', 'beta', 'gamma'])
  })

  test('9: filters compare texts and numbers, with labels beyond z, joined with and', async () => {
    const filtered = async (field: string, type: string, value: string, label = 'a') => {
      const name = `api.filter.${label}`
      return listed(`api.filter.enable=1&${name}.field=${field}&${name}.type=${type}&${name}.arg0=${value}`)
    }
    assert.deepEqual(users(await filtered('plan', 'eq', 'gold')), ['alpha', 'gamma'])
    assert.deepEqual(users(await filtered('plan', 'contains', 'l')), ['alpha', 'beta', 'gamma'])
    assert.deepEqual(users(await filtered('user', 'begins', 'be')), ['beta'])
    assert.deepEqual(users(await filtered('*', 'contains', 'silver')), ['beta'])
    assert.deepEqual(users(await filtered('disklimit', 'gt', '500')), ['beta'])
    assert.deepEqual(users(await filtered('disklimit', 'gt_handle_unlimited', '500', 'za')), ['beta', 'gamma'])
    assert.deepEqual(users(await filtered('disklimit', 'lt_handle_unlimited', 'unlimited')), ['alpha', 'beta'])
    assert.deepEqual(users(await filtered('no_such_field', 'eq', 'x')), [])
    assert.deepEqual(users(await filtered('plan', 'eq', 'Gold')), [])
    const both = await listed(
      'api.filter.enable=1&api.filter.verbose=1&api.filter.a.field=plan&api.filter.a.arg0=gold&api.filter.b.field=user&api.filter.b.arg0=gam',
    )
    assert.deepEqual(users(both), ['gamma'])
    assert.deepEqual(both.json.metadata.filter, { filtered: 3 })
  })

  test('9: a list is sorted as text or as numbers, both ways', async () => {
    const sorted = async (field: string, more: string) =>
      users(await listed(`api.sort.enable=1&api.sort.a.field=${field}${more}`))
    assert.deepEqual(await sorted('user', '&api.sort.a.reverse=1'), ['gamma', 'beta', 'alpha'])
    assert.deepEqual(await sorted('maxpop', '&api.sort.a.method=numeric'), ['beta', 'gamma', 'alpha'])
    const zeroLast = await sorted('maxpop', '&api.sort.a.method=numeric_zero_as_max&api.sort.b.field=user')
    assert.deepEqual(zeroLast, ['alpha', 'beta', 'gamma'])
    assert.deepEqual(await sorted('plan', '&api.sort.b.field=user&api.sort.b.reverse=1'), ['gamma', 'alpha', 'beta'])
  })

  test('9: columns keep only the keys that are named', async () => {
    const reply = await listed(
      'api.columns.enable=1&api.columns.a=user&api.columns.b=plan&api.chunk.enable=1&api.chunk.size=1',
    )
    assert.deepEqual(reply.json.data, { acct: [{ plan: 'gold', user: 'alpha' }] })
  })

  test('9: controls work without api.version too, and are not looked at while switched off', async () => {
    const old = await get(`listaccts?${only}api.columns.enable=1&api.columns.a=user`)
    assert.deepEqual(old.json.acct, [{ user: 'alpha' }, { user: 'beta' }, { user: 'gamma' }])
    const off = await listed('api.filter.enable=0&api.filter.a.field=user&api.filter.a.arg0=alpha&api.chunk.size=1')
    assert.deepEqual(users(off), ['alpha', 'beta', 'gamma'])
  })

  test('R11: controls that cannot be meant are refused, by a change before it is made', async () => {
    const fails = async (controls: string, reason: RegExp) => {
      const { status, json: reply } = await listed(controls)
      assert.equal(status, 200)
      assert.equal(reply.metadata.result, 0)
      assert.match(reply.metadata.reason, reason)
    }
    await fails('api.sort.enable=1', /^The output control “api\.sort\.a\.field” is missing\.$/)
    await fails('api.sort.enable=1&api.sort.a.field=nothing', /names no field of this list/)
    await fails('api.filter.enable=1&api.filter.a.field=user&api.filter.a.type=like', /is not a kind of filter/)
    await fails(`api.filter.enable=1&api.filter.a.field=user&api.filter.a.arg0=${'x'.repeat(256)}`, /longer than 255/)
    await fails('api.chunk.enable=1&api.chunk.start=-2', /is not a whole number/)
    assert.deepEqual(users(await listed('api.filter.enable=1&api.filter.a.field=__proto__&api.filter.a.arg0=x')), [])
    const change = await get('suspendacct?api.version=1&user=gamma&api.sort.enable=1')
    assert.equal(change.json.metadata.result, 0)
    assert.equal((await get('accountsummary?user=gamma')).json.acct[0].suspended, 0)
  })
})

describe('replies', () => {
  test('11: JSON is compact, keys are as documented, and numbers are numbers', async () => {
    const reply = await get('listaccts?api.version=1')
    assert.equal(reply.body, json(reply.json))
    assert.match(reply.body, /\},\{/)
    assert.match(reply.body, /"metadata":\{"version":1,"command":"listaccts","result":1,"reason":"OK"\}\}$/)
    assert.equal(reply.headers['content-type'], 'application/json; charset=utf-8')
  })

  test('12: /execute answers flat, with data null on a failure', async () => {
    const headers = { authorization: `whm ${await server.rootToken(['cpanel-api'])}` }
    const reply = await server.send('/execute/Nothing/list?cpanel.user=alpha', { headers })
    assert.equal(reply.status, 200)
    const { errors, ...rest } = reply.json
    assert.deepEqual(rest, { status: 0, data: null, messages: null, warnings: null, metadata: {} })
    assert.match(errors[0], /^Failed to load module “Cpanel::API::Nothing”/)
  })

  test('13: reasons and metadata are those that clients compare', async () => {
    assert.equal((await get('accountsummary?api.version=1&user=alpha')).json.metadata.reason, 'OK')
    const created = await get('createacct?api.version=1&username=metadata&domain=metadata.example.com')
    assert.equal(typeof created.json.metadata.output.raw, 'string')
    assert.equal(created.json.metadata.result, 1)
  })

  test('14: a refused credential is 401 or 403 with JSON that holds cpanelresult.error', async () => {
    const none = await server.send('/json-api/version')
    assert.equal(none.status, 401)
    assert.equal(typeof none.json.cpanelresult.error, 'string')
    const bad = await get('version', 'root:PSW00000000000000000000000000000')
    assert.equal(bad.status, 403)
    assert.equal(bad.headers['content-type'], 'text/plain; charset="utf-8"')
    const denied = { reason: 'Access denied', result: '0' }
    assert.deepEqual(bad.json, {
      cpanelresult: { apiversion: '2', error: 'Access denied', data: denied, type: 'text' },
    })
  })

  test('16: suspended is a number and sizes are texts', async () => {
    const { suspended, disklimit, diskused, maxpop } = (await get('accountsummary?user=alpha')).json.acct[0]
    assert.deepEqual([suspended, disklimit, maxpop], [0, '500M', '10'])
    assert.match(diskused, /^\d+M$/)
    assert.equal((await get('accountsummary?user=gamma')).json.acct[0].disklimit, 'unlimited')
  })

  test('17: a missing account is result 0 with a reason and HTTP 200', async () => {
    const reply = await get('accountsummary?api.version=1&user=ghost')
    assertFailed(reply, 'accountsummary', 'You have no account named “ghost”.')
  })
})
