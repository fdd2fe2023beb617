/** WHM's `batch`: several functions in one call, each under its own privilege. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Arguments, done, queryOf, type Reply, startTestServer, type TestServer } from '../start-server.ts'

let server: TestServer
let token = ''
before(async () => {
  server = await startTestServer()
  token = await server.rootToken(['list-accts', 'acct-summary', 'suspend-acct', 'cpanel-api', 'basic-whm-functions'])
  await server.account('alpha')
  await server.account('beta')
})
after(() => server.close())

/** A command as WHM's page writes it: its values encoded, and then the whole of it once more by the query. */
function command(name: string, args: Arguments = {}): string {
  return `${name}?${queryOf(args)}`
}

function batch(commands: readonly string[], more: Arguments = {}, credential = token): Promise<Reply> {
  return server.send('/json-api/batch', {
    method: 'POST',
    headers: { authorization: `whm ${credential}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: queryOf({ 'api.version': 1, command: commands, ...more }),
  })
}

const reasonsOf = (reply: Reply) =>
  reply.json.data.result.map(({ metadata }: { metadata: { result: number; reason: string } }) => metadata.reason)

test('answers a list of whole replies in the order of the commands, and its own metadata', async () => {
  const reply = done(
    await batch([
      command('suspendacct', { user: 'alpha', reason: 'a & b = 100% “q”' }),
      'version',
      command('accountsummary', { user: 'alpha' }),
    ]),
  )
  assert.deepEqual(Object.keys(reply.json.data), ['result'])
  const [suspended, version, summary] = reply.json.data.result
  assert.deepEqual(suspended, {
    data: {},
    metadata: { version: 1, command: 'suspendacct', result: 1, reason: 'OK' },
  })
  assert.equal(version.data.version, '11.138.0.6')
  assert.deepEqual([summary.data.acct[0].suspended, summary.data.acct[0].suspendreason], [1, 'a & b = 100% “q”'])
  assert.deepEqual(reply.json.metadata, { version: 1, command: 'batch', result: 1, reason: 'OK' })
  const [entry] = await server.audit({ function: 'suspendacct' })
  assert.deepEqual([entry.target, entry.details.within], ['alpha', 'batch'])
})

test('every spelling of several commands is taken, GET included', async () => {
  const query = 'command-1=gethostname&command=applist&command-0=version'
  const reply = await server.send(`/json-api/batch?api.version=1&${query}`, {
    headers: { authorization: `whm ${await server.rootToken(['basic-whm-functions', 'basic-system-info'])}` },
  })
  const commands = done(reply).json.data.result.map(
    ({ metadata }: { metadata: { command: string } }) => metadata.command,
  )
  assert.deepEqual(commands, ['applist', 'version', 'gethostname'])
})

test('P9: what the caller may not do fails there and nowhere else, and the trail has it', async () => {
  const reply = done(
    await batch([command('list_users'), command('removeacct', { username: 'beta' }), command('list_users')]),
  )
  const reasons = reasonsOf(reply)
  assert.deepEqual([reasons[0], reasons[2]], ['OK', 'OK'])
  assert.equal(reasons[1], 'Permission denied: removeacct requires the privilege “kill-acct”.')
  assert.ok(reply.json.data.result[2].data.users.includes('beta'))
  const [entry] = await server.audit({ function: 'removeacct' })
  assert.deepEqual([entry.outcome, entry.details.within], ['refused', 'batch'])
})

test('abort_on_error stops at the first failure, and says so; without it the rest is run', async () => {
  const commands = ['version', command('accountsummary', { user: 'ghost' }), command('suspendacct', { user: 'beta' })]
  const aborted = await batch(commands, { abort_on_error: 1 })
  assert.equal(aborted.status, 200)
  assert.deepEqual(reasonsOf(aborted), ['OK', 'You have no account named “ghost”.'])
  assert.deepEqual(aborted.json.metadata, {
    version: 1,
    command: 'batch',
    result: 0,
    reason: 'The batch was broken off at command 2: You have no account named “ghost”.',
  })
  const beta = async () => done(await server.root('accountsummary', { user: 'beta' })).json.data.acct[0].suspended
  assert.equal(await beta(), 0)
  done(await batch(commands, { abort_on_error: 0 }))
  assert.equal(await beta(), 1)
})

test('unknown functions, bad arguments and what cannot be decoded fail for themselves', async () => {
  const reply = done(
    await batch([
      'nothing?x=1',
      'accountsummary',
      'accountsummary?user=%E0%A4%A',
      '../version',
      'Tokens::list',
      'version?',
    ]),
  )
  const reasons = reasonsOf(reply)
  assert.match(reasons[0], /^Unknown app \("nothing"\) requested/)
  assert.match(reasons[1], /user/)
  assert.match(reasons[2], /percent-encoded/)
  assert.match(reasons[3], /^Unknown app/)
  assert.match(reasons[4], /^Unknown app/)
  assert.equal(reasons[5], 'OK')
  assert.match((await batch([])).json.metadata.reason, /“command” is required/)
})

test('output controls of a command shape its own reply', async () => {
  const controls = { 'api.columns.enable': 1, 'api.columns.a': 'user', 'api.chunk.enable': 1, 'api.chunk.size': 1 }
  const reply = done(await batch([command('listaccts', controls), command('listaccts', { 'api.sort.enable': 1 })]))
  const [page, bad] = reply.json.data.result
  assert.deepEqual(page.data, { acct: [{ user: 'alpha' }] })
  assert.equal(page.metadata.chunk.records, 2)
  assert.match(bad.metadata.reason, /output control “api\.sort\.a\.field” is missing/)
})

test('P6: a token that ends within a batch begins nothing more, and the trail says why', async () => {
  const { token: secret, postern_id: id } = await madeToken()
  const before = command('list_users')
  const reply = await batch([before, command('postern_token_revoke_all'), before], {}, `root:${secret}`)
  assert.equal(reply.status, 403)
  assert.equal(reply.json.cpanelresult.error, 'Access denied')
  const entries = await server.audit({ token: id })
  assert.ok(entries.some((entry) => entry.function === 'postern_token_revoke_all' && entry.outcome === 'done'))
  assert.ok(entries.some((entry) => entry.function === 'batch' && entry.reason === 'revoked'))
  token = await server.rootToken(['list-accts', 'acct-summary', 'suspend-acct', 'cpanel-api', 'basic-whm-functions'])
})

/** Of root, with its public id. */
async function madeToken(): Promise<{ readonly token: string; readonly postern_id: string }> {
  const acl = ['list-accts', 'manage-api-tokens']
  const { token: secret } = done(await server.root('api_token_create', { token_name: 'ends-itself', acl })).json.data
  const listed = done(await server.root('api_token_list')).json.data.tokens['ends-itself']
  return { token: secret, postern_id: listed.postern_id }
}

test('a batch in a batch is refused, and no request runs more than 1,000 functions, inner batches included', async () => {
  const nested = done(await batch([command('batch', { command: 'version' })]))
  assert.equal(reasonsOf(nested)[0], 'batch cannot stand within another call of it.')
  const thousand = Array.from({ length: 1001 }, () => 'version')
  assert.match((await batch(thousand)).json.metadata.reason, /more than the 1000 that are allowed/)
  const strict = command('uapi_cpanel', {
    'cpanel.user': 'alpha',
    'cpanel.module': 'Batch',
    'cpanel.function': 'strict',
    command: Array.from({ length: 400 }, () => '["Tokens","list"]'),
  })
  const reply = done(await batch([strict, strict, strict]))
  const statuses = reply.json.data.result.map(({ data }: { data: { uapi: { status: number } } }) => data.uapi.status)
  assert.deepEqual(statuses, [1, 1, 0])
  const third = reply.json.data.result[2].data.uapi
  assert.match(third.errors.join(), /at most 1000 functions/)
})

test('a password in a command is in neither trail nor log', async () => {
  const strong = 'hidden p&ss w0rd %'
  const credential = await server.rootToken(['passwd'])
  const inQuery = encodeURIComponent(command('passwd', { user: 'alpha', password: strong }))
  const reply = await server.send(`/json-api/batch?api.version=1&command=${inQuery}`, {
    headers: { authorization: `whm ${credential}` },
  })
  assert.equal(reasonsOf(done(reply))[0], 'OK')
  const bad = await batch([command('passwd', { user: 'alpha', password: 'short' }), ''], {}, credential)
  const seen = JSON.stringify([bad.json, await server.audit(), server.logged])
  for (const secret of [strong, 'short']) assert.ok(!seen.includes(secret), secret)
})
