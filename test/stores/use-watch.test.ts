/** Unusual use of a token, found in the usage ledger after the calls, on both databases. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { watchUse } from '../../src/server/use-watch.ts'
import type { Storage } from '../../src/storage/database.ts'
import { usageWriterOn } from '../../src/storage/usage-writer.ts'
import { UsageLedger } from '../../src/usage/ledger.ts'
import { forEachDatabase } from './databases.ts'
import { accountRow, addRoot, addToken, auditRow, userRow } from './rows.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** A Wednesday, on the hour. */
const NOON = Date.UTC(2026, 10, 25, 12)
const LIMITS = { days: 7, calls: 50 }

type Call = {
  readonly at: number
  readonly from?: string
  readonly name?: string
  readonly times?: number
  /** By user name or domain. */
  readonly account?: string
}

forEachDatabase((_name, makeStorage) => {
  /** Makes the calls as the server counts them, hour by hour. */
  const use = async (storage: Storage, ...calls: readonly Call[]): Promise<void> => {
    const ledger = new UsageLedger(usageWriterOn(storage), {
      keepsDetails: true,
      onTrouble: (error) => assert.fail(String(error)),
    })
    const token = ledger.newUse('tok_backup')
    for (const { at, from = '192.0.2.1', name = 'listaccts', times = 1, account } of calls) {
      for (let count = 0; count < times; count += 1) ledger.markToken(token, at, from, name)
      if (account !== undefined) ledger.markAccount('tok_backup', account)
      await ledger.flush()
    }
    await ledger.close()
  }
  const watch = (storage: Storage, at: number) => watchUse(storage, new Date(at), LIMITS)
  const alerts = async (storage: Storage) =>
    (await storage.read.selectFrom('alerts').select(['kind', 'reason', 'occurrences']).orderBy('id').execute()).map(
      ({ kind, reason, occurrences }) => [kind, reason, occurrences],
    )
  /** A token that was used at noon and at one each day of the last eight, fifteen times an hour. */
  const learned = async (): Promise<Storage> => {
    const storage = await makeStorage()
    await addRoot(storage)
    await addToken(storage, 'backup')
    await watch(storage, NOON - 9 * DAY_MS)
    for (let day = 8; day >= 1; day -= 1) {
      const at = NOON - day * DAY_MS
      await use(storage, { at, times: 15 }, { at: at + HOUR_MS, times: 15 })
      await watch(storage, at + HOUR_MS)
    }
    assert.deepEqual(await alerts(storage), [])
    return storage
  }

  test('what a token always did raises nothing', async () => {
    const storage = await learned()
    await use(storage, { at: NOON, times: 40 })
    await watch(storage, NOON)
    assert.deepEqual(await alerts(storage), [])
  })

  test('a new function, a new address and a new network each raise one alert, once', async () => {
    const storage = await learned()
    await use(
      storage,
      { at: NOON, name: 'removeacct', times: 3 },
      { at: NOON, from: '192.0.2.77' },
      { at: NOON, from: '2001:db8::1' },
    )
    for (let look = 0; look < 3; look += 1) await watch(storage, NOON + look * 60_000)
    assert.deepEqual(await alerts(storage), [
      ['new-function', 'The token “backup” of “root” called removeacct, which it never did before.', 1],
      [
        'new-address',
        'The token “backup” of “root” was used from 192.0.2.77; before, it was used from its network, not from this address.',
        1,
      ],
      [
        'new-network',
        'The token “backup” of “root” was used from 2001:db8::1, from whose network it never was before.',
        1,
      ],
    ])
    // In the next hour they are known.
    await use(storage, { at: NOON + HOUR_MS, name: 'removeacct' }, { at: NOON + HOUR_MS, from: '2001:db8:0:5::9' })
    await watch(storage, NOON + HOUR_MS)
    const kinds = (await alerts(storage)).map(([kind, , occurrences]) => [kind, occurrences])
    assert.deepEqual(kinds, [
      ['new-function', 1],
      ['new-address', 2],
      ['new-network', 1],
    ])
  })

  test('an account that a token never acted on raises one, by whatever name it was called; one that it made itself raises none', async () => {
    const storage = await learned()
    await storage.writeUsage(async (trx) => {
      for (const [id, name] of [
        [11, 'alice'],
        [12, 'bob'],
        [13, 'carol'],
      ] as const) {
        await trx
          .insertInto('users')
          .values({ ...userRow(name), id, kind: 'account' })
          .execute()
        await trx
          .insertInto('accounts')
          .values(accountRow(id, `${name}.example`))
          .execute()
      }
      const gone = { ...userRow('gone'), id: 14, kind: 'account', removed_at: 2 }
      await trx.insertInto('users').values(gone).execute()
      const made = { ...auditRow('carol'), function: 'createacct', token_id: 'tok_backup' }
      await trx.insertInto('audit_entries').values(made).execute()
    })
    await use(storage, { at: NOON, account: 'alice.example' })
    await watch(storage, NOON)
    const first = ['new-account', 'The token “backup” of “root” acted on alice, as it never did before.', 1]
    assert.deepEqual(await alerts(storage), [first])
    for (const account of ['alice', 'carol', 'carol.example']) await use(storage, { at: NOON, account })
    await watch(storage, NOON)
    assert.deepEqual(await alerts(storage), [first])
    // One that was removed by that call, and one that was only asked for.
    for (const account of ['bob.example', 'gone', 'nobody']) await use(storage, { at: NOON + 60_000, account })
    await watch(storage, NOON + 60_000)
    await watch(storage, NOON + 120_000)
    const rows = await storage.read.selectFrom('alerts').select(['kind', 'occurrences', 'examples']).execute()
    assert.deepEqual(
      rows.map((row) => ({ ...row })),
      [{ kind: 'new-account', occurrences: 3, examples: '["alice","bob","gone"]' }],
    )
  })

  test('an hour of the day at which it was never used raises one, also across midnight', async () => {
    const storage = await learned()
    await use(storage, { at: NOON + 14.5 * HOUR_MS })
    await watch(storage, NOON + 14.6 * HOUR_MS)
    assert.deepEqual(await alerts(storage), [
      [
        'new-hour',
        'The token “backup” of “root” was used between 02:00 and 02:59 UTC, as never in the days before.',
        1,
      ],
    ])
  })

  test('three times as many calls in an hour as ever raise one in that hour', async () => {
    const storage = await learned()
    await use(storage, { at: NOON, times: 99 })
    await watch(storage, NOON + 60_000)
    assert.deepEqual(await alerts(storage), [])
    await use(storage, { at: NOON + 60_000, times: 30 })
    for (let look = 2; look < 5; look += 1) await watch(storage, NOON + look * 60_000)
    assert.deepEqual(await alerts(storage), [
      [
        'new-rate',
        'The token “backup” of “root” made 129 calls within an hour; before, it never made more than 15.',
        1,
      ],
    ])
  })

  test('a token is learned for a week and fifty calls before anything of it is unusual', async () => {
    const storage = await makeStorage()
    await addRoot(storage)
    await addToken(storage, 'backup')
    await watch(storage, NOON)
    await use(storage, { at: NOON, times: 500 })
    await watch(storage, NOON + 60_000)
    await use(storage, { at: NOON + 6 * DAY_MS, from: '198.51.100.1', name: 'removeacct' })
    await watch(storage, NOON + 6 * DAY_MS)
    assert.deepEqual(await alerts(storage), [])
    await use(storage, { at: NOON + 7 * DAY_MS, from: '203.0.113.1' })
    await watch(storage, NOON + 7 * DAY_MS)
    assert.deepEqual(
      (await alerts(storage)).map(([kind]) => kind),
      ['new-network'],
    )
  })

  test('what was there before the first look is nothing new, and of two looks at once only one tells', async () => {
    const storage = await learned()
    await storage.writeUsage((trx) =>
      trx
        .deleteFrom('meta')
        .where('key', '=', 'unusual_use_seen')
        .execute()
        .then(() => {}),
    )
    await use(storage, { at: NOON, name: 'removeacct' })
    await watch(storage, NOON)
    assert.deepEqual(await alerts(storage), [])
    await use(storage, { at: NOON, name: 'killpkg' })
    await Promise.all([watch(storage, NOON), watch(storage, NOON), watch(storage, NOON)])
    assert.deepEqual(
      (await alerts(storage)).map(([kind, , occurrences]) => [kind, occurrences]),
      [['new-function', 1]],
    )
  })
})
