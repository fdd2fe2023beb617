/** What both engines promise: whole transactions, one writer, exact look-ups, and known failures for known troubles. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../src/failures.ts'
import { isUniqueViolation } from '../../src/storage/storage-errors.ts'
import { forEachDatabase } from './databases.ts'
import {
  addRoot,
  addToken,
  auditRow,
  auditTargets,
  digestOf,
  revokeToken,
  tokenNames,
  tokenRowOf,
  userRow,
} from './rows.ts'

forEachDatabase((name, makeStorage, makeDatabase) => {
  test('a look-up gives the token with its owner, as plain data, and undefined for an unknown digest', async () => {
    const storage = await makeStorage()
    await addRoot(storage)
    await addToken(storage, 'backup')
    const row = await storage.tokenByDigest(digestOf('backup'))
    assert.ok(row)
    const { now_ms: nowMs, ...rest } = row
    assert.deepEqual(rest, {
      ...tokenRowOf('backup'),
      secret_number: 1,
      awaits_first_use: 0,
      presented_number: 1,
      presented_ends_at: null,
      presented_ended_at: null,
      user_name: 'root',
      user_kind: 'root',
      user_is_reseller: 0,
      user_privileges: '[]',
      user_removed_at: null,
      suspended_at: null,
      owned_by: null,
      freezes: null,
    })
    assert.ok(Math.abs(nowMs - Date.now()) < 10_000)
    assert.ok(Math.abs((await storage.nowMs()) - nowMs) < 10_000)
    assert.equal(await storage.tokenByDigest(digestOf('other')), undefined)
  })

  test('numbers come back as numbers and rows as plain objects', async () => {
    const storage = await makeStorage()
    await addRoot(storage)
    assert.deepEqual(await storage.read.selectFrom('users').selectAll().execute(), [{ id: 1, ...userRow('root') }])
    const counted = await storage.read
      .selectFrom('users')
      .select((e) => [e.fn.countAll().as('n'), e.fn.sum('id').as('s')])
      .execute()
    assert.deepEqual(counted, [{ n: 1, s: 1 }])
  })

  test('an error in the work undoes all of it and passes unchanged', async () => {
    const storage = await makeStorage()
    await addRoot(storage)
    const reason = new Error('changed my mind')
    const before = storage.generation
    await assert.rejects(
      storage.write(async (trx) => {
        await trx.insertInto('tokens').values(tokenRowOf('half')).execute()
        throw reason
      }),
      (error) => error === reason,
    )
    assert.deepEqual(await tokenNames(storage), [])
    assert.equal(storage.generation, before)
    assert.equal(storage.health(), 'ok')
  })

  test('a statement that failed cannot be ignored: nothing of the transaction stays', async () => {
    const storage = await makeStorage()
    await addRoot(storage)
    await addToken(storage, 'first')
    await assert.rejects(
      storage.write(async (trx) => {
        await trx.insertInto('audit_entries').values(auditRow('kept?')).execute()
        await trx
          .insertInto('tokens')
          .values(tokenRowOf('first'))
          .execute()
          .catch((error: unknown) => {
            assert.ok(isUniqueViolation(error))
          })
      }),
      /rolled back/,
    )
    assert.deepEqual(await auditTargets(storage), ['first'])
  })

  test('the generation grows with each committed change, before the answer, and not with usage figures', async () => {
    const storage = await makeStorage()
    const before = storage.generation
    await addRoot(storage)
    assert.equal(storage.generation, before + 1)
    await storage.writeUsage(async (trx) => {
      await trx.insertInto('meta').values({ key: 'clock_high_water', value: '5' }).execute()
    })
    assert.equal(storage.generation, before + 1)
  })

  test('a transaction that was let out cannot be used after its end', async () => {
    const storage = await makeStorage()
    const leaked = await storage.write(async (trx) => ({ trx }))
    await assert.rejects(leaked.trx.insertInto('users').values(userRow('late')).execute(), /after its transaction/)
    await assert.rejects(
      storage.read.transaction().execute(async () => {}),
      /write\(\) alone/,
    )
  })

  test('reads see committed state while a write is open, and writes run one at a time with urgent ones first', async () => {
    const storage = await makeStorage()
    await addRoot(storage)
    const order: string[] = []
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
    const { promise: started, resolve: noteStart } = Promise.withResolvers<void>()
    const first = storage.write(async (trx) => {
      await trx.insertInto('tokens').values(tokenRowOf('first')).execute()
      noteStart()
      await held
      order.push('first')
    })
    await started
    const second = storage.write(async () => void order.push('second'))
    const urgent = storage.write(async () => void order.push('urgent'), { urgent: true })
    assert.deepEqual(await tokenNames(storage), [])
    assert.equal(await storage.tokenByDigest(digestOf('first')), undefined)
    letGo()
    await Promise.all([first, second, urgent])
    assert.deepEqual(order, ['first', 'urgent', 'second'])
    assert.deepEqual(await tokenNames(storage), ['first'])
  })

  test('a write that waits longer than two seconds is refused as busy', async () => {
    const storage = await makeStorage()
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
    const first = storage.write(() => held)
    const from = performance.now()
    await assert.rejects(addRoot(storage), { code: 'storage-busy' })
    assert.ok(performance.now() - from < 2500)
    letGo()
    await first
    assert.equal(storage.health(), 'ok')
  })

  test('C1: of 100 creates of one name at once, exactly one succeeds', async () => {
    const storage = await makeStorage()
    await addRoot(storage)
    const tries = Array.from({ length: 100 }, (_, i) =>
      storage.write((trx) =>
        trx
          .insertInto('tokens')
          .values({ ...tokenRowOf('same'), digest: `d${i}`, id: `t${i}` })
          .execute(),
      ),
    )
    const done = await Promise.allSettled(tries)
    assert.equal(done.filter((one) => one.status === 'fulfilled').length, 1)
    assert.ok(done.every((one) => one.status === 'fulfilled' || isUniqueViolation(one.reason)))
  })

  test('N5: a name is free again after its token was revoked, and audit numbers grow in order of effect', async () => {
    const storage = await makeStorage()
    await addRoot(storage)
    await addToken(storage, 'same')
    await revokeToken(storage, 'same')
    await storage.write((trx) =>
      trx
        .insertInto('tokens')
        .values({ ...tokenRowOf('same'), digest: 'another', id: 'tok_another' })
        .execute(),
    )
    await Promise.all(Array.from({ length: 20 }, (_, i) => addToken(storage, `n${i}`)))
    const rows = await storage.read.selectFrom('audit_entries').select('seq').orderBy('seq').execute()
    assert.equal(rows.length, 22)
  })

  test('D7: whichever statement of a change fails, the change is whole or absent, and the next one works', async () => {
    let countdown = Number.POSITIVE_INFINITY
    const storage = await makeStorage({
      beforeStatement: (sql) => {
        if (--countdown === 0) throw new Error(`injected before ${sql}`)
      },
    })
    await addRoot(storage)
    let failed = 0
    for (let n = 1; ; n++) {
      countdown = n
      const outcome = await addToken(storage, `t${n}`).then(
        () => 'done',
        () => 'failed',
      )
      const wasReached = countdown <= 0
      countdown = Number.POSITIVE_INFINITY
      assert.deepEqual(await tokenNames(storage), await auditTargets(storage))
      assert.equal((await tokenNames(storage)).includes(`t${n}`), outcome === 'done')
      if (!wasReached) break
      failed++
    }
    assert.ok(failed >= 4, 'begin, two statements and commit were each hit')
    countdown = 1
    // tokenByDigest throws at once on SQLite and rejects on PostgreSQL.
    await assert.rejects(async () => storage.tokenByDigest(digestOf('t1')), /injected/)
    assert.equal((await storage.tokenByDigest(digestOf(`t${failed + 1}`)))?.name, `t${failed + 1}`)
  })

  test('N7: with a fifth of all statements failing, the database equals a model of what was answered as done', async () => {
    let faulty = false
    let seed = 20261122
    const storage = await makeStorage({
      beforeStatement: () => {
        seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
        if (faulty && seed / 2 ** 32 < 0.2) throw new Error('injected')
      },
    })
    await addRoot(storage)
    faulty = true
    const model = new Set<string>()
    for (let i = 0; i < 1000; i++) {
      await addToken(storage, `t${i}`).then(
        () => model.add(`t${i}`),
        () => {},
      )
    }
    faulty = false
    assert.deepEqual(await tokenNames(storage), [...model].sort())
    assert.deepEqual(await auditTargets(storage), [...model].sort())
    assert.equal(storage.health(), 'ok')
  })

  test('a change that was answered is there after the database is opened again', async () => {
    const place = await makeDatabase()
    const first = await place.open()
    await addRoot(first)
    await addToken(first, 'kept')
    await first.close()
    const second = await place.open()
    assert.deepEqual(await tokenNames(second), ['kept'])
  })

  test('B2: a database with a step of a newer version is refused', async () => {
    const place = await makeDatabase()
    const storage = await place.open()
    const unknown = { name: '9999-later', timestamp: new Date(1).toISOString() }
    await storage.write(async (trx) => {
      // The migrator's own table is not part of the schema.
      await (trx as unknown as import('kysely').Kysely<{ kysely_migration: typeof unknown }>)
        .insertInto('kysely_migration')
        .values(unknown)
        .execute()
    })
    await storage.close()
    await assert.rejects(place.open(), { name: 'StartRefusal', message: /newer Postern/ })
  })

  test(`${name}: damage reported by the database ends all service until it is opened again`, async () => {
    let damaged = false
    const storage = await makeStorage({
      beforeStatement: () => {
        if (damaged) throw Object.assign(new Error('damaged'), name === 'sqlite' ? { errcode: 11 } : { code: 'XX001' })
      },
    })
    await addRoot(storage)
    damaged = true
    await assert.rejects(addToken(storage, 'a'), { code: 'storage-damaged' })
    damaged = false
    assert.equal(storage.health(), 'storage-damaged')
    await assert.rejects(
      addToken(storage, 'b'),
      (error) => error instanceof Failure && error.code === 'storage-damaged',
    )
    await assert.rejects(async () => storage.tokenByDigest(digestOf('a')), { code: 'storage-damaged' })
    await assert.rejects(tokenNames(storage), { code: 'storage-damaged' })
  })
})
