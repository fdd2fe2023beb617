/**
 * P9, generated: every function of the catalogues × every way in × every kind of caller without what opens it. Nothing is written down
 * by hand per function, so one that is added tomorrow is covered today. And P8 the same way: whatever names an account or a domain
 * answers for those of another reseller as for those that do not exist.
 */
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { Agent } from 'node:https'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { INITIAL_PRIVILEGES, PRIVILEGE_NAMES } from '../../src/acl/catalogue.ts'
import { API2_CATALOGUE } from '../../src/functions/api2/catalogue.ts'
import { CATALOGUE } from '../../src/functions/catalogue.ts'
import { defineRead, privilegesOf } from '../../src/functions/define.ts'
import { UAPI_CATALOGUE } from '../../src/functions/uapi/catalogue.ts'
import {
  type Arguments,
  done,
  queryOf,
  type Reply,
  ROOT_PASSWORD,
  startTestServer,
  type TestServer,
} from '../start-server.ts'
import { everythingKept } from './everything-kept.ts'
import {
  argumentsFor,
  NAMES_A_DOMAIN,
  NAMES_A_PACKAGE,
  NAMES_A_USER,
  requiredOf,
  type World,
} from './made-arguments.ts'
import { assertDenied } from './token-servers.ts'

const FORM = 'application/x-www-form-urlencoded'
const ALL_BUT_EVERYTHING = PRIVILEGE_NAMES.filter((acl) => acl !== 'all')
const GUARDED = CATALOGUE.filter((definition) => privilegesOf(definition).length > 0)
const NAMES = new Set(CATALOGUE.map(({ name }) => name))

let server: TestServer
let admin = ''
const agent = new Agent({ keepAlive: true, maxSockets: 12, rejectUnauthorized: false })

before(async () => {
  server = await startTestServer({ settings: { cpanelListen: '127.0.0.1:0' } })
  admin = await server.rootToken(['all'])
})
after(async () => {
  agent.destroy()
  await server.close()
})

type More = { readonly method?: string; readonly body?: string; readonly type?: string }
/** One request by one kind of caller. */
type Way = (path: string, args: Arguments, more?: More) => Promise<Reply>

/** Over TLS, at either service. */
function wayOf(headers: Readonly<Record<string, string>>, prefix = '', service: 'whm' | 'cpanel' = 'whm'): Way {
  return (path, args, { method = 'GET', body, type } = {}) => {
    const send = service === 'whm' ? server.send : server.sendToCpanel
    return send(`${prefix}${path}?${queryOf(args)}`, {
      method,
      agent,
      headers: { ...headers, ...(type !== undefined && { 'content-type': type }) },
      ...(body !== undefined && { body }),
    })
  }
}

/** By the socket on the machine, as `whmapi1 --user` and `uapi --user` come. */
function localWay(user: string): Way {
  return (path, args, { method = 'GET', body, type } = {}) =>
    new Promise((resolve, reject) => {
      const headers = { 'x-postern-user': user, ...(type !== undefined && { 'content-type': type }) }
      const socketPath = join(server.folder, 'postern.sock')
      const sent = request({ socketPath, method, path: `${path}?${queryOf(args)}`, headers }, (reply) => {
        const pieces: Buffer[] = []
        reply.on('data', (piece: Buffer) => pieces.push(piece))
        reply.on('error', reject)
        reply.on('end', () => {
          const text = Buffer.concat(pieces).toString('utf8')
          resolve({
            status: reply.statusCode ?? 0,
            headers: reply.headers,
            body: text,
            get json() {
              return JSON.parse(text)
            },
          })
        })
      })
      sent.on('error', reject)
      sent.end(body)
    })
}

const passwordOf = (user: string) => (user === 'root' ? ROOT_PASSWORD : `pass-of-${user}-1`)
const basicOf = (user: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${passwordOf(user)}`).toString('base64')}`,
})

async function sessionWay(user: string, service: 'whm' | 'cpanel' = 'whm'): Promise<Way> {
  const send = service === 'whm' ? server.send : server.sendToCpanel
  const options = { method: 'POST', headers: { 'content-type': FORM }, body: queryOf({ user, pass: passwordOf(user) }) }
  const reply = await send('/login/?login_only=1', options)
  assert.equal(reply.status, 200, reply.body)
  const cookie = String(reply.headers['set-cookie']).split(';', 1)[0] ?? ''
  return wayOf({ cookie }, reply.json.security_token, service)
}

const setPrivileges = async (reseller: string, privileges: readonly string[]) =>
  done(
    await server.call(admin, 'setacls', {
      reseller,
      ...Object.fromEntries(privileges.map((acl) => [`acl-${acl}`, 1])),
      ...(privileges.length === 0 && { postern_remove_all: 1 }),
    }),
  )

/** Whether anything in the reply says that something was done; what only carries an inner reply does not count by itself. */
function saysDone(reply: Reply): boolean {
  if (!String(reply.headers['content-type']).includes('json')) return /<(?:result|status)>1<\//.test(reply.body)
  return isDone(reply.json)
}

// biome-ignore lint/suspicious/noExplicitAny: a reply of any shape
function isDone(json: any): boolean {
  // Of a call that carries others only those count.
  if (Array.isArray(json.data?.result)) return json.data.result.some(isDone)
  if (json.data?.uapi !== undefined) return isDone(json.data.uapi)
  if (Array.isArray(json.result)) return json.result.some(isDone)
  return (
    json.metadata?.result === 1 ||
    json.status === 1 ||
    json.result?.status === 1 ||
    json.cpanelresult?.event?.result === 1 ||
    json.passwd?.[0]?.status === 1
  )
}

function assertNothingDone(reply: Reply, about: string): void {
  assert.ok(reply.status < 500, `${about}: ${reply.status} ${reply.body.slice(0, 300)}`)
  assert.equal(saysDone(reply), false, `${about}: ${reply.status} ${reply.body.slice(0, 300)}`)
}

/** The same call, spelt in ways that only resemble it, or wrapped into other functions. */
function detours(name: string, args: Arguments): readonly (readonly [string, Arguments])[] {
  const v1 = { 'api.version': 1, ...args }
  const first = (name.codePointAt(0) ?? 0).toString(16)
  const command = `${name}?${queryOf(v1)}`
  const call = { cpanel_jsonapi_user: 'victim', cpanel_jsonapi_module: 'Whm', cpanel_jsonapi_func: name, ...args }
  const into = { 'cpanel.user': 'victim', 'cpanel.module': 'Whm', 'cpanel.function': name }
  return [
    [`/json-api/${name}/`, v1],
    [`/json-api//${name}`, v1],
    [`/json-api/./${name}`, v1],
    [`/json-api/${name.toUpperCase()}`, v1],
    [`/json-api/%${first}${name.slice(1)}`, v1],
    [`/json-api/${name};x`, v1],
    [`/execute/${name}`, v1],
    [`/execute/Whm/${name}`, { ...v1, 'cpanel.user': 'victim' }],
    ['/json-api/batch', { 'api.version': 1, command }],
    ['/json-api/batch', { 'api.version': 1, 'command-0': 'no_such_function', 'command-1': command }],
    ['/json-api/batch', { 'api.version': 1, command: `batch?${queryOf({ command })}` }],
    ['/json-api/cpanel', { cpanel_jsonapi_apiversion: 3, ...call }],
    ['/json-api/cpanel', { cpanel_jsonapi_apiversion: 2, ...call }],
    ['/json-api/cpanel', call],
    ['/xml-api/cpanel', call],
    ['/json-api/uapi_cpanel', { 'api.version': 1, ...args, ...into }],
  ]
}

/** GET, form, JSON and XML are denied, in the new shape and in the old. */
async function assertAskedPlainly(way: Way, name: string, args: Arguments): Promise<void> {
  const v1 = { 'api.version': 1, ...args }
  const path = `/json-api/${name}`
  assertDenied(await way(path, v1), `GET ${name}`)
  assertDenied(await way(path, {}, { method: 'POST', body: queryOf(v1), type: FORM }), `POST ${name}`)
  const json = { method: 'POST', body: JSON.stringify(v1), type: 'application/json' }
  assertDenied(await way(path, { 'api.version': 1 }, json), `JSON ${name}`)
  assert.equal((await way(path, args)).status, 403, `version 0 ${name}`)
  for (const inXml of [v1, args]) {
    const { status, body } = await way(`/xml-api/${name}`, inXml)
    assert.equal(status, 403, `XML ${name} ${body}`)
    assert.match(body, /Permission denied: /, name)
  }
}

/** And no other method, spelling or wrapping does anything either. */
async function assertNoWay(way: Way, name: string, args: Arguments): Promise<void> {
  await assertAskedPlainly(way, name, args)
  const path = `/json-api/${name}`
  const v1 = { 'api.version': 1, ...args }
  for (const method of ['HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'])
    assert.equal((await way(path, v1, { method })).status, 405, `${method} ${name}`)
  for (const [detour, more] of detours(name, args)) assertNothingDone(await way(detour, more), `${detour} ${name}`)
}

describe('P9: no door leads around a privilege', () => {
  const world: World = {
    user: 'victim',
    domain: 'victim.example.com',
    reseller: 'seller',
    pkg: 'seller_gold',
  }
  let byToken: Way
  let bySession: Way
  let byPassword: Way
  let onMachine: Way

  before(async () => {
    await server.account('seller', ALL_BUT_EVERYTHING)
    await server.account('victim', undefined, { owner: 'seller' })
    done(await server.call(admin, 'saveacllist', { acllist: 'matrix-list', 'acl-list-accts': 1 }))
    byToken = wayOf({ authorization: `whm ${await server.tokenOf('seller', ALL_BUT_EVERYTHING)}` })
    bySession = await sessionWay('seller')
    byPassword = wayOf(basicOf('seller'))
    onMachine = localWay('seller')
  })

  test('each way that is tried does lead to the functions, for a caller who may', async () => {
    await setPrivileges('seller', ALL_BUT_EVERYTHING)
    for (const way of [byToken, bySession, byPassword, onMachine]) {
      const list = await way('/json-api/listaccts', { 'api.version': 1 })
      assert.equal(saysDone(list), true, list.body)
      assert.equal(saysDone(await way('/json-api/listaccts', {})), true)
    }
    for (const [wrapper, args] of [
      ['batch', { command: 'listaccts' }],
      ['uapi_cpanel', { 'cpanel.user': 'victim', 'cpanel.module': 'Tokens', 'cpanel.function': 'list' }],
    ] as const) {
      if (NAMES.has(wrapper))
        assert.equal(saysDone(await byToken(`/json-api/${wrapper}`, { 'api.version': 1, ...args })), true, wrapper)
    }
    // And a change is seen in what is kept.
    const before = everythingKept(server)
    done(await byToken('/json-api/suspendacct', { 'api.version': 1, user: 'victim' }))
    assert.notDeepEqual(everythingKept(server), before)
    done(await byToken('/json-api/unsuspendacct', { 'api.version': 1, user: 'victim' }))
    assert.deepEqual(everythingKept(server), before)
  })

  // One round for each set of privileges that opens something: everybody holds all others.
  for (const closing of [...new Set(GUARDED.map((definition) => privilegesOf(definition).join(' ')))]) {
    test(`P9: without ${closing.replaceAll(' ', ' or ')} none of its functions is reached, by token, session, password and on the machine`, async () => {
      const others = ALL_BUT_EVERYTHING.filter((acl) => !closing.split(' ').includes(acl))
      await setPrivileges('seller', others)
      const ofRoot = wayOf({ authorization: `whm ${await server.rootToken(others)}` })
      const before = everythingKept(server)
      const closed = GUARDED.filter((definition) => privilegesOf(definition).join(' ') === closing)
      await Promise.all(
        closed.map(async ({ name, params, openToSessions }) => {
          const args = argumentsFor(params, world)
          // What is open to a session acts on the sessions of its own user.
          const ways = openToSessions === true ? [byToken, onMachine] : [byToken, bySession, onMachine]
          await Promise.all(ways.map((way) => assertNoWay(way, name, args)))
          await assertAskedPlainly(ofRoot, name, args)
          // A hash each.
          const post = { method: 'POST', body: queryOf(args), type: FORM }
          assertDenied(await byPassword(`/json-api/${name}`, { 'api.version': 1 }, post), name)
        }),
      )
      assert.deepEqual(everythingKept(server), before)
    })
  }

  test('P9: for a hosting account, by password, token, session and on the machine, there are no functions of WHM but those about itself', async () => {
    await server.account('plain')
    const atWhm = [wayOf(basicOf('plain')), localWay('plain')]
    const atCpanel = [
      wayOf({ authorization: `cpanel ${await server.accountToken('plain')}` }, '', 'cpanel'),
      await sessionWay('plain', 'cpanel'),
    ]
    const before = everythingKept(server)
    await Promise.all(
      GUARDED.map(async ({ name, params }) => {
        const args = { 'api.version': 1, ...argumentsFor(params, world) }
        for (const way of atWhm) assertDenied(await way(`/json-api/${name}`, args), name)
        for (const way of atCpanel) {
          // `cpanel` is that service's own name for API 2.
          if (name === 'cpanel') continue
          assertNothingDone(await way(`/json-api/${name}`, args), name)
          assertNothingDone(await way(`/xml-api/${name}`, args), name)
          assertNothingDone(await way(`/execute/Whm/${name}`, args), name)
        }
      }),
    )
    assert.deepEqual(everythingKept(server), before)
    const { app } = done(await wayOf(basicOf('plain'))('/json-api/applist', { 'api.version': 1 })).json.data
    const open = CATALOGUE.filter((definition) => privilegesOf(definition).length === 0)
    assert.deepEqual(
      app,
      open.map(({ name }) => name),
    )
  })

  test('P9: no function of an account is reached from WHM without cpanel-api, nor by the token of another account', async () => {
    const others = ALL_BUT_EVERYTHING.filter((acl) => acl !== 'cpanel-api')
    await setPrivileges('seller', others)
    await server.account('stranger')
    const atWhm = [byToken, bySession, wayOf({ authorization: `whm ${await server.rootToken(others)}` })]
    const stranger = [
      wayOf({ authorization: `cpanel ${await server.accountToken('stranger')}` }),
      wayOf({ authorization: `whm ${await server.accountToken('stranger')}` }),
    ]
    const before = everythingKept(server)
    await Promise.all(
      [...UAPI_CATALOGUE, ...API2_CATALOGUE].map(async ({ name, module, function: func, params }) => {
        const args = { ...argumentsFor(params, world), 'cpanel.user': 'victim' }
        const path = `/execute/${module}/${func}`
        for (const way of atWhm) {
          for (const reply of [
            await way(path, args),
            await way(path, {}, { method: 'POST', body: queryOf(args), type: FORM }),
            await way(path, {}, { method: 'POST', body: JSON.stringify(args), type: 'application/json' }),
          ]) {
            assert.equal(reply.status, 403, `${name} ${reply.body}`)
            assert.match(reply.json.errors[0], /^Permission denied: .*“cpanel-api”/, name)
          }
          for (const method of ['HEAD', 'PUT', 'OPTIONS', 'TRACE'])
            assert.equal((await way(path, args, { method })).status, 405)
          const call = { cpanel_jsonapi_user: 'victim', cpanel_jsonapi_module: module, cpanel_jsonapi_func: func }
          const into = { 'cpanel.user': 'victim', 'cpanel.module': module, 'cpanel.function': func }
          for (const [detour, more] of [
            [`${path}/`, args],
            [`/execute//${module}/${func}`, args],
            [`/execute/${module}::${func}`, args],
            [`/json-api/${module}::${func}`, args],
            ['/json-api/cpanel', { ...args, ...call, cpanel_jsonapi_apiversion: 3 }],
            ['/json-api/cpanel', { ...args, ...call, cpanel_jsonapi_apiversion: 2 }],
            ['/xml-api/cpanel', { ...args, ...call, cpanel_jsonapi_apiversion: 3 }],
            ['/json-api/uapi_cpanel', { 'api.version': 1, ...args, ...into }],
            [
              '/json-api/batch',
              { 'api.version': 1, command: `uapi_cpanel?${queryOf({ 'api.version': 1, ...args, ...into })}` },
            ],
          ] as const)
            assertNothingDone(await way(detour, more), `${detour} ${name}`)
        }
        for (const way of stranger) assert.equal((await way(path, args)).status, 403, name)
      }),
    )
    assert.deepEqual(everythingKept(server), before)
  })

  test('P9: a token of an account that may only read calls no function that changes, whichever way', async () => {
    const way = wayOf({ authorization: `cpanel ${await server.accountToken('victim', { readonly: 1 })}` }, '', 'cpanel')
    const before = everythingKept(server)
    let changes = 0
    for (const { module, function: func, effect, params } of [...UAPI_CATALOGUE, ...API2_CATALOGUE]) {
      if (effect !== 'write') continue
      changes += 1
      const args = argumentsFor(params, world)
      const path = `/execute/${module}/${func}`
      const call = { ...args, cpanel_jsonapi_user: 'victim', cpanel_jsonapi_module: module, cpanel_jsonapi_func: func }
      assertNothingDone(await way(path, args), path)
      assertNothingDone(await way(path, {}, { method: 'POST', body: queryOf(args), type: FORM }), path)
      for (const cpanel_jsonapi_apiversion of [2, 3])
        assertNothingDone(await way('/json-api/cpanel', { ...call, cpanel_jsonapi_apiversion }), path)
      assertNothingDone(await way('/execute/Batch/strict', { command: JSON.stringify([module, func, args]) }), path)
    }
    assert.ok(changes > 3, String(changes))
    assert.deepEqual(everythingKept(server), before)
  })

  test('P9: applist names exactly what a token may call', async () => {
    for (const acl of [INITIAL_PRIVILEGES, ['clustering'], ['list-accts']]) {
      const { app } = done(await server.call(await server.rootToken(acl), 'applist')).json.data
      const wanted = CATALOGUE.filter((definition) => {
        const opening = privilegesOf(definition)
        return opening.length === 0 || opening.some((name) => acl.includes(name))
      }).map(({ name }) => name)
      assert.deepEqual(app, wanted)
    }
  })

  test('P9: a function that names no privilege does not compile', () => {
    const parts = { name: 'x', group: 'x', summary: 'X.', source: 'x', params: {}, failures: [], v0: 'none' } as const
    // @ts-expect-error: `acl` is missing, and only a literal `false` opens a function
    const define = () => defineRead({ ...parts, run: () => ({ data: {} }) })
    assert.equal(typeof define, 'function')
  })
})

describe('P8: another reseller’s', () => {
  // Everything of theirs begins with letters that stand nowhere else, so that a reply that shows any of it is found out.
  const THEIRS: World = {
    user: 'zzqacct',
    domain: 'zzqacct.example.com',
    reseller: 'zzqres',
    pkg: 'zzqres_zzqgold',
  }
  const NOBODY: World = {
    user: 'yyyacct',
    domain: 'yyyacct.example.com',
    reseller: 'yyyres',
    pkg: 'yyyres_yyygold',
  }
  const MINE: World = { user: 'mineacct', domain: 'mineacct.example.com', reseller: 'mine', pkg: 'mine_gold' }
  /** These say whether a name is free on the server: what they answer for a name in use must differ. */
  const TELLS_WHAT_IS_TAKEN = new Set([
    'createacct username',
    'createacct domain',
    'verify_new_username user',
    'modifyacct domain',
    'adddns domain',
  ])

  const namesAnything = (param: string) =>
    [NAMES_A_USER, NAMES_A_DOMAIN, NAMES_A_PACKAGE].some((names) => names.has(param))

  /** Below a domain of the account, whatever stands there. */
  const IS_A_LABEL = new Set(['SubDomain::addsubdomain domain'])

  let way: Way
  before(async () => {
    await server.account('zzqres', ALL_BUT_EVERYTHING)
    await server.account('mine', ALL_BUT_EVERYTHING)
    await server.account('zzqacct', undefined, { owner: 'zzqres' })
    await server.account('mineacct', undefined, { owner: 'mine' })
    await server.tokenOf('zzqres', ['list-accts'], { token_name: 'zzqtoken' })
    const zzqres = await server.tokenOf('zzqres', ALL_BUT_EVERYTHING)
    done(await server.call(zzqres, 'addpkg', { name: 'zzqgold', quota: 10, bwlimit: 10 }))
    await server.accountToken('zzqacct', { name: 'zzqacctok' })
    way = wayOf({ authorization: `whm ${await server.tokenOf('mine', ALL_BUT_EVERYTHING)}` })
  })

  const OPEN_TO_RESELLERS = CATALOGUE.filter((definition) => !privilegesOf(definition).includes('all'))
  const anonymous = (body: string, world: World) =>
    [world.domain, world.pkg, world.user, world.reseller].reduce((text, name) => text.replaceAll(name, 'X'), body)

  test('P8: accounts, domains and packages answer as those that do not exist, by user, by domain, and by own user with other’s domain', async () => {
    const before = everythingKept(server)
    let compared = 0
    for (const { name, params } of OPEN_TO_RESELLERS) {
      const naming = Object.entries(params).filter(
        ([param]) => namesAnything(param) && !TELLS_WHAT_IS_TAKEN.has(`${name} ${param}`),
      )
      for (const [param, form] of naming) {
        const ask = async (world: World) => {
          // The other's name in one argument; the caller's own in those that cannot be left out.
          const named = argumentsFor({ [param]: form }, world)
          const args = { 'api.version': 1, ...argumentsFor(requiredOf(params), MINE), ...named }
          const reply = await way(`/json-api/${name}`, args)
          return [reply.status, anonymous(reply.body, world)]
        }
        assert.deepEqual(await ask(THEIRS), await ask(NOBODY), `${name} ${param}`)
        compared += 1
      }
    }
    assert.ok(compared > 8, String(compared))
    assert.deepEqual(everythingKept(server), before)
  })

  test('P8: functions of accounts answer so too, called for the account and called for an own one with the other’s domain', async () => {
    const before = everythingKept(server)
    for (const { name, module, function: func, params } of UAPI_CATALOGUE) {
      const path = `/execute/${module}/${func}`
      const forAccount = async (world: World) => {
        const reply = await way(path, { ...argumentsFor(params, world), 'cpanel.user': world.user })
        return [reply.status, anonymous(reply.body, world)]
      }
      assert.deepEqual(await forAccount(THEIRS), await forAccount(NOBODY), name)
      for (const param of Object.keys(params).filter((one) => NAMES_A_DOMAIN.has(one))) {
        if (IS_A_LABEL.has(`${name} ${param}`)) continue
        const withDomain = async (world: World) => {
          const args = { ...argumentsFor(requiredOf(params), MINE), [param]: world.domain, 'cpanel.user': MINE.user }
          const reply = await way(path, args)
          return [reply.status, anonymous(reply.body, world)]
        }
        assert.deepEqual(await withDomain(THEIRS), await withDomain(NOBODY), `${name} ${param}`)
      }
    }
    assert.deepEqual(everythingKept(server), before)
  })

  test('P8: no list shows anything of theirs, whatever is searched, filtered or sorted by', async () => {
    const searches: readonly Arguments[] = [
      {},
      { search: 'zzq', searchtype: 'user' },
      { search: '.', searchtype: 'domain' },
      { search: 'zzqres', searchtype: 'owner', searchmethod: 'exact' },
      { owner: 'zzqres' },
      { want: 'all' },
      { 'api.filter.enable': 1, 'api.filter.a.field': '*', 'api.filter.a.arg0': 'zzq' },
      { 'api.sort.enable': 1, 'api.sort.a.field': 'user', 'api.chunk.enable': 1, 'api.chunk.start': -1 },
    ]
    for (const { name, effect } of OPEN_TO_RESELLERS) {
      if (effect !== 'read') continue
      for (const args of searches) {
        const reply = await way(`/json-api/${name}`, { 'api.version': 1, ...args })
        assert.doesNotMatch(reply.body, /zzqacct|zzqtoken|zzqgold/, `${name} ${queryOf(args)}`)
      }
    }
  })
})

describe('R11: output controls that nobody means', () => {
  const CONTROLS: readonly Arguments[] = [
    ...['__proto__', 'constructor', 'no such field', 'a.b.c', '*'].map((field) => ({
      'api.filter.enable': 1,
      'api.filter.a.field': field,
      'api.filter.a.arg0': 'x',
    })),
    { 'api.chunk.enable': 1, 'api.chunk.size': 1_000_000_000, 'api.chunk.start': 1 },
    { 'api.chunk.enable': 1, 'api.chunk.size': -1 },
    { 'api.chunk.enable': 1, 'api.chunk.start': 999_999_999, 'api.chunk.size': 1 },
    { 'api.sort.enable': 1 },
    { 'api.sort.enable': 1, 'api.sort.a.field': '' },
    { 'api.sort.enable': 1, 'api.sort.a.field': '__proto__', 'api.sort.a.method': 'numeric' },
    { 'api.columns.enable': 1, 'api.columns.a': '__proto__' },
    { search: '(a+)+$', searchtype: 'domain' },
    Object.fromEntries([
      ['api.filter.enable', 1],
      ...Array.from({ length: 1000 }, (_, i) => [
        `api.filter.${'z'.repeat(Math.floor(i / 26))}${String.fromCharCode(97 + (i % 26))}.field`,
        'user',
      ]),
    ]),
  ]

  test('R11: every function that reads fails, or answers less, for each of them; prototypes stay clean', async () => {
    const way = wayOf({ authorization: `whm ${admin}` })
    const world: World = { user: 'mineacct', domain: 'mineacct.example.com', reseller: 'mine', pkg: 'mine_gold' }
    for (const { name, effect, params, v0 } of CATALOGUE) {
      if (effect !== 'read') continue
      for (const controls of CONTROLS) {
        const args = { 'api.version': 1, ...argumentsFor(params, world), ...controls }
        const post = { method: 'POST', body: queryOf(args), type: FORM }
        const reply = await way(`/json-api/${name}`, {}, post)
        assert.ok([200, 400, 414].includes(reply.status), `${name} ${queryOf(controls).slice(0, 100)} ${reply.status}`)
        if (v0 !== 'bare') assert.ok([0, 1].includes(reply.json.metadata.result), reply.body)
      }
    }
    assert.equal(Object.getOwnPropertyNames(Object.prototype).includes('x'), false)
    done(await server.call(admin, 'version'))
  })
})
