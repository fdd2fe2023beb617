/** `/xml-api/`: the same functions, privileges and data as `/json-api/`, in XML, on refusals and failures too. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { type Arguments, queryOf, type Reply, startTestServer, type TestServer } from '../start-server.ts'

let server: TestServer
let token = ''
before(async () => {
  server = await startTestServer({ settings: { cpanelListen: '127.0.0.1:0' } })
  token = await server.rootToken(['list-accts', 'acct-summary', 'suspend-acct', 'cpanel-api', 'basic-system-info'])
  await server.account('alpha')
  await server.account('beta')
})
after(() => server.close())

const parser = new XMLParser({ ignoreDeclaration: true, trimValues: false })

/** The document of a reply that must be XML. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails where that is not there
function documentOf(reply: Reply, status = 200): any {
  assert.equal(reply.status, status, reply.body)
  assert.equal(reply.headers['content-type'], 'text/xml; charset=utf-8')
  assert.ok(reply.body.startsWith('<?xml version="1.0" encoding="UTF-8"?>\n<'), reply.body)
  assert.equal(XMLValidator.validate(reply.body), true, reply.body)
  return parser.parse(reply.body)
}

function xml(name: string, args: Arguments = {}, credential = token): Promise<Reply> {
  return server.send(`/xml-api/${name}?${queryOf(args)}`, { headers: { authorization: `whm ${credential}` } })
}

test('version 1 has the root result, with data and metadata', async () => {
  const { result } = documentOf(await xml('listaccts', { 'api.version': 1, want: 'user,suspended' }))
  assert.deepEqual(result, {
    data: {
      acct: [
        { suspended: 0, user: 'alpha' },
        { suspended: 0, user: 'beta' },
      ],
    },
    metadata: { version: 1, command: 'listaccts', result: 1, reason: 'OK' },
  })
})

test('without a version the root is the function’s name, and what stands in it is the old shape', async () => {
  assert.deepEqual(Object.keys(documentOf(await xml('loadavg')).loadavg), ['one', 'five', 'fifteen'])
  const suspended = documentOf(await xml('suspendacct', { user: 'alpha', reason: '<&> "late"' }))
  assert.deepEqual(suspended.suspendacct.result.status, 1)
  const { accountsummary } = documentOf(await xml('accountsummary', { user: 'alpha' }))
  assert.equal(accountsummary.status, 1)
  assert.deepEqual([accountsummary.acct.suspended, accountsummary.acct.suspendreason], [1, '<&> "late"'])
  const json = await server.call(token, 'accountsummary', { user: 'alpha' })
  assert.deepEqual(
    Object.keys(accountsummary.acct).sort(),
    Object.keys(json.json.data.acct[0])
      .filter((key) => !Array.isArray(json.json.data.acct[0][key]))
      .sort(),
  )
})

test('output controls work', async () => {
  const controls = {
    'api.version': 1,
    'api.columns.enable': 1,
    'api.columns.a': 'user',
    'api.sort.enable': 1,
    'api.sort.a.field': 'user',
    'api.sort.a.reverse': 1,
  }
  assert.deepEqual(documentOf(await xml('listaccts', controls)).result.data.acct, [{ user: 'beta' }, { user: 'alpha' }])
})

test('failures, unknown functions and a missing privilege are XML, with the status that they have in JSON', async () => {
  const failed = documentOf(await xml('accountsummary', { 'api.version': 1, user: 'ghost' })).result
  assert.deepEqual([failed.data, failed.metadata.result], ['', 0])
  assert.equal(failed.metadata.reason, 'You have no account named “ghost”.')
  assert.match(documentOf(await xml('nothing', { 'api.version': 1 })).result.metadata.reason, /^Unknown app/)
  assert.match(documentOf(await xml('nothing')).nothing.error, /^Unknown App Requested/)
  const denied = documentOf(await xml('removeacct', { 'api.version': 1, username: 'alpha' }), 403)
  assert.match(denied.result.metadata.reason, /requires the privilege “kill-acct”/)
})

test('T2: every refused credential gets the same document; without one it is 401', async () => {
  const unknown = await xml('version', {}, 'root:PSW00000000000000000000000000000')
  const nobody = await xml('version', { 'api.version': 1 }, `nobody:${token.split(':')[1]}`)
  assert.equal(unknown.body, nobody.body)
  const { cpanelresult } = documentOf(unknown, 403)
  assert.deepEqual(cpanelresult, {
    apiversion: 2,
    error: 'Access denied',
    data: { reason: 'Access denied', result: 0 },
    type: 'text',
  })
  const none = documentOf(await server.send('/xml-api/version'), 401)
  assert.equal(typeof none.cpanelresult.error, 'string')
})

test('cpanel answers in XML under the names of its arguments there, and under those of JSON', async () => {
  for (const prefix of ['cpanel_xmlapi', 'cpanel_jsonapi']) {
    const asked = { [`${prefix}_user`]: 'beta', [`${prefix}_module`]: 'Tokens', [`${prefix}_func`]: 'nothing' }
    const { cpanelresult } = documentOf(await xml('cpanel', asked))
    assert.deepEqual([cpanelresult.apiversion, cpanelresult.event.result], [2, 0])
    assert.match(cpanelresult.error, /^Could not find function “nothing”/)
    const uapi = documentOf(await xml('cpanel', { ...asked, [`${prefix}_func`]: 'list', [`${prefix}_apiversion`]: 3 }))
    assert.deepEqual([uapi.cpanel.module, uapi.cpanel.apiversion, uapi.cpanel.result.status], ['Tokens', 3, 1])
  }
  const own = await server.accountToken('beta', { name: 'by-xml' })
  const path = '/xml-api/cpanel?cpanel_xmlapi_module=Tokens&cpanel_xmlapi_func=list&cpanel_xmlapi_apiversion=3'
  const reply = await server.sendToCpanel(path, { headers: { authorization: `cpanel ${own}` } })
  assert.equal(documentOf(reply).cpanel.result.data.name, 'by-xml')
})

test('O2: a reply that a browser may show runs nothing and stands in no frame', async () => {
  const { headers } = await xml('listaccts', { 'api.version': 1 })
  assert.match(String(headers['content-security-policy']), /default-src 'none'/)
  assert.deepEqual([headers['x-content-type-options'], headers['cache-control']], ['nosniff', 'no-store'])
})
