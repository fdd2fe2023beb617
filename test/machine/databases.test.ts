/** Databases of accounts on Debian's MariaDB: what the functions say is so on the server, through crashes and outages too. */
import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../../src/failures.ts'
import { makeMariadb } from '../../src/hosting/hosts/mariadb.ts'
import { MYSQL_PRIVILEGES, nativePasswordHash, patternOf } from '../../src/hosting/mysql.ts'
import { examine } from '../../src/server/examine.ts'
import { type Arguments, done, startTestServer, type TestServer } from '../start-server.ts'
import { type Mariadb, POSTERN_PASSWORD, startMariadb, withoutMariadb } from './mariadb.ts'

const PASSWORD = 'seven Greek letters: αβγ \'"`\\'
const skip = withoutMariadb

let mariadb: Mariadb
let server: TestServer
let token = ''
const settings = () => ({
  cpanelListen: '127.0.0.1:0',
  mysqlHost: '127.0.0.1',
  mysqlPort: mariadb.port,
  mysqlPasswordFile: mariadb.passwordFile,
})

before(async () => {
  if (skip) return
  mariadb = await startMariadb()
  server = await startTestServer({ settings: settings() })
  await server.account('anna', undefined, { maxsql: '3' })
  token = await server.accountToken('anna')
})
after(async () => {
  await server?.close()
  await mariadb?.close()
})

type Result = {
  readonly status: number
  readonly data: unknown
  readonly errors: string[] | null
  readonly warnings: string[] | null
}

async function mysql(name: string, args: Arguments = {}, by = { server, token }): Promise<Result> {
  const reply = await by.server.uapi(by.token, `Mysql::${name}`, args)
  assert.equal(reply.status, 200, reply.body)
  return reply.json
}

/** What must have been done, on the server too. */
async function does(name: string, args: Arguments = {}, by = { server, token }): Promise<unknown> {
  const { status, data, errors, warnings } = await mysql(name, args, by)
  assert.deepEqual([status, errors, warnings], [1, null, null], `${name}: ${errors}`)
  return data
}

async function refused(name: string, args: Arguments, reason: RegExp): Promise<void> {
  const { status, errors } = await mysql(name, args)
  assert.equal(status, 0)
  assert.match(String(errors), reason)
}

const canSignIn = async (user: string, password: string): Promise<boolean> => {
  const connection = await mariadb.connect(user, password).catch(() => undefined)
  await connection?.end()
  return connection !== undefined
}

const databasesThere = async (): Promise<string[]> =>
  (await mariadb.root("SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE '%\\_%'"))
    .map(({ name }) => String(name))
    .filter((name) => !['information_schema', 'performance_schema'].includes(name))

const usersThere = async (): Promise<string[]> =>
  (await mariadb.root("SELECT User AS name FROM mysql.user WHERE User LIKE '%\\_%'")).map(({ name }) => String(name))

/** Waits for what is done in the background. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000
  while (!(await holds())) {
    assert.ok(Date.now() < end, `not in time: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

test('a database, a user and what is granted: the user signs in, does that and no more, and is out at once when deleted', {
  skip,
}, async () => {
  await does('create_database', { name: 'anna_shop' })
  await does('create_user', { name: 'anna_web', password: PASSWORD })
  await does('set_privileges_on_database', {
    user: 'anna_web',
    database: 'anna_shop',
    privileges: 'CREATE, select,INSERT',
  })
  // What `_` would match if it were not escaped in the grant.
  await mariadb.root('CREATE DATABASE annaXshop')
  const web = await mariadb.connect('anna_web', PASSWORD)
  await web.query('CREATE TABLE anna_shop.goods (name TEXT)')
  await web.query("INSERT INTO anna_shop.goods VALUES ('a chair')")
  await assert.rejects(web.query('DELETE FROM anna_shop.goods'), /denied/)
  await assert.rejects(web.query('CREATE TABLE annaXshop.t (a INT)'), /denied/)
  await assert.rejects(web.query('CREATE DATABASE anna_more'), /denied/)
  await assert.rejects(web.query("GRANT SELECT ON anna_shop.* TO 'postern'@'localhost'"), /denied/)
  await assert.rejects(web.query('SELECT * FROM mysql.user'), /denied/)
  const [listed] = (await does('list_databases')) as { database: string; disk_usage: number; users: string[] }[]
  assert.deepEqual([listed?.database, listed?.users], ['anna_shop', ['anna_web']])
  assert.ok((listed?.disk_usage ?? 0) >= 16_384, `${listed?.disk_usage}`)
  assert.deepEqual(await does('list_users'), [{ user: 'anna_web', shortuser: 'web', databases: ['anna_shop'] }])
  // In the place of what was granted.
  await does('set_privileges_on_database', { user: 'anna_web', database: 'anna_shop', privileges: 'DELETE,SELECT' })
  const again = await mariadb.connect('anna_web', PASSWORD)
  await again.query('DELETE FROM anna_shop.goods')
  await assert.rejects(again.query("INSERT INTO anna_shop.goods VALUES ('x')"), /denied/)
  await does('revoke_access_to_database', { user: 'anna_web', database: 'anna_shop' })
  const nothing = await mariadb.connect('anna_web', PASSWORD)
  await assert.rejects(nothing.query('SELECT * FROM anna_shop.goods'), /denied/)
  await does('set_privileges_on_database', { user: 'anna_web', database: 'anna_shop', privileges: 'ALL PRIVILEGES' })
  const columns = (await mariadb.root("SELECT * FROM mysql.db WHERE User = 'anna_web'")) as Record<string, unknown>[]
  assert.deepEqual(
    columns.map(({ Db }) => Db),
    ['anna\\_shop'],
  )
  const given = Object.entries(columns[0] ?? {}).filter(([, value]) => value === 'Y')
  assert.equal(given.length, MYSQL_PRIVILEGES.length)
  assert.equal(columns[0]?.Grant_priv, 'N')
  // Another password, at once.
  await does('set_password', { user: 'anna_web', password: 'another good one' })
  assert.deepEqual(
    [await canSignIn('anna_web', PASSWORD), await canSignIn('anna_web', 'another good one')],
    [false, true],
  )
  // The grant goes with the database, and not to the next one of that name.
  await does('delete_database', { name: 'anna_shop' })
  await does('create_database', { name: 'anna_shop' })
  assert.deepEqual(await mariadb.root("SELECT * FROM mysql.db WHERE User = 'anna_web'"), [])
  const open = await mariadb.connect('anna_web', 'another good one')
  open.on('error', () => {})
  await does('delete_user', { name: 'anna_web' })
  await assert.rejects(open.query('SELECT 1'))
  assert.equal(await canSignIn('anna_web', 'another good one'), false)
  await does('delete_database', { name: 'anna_shop' })
  assert.deepEqual(await databasesThere(), [])
  for (const connection of [web, again, nothing]) connection.destroy()
})

test('names, limits, passwords and privileges are held to, and nothing reaches the server otherwise', {
  skip,
}, async () => {
  await server.account('bert')
  const bert = { server, token: await server.accountToken('bert') }
  await does('create_database', { name: 'bert_own' }, bert)
  await does('create_user', { name: 'bert_own', password: PASSWORD }, bert)
  const [databases, users] = [await databasesThere(), await usersThere()]
  for (const name of [
    'shop',
    'bert_x',
    'anna_',
    'anna',
    'annaxshop',
    'anna_a b',
    'anna_`',
    "anna_'",
    'anna_ä',
    'anna_%',
    'anna_.x',
    `anna_${'x'.repeat(60)}`,
  ])
    await refused('create_database', { name }, /The argument “name” is not valid/)
  await refused('create_user', { name: `anna_${'x'.repeat(28)}`, password: PASSWORD }, /longer than 32/)
  await refused('create_user', { name: 'anna_web', password: 'short' }, /password is not accepted/)
  await refused('create_user', { name: 'anna_web', password: 'password1' }, /password is not accepted/)
  for (const name of ['bert_own', 'mysql', 'anna_none']) {
    await refused('delete_database', { name }, /You have no database named/)
    await refused('delete_user', { name }, /You have no database user named/)
    await refused('set_password', { user: name, password: PASSWORD }, /You have no database user named/)
    await refused(
      'set_privileges_on_database',
      { user: name, database: name, privileges: 'SELECT' },
      /You have no database/,
    )
  }
  await does('create_database', { name: 'anna_one' })
  await does('create_user', { name: 'anna_one', password: PASSWORD })
  await refused(
    'set_privileges_on_database',
    { user: 'bert_own', database: 'anna_one', privileges: 'SELECT' },
    /no database user/,
  )
  await refused(
    'set_privileges_on_database',
    { user: 'anna_one', database: 'bert_own', privileges: 'SELECT' },
    /no database named/,
  )
  const unsaid = { user: 'anna_one', database: 'anna_one' }
  await refused('set_privileges_on_database', unsaid, /^The argument “privileges” is required\.$/)
  for (const privileges of ['', 'SUPER', 'SELECT,', 'ALL PRIVILEGES,SELECT', 'GRANT OPTION', 'SELECT ON *.* TO x; --'])
    await refused(
      'set_privileges_on_database',
      { user: 'anna_one', database: 'anna_one', privileges },
      /The argument “privileges”/,
    )
  await refused('create_database', { name: 'anna_one' }, /already in use/)
  await refused('create_database', { name: 'anna_ONE' }, /already in use/)
  await mariadb.root('CREATE DATABASE anna_by_hand')
  await refused('create_database', { name: 'anna_by_hand' }, /already in use/)
  await mariadb.root('DROP DATABASE anna_by_hand')
  await does('create_database', { name: 'anna_two', 'prefix-size': '8' })
  await does('create_database', { name: 'anna_three', 'prefix-size': '16' })
  await refused('create_database', { name: 'anna_four' }, /limit of the account is reached: databases: 3/)
  assert.deepEqual(await does('get_restrictions'), {
    prefix: 'anna_',
    max_database_name_length: 64,
    max_username_length: 32,
  })
  const stats = await server.uapi(token, 'StatsBar::get_stats', {
    display: 'mysqldatabases|sqldatabases|mysqldiskusage|mysqlversion',
  })
  const [count, same, size, version] = stats.json.data
  assert.deepEqual([count._count, count._max, count.is_maxed, same._count], ['3', '3', 1, '3'])
  assert.deepEqual([size.id, size.units, version.value.includes('MariaDB')], ['mysqldiskusage', 'MB', true])
  for (const name of ['anna_one', 'anna_two', 'anna_three']) await does('delete_database', { name })
  await does('delete_user', { name: 'anna_one' })
  assert.deepEqual([await databasesThere(), await usersThere()], [databases, users])
})

test('a suspended account’s users are cut off and locked, and let in again after; with the account all of it goes', {
  skip,
}, async () => {
  await server.account('carl')
  const carl = { server, token: await server.accountToken('carl') }
  await does('create_database', { name: 'carl_db' }, carl)
  await does('create_user', { name: 'carl_web', password: PASSWORD }, carl)
  await does('set_privileges_on_database', { user: 'carl_web', database: 'carl_db', privileges: 'SELECT' }, carl)
  const open = await mariadb.connect('carl_web', PASSWORD)
  open.on('error', () => {})
  await open.query('SHOW TABLES FROM carl_db')
  assert.equal(done(await server.root('suspendacct', { user: 'carl' })).json.metadata.output?.warnings, undefined)
  await assert.rejects(open.query('SELECT 1'))
  assert.equal(await canSignIn('carl_web', PASSWORD), false)
  done(await server.root('unsuspendacct', { user: 'carl' }))
  assert.equal(await canSignIn('carl_web', PASSWORD), true)
  // A new name: what it has stays its own, and the old name opens nothing to the next account.
  done(await server.root('modifyacct', { user: 'carl', newuser: 'dora' }))
  await server.account('carl', undefined, { domain: 'next.example.com' })
  const next = { server, token: await server.accountToken('carl') }
  assert.deepEqual(await does('list_databases', {}, next), [])
  assert.match(String((await mysql('create_database', { name: 'carl_db' }, next)).errors), /already in use/)
  const dora = { server, token: carl.token.replace(/^carl:/, 'dora:') }
  assert.deepEqual(
    ((await does('list_databases', {}, dora)) as { database: string }[]).map(({ database }) => database),
    ['carl_db'],
  )
  await does('create_database', { name: 'dora_more' }, dora)
  done(await server.root('removeacct', { username: 'dora' }))
  assert.deepEqual(
    (await databasesThere()).filter((name) => /carl|dora/.test(name)),
    [],
  )
  assert.equal(await canSignIn('carl_web', PASSWORD), false)
  await does('create_database', { name: 'carl_db' }, next)
})

test('a database server that is gone: a clear failure and nothing changed; what must happen all the same happens when it is back', {
  skip,
}, async () => {
  const base = await mkdtemp(join(tmpdir(), 'postern-test-'))
  let second = await startTestServer({ settings: settings(), folder: base })
  try {
    await second.account('emil')
    const emil = { server: second, token: await second.accountToken('emil') }
    await does('create_database', { name: 'emil_db' }, emil)
    await does('create_user', { name: 'emil_web', password: PASSWORD }, emil)
    await mariadb.crash()
    for (const [name, args] of [
      ['create_database', { name: 'emil_more' }],
      ['create_user', { name: 'emil_more', password: PASSWORD }],
      ['set_privileges_on_database', { user: 'emil_web', database: 'emil_db', privileges: 'SELECT' }],
      ['set_password', { user: 'emil_web', password: 'something else' }],
      ['delete_user', { name: 'emil_web' }],
      ['delete_database', { name: 'emil_db' }],
      ['list_databases', {}],
    ] as const) {
      const { status, errors } = await mysql(name, args, emil)
      assert.equal(status, 0)
      assert.match(String(errors), /^The database server cannot be reached at the moment/)
    }
    const stats = await second.uapi(emil.token, 'StatsBar::get_stats', { display: 'mysqldiskusage|mysqldatabases' })
    assert.deepEqual(
      stats.json.data.map(({ id, _count }: Record<string, string>) => [id, _count]),
      [['mysqldatabases', '1']],
    )
    assert.equal(done(await second.root('accountsummary', { user: 'emil' })).json.metadata.result, 1)
    // An account must be stopped whatever the database server does.
    const suspended = done(await second.root('suspendacct', { user: 'emil' }))
    assert.match(JSON.stringify(suspended.json.metadata.output), /tried again/)
    await second.stop()
    await mariadb.restart()
    assert.equal(await canSignIn('emil_web', PASSWORD), true)
    second = await startTestServer({ settings: settings(), folder: base })
    await until('the user is locked', async () => !(await canSignIn('emil_web', PASSWORD)))
    done(await second.root('unsuspendacct', { user: 'emil' }))
    const now = { server: second, token: emil.token }
    const [listed, ...others] = (await does('list_databases', {}, now)) as { database: string; users: string[] }[]
    assert.deepEqual([listed?.database, listed?.users, others], ['emil_db', [], []])
    assert.equal(await canSignIn('emil_web', PASSWORD), true)
    // A user that the server lost stands in no change's way, and is made again with its next password.
    await mariadb.root("DROP USER 'emil_web'@'localhost'")
    for (const name of ['suspendacct', 'unsuspendacct'])
      assert.equal(done(await second.root(name, { user: 'emil' })).json.metadata.output?.warnings, undefined)
    assert.match(
      String(
        (
          await mysql(
            'set_privileges_on_database',
            { user: 'emil_web', database: 'emil_db', privileges: 'SELECT' },
            now,
          )
        ).errors,
      ),
      /“emil_web”, which it does not have/,
    )
    await does('set_password', { user: 'emil_web', password: PASSWORD }, now)
    assert.equal(await canSignIn('emil_web', PASSWORD), true)
    // A database that the server lost is no longer pretended.
    await mariadb.root('DROP DATABASE emil_db')
    const lost = await mysql('list_databases', {}, now)
    assert.match(String(lost.warnings), /does not have: emil_db/)
    await does('delete_database', { name: 'emil_db' }, now)
    await does('delete_user', { name: 'emil_web' }, now)
  } finally {
    await second.close()
    await rm(base, { recursive: true, force: true })
  }
})

test('a crash between the server’s work and ours is healed at the next start, whichever of the two was last', {
  skip,
}, async () => {
  const base = await mkdtemp(join(tmpdir(), 'postern-test-'))
  let second = await startTestServer({ settings: settings(), folder: base })
  const file = join(second.folder, 'postern.db')
  const tasks = () => {
    const db = new DatabaseSync(file)
    const rows = db.prepare("select kind from host_tasks where kind like 'mysql-%'").all()
    db.close()
    return rows.length
  }
  try {
    await second.account('fritz')
    const by = { server: second, token: await second.accountToken('fritz') }
    for (const name of ['fritz_made', 'fritz_kept', 'fritz_gone']) await does('create_database', { name }, by)
    await does('create_user', { name: 'fritz_made', password: PASSWORD }, by)
    await does('create_user', { name: 'fritz_gone', password: PASSWORD }, by)
    await mariadb.root('CREATE TABLE fritz_kept.t (a INT)')
    const sealed = await waitingPassword(second, by.token)
    await second.stop()
    const db = new DatabaseSync(file)
    const task = db.prepare('insert into host_tasks (kind, arguments, created_at) values (?, ?, 0)')
    const add = (kind: string, name: string) => task.run(kind, JSON.stringify({ name }))
    // Committed, and the server did nothing yet.
    await mariadb.root('DROP DATABASE fritz_made')
    await mariadb.root("DROP USER 'fritz_made'@'localhost'")
    db.prepare('update mysql_users set sealed_hash = ? where name = ?').run(sealed, 'fritz_made')
    add('mysql-database', 'fritz_made')
    add('mysql-user', 'fritz_made')
    // The server did it, and it was not crossed off.
    add('mysql-database', 'fritz_kept')
    // The same for what was deleted: half of it is gone.
    db.prepare("delete from mysql_databases where name = 'fritz_gone'").run()
    db.prepare("delete from mysql_users where name = 'fritz_gone'").run()
    await mariadb.root('DROP DATABASE fritz_gone')
    add('mysql-database', 'fritz_gone')
    add('mysql-user', 'fritz_gone')
    db.close()
    second = await startTestServer({ settings: settings(), folder: base })
    await until('nothing waits any more', async () => tasks() === 0)
    assert.deepEqual((await databasesThere()).filter((name) => name.startsWith('fritz')).sort(), [
      'fritz_kept',
      'fritz_made',
    ])
    assert.deepEqual(await mariadb.root('SHOW TABLES FROM fritz_kept'), [{ Tables_in_fritz_kept: 't' }])
    assert.equal(await canSignIn('fritz_made', PASSWORD), true)
    assert.deepEqual(
      (await usersThere()).filter((name) => name.startsWith('fritz')),
      ['fritz_made'],
    )
    done(await second.root('removeacct', { username: 'fritz' }))
  } finally {
    await second.close()
    await rm(base, { recursive: true, force: true })
  }
})

test('postern doctor says whether the database server answers', { skip }, async () => {
  const findings = async () =>
    (await examine(server.server.runtime.settings, { acceptClock: false })).filter(
      ({ check }) => check === 'database server',
    )
  const [found, ...others] = await findings()
  assert.deepEqual([found?.ok, others], [true, []])
  assert.match(found?.message ?? '', /^it answers \(.*MariaDB.*\)$/)
  await mariadb.crash()
  const [gone] = await findings()
  await mariadb.restart()
  assert.deepEqual([gone?.ok, /ECONNREFUSED/.test(gone?.message ?? '')], [false, true])
})

/** What would wait in the database until the server has it: sealed as a call seals it, which is undone once it is carried out. */
async function waitingPassword(of: TestServer, by: string): Promise<string> {
  await mariadb.crash()
  const db = new DatabaseSync(join(of.folder, 'postern.db'))
  try {
    // Refused, because the server is gone: nothing waits.
    assert.equal((await of.uapi(by, 'Mysql::set_password', { user: 'fritz_made', password: PASSWORD })).json.status, 0)
    assert.deepEqual(
      { ...db.prepare("select sealed_hash from mysql_users where name = 'fritz_made'").get() },
      { sealed_hash: null },
    )
  } finally {
    db.close()
    await mariadb.restart()
  }
  const { sealSecret } = await import('../../src/accounts/sealed-secret.ts')
  const account = await of.server.runtime.stores.accounts.findAccount('fritz')
  assert.ok(account)
  return sealSecret(nativePasswordHash(PASSWORD), account.userId, of.server.runtime.folder.pepper, 'database password')
}

test('neither password nor hash is in the data folder or the trail, and the server is never sent the password', {
  skip,
}, async () => {
  const log = join(dirname(mariadb.socket), 'general.log')
  await mariadb.root(`SET GLOBAL general_log_file = '${log}', GLOBAL general_log = ON`)
  await does('create_user', { name: 'anna_seen', password: 'unmistakable words' })
  const hash = nativePasswordHash('unmistakable words')
  for (const name of await readdir(server.folder, { recursive: true, withFileTypes: true })) {
    if (!name.isFile()) continue
    const bytes = await readFile(join(name.parentPath, name.name))
    for (const secret of ['unmistakable words', hash, hash.slice(1)])
      assert.equal(bytes.includes(secret), false, `${name.name} holds it`)
  }
  const trail = JSON.stringify(await server.audit({ limit: '50' }))
  assert.ok(trail.includes('anna_seen'))
  for (const secret of ['unmistakable', hash.slice(1)]) assert.equal(trail.includes(secret), false)
  await does('delete_user', { name: 'anna_seen' })
  await mariadb.root('SET GLOBAL general_log = OFF')
  const statements = await readFile(log, 'utf8')
  assert.ok(statements.includes('CREATE USER'))
  assert.equal(statements.includes('unmistakable'), false)
})

test('whatever a name holds, it is made, granted on and removed as that name and nothing else', {
  skip,
}, async () => {
  const direct = makeMariadb({
    at: { socket: mariadb.socket },
    user: 'postern',
    password: async () => POSTERN_PASSWORD,
    needsTls: false,
    userHost: 'localhost',
    userConnections: 30,
    lockName: (name: string) => `test ${name}`,
    onTrouble: () => {},
  })
  const everything = async () => ({
    databases: (await mariadb.root('SHOW DATABASES')).map(({ Database }) => Database).sort(),
    users: (await mariadb.root('SELECT User, Host FROM mysql.user ORDER BY User, Host')).map((row) => ({ ...row })),
    grants: (await mariadb.root('SELECT Db, User FROM mysql.db ORDER BY Db, User')).map((row) => ({ ...row })),
  })
  const at = await everything()
  const signs = fc.constantFrom(...'`\'"\\_%;-# ./*?@$()aZ0\t\n', 'DROP DATABASE mysql', '/*!', 'ä', '“')
  const name = fc
    .array(signs, { minLength: 1, maxLength: 12 })
    .map((parts) => `h_${parts.join('')}e`)
    .filter((text) => patternOf(text).length <= 60)
  const seed = Number(process.env.POSTERN_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31))
  console.log(`seed ${seed}`)
  await fc.assert(
    fc.asyncProperty(name, fc.subarray([...MYSQL_PRIVILEGES], { minLength: 1 }), async (text, privileges) => {
      const user = text.slice(0, 30)
      await direct.bringDatabase(text, async () => true)
      const wanted = {
        passwordHash: nativePasswordHash(text),
        isLocked: false,
        grants: [{ database: text, privileges }],
      }
      await direct.bringUser(user, async () => wanted)
      await direct.bringUser(user, async () => wanted)
      assert.deepEqual([await direct.hasDatabase(text), await direct.hasUser(user)], [true, true])
      assert.equal((await direct.sizesOf([text])).get(text), 0)
      const rows = await mariadb.root('SELECT Db FROM mysql.db WHERE User = ?', [user])
      assert.deepEqual(
        rows.map(({ Db }) => Db),
        [patternOf(text)],
      )
      assert.equal(await canSignIn(user, text), true)
      await direct.bringDatabase(text, async () => false)
      await direct.bringUser(user, async () => undefined)
      assert.deepEqual(await everything(), at)
    }),
    { seed, numRuns: 40 },
  )
})

test('two nodes at work on one name do so one after the other, and the newest wish stands', { skip }, async () => {
  const nodes = [1, 2].map(() =>
    makeMariadb({
      at: { host: '127.0.0.1', port: mariadb.port },
      user: 'postern',
      password: async () => POSTERN_PASSWORD,
      needsTls: false,
      userHost: 'localhost',
      userConnections: 30,
      lockName: (name: string) => `test ${name}`,
      onTrouble: () => {},
    }),
  )
  let wanted = false
  const asked = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  // The first has read that it is to go, and is slow; meanwhile it is wanted again.
  const slow = nodes[0]?.bringDatabase('g_slow', async () => {
    const read = wanted
    asked.resolve()
    await goOn.promise
    return read
  })
  await asked.promise
  wanted = true
  const second = nodes[1]?.bringDatabase('g_slow', async () => wanted)
  goOn.resolve()
  await Promise.all([slow, second])
  assert.ok((await databasesThere()).includes('g_slow'))
  await nodes[0]?.bringDatabase('g_slow', async () => false)
})

test('an account has at most fifty database users, and each a number of connections', { skip }, async () => {
  await server.account('mick')
  const mick = { server, token: await server.accountToken('mick') }
  for (let index = 0; index < 50; index += 1)
    await does('create_user', { name: `mick_${index}`, password: PASSWORD }, mick)
  const { errors } = await mysql('create_user', { name: 'mick_more', password: PASSWORD }, mick)
  assert.match(String(errors), /limit of the account is reached: database users: 50/)
  assert.equal((await usersThere()).includes('mick_more'), false)
  await does('delete_user', { name: 'mick_0' }, mick)
  await does('create_user', { name: 'mick_more', password: PASSWORD }, mick)
  const [limit] = await mariadb.root("SELECT max_user_connections AS most FROM mysql.user WHERE User = 'mick_more'")
  assert.equal(limit.most, 30)
  const connections = await Promise.all(Array.from({ length: 30 }, () => mariadb.connect('mick_more', PASSWORD)))
  await assert.rejects(mariadb.connect('mick_more', PASSWORD), /max_user_connections/)
  for (const connection of connections) connection.destroy()
  done(await server.root('removeacct', { username: 'mick' }))
})

test('no account can hold the lock of a task, and a lock that is held stops that one task alone', {
  skip,
}, async () => {
  const general = join(dirname(mariadb.socket), 'locks.log')
  await server.account('lena')
  const lena = { server, token: await server.accountToken('lena') }
  await mariadb.root(`SET GLOBAL general_log_file = '${general}', GLOBAL general_log = ON`)
  for (const name of ['lena_held', 'lena_web']) await does('create_user', { name, password: PASSWORD }, lena)
  await mariadb.root('SET GLOBAL general_log = OFF')
  const taken = [...(await readFile(general, 'utf8')).matchAll(/SELECT GET_LOCK\('([^']*)'/g)].map(([, name]) => name)
  assert.ok(taken.length >= 2)
  for (const name of taken) assert.match(String(name), /^[0-9a-f]{64}$/)
  // What can be known from outside: the name, alone and as it stood there once.
  const customer = await mariadb.connect('lena_web', PASSWORD)
  customer.on('error', () => {})
  for (const name of ['postern lena_web', 'postern lena_held', 'lena_web', 'lena_held'])
    await customer.query(`SELECT GET_LOCK('${name}', 0)`)
  // One that is held all the same, as another node would hold it, concerns its own task.
  const holder = await mariadb.connect('postern', POSTERN_PASSWORD)
  await holder.query(`SELECT GET_LOCK('${taken[0]}', 0)`)
  const suspended = done(await server.root('suspendacct', { user: 'lena' }))
  const { warnings } = suspended.json.metadata.output
  assert.equal(warnings.length, 1)
  assert.match(warnings[0], /“mysql-user”.*tried again/)
  assert.deepEqual([await canSignIn('lena_held', PASSWORD), await canSignIn('lena_web', PASSWORD)], [true, false])
  await assert.rejects(customer.query('SELECT 1'))
  await holder.end()
  await server.server.runtime.door.runHostTasks(await server.server.runtime.stores.hostTasks.list())
  assert.equal(await canSignIn('lena_held', PASSWORD), false)
  done(await server.root('removeacct', { username: 'lena' }))
})

test('what the server refuses is told apart from a server that is away, and no statement is in the log', {
  skip,
}, async () => {
  const seen: string[] = []
  const options = {
    at: { host: '127.0.0.1', port: mariadb.port },
    password: async () => POSTERN_PASSWORD,
    needsTls: false,
    userHost: 'localhost',
    userConnections: 30,
    lockName: (name: string) => `test ${name}`,
    onTrouble: (error: Error) => void seen.push(`${error.message} ${JSON.stringify(error)}`),
  }
  const codeOf = (code: string) => (error: unknown) => error instanceof Failure && error.code === code
  const stranger = makeMariadb({ ...options, user: 'nobody' })
  await assert.rejects(stranger.version(), codeOf('mysql-unavailable'))
  // It holds nothing on others' databases.
  await mariadb.root("CREATE USER weak@localhost IDENTIFIED BY 'weak'")
  const weak = makeMariadb({ ...options, user: 'weak', password: async () => 'weak' })
  const hash = nativePasswordHash('x')
  await assert.rejects(
    weak.bringUser('h_x', async () => ({ passwordHash: hash, isLocked: false, grants: [] })),
    codeOf('mysql-failed'),
  )
  const needsTls = makeMariadb({ ...options, user: 'postern', needsTls: true })
  await assert.rejects(needsTls.version(), codeOf('mysql-unavailable'))
  assert.equal(seen.length, 3)
  assert.equal(seen.join().includes(hash), false)
  await mariadb.root('DROP USER weak@localhost')
})
