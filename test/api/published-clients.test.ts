/** A client that others wrote for WHM, taken from its registry and pointed at the server unchanged: `cpanel-lib`. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Client, createClient } from 'cpanel-lib'
import { startTestServer, type TestServer } from '../start-server.ts'

const PRIVILEGES = ['basic-whm-functions', 'list-accts', 'acct-summary', 'create-acct', 'suspend-acct', 'kill-acct']

let server: TestServer
before(async () => {
  server = await startTestServer()
})
after(() => server.close())

const clientOf = (credential: string): Client => {
  const [username = '', accessKey = ''] = credential.split(':')
  return createClient({ host: '127.0.0.1', port: server.port, username, accessKey, ignoreCertError: true })
}

// biome-ignore lint/suspicious/noExplicitAny: a client reads what it expects
type Read = any

const asked = (ask: (callback: (error: unknown, reply: unknown) => void) => void): Promise<Read> =>
  new Promise((resolve, reject) => ask((error, reply) => (error ? reject(new Error(String(error))) : resolve(reply))))

test('its example calls, which send no version, find what they read', async () => {
  const client = clientOf(await server.rootToken(PRIVILEGES))
  assert.equal((await asked((done) => client.call('version', {}, done))).version, '11.138.0.6')
  const { status, acct } = await asked((done) => client.call('listaccts', {}, done))
  assert.deepEqual([status, acct], [1, []])
})

test('it drives an account in the old shapes and in the new', async () => {
  const client = clientOf(await server.rootToken(PRIVILEGES))
  const password = 'p=a&s+s %41 “é” 123'
  for (const [version, isDone] of [
    [{}, (reply: Read) => reply.result[0].status === 1],
    [{ 'api.version': 1 }, (reply: Read) => reply.metadata.result === 1],
  ] as const) {
    const call = (name: string, query: object) => asked((done) => client.call(name, { ...version, ...query }, done))
    assert.ok(isDone(await call('createacct', { username: 'libuser', domain: 'libuser.example.com', password })))
    assert.ok(isDone(await call('suspendacct', { user: 'libuser', reason: 'unpaid: #17' })))
    const summary = await call('accountsummary', { user: 'libuser' })
    const [account] = summary.acct ?? summary.data.acct
    assert.deepEqual([account.suspended, account.suspendreason], [1, 'unpaid: #17'])
    assert.ok(isDone(await call('unsuspendacct', { user: 'libuser' })))
    assert.ok(isDone(await call('removeacct', { user: 'libuser' })))
  }
})

test('it sees a refused credential and a missing privilege for what they are', async () => {
  const refused = await asked((done) => clientOf('root:NOSUCHTOKEN').call('listaccts', {}, done))
  assert.equal(refused.cpanelresult.error, 'Access denied')
  const narrow = clientOf(await server.rootToken(['list-accts']))
  const old = await asked((done) => narrow.call('removeacct', { user: 'x' }, done))
  assert.deepEqual([old.result[0].status, /Permission denied/.test(old.result[0].statusmsg)], [0, true])
  const unknown = await asked((done) => narrow.call('nosuchfunction', {}, done))
  assert.match(unknown.error, /Unknown App Requested/)
})

test('it calls UAPI with a token of WHM, for the owner of a domain', async () => {
  await server.account('uapiuser')
  const client = clientOf(await server.rootToken(['cpanel-api']))
  const reply = await asked((done) => client.callUapi('Tokens', 'list', { domain: 'uapiuser.example.com' }, done))
  assert.deepEqual([reply.status, reply.data, reply.errors], [1, [], null])
})
