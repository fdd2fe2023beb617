/** What goes wrong around PostgreSQL: server gone, connections cut, other nodes. Runs where DATABASES names postgres. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Storage } from '../../src/storage/database.ts'
import { openStorage } from '../../src/storage/open-storage.ts'
import { asAdministrator, forEachDatabase, type TestDatabase } from './databases.ts'
import { addRoot, addToken, auditTargets, digestOf, revokeToken, tokenNames } from './rows.ts'
import { startProxy, type TcpProxy } from './tcp-proxy.ts'

const code = (expected: string) => (error: unknown) => (error as { code?: string }).code === expected

async function until(condition: () => boolean, withinMs: number): Promise<void> {
  const end = performance.now() + withinMs
  while (!condition()) {
    assert.ok(performance.now() < end, `not within ${withinMs} ms`)
    await pause(20)
  }
}

async function withProxy(
  place: TestDatabase,
  work: (storage: Storage, proxy: TcpProxy, direct: Storage) => Promise<void>,
): Promise<void> {
  const proxy = await startProxy(place.url!)
  const storage = await openStorage({ url: proxy.url, folder: place.folder })
  const direct = await place.open()
  try {
    await addRoot(direct)
    await work(storage, proxy, direct)
  } finally {
    await storage.close()
    await proxy.stop()
  }
}

forEachDatabase((name, _makeStorage, makeDatabase) => {
  if (name !== 'postgres') return

  test('D8: without PostgreSQL every call is told so, nobody is refused, and service is back within 5 s', async () => {
    await withProxy(await makeDatabase(), async (storage, proxy) => {
      await addToken(storage, 'before')
      await proxy.stop()
      await assert.rejects(addToken(storage, 'lost'), code('storage-unavailable'))
      await assert.rejects(async () => storage.tokenByDigest(digestOf('before')), code('storage-unavailable'))
      await assert.rejects(tokenNames(storage), code('storage-unavailable'))
      assert.equal(storage.health(), 'storage-unavailable')
      await proxy.start()
      await until(() => storage.health() === 'ok', 5000)
      assert.equal((await storage.tokenByDigest(digestOf('before')))?.name, 'before')
      await addToken(storage, 'after')
      assert.deepEqual(await tokenNames(storage), ['after', 'before'])
    })
  })

  test('D8: connections that the server ends are replaced, and the next call works', async () => {
    const place = await makeDatabase()
    await withProxy(place, async (storage) => {
      await addToken(storage, 'a')
      await storage.tokenByDigest(digestOf('a'))
      await asAdministrator(
        process.env.POSTERN_TEST_POSTGRES!,
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'postern' and datname = '${new URL(place.url!).pathname.slice(1)}'`,
      )
      await pause(100)
      assert.equal((await storage.tokenByDigest(digestOf('a')))?.name, 'a')
      await addToken(storage, 'b')
      assert.deepEqual(await tokenNames(storage), ['a', 'b'])
    })
  })

  test('D8: a database that was closed to connections is away, and nobody is told of a fault of ours', async () => {
    const place = await makeDatabase()
    const storage = await place.open()
    try {
      await addRoot(storage)
      await addToken(storage, 'before')
      const database = new URL(place.url!).pathname.slice(1)
      const asked = (statement: string) => asAdministrator(process.env.POSTERN_TEST_POSTGRES!, statement)
      await asked(`alter database "${database}" allow_connections false`)
      await asked(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'postern' and datname = '${database}'`,
      )
      await assert.rejects(addToken(storage, 'lost'), code('storage-unavailable'))
      await assert.rejects(async () => storage.tokenByDigest(digestOf('before')), code('storage-unavailable'))
      assert.equal(storage.health(), 'storage-unavailable')
      await asked(`alter database "${database}" allow_connections true`)
      await until(() => storage.health() === 'ok', 5000)
      await addToken(storage, 'after')
      assert.deepEqual(await tokenNames(storage), ['after', 'before'])
    } finally {
      await storage.close()
    }
  })

  test('D8: when the network swallows everything, calls are told so, and service is back within 5 s over new connections', async () => {
    await withProxy(await makeDatabase(), async (storage, proxy) => {
      await addToken(storage, 'before')
      await Promise.all(Array.from({ length: 5 }, () => tokenNames(storage)))
      for (let i = 0; i < 3; i++) await storage.tokenByDigest(digestOf('before'))
      proxy.freeze()
      const from = performance.now()
      await assert.rejects(async () => storage.tokenByDigest(digestOf('before')), code('storage-unavailable'))
      await until(() => storage.health() === 'ok', 5000)
      assert.equal((await storage.tokenByDigest(digestOf('before')))?.name, 'before')
      assert.deepEqual(await tokenNames(storage), ['before'])
      await addToken(storage, 'later')
      assert.ok(performance.now() - from < 6000, `${performance.now() - from} ms`)
    })
  })

  test('D8: after a connection broke during the commit its outcome is looked up, not guessed and not repeated', async () => {
    for (const when of ['before', 'after'] as const) {
      await withProxy(await makeDatabase(), async (storage, proxy, direct) => {
        await addToken(storage, 'first')
        const before = storage.generation
        proxy.breakAt('commit\0', when)
        if (when === 'before') await assert.rejects(addToken(storage, 'second'), code('storage-unavailable'))
        else await addToken(storage, 'second')
        assert.equal(storage.generation > before, when === 'after')
        assert.equal((await tokenNames(direct)).includes('second'), when === 'after')
        assert.deepEqual(await tokenNames(direct), await auditTargets(direct))
        await addToken(storage, 'next')
      })
    }
  })

  test('D8: when nobody can be asked what became of a commit, its outcome is told to be unknown', async () => {
    for (const when of ['before', 'after'] as const) {
      await withProxy(await makeDatabase(), async (storage, proxy, direct) => {
        await addToken(storage, 'first')
        const before = storage.generation
        proxy.breakAt('commit\0', when, 'for good')
        await assert.rejects(addToken(storage, 'second'), code('commit-unknown'))
        assert.ok(storage.generation > before)
        await proxy.stop()
        await proxy.start()
        assert.equal((await tokenNames(direct)).includes('second'), when === 'after')
        assert.deepEqual(await tokenNames(direct), await auditTargets(direct))
        await until(() => storage.health() === 'ok', 5000)
        await addToken(storage, 'next')
      })
    }
  })

  test('D8: a connection that breaks before the commit leaves nothing', async () => {
    await withProxy(await makeDatabase(), async (storage, proxy, direct) => {
      proxy.breakAt('insert into "audit_entries"', 'after')
      await assert.rejects(addToken(storage, 'half'), code('storage-unavailable'))
      assert.deepEqual(await tokenNames(direct), [])
      await addToken(storage, 'next')
      assert.deepEqual(await tokenNames(direct), ['next'])
    })
  })

  test('C2: a revoke on one node is seen by the next look-up on another, 500 times', async () => {
    const place = await makeDatabase()
    const [one, two] = [await place.open(), await place.open()]
    await addRoot(one)
    for (let i = 0; i < 500; i++) {
      await addToken(one, `t${i}`)
      assert.equal((await two.tokenByDigest(digestOf(`t${i}`)))?.revoked_at, null)
      await revokeToken(one, `t${i}`)
      assert.equal((await two.tokenByDigest(digestOf(`t${i}`)))?.revoked_at, 2)
    }
  })

  test('C3: two nodes write one after the other, and a node that waits too long is told that the database is busy', async () => {
    const place = await makeDatabase()
    const [one, two] = [await place.open(), await place.open()]
    await addRoot(one)
    await Promise.all(Array.from({ length: 100 }, (_, i) => addToken(i % 2 ? one : two, `t${i}`)))
    const rows = await one.read.selectFrom('audit_entries').select('seq').orderBy('seq').execute()
    assert.deepEqual(
      rows.map((row) => row.seq),
      Array.from({ length: 100 }, (_, i) => i + 1),
    )
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
    const { promise: started, resolve: noteStart } = Promise.withResolvers<void>()
    const holder = one.write(async () => {
      noteStart()
      await held
    })
    await started
    const from = performance.now()
    await assert.rejects(addToken(two, 'refused'), code('storage-busy'))
    assert.ok(performance.now() - from < 3000)
    letGo()
    await holder
    await addToken(two, 'next')
    assert.equal(two.health(), 'ok')
  })

  test('C7: two nodes that start at once on an empty database make the tables once', async () => {
    const place = await makeDatabase()
    const nodes = await Promise.all([place.open(), place.open(), place.open()])
    await addRoot(nodes[0])
    for (const node of nodes) assert.equal((await node.read.selectFrom('users').selectAll().execute()).length, 1)
  })

  test('N2: each commit is synced, whatever the server was told', async () => {
    const place = await makeDatabase()
    const database = new URL(place.url!).pathname.slice(1)
    await asAdministrator(place.url!, `alter database ${database} set synchronous_commit to off`)
    const storage = await place.open()
    const shown = await storage.write(async (trx) => {
      const { rows } = await sql<{ synchronous_commit: string }>`show synchronous_commit`.execute(trx)
      return rows[0]?.synchronous_commit
    })
    assert.equal(shown, 'on')
  })
})
