/** From WHM into an account: `uapi_cpanel`, and the older `cpanel` with UAPI (3), API 2 (2, the default) and API 1 (not served). */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Arguments, done, queryOf, type Reply, startTestServer, type TestServer } from '../start-server.ts'
import { assertDenied } from './replies.ts'

let server: TestServer
let token = ''
before(async () => {
  server = await startTestServer({ settings: { cpanelListen: '127.0.0.1:0' } })
  await server.account('biller', ['cpanel-api', 'list-accts', 'manage-api-tokens'])
  await server.account('other', ['cpanel-api', 'manage-api-tokens'])
  await server.account('his', undefined, { owner: 'biller' })
  token = await server.tokenOf('biller', ['cpanel-api'])
})
after(() => server.close())

const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name)

describe('uapi_cpanel', () => {
  const into = (name: string, args: Arguments = {}, credential = token): Promise<Reply> => {
    const [module = '', fn = ''] = name.split('::')
    const asked = { 'cpanel.user': 'his', 'cpanel.module': module, 'cpanel.function': fn, ...args }
    return server.call(credential, 'uapi_cpanel', asked)
  }

  test('the reply of UAPI stands in data.uapi, and metadata tells that it was delivered', async () => {
    const made = done(await into('Tokens::create_full_access', { name: 'through' })).json
    assert.deepEqual(Object.keys(made.data), ['uapi'])
    assert.deepEqual(Object.keys(made.data.uapi), ['status', 'data', 'errors', 'messages', 'warnings', 'metadata'])
    assert.deepEqual(made.metadata, { version: 1, command: 'uapi_cpanel', result: 1, reason: 'OK' })
    assert.equal((await server.uapi(`his:${made.data.uapi.data.token}`, 'Tokens::list')).json.status, 1)
    const [entry] = await server.audit({ function: 'Tokens::create_full_access', caller: 'biller' })
    assert.deepEqual([entry.details.account, entry.details.within, entry.outcome], ['his', 'uapi_cpanel', 'done'])
  })

  test('a UAPI failure is delivered: result 1, and status 0 inside', async () => {
    const reply = done(await into('Tokens::rename', { name: 'none', new_name: 'x' })).json.data.uapi
    const { errors, ...rest } = reply
    assert.deepEqual(rest, { status: 0, data: null, messages: null, warnings: null, metadata: {} })
    assert.match(errors.join(), /no API token named “none”/)
    const unknown = done(await into('Fileman::nothing')).json.data.uapi
    assert.match(unknown.errors.join(), /^Failed to load module “Cpanel::API::Fileman”/)
  })

  test('arguments and output controls of UAPI go through, and none of the three names', async () => {
    for (const name of ['list-a', 'list-b', 'list-c']) done(await into('Tokens::create_full_access', { name }))
    const controls = {
      'api.filter_column_0': 'name',
      'api.filter_type_0': 'begins',
      'api.filter_term_0': 'list-',
      'api.sort_column': 'name',
      'api.sort_reverse': 1,
      'api.paginate': 1,
      'api.paginate_start': 2,
      'api.paginate_size': 1,
      'api.columns_0': 'name',
    }
    const { data, metadata } = done(await into('Tokens::list', controls)).json.data.uapi
    assert.deepEqual(data, [{ name: 'list-b' }])
    assert.deepEqual(metadata.paginate, {
      start_result: 2,
      current_page: 2,
      results_per_page: 1,
      total_pages: 3,
      total_results: 3,
    })
    assert.ok(metadata.filter.records_before_filter >= 3)
    assert.equal(metadata.transformed, 1)
  })

  test('a missing argument, and an account that is not there or not the caller’s, is a failure of WHM’s', async () => {
    const missing = await server.call(token, 'uapi_cpanel', { 'cpanel.user': 'his', 'cpanel.module': 'Tokens' })
    assert.match(missing.json.metadata.reason, /“cpanel.function” is required/)
    for (const user of ['ghost', 'other', 'root']) {
      const { json } = await into('Tokens::list', { 'cpanel.user': user })
      assert.deepEqual([json.data, json.metadata.reason], [null, `You have no account named “${user}”.`])
    }
  })

  test('P9: without cpanel-api it is denied, and nothing is made', async () => {
    const narrow = await server.tokenOf('biller', ['list-accts'])
    assertDenied(await into('Tokens::create_full_access', { name: 'nope' }, narrow), 'uapi_cpanel', 'cpanel-api')
    const listed = done(await into('Tokens::list')).json.data.uapi.data
    assert.ok(!names(listed).includes('nope'))
  })
})

describe('cpanel', () => {
  const jsonapi = (args: Arguments, path = '/json-api/cpanel', credential = `whm ${token}`): Promise<Reply> =>
    server.send(`${path}?${queryOf(args)}`, { headers: { authorization: credential } })
  const his = { cpanel_jsonapi_user: 'his', cpanel_jsonapi_module: 'Tokens' }

  test('10: version 3 answers module, func, apiversion and the UAPI result, without envelope whatever api.version says', async () => {
    for (const version of [{}, { 'api.version': 1 }, { 'api.version': 0 }]) {
      const asked = { ...his, cpanel_jsonapi_func: 'list', cpanel_jsonapi_apiversion: 3, ...version }
      const { body, json } = await jsonapi(asked)
      assert.ok(body.startsWith('{"module":"Tokens","func":"list","apiversion":3,"result":{"status":1,"data":['), body)
      assert.deepEqual(Object.keys(json), ['module', 'func', 'apiversion', 'result'])
    }
    const failed = await jsonapi({ ...his, cpanel_jsonapi_func: 'nothing', cpanel_jsonapi_apiversion: 3 })
    assert.deepEqual([failed.status, failed.json.result.status, failed.json.result.data], [200, 0, null])
  })

  test('a function of API 2 that is not there says “Could not find function”, with event.result 0; 2 is the default', async () => {
    for (const version of [{}, { cpanel_jsonapi_apiversion: 2 }, { 'api.version': 1 }]) {
      const { status, json } = await jsonapi({ ...his, cpanel_jsonapi_func: 'nothing', ...version })
      assert.equal(status, 200)
      const error = 'Could not find function “nothing” in module “Tokens”.'
      assert.deepEqual(json, {
        cpanelresult: { apiversion: 2, module: 'Tokens', func: 'nothing', event: { result: 0 }, error, data: [] },
      })
    }
  })

  test('a bad user, a foreign one and none are answered in the observed words, and the trail has it', async () => {
    const reason = 'User parameter is invalid or was not supplied'
    const users = [
      {},
      { cpanel_jsonapi_user: 'ghost' },
      { cpanel_jsonapi_user: 'other' },
      { cpanel_jsonapi_user: 'HIS' },
    ]
    for (const user of users) {
      const { cpanel_jsonapi_user: _, ...rest } = his
      const { body } = await jsonapi({ ...rest, cpanel_jsonapi_func: 'list', ...user })
      assert.equal(body, `{"data":{"reason":"${reason}","result":"0"},"type":"text","error":"${reason}"}`)
    }
    const [entry] = await server.audit({ function: 'cpanel', outcome: 'failed' })
    assert.match(entry.reason, /^account-not-found/)
  })

  test('API 1 and others that are not served say so where their clients look', async () => {
    for (const version of ['1', '9']) {
      const { json } = await jsonapi({ ...his, cpanel_jsonapi_func: 'list', cpanel_jsonapi_apiversion: version })
      const { error, data, apiversion } = json.cpanelresult
      const reason = `API “${version}” is not served here: 2 and 3 (UAPI) are.`
      assert.deepEqual([apiversion, error, data], [version, reason, { reason, result: '0' }])
    }
  })

  test('on the cPanel service the account is the caller’s own, and no other whoever is named', async () => {
    const own = await server.accountToken('his', { name: 'own-way' })
    const asked = { cpanel_jsonapi_module: 'Tokens', cpanel_jsonapi_func: 'list', cpanel_jsonapi_apiversion: 3 }
    const send = (args: Arguments) =>
      server.sendToCpanel(`/json-api/cpanel?${queryOf(args)}`, { headers: { authorization: `cpanel ${own}` } })
    for (const user of [{}, { cpanel_jsonapi_user: 'his' }]) {
      const { json } = await send({ ...asked, ...user })
      assert.ok(names(json.result.data).includes('own-way'))
    }
    const foreign = await send({ ...asked, cpanel_jsonapi_user: 'other' })
    assert.match(foreign.json.error, /^User parameter is invalid/)
    const old = await send({ ...asked, cpanel_jsonapi_apiversion: 2 })
    assert.match(old.json.cpanelresult.error, /^Could not find function/)
  })

  test('a read-only token changes nothing through it either', async () => {
    const own = await server.accountToken('his', { readonly: 1 })
    const asked = { cpanel_jsonapi_module: 'Tokens', cpanel_jsonapi_apiversion: 3, name: 'sneaked' }
    const reply = await server.sendToCpanel(
      `/json-api/cpanel?${queryOf({ ...asked, cpanel_jsonapi_func: 'create_full_access' })}`,
      { headers: { authorization: `cpanel ${own}` } },
    )
    assert.match(reply.json.result.errors.join(), /^Permission denied: this token may only read/)
    assert.ok(!names((await server.uapi(own, 'Tokens::list')).json.data).includes('sneaked'))
  })

  test('P9: without cpanel-api it is denied', async () => {
    const narrow = await server.tokenOf('biller', ['list-accts'])
    const asked = { ...his, cpanel_jsonapi_func: 'list', cpanel_jsonapi_apiversion: 3 }
    const reply = await jsonapi({ ...asked, 'api.version': 1 }, '/json-api/cpanel', `whm ${narrow}`)
    assertDenied(reply, 'cpanel', 'cpanel-api')
  })
})

describe('Batch::strict', () => {
  const strict = async (commands: readonly unknown[], credential: string) =>
    (
      await server.uapi(credential, 'Batch::strict', {
        command: commands.map((command) => (typeof command === 'string' ? command : JSON.stringify(command))),
      })
    ).json

  test('runs each command by itself, in order, and answers an array of results', async () => {
    const own = await server.accountToken('his')
    const reply = await strict(
      [
        ['Tokens', 'create_full_access', { name: 'in-batch', readonly: 1 }],
        ['Tokens', 'list'],
        ['Tokens', 'list', { 'api.filter_column': 'name', 'api.filter_type': 'eq', 'api.filter_term': 'in-batch' }],
      ],
      own,
    )
    assert.deepEqual([reply.status, reply.data.length], [1, 3])
    assert.deepEqual(Object.keys(reply.data[0]), ['status', 'data', 'errors', 'messages', 'warnings', 'metadata'])
    assert.ok(names(reply.data[1].data).includes('in-batch'))
    assert.deepEqual(names(reply.data[2].data), ['in-batch'])
    const [entry] = await server.audit({ function: 'Tokens::create_full_access', caller: 'his', outcome: 'done' })
    assert.deepEqual([entry.target, entry.details.within], ['in-batch', 'Batch::strict'])
  })

  test('stops at the first that fails: what was done stays, and data tells of all that ran', async () => {
    const own = await server.accountToken('his')
    const reply = await strict(
      [
        ['Tokens', 'create_full_access', { name: 'before' }],
        ['Tokens', 'rename', { name: 'missing', new_name: 'x' }],
        ['Tokens', 'create_full_access', { name: 'after' }],
      ],
      own,
    )
    assert.equal(reply.status, 0)
    assert.match(reply.errors.join(), /^Command 2 failed: You have no API token named “missing”/)
    assert.deepEqual(
      reply.data.map(({ status }: { status: number }) => status),
      [1, 0],
    )
    const listed = names((await server.uapi(own, 'Tokens::list')).json.data)
    assert.deepEqual([listed.includes('before'), listed.includes('after')], [true, false])
  })

  test('commands that cannot be read are refused before any runs, and never quoted', async () => {
    const own = await server.accountToken('his')
    const first = ['Tokens', 'create_full_access', { name: 'unread' }]
    for (const bad of [
      '{}',
      '["Tokens"]',
      '["Tokens","list",{"a":{}},"x"]',
      'list',
      '[1,{"a":"b","a":"c"}]',
      '["a","b","c"]',
    ]) {
      const reply = await strict([first, bad], own)
      assert.equal(reply.status, 0)
      assert.match(reply.errors.join(), /^The argument “command” is not valid: .* is not a JSON array of a module/)
      assert.ok(!JSON.stringify(reply).includes('"c"'))
    }
    assert.ok(!names((await server.uapi(own, 'Tokens::list')).json.data).includes('unread'))
  })

  test('a batch in a batch is refused, and so is the 1001st command of one request', async () => {
    const own = await server.accountToken('his')
    const nested = await strict([['Batch', 'strict', { command: '["Tokens","list"]' }]], own)
    assert.match(nested.errors.join(), /cannot stand within another call of it/)
    const path = '/execute/Batch/strict'
    const body = queryOf({ command: Array.from({ length: 1001 }, () => '["Tokens","list"]') })
    const headers = { authorization: `cpanel ${own}`, 'content-type': 'application/x-www-form-urlencoded' }
    const many = await server.sendToCpanel(path, { method: 'POST', headers, body })
    assert.match(many.json.errors.join(), /more than the 1000 that are allowed/)
  })
})
