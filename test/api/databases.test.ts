/** The functions for databases where no database server is configured, and what the settings must hold. With a server: `test/machine`. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Settings } from '../../src/config/schema.ts'
import { done, startTestServer, type TestServer } from '../start-server.ts'

let server: TestServer
before(async () => {
  server = await startTestServer({ settings: { cpanelListen: '127.0.0.1:0' } })
  await server.account('anna')
})
after(() => server.close())

const CALLS = {
  create_database: { name: 'anna_shop' },
  create_user: { name: 'anna_web', password: 'seven Greek letters' },
  delete_database: { name: 'anna_shop' },
  delete_user: { name: 'anna_web' },
  get_restrictions: {},
  list_databases: {},
  list_users: {},
  revoke_access_to_database: { user: 'anna_web', database: 'anna_shop' },
  set_password: { user: 'anna_web', password: 'seven Greek letters' },
  set_privileges_on_database: { user: 'anna_web', database: 'anna_shop', privileges: 'ALL PRIVILEGES' },
} as const

const isLibraryLoaded = (): boolean =>
  Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes('/mysql2/'))

test('without a database server each function says so, makes nothing, and its library is not even loaded', async () => {
  const token = await server.accountToken('anna')
  for (const [name, args] of Object.entries(CALLS)) {
    const { status, json } = await server.uapi(token, `Mysql::${name}`, args)
    assert.deepEqual(
      [status, json.status, json.errors],
      [200, 0, ['No database server is configured on this server.']],
      name,
    )
  }
  assert.deepEqual(await server.server.runtime.stores.mysql.usersOf(2), [])
  assert.deepEqual(await server.server.runtime.stores.hostTasks.list(), [])
  // An account without databases comes and goes without one.
  await server.account('gone')
  for (const name of ['suspendacct', 'unsuspendacct'])
    assert.equal(done(await server.root(name, { user: 'gone' })).json.metadata.output?.warnings, undefined)
  assert.equal(done(await server.root('removeacct', { username: 'gone' })).json.metadata.output?.warnings, undefined)
  assert.equal(isLibraryLoaded(), false)
  const { data } = (await server.uapi(token, 'StatsBar::get_stats', { display: 'mysqldatabases|mysqlversion' })).json
  assert.deepEqual(data, [])
})

test('an account without the feature has none of them', async () => {
  done(await server.root('create_featurelist', { featurelist: 'plain', apitokens: 1 }))
  done(await server.root('addpkg', { name: 'plain', featurelist: 'plain' }))
  await server.account('plain', undefined, { plan: 'plain' })
  const token = await server.accountToken('plain')
  for (const [name, args] of Object.entries(CALLS))
    assert.deepEqual(
      (await server.uapi(token, `Mysql::${name}`, args)).json.errors,
      ['You do not have the feature “mysql”.'],
      name,
    )
})

test('settings of a database server that disagree, or a password that cannot be read, stop the start', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-test-'))
  await writeFile(join(folder, 'password'), 'secret\n')
  const refused: readonly (readonly [Partial<Settings>, RegExp])[] = [
    [{ mysqlHost: 'localhost', mysqlSocket: '/run/mysqld/mysqld.sock' }, /Both mysql_host and mysql_socket/],
    [{ mysqlHost: 'localhost', mysqlPasswordFile: join(folder, 'none') }, /none cannot be read \(ENOENT\)/],
    [{ mysqlHost: '192.0.2.1' }, /A certificate proves a name/],
    [{ mysqlSocket: '/run/x', mysqlSecurity: 'tls' }, /A socket has no TLS/],
  ]
  try {
    for (const [settings, words] of refused) await assert.rejects(startTestServer({ settings }), words)
    // Nobody listens there: the server starts all the same, and says what is wrong when it is asked.
    const away = await startTestServer({
      settings: { mysqlSocket: join(folder, 'socket'), cpanelListen: '127.0.0.1:0' },
    })
    try {
      await away.account('anna')
      const reply = await away.uapi(await away.accountToken('anna'), 'Mysql::create_database', { name: 'anna_x' })
      assert.match(reply.json.errors.join(), /^The database server cannot be reached at the moment/)
      assert.equal(isLibraryLoaded(), true)
      assert.equal(
        away.logged.some(({ message }) => message.includes('made trouble')),
        true,
      )
    } finally {
      await away.close()
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})
