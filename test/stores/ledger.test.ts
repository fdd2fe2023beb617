/** What the ledger keeps: sums over nodes, accounts by their names, and what becomes of old hours and days. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { foldLedger } from '../../src/storage/ledger-store.ts'
import { storesOn } from '../../src/storage/stores.ts'
import { usageWriterOn } from '../../src/storage/usage-writer.ts'
import type { TakenUse, UsageBatch } from '../../src/usage/ledger.ts'
import type { LedgerCount, LedgerKind } from '../../src/usage/tally.ts'
import { forEachDatabase } from './databases.ts'
import { addRoot, userRow } from './rows.ts'

const HOUR = 3600
const DAY = 86_400
/** The beginning of a day. */
const START = 1_800_000_000 - (1_800_000_000 % DAY)

const useOf = (atSeconds: number, more: Partial<TakenUse> = {}): TakenUse => ({
  tokenId: 'tok_a',
  secretNumber: undefined,
  calls: 1,
  firstUsedMs: atSeconds * 1000,
  lastUsedMs: atSeconds * 1000,
  lastUsedAddress: '192.0.2.1',
  lastFunction: 'version',
  ...more,
})
const countOf = (atSeconds: number, kind: LedgerKind, name: string, calls: number): LedgerCount => ({
  tokenId: 'tok_a',
  kind,
  hourMs: (atSeconds - (atSeconds % HOUR)) * 1000,
  name,
  calls,
  lastMs: atSeconds * 1000,
})
const batch = (more: Partial<UsageBatch>): UsageBatch => ({
  uses: [],
  refusals: [],
  counts: [],
  sessionsSeen: new Map(),
  ...more,
})

forEachDatabase((_name, makeStorage) => {
  test('figures add up whoever writes them, and the latest use stands whoever writes last', async () => {
    const storage = await makeStorage()
    const writer = usageWriterOn(storage)
    const later = useOf(START + 50, { lastUsedAddress: '192.0.2.2', lastFunction: 'listaccts', calls: 3 })
    await writer.write(batch({ uses: [later] }))
    await writer.write(batch({ uses: [useOf(START, { calls: 2 }), useOf(START + 10, { secretNumber: 2 })] }))
    const { tokens, ledger } = storesOn(storage.read)
    const usage = (await tokens.usageOf(['tok_a'])).get('tok_a')
    assert.deepEqual(usage, {
      firstUsedAt: new Date((START + 50) * 1000),
      lastUsedAt: new Date((START + 50) * 1000),
      lastUsedAddress: '192.0.2.2',
      lastFunction: 'listaccts',
      calls: 6,
    })
    assert.deepEqual(
      [...(await ledger.secretUses('tok_a', [1, 2]))],
      [[2, { lastUsedAt: new Date((START + 10) * 1000), lastUsedAddress: '192.0.2.1', calls: 1 }]],
    )
    const refusals = { tokenId: 'tok_a', refused: 2, lastMs: START * 1000, lastAddress: '::1', lastReason: 'expired' }
    await writer.write(batch({ refusals: [refusals] }))
    await writer.write(
      batch({ refusals: [{ ...refusals, refused: 1, lastMs: (START + 1) * 1000, lastReason: 'paused' }] }),
    )
    assert.deepEqual((await ledger.refusalsOf(['tok_a', 'tok_b'])).get('tok_a'), {
      refused: 3,
      lastRefusedAt: new Date((START + 1) * 1000),
      lastRefusedAddress: '::1',
      lastRefusedReason: 'paused',
    })
  })

  test('calls are counted by name and hour, accounts by user whether a call named user or domain, and strangers not at all', async () => {
    const storage = await makeStorage()
    await addRoot(storage)
    await storage.write(async (trx) => {
      await trx
        .insertInto('users')
        .values({ ...userRow('alice'), kind: 'account' })
        .execute()
      await trx
        .insertInto('accounts')
        .values({
          user_id: 2,
          domain: 'alice.example.com',
          is_temporary_domain: 0,
          contact_email: '',
          owner_id: 1,
          plan: 'default',
          ip: '192.0.2.1',
          theme: 'jupiter',
          shell: '/bin/false',
          locale: 'en',
          home: 'alice',
          disk_limit_mb: null,
          bandwidth_limit_mb: null,
          limits: '{}',
          uid: 1000,
          created_at: 1,
          suspended_at: null,
          suspend_reason: '',
          suspend_locked: 0,
        })
        .execute()
    })
    const writer = usageWriterOn(storage)
    const counts = [
      countOf(START, 'function', 'accountsummary', 3),
      countOf(START, 'account', 'alice', 1),
      countOf(START, 'account', 'alice.example.com', 2),
      countOf(START, 'account', 'nobody', 5),
      countOf(START + HOUR, 'function', 'accountsummary', 4),
      countOf(START + HOUR + 5, 'refusal', 'address-not-allowed', 6),
    ]
    await writer.write(batch({ counts }))
    await writer.write(batch({ counts: [countOf(START + 7, 'function', 'accountsummary', 1)] }))
    const { ledger } = storesOn(storage.read)
    const since = new Date(START * 1000)
    assert.deepEqual(
      (await ledger.namedCalls('tok_a', since)).map(({ kind, name, calls, lastAt }) => [
        kind,
        name,
        calls,
        lastAt.getTime() / 1000 - START,
      ]),
      [
        ['function', 'accountsummary', 8, HOUR],
        ['refusal', 'address-not-allowed', 6, HOUR + 5],
        ['account', 'alice', 3, 0],
      ],
    )
    const series = async (period: 'hour' | 'day') =>
      (await ledger.series('tok_a', since, period)).map((point) => [
        point.startsAt.getTime() / 1000 - START,
        point.calls,
        point.refused,
      ])
    assert.deepEqual(await series('hour'), [
      [0, 4, 0],
      [HOUR, 4, 6],
    ])
    assert.deepEqual(await series('day'), [[0, 8, 6]])
    assert.deepEqual([...(await ledger.functionsUsed(['tok_a', 'tok_b'], since))], [['tok_a', ['accountsummary']]])
    assert.deepEqual(await ledger.namedCalls('tok_a', new Date((START + 2 * DAY) * 1000)), [])
  })

  test('hours are summed up to days after eight days, days go when their time is over, and no call is lost or counted twice', async () => {
    const storage = await makeStorage()
    const writer = usageWriterOn(storage)
    const hours = Array.from({ length: 48 }, (_, hour) => countOf(START + hour * HOUR, 'function', 'version', hour + 1))
    const young = countOf(START + 10 * DAY, 'function', 'version', 1000)
    await writer.write(batch({ counts: [...hours, young] }))
    const periods = async () =>
      (
        await storage.read
          .selectFrom('token_ledger')
          .select(['period', 'starts_at', 'calls'])
          .orderBy('starts_at')
          .orderBy('period')
          .execute()
      ).map(({ period, starts_at, calls }) => [period, (starts_at - START) / DAY, calls])
    const first = (24 * 25) / 2
    const second = (48 * 49) / 2 - first
    const now = new Date((START + 10 * DAY + HOUR) * 1000)
    await foldLedger(storage, now, 400)
    await foldLedger(storage, now, 400)
    assert.deepEqual(await periods(), [
      ['day', 0, first],
      ['day', 1, second],
      ['hour', 10, 1000],
    ])
    // A late hour joins its day.
    await writer.write(batch({ counts: [countOf(START + 5, 'function', 'version', 7)] }))
    await Promise.all([foldLedger(storage, now, 400), foldLedger(storage, now, 400)])
    assert.deepEqual((await periods())[0], ['day', 0, first + 7])
    const { ledger } = storesOn(storage.read)
    const [version] = await ledger.namedCalls('tok_a', new Date(START * 1000))
    assert.equal(version?.calls, first + second + 7 + 1000)
    await foldLedger(storage, now, 9)
    assert.deepEqual(await periods(), [
      ['day', 1, second],
      ['hour', 10, 1000],
    ])
  })
})
