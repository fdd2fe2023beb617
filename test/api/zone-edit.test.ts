/** ZoneEdit of API 2, as the scripts in use call it. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Arguments, done, queryOf, type Reply, startTestServer, type TestServer } from '../start-server.ts'

let server: TestServer
let alice = ''
before(async () => {
  server = await startTestServer({
    settings: { cpanelListen: '127.0.0.1:0', accountIp: '192.0.2.10', nameservers: ['ns1.example.net'] },
  })
  await server.account('seller', ['cpanel-api', 'manage-api-tokens'])
  await server.account('alice', undefined, { owner: 'seller' })
  await server.account('bob')
  alice = await server.accountToken('alice')
})
after(() => server.close())

const asked = (func: string): Arguments => ({ cpanel_jsonapi_module: 'ZoneEdit', cpanel_jsonapi_func: func })
const ofAlice = (args: Arguments): Promise<Reply> =>
  server.sendToCpanel(`/json-api/cpanel?${queryOf(args)}`, { headers: { authorization: `cpanel ${alice}` } })
const fromWhm = (credential: string, args: Arguments, surface = 'json-api'): Promise<Reply> =>
  server.send(`/${surface}/cpanel?${queryOf(args)}`, { headers: { authorization: `whm ${credential}` } })

test('10: fetchzones is served on both services, by name of the version and without it, and as XML', async () => {
  const wanted = asked('fetchzones')
  const token = await server.tokenOf('seller', ['cpanel-api'])
  const replies = [
    await ofAlice({ ...wanted, cpanel_jsonapi_apiversion: 2 }),
    await ofAlice(wanted),
    await fromWhm(token, { ...wanted, cpanel_jsonapi_apiversion: 2, cpanel_jsonapi_user: 'alice' }),
    await fromWhm(token, { ...wanted, cpanel_jsonapi_user: 'alice', 'api.version': 1 }),
  ]
  for (const { status, body, json } of replies) {
    assert.equal(status, 200)
    assert.ok(
      body.startsWith('{"cpanelresult":{"apiversion":2,"module":"ZoneEdit","func":"fetchzones","event":{"result":1}'),
    )
    // What a shell script finds the zones by.
    assert.deepEqual(body.match(/"[a-z0-9.-]*":\["; cPanel first/g), ['"alice.example.com":["; cPanel first'])
    const [{ status: one, zones }] = json.cpanelresult.data
    assert.deepEqual([one, Object.keys(zones)], [1, ['alice.example.com']])
    const lines: readonly string[] = zones['alice.example.com']
    assert.ok(lines.includes('alice.example.com.\t14400\tIN\tA\t192.0.2.10'))
    assert.ok(lines.includes('alice.example.com.\t86400\tIN\tNS\tns1.example.net.'))
  }
  const { body } = await fromWhm(
    token,
    { cpanel_xmlapi_module: 'ZoneEdit', cpanel_xmlapi_func: 'fetchzones', cpanel_xmlapi_user: 'alice' },
    'xml-api',
  )
  assert.match(body, /<func>fetchzones<\/func>.*; cPanel first/s)
})

test('zones of others are not shown, from WHM the privilege is needed, and the feature list closes it', async () => {
  const wanted = { ...asked('fetchzones'), cpanel_jsonapi_user: 'alice' }
  const narrow = await server.rootToken(['basic-whm-functions'])
  assert.equal((await fromWhm(narrow, wanted)).status, 403)
  const foreign = await fromWhm(await server.tokenOf('seller', ['cpanel-api']), {
    ...wanted,
    cpanel_jsonapi_user: 'bob',
  })
  assert.match(foreign.json.error, /^User parameter is invalid/)
  done(await server.root('create_featurelist', { featurelist: 'plain', zoneedit: 0 }))
  done(await server.root('addpkg', { name: 'plain', featurelist: 'plain' }))
  done(await server.root('changepackage', { user: 'alice', pkg: 'plain' }))
  const { cpanelresult } = (await ofAlice(wanted)).json
  assert.deepEqual(
    [cpanelresult.event.result, cpanelresult.error, cpanelresult.data],
    [0, 'You do not have the feature “zoneedit”.', []],
  )
})

test('a zone goes with its account', async () => {
  await server.account('gone')
  const names = async () => {
    const rows = (
      await fromWhm(await server.rootToken(['all']), { ...asked('fetchzones'), cpanel_jsonapi_user: 'gone' })
    ).json
    return Object.keys(rows.cpanelresult.data[0].zones)
  }
  assert.deepEqual(await names(), ['gone.example.com'])
  done(await server.root('removeacct', { username: 'gone' }))
  // The name is free again, and the new account has a zone of its own.
  await server.account('gone')
  assert.deepEqual(await names(), ['gone.example.com'])
})
