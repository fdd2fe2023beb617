/**
 * A copy is a copy: made by the real program while changes run at speed, put into an empty folder of either database, and nothing in
 * it comes back to life unasked.
 */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { done } from '../start-server.ts'
import { DATABASES, type DatabaseName, makeTestDatabase } from '../stores/databases.ts'
import { acknowledgedIn, compare, type Story, see, startClients } from './clients.ts'
import { mountDisk } from './disk.ts'
import { lookInside } from './look-inside.ts'
import { makePlace, type Place, type Program, runProgram, startProgram } from './program.ts'
import { makeRandom } from './random.ts'
import { until } from './wait.ts'

const undo: (() => unknown)[] = []
after(async () => {
  for (const step of undo.reverse()) await step()
})

type World = Place & { readonly url: string | undefined; readonly settings: readonly string[] }

/** An empty folder, and for PostgreSQL an empty database. */
async function makeWorld(name: DatabaseName): Promise<World> {
  const database = await makeTestDatabase(name)
  const place = await makePlace({ database: database.url })
  undo.push(async () => {
    await place.remove()
    await database.remove()
  })
  const settings = ['--data', place.data, ...(database.url === undefined ? [] : ['--database', database.url])]
  return { ...place, url: database.url, settings }
}

async function start(world: World): Promise<Program> {
  const server = await startProgram(world.flags)
  undo.push(() => server.end('SIGKILL'))
  return server
}

const restore = (file: string, into: World, pepperFile: string) =>
  runProgram('postern', ['restore', file, '--pepper-file', pepperFile, ...into.settings])

/** The rows that a backup carries; what a restore itself adds or changes is left out. */
async function content({ data, url }: World) {
  const inside = await lookInside(data, url)
  try {
    const tables: Record<string, string> = {
      users: 'select * from users order by id',
      accounts: 'select * from accounts order by user_id',
      tokens: `select digest, id, user_id, name, pepper_version, privileges, ip_rules, created_at, expires_at, revoked_at, revoke_reason from tokens order by id`,
      usage: 'select token_id, calls from token_usage order by token_id',
      lists: 'select * from acl_lists order by name',
      entries: "select * from audit_entries where function <> 'restore' order by seq",
    }
    const rows: Record<string, unknown> = {}
    for (const [table, sql] of Object.entries(tables)) rows[table] = (await inside.rows(sql)).map((row) => ({ ...row }))
    return rows
  } finally {
    await inside.close()
  }
}

for (const name of DATABASES) {
  describe(name, () => {
    test('B3 N15: a backup made while changes run at speed holds everything acknowledged before it, whole', async () => {
      const random = makeRandom(`backup on ${name}`)
      const world = await makeWorld(name)
      const server = await start(world)
      const manager = await server.rootToken('manager', ['all'])
      const { story, ended } = startClients(server, manager, 1, random)
      const backups: {
        readonly file: string
        readonly before: Story
        readonly sent: () => Story
        readonly rate: number
      }[] = []
      for (let i = 0; i < 3; i++) {
        await pause(300 + random.below(300))
        const before = structuredClone(story)
        const file = join(world.base, `backup-${i}`)
        const from = performance.now()
        const ran = await runProgram('postern', ['backup', file, ...world.settings])
        assert.equal(ran.status, 0, ran.stderr)
        const after = structuredClone(story)
        const rate = ((acknowledgedIn(after) - acknowledgedIn(before)) * 1000) / (performance.now() - from)
        backups.push({ file, before, sent: () => after, rate })
      }
      story.isOver = true
      await ended
      assert.equal(story.problem, undefined)
      assert.equal(await server.end('SIGTERM'), 0)
      assert.deepEqual(
        (await readdir(world.base)).filter((file) => file.includes('partial')),
        [],
      )
      for (const { file, before, sent } of backups) {
        const copy = await makeWorld(name)
        const ran = await restore(file, copy, join(world.data, 'pepper'))
        assert.equal(ran.status, 0, ran.stderr)
        const inside = await lookInside(copy.data, copy.url)
        compare(between(before, sent()), await see(inside, '1'))
        assert.equal(await inside.integrity(), 'ok')
        await inside.close()
      }
      console.log(
        `${name}: ${acknowledgedIn(story)} acknowledged changes; during the backups ${backups.map(({ rate }) => Math.round(rate)).join(', ')} a second`,
      )
    })

    test('B4 N15: what was revoked after an older backup does not come back to life unasked; tokens are paused and listed, sessions gone', async () => {
      const world = await makeWorld(name)
      const server = await start(world)
      const manager = await server.rootToken('manager', ['all'])
      const [kept, gone] = [await server.rootToken('kept', ['all']), await server.rootToken('gone', ['all'])]
      const before = await server.rootToken('revoked-before', ['all'])
      done(await server.call(manager, 'api_token_revoke', { token_name: 'revoked-before' }))
      done(
        await server.call(manager, 'createacct', {
          username: 'holder',
          domain: 'holder.example.com',
          password: 'the cat sat on 9 mats',
        }),
      )
      const signedIn = await server.send('/login/?login_only=1', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'user=root&pass=the+gate+is+narrow+7',
      })
      const cookie = String(signedIn.headers['set-cookie']).split(';', 1)[0] ?? ''
      const sessionPath = `${signedIn.json.security_token}/json-api/version?api.version=1`
      assert.equal((await server.send(sessionPath, { headers: { cookie } })).status, 200)
      const file = join(world.base, 'older')
      assert.equal((await runProgram('postern', ['backup', file, ...world.settings])).status, 0)
      done(await server.call(manager, 'api_token_revoke', { token_name: 'gone' }))
      await server.end('SIGTERM')

      const copy = await makeWorld(name)
      const ran = await restore(file, copy, join(world.data, 'pepper'))
      assert.equal(ran.status, 0, ran.stderr)
      assert.match(ran.stdout, /3 tokens are paused until you decide/)
      const again = await start(copy)
      // Nobody's password was made anew, and nobody is offered a first set-up.
      assert.doesNotMatch(again.stdout(), /Password/)
      for (const token of [manager, kept, gone, before]) assert.equal((await again.call(token, 'version')).status, 403)
      assert.equal((await again.send(sessionPath, { headers: { cookie } })).status, 401)
      const { tokens } = done(await again.root('postern_token_list')).json.data
      assert.equal(tokens.length, 3)
      assert.ok((await readdir(join(copy.data, 'home'))).includes('holder'))
      const doctor = await runProgram('postern', ['doctor', ...copy.settings])
      assert.equal(doctor.status, 0, doctor.stdout)
      const restored = done(await again.root('postern_audit_list', { function: 'restore' })).json.data.entries
      assert.equal(restored.length, 1)
      assert.equal(restored[0].details.tokens_paused, 3)
      // The decision: one is ended, the rest may work again.
      done(await again.root('api_token_revoke', { token_name: 'gone' }))
      const resumed = await runProgram('whmapi1', ['--data', copy.data, 'postern_token_resume', 'restored=1'])
      assert.equal(resumed.status, 0, resumed.stdout + resumed.stderr)
      for (const token of [manager, kept]) assert.equal((await again.call(token, 'version')).status, 200)
      for (const token of [gone, before]) assert.equal((await again.call(token, 'version')).status, 403)
      await again.end('SIGTERM')
    })

    test('B4: a used folder, another pepper, a cut file and a kill on the way leave nothing accepted, and the folder can be restored into again', async () => {
      const world = await makeWorld(name)
      const server = await start(world)
      const token = await server.rootToken('manager', ['all'])
      for (let i = 0; i < 30; i++)
        done(await server.call(token, 'api_token_create', { token_name: `t${i}`, acl: 'list-accts' }))
      const file = join(world.base, 'whole')
      const pepper = join(world.data, 'pepper')
      const again = await runProgram('postern', ['backup', file, ...world.settings])
      assert.equal(again.status, 0)
      const exists = await runProgram('postern', ['backup', file, ...world.settings])
      assert.equal(exists.status, 1)

      const intoRunning = await restore(file, world, pepper)
      assert.equal(intoRunning.status, 1)
      await server.end('SIGTERM')
      const intoUsed = await restore(file, world, pepper)
      assert.equal(intoUsed.status, 1)
      assert.match(intoUsed.stderr, /was set up before/)

      const copy = await makeWorld(name)
      const other = await makeWorld('sqlite')
      await (await start(other)).end('SIGTERM')
      const bytes = await readFile(file)
      const cut = join(world.base, 'cut')
      await writeFile(cut, bytes.subarray(0, Math.floor(bytes.length / 2)))
      const bent = join(world.base, 'bent')
      const spoiled = Buffer.from(bytes)
      spoiled[Math.floor(bytes.length / 2)] = (spoiled[Math.floor(bytes.length / 2)] ?? 0) ^ 1
      await writeFile(bent, spoiled)
      const attempts: readonly (readonly [string, string, RegExp])[] = [
        [file, join(other.data, 'pepper'), /another pepper/],
        [cut, pepper, /Nothing was restored/],
        [bent, pepper, /Nothing was restored/],
        [join(world.base, 'missing'), pepper, /missing/],
        [file, join(world.base, 'missing'), /missing/],
        [pepper, pepper, /cannot be used/],
      ]
      for (const [from, pepperFile, why] of attempts) {
        const ran = await restore(from, copy, pepperFile)
        assert.equal(ran.status, 1, ran.stdout)
        assert.match(ran.stderr, why)
        assert.doesNotMatch(ran.stderr, /\n\s+at /)
        const left = await readdir(copy.data).catch(() => [])
        assert.deepEqual(
          left.filter((found) => !found.startsWith('instance.')),
          [],
          `${from}: ${left.join(' ')}`,
        )
      }
      const without = await runProgram('postern', ['restore', file, ...copy.settings])
      assert.equal(without.status, 1)
      assert.match(without.stderr, /--pepper-file/)

      const random = makeRandom('kills on the way')
      let isWhole = false
      for (let kill = 0; kill < 4 && !isWhole; kill++) {
        const args = ['restore', file, '--pepper-file', pepper, ...copy.settings]
        const killed = await runProgram('postern', args, '', random.below(900))
        isWhole = killed.status === 0 || /was set up before|is not empty/.test(killed.stderr)
      }
      if (!isWhole) {
        const ran = await restore(file, copy, pepper)
        // The last kill may have come after the restore was whole, and before it could say so; the content below tells.
        const isDone = ran.status === 0 || /was set up before|is not empty/.test(ran.stderr)
        assert.ok(isDone, ran.stderr)
      }
      const second = await restore(file, copy, pepper)
      assert.equal(second.status, 1)
      assert.deepEqual(await content(copy), await content(world))
    })
  })
}

if (DATABASES.includes('postgres') && DATABASES.includes('sqlite')) {
  test('B4: from SQLite to PostgreSQL and back, all rows are the same', async () => {
    const random = makeRandom('from SQLite to PostgreSQL')
    const [first, second, third] = [await makeWorld('sqlite'), await makeWorld('postgres'), await makeWorld('sqlite')]
    const server = await start(first)
    const manager = await server.rootToken('manager', ['all'])
    const { story, ended } = startClients(server, manager, 1, random)
    await until(() => acknowledgedIn(story) > 300, 20_000)
    story.isOver = true
    await ended
    await server.end('SIGTERM')
    const pepper = join(first.data, 'pepper')
    const before = await content(first)
    let from = first
    for (const to of [second, third]) {
      const file = join(to.base, 'backup')
      // Without a server: the command opens the folder itself.
      const written = await runProgram('postern', ['backup', file, ...from.settings])
      assert.equal(written.status, 0, written.stderr)
      const ran = await restore(file, to, pepper)
      assert.equal(ran.status, 0, ran.stderr)
      assert.deepEqual(await content(to), before)
      from = to
    }
    const last = await start(third)
    done(await last.root('postern_token_resume', { restored: 1 }))
    done(await last.call(manager, 'api_token_create', { token_name: 'new', acl: 'list-accts' }))
    const entries = done(await last.root('postern_audit_list', { limit: 5 })).json.data.entries
    assert.ok(entries[0].seq > (before.entries as unknown[]).length)
    await last.end('SIGTERM')
  })
}

test('B3: a backup that does not fit on its disk fails and leaves no file', async () => {
  const world = await makeWorld('sqlite')
  const server = await start(world)
  await server.rootToken('manager', ['all'])
  const disk = mountDisk('1m')
  // Where nothing may be mounted, a folder that is none fails as well.
  const folder = disk?.data ?? join(world.base, 'root-password')
  undo.push(() => disk?.remove())
  disk?.fill()
  const ran = await runProgram('postern', ['backup', join(folder, 'backup'), ...world.settings])
  assert.equal(ran.status, 1)
  if (disk !== undefined) assert.deepEqual(await readdir(folder), ['filler'])
  const good = await runProgram('postern', ['backup', join(world.base, 'backup'), ...world.settings])
  assert.equal(good.status, 0, good.stderr)
  await server.end('SIGTERM')
})

test('D4: who finds the database damaged or gone is told the newest backup that is still in its place', async () => {
  const world = await makeWorld('sqlite')
  const server = await start(world)
  const files = ['first', 'second', 'third'].map((name) => join(world.base, name))
  const [first = '', second = '', third = ''] = files
  for (const file of files) assert.equal((await runProgram('postern', ['backup', file, ...world.settings])).status, 0)
  await server.end('SIGTERM')
  const told = async (command = 'serve'): Promise<string> => {
    const ran = await runProgram('postern', [command, ...world.settings])
    assert.equal(ran.status, 1)
    return /The newest backup is (.*), made at \S+Z\./.exec(ran.stdout + ran.stderr)?.[1] ?? ''
  }
  await writeFile(join(world.data, 'postern.db'), Buffer.alloc(100), { flag: 'r+' })
  assert.equal(await told(), third)
  await rm(third)
  assert.equal(await told('doctor'), second)
  await rm(join(world.data, 'postern.db'))
  await truncate(second, 10)
  assert.equal(await told(), first)
})

test('B4: a mistyped data folder is told, and none is made', async () => {
  const base = await mkdtemp(join(tmpdir(), 'postern-test-'))
  undo.push(() => rm(base, { recursive: true, force: true }))
  await mkdir(join(base, 'right'))
  const data = join(base, 'wrong/deeper')
  for (const args of [['backup', join(base, 'file')], ['doctor'], ['audit'], ['passwd', 'root']]) {
    const what = args.join(' ')
    const ran = await runProgram('postern', [...args, '--data', data], 'a long enough password\n')
    assert.equal(ran.status, 1, what)
    assert.match(ran.stdout + ran.stderr, /was never set up|no server runs|there is no folder/, what)
    assert.deepEqual(await readdir(base), ['right'], what)
  }
  const missing = await runProgram('postern', [
    'restore',
    join(base, 'file'),
    '--pepper-file',
    join(base, 'none'),
    '--data',
    data,
  ])
  assert.equal(missing.status, 1)
  assert.deepEqual(await readdir(base), ['right'])
})

/** What must be in a copy at least, and may be in it at most: a change that was sent later is no longer on its way, but not yet either. */
function between(before: Story, after: Story): Story {
  const later = <T extends 'no' | 'sent' | 'done'>(at: T, then: T): 'no' | 'sent' | 'done' =>
    at === 'done' ? 'done' : then === 'no' ? 'no' : 'sent'
  return {
    ...after,
    tokens: after.tokens.map((token, i) => {
      const early = before.tokens[i]
      return {
        ...token,
        created: later(early?.created ?? 'no', token.created),
        updatesDone: early?.updatesDone ?? 0,
        revoked: later(early?.revoked ?? 'no', token.revoked),
      }
    }),
    accounts: after.accounts.map((account, i) => {
      const early = before.accounts[i]
      return {
        ...account,
        created: later(early?.created ?? 'no', account.created),
        removed: later(early?.removed ?? 'no', account.removed),
      }
    }),
  }
}
