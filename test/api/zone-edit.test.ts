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

test('10: a TXT record is added, found by its line and removed the way shell scripts do it', async () => {
  const domain = 'alice.example.com'
  const call = (func: string, args: Arguments = {}) => ofAlice({ ...asked(func), domain, ...args })
  const name = '_acme-challenge.www'
  const added = await call('add_zone_record', { name, type: 'TXT', txtdata: 'aToken_-123', ttl: 1 })
  // No `"newserial":null` in the data means that it worked.
  const data = (reply: Reply) => /data":\[[^\]]*]/.exec(reply.body)?.[0] ?? ''
  assert.match(data(added), /"newserial":"20\d{8}"/)
  const { body } = await call('fetchzone_records')
  const [found = ''] = body
    .replaceAll('},{', '},\n{')
    .split('\n')
    .filter((line) => line.includes(`${name}.${domain}`) && line.includes('aToken_-123'))
  const line = /line":([0-9]+)/.exec(found)?.[1] ?? ''
  const removed = await call('remove_zone_record', { line })
  assert.match(data(removed), /"newserial":"20\d{8}"/)
  assert.doesNotMatch((await call('fetchzone_records')).body, /aToken_-123/)
  const again = await call('remove_zone_record', { line })
  assert.match(data(again), /"newserial":null/)
  const { event, error, data: failed } = again.json.cpanelresult
  assert.deepEqual([event.result, failed], [0, [{ result: { newserial: null, status: 0, statusmsg: error } }]])
  assert.match(error, /^The zone “alice\.example\.com” has no record that begins on line/)
})

test('records are chosen by their keys, shown with the documented ones, and edited by their line', async () => {
  const call = async (func: string, args: Arguments = {}) =>
    (await ofAlice({ ...asked(func), domain: 'alice.example.com', ...args })).json.cpanelresult
  await call('add_zone_record', { name: 'box.alice.example.com.', type: 'A', address: '192.0.2.77', ttl: 60 })
  const wanted = { name: 'box.alice.example.com.', type: 'A', ttl: 60 }
  const [box] = (await call('fetchzone_records', wanted)).data
  const { line } = box
  assert.deepEqual(box, { ...wanted, Line: line, line, class: 'IN', address: '192.0.2.77', record: '192.0.2.77' })
  for (const other of [{ ttl: 61 }, { type: 'TXT' }, { name: 'box' }, { txtdata: 'x' }])
    assert.deepEqual((await call('fetchzone_records', { ...wanted, ...other })).data, [])
  const custom = (await call('fetchzone_records', { customonly: 1 })).data
  assert.deepEqual([...new Set(custom.map(({ type }: { type: string }) => type))].sort(), ['A', 'CNAME', 'TXT'])
  const [{ result }] = (await call('edit_zone_record', { line, address: '192.0.2.78' })).data
  assert.equal(result.status, 1)
  const [{ serialnum, record }] = (await call('fetchzone')).data
  assert.equal(serialnum, result.newserial)
  assert.equal(record.find(({ Line }: { Line: number }) => Line === line).address, '192.0.2.78')
  const foreign = await call('fetchzone_records', { domain: 'bob.example.com' })
  assert.deepEqual([foreign.error, foreign.data], ['You do not control a DNS zone named bob.example.com.', []])
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
