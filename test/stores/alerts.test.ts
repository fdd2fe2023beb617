/** What both databases keep of alerts: groups that are counted, what is muted, and an outbox in the order of effect. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Alert, AlertFilter, NewAlert } from '../../src/alerts/alert.ts'
import { alertStoreOn } from '../../src/storage/alert-store.ts'
import type { Storage } from '../../src/storage/database.ts'
import { forEachDatabase } from './databases.ts'

const NOON = Date.UTC(2026, 10, 25, 12)
const at = (seconds: number): Date => new Date(NOON + seconds * 1000)
const alert = (more: Partial<NewAlert> = {}): NewAlert => ({
  kind: 'old-token',
  reason: 'An old token was used.',
  about: { userId: 7, user: 'rita', tokenId: 'tok_1', tokenName: 'backup', address: '192.0.2.1' },
  at: at(0),
  ...more,
})
const EVERYTHING: AlertFilter = {
  userId: undefined,
  kind: undefined,
  tokenId: undefined,
  severity: undefined,
  isOpen: undefined,
  since: undefined,
  beforeId: undefined,
  limit: 100,
}

forEachDatabase((_name, makeStorage) => {
  const raise = (storage: Storage, ...alerts: readonly NewAlert[]): Promise<void> =>
    storage.write((trx) => alertStoreOn(trx).raise(alerts))
  const list = (storage: Storage, filter: Partial<AlertFilter> = {}): Promise<readonly Alert[]> =>
    alertStoreOn(storage.read).list({ ...EVERYTHING, ...filter })
  const events = async (storage: Storage) =>
    (await storage.read.selectFrom('alert_events').select('body').orderBy('id').execute()).map(({ body }) =>
      JSON.parse(body),
    )

  test('what happens again is counted in the open alert, with its latest reason and a few examples', async () => {
    const storage = await makeStorage()
    await raise(storage, alert({ example: '192.0.2.1' }))
    await raise(storage, alert({ at: at(5), reason: 'Again.', occurrences: 40, example: '192.0.2.2' }))
    for (let last = 3; last < 20; last += 1) await raise(storage, alert({ at: at(9), example: `192.0.2.${last}` }))
    const [only, ...others] = await list(storage)
    assert.deepEqual(others, [])
    assert.deepEqual(
      [only?.occurrences, only?.firstAt, only?.lastAt, only?.severity, only?.examples.length],
      [58, at(0), at(9), 'critical', 10],
    )
    assert.deepEqual(only?.about, alert().about)
    assert.deepEqual(only?.examples.slice(0, 3), ['192.0.2.1', '192.0.2.2', '192.0.2.3'])
  })

  test('alerts of other kinds and about other tokens are alerts of their own', async () => {
    const storage = await makeStorage()
    await raise(storage, alert(), alert({ about: { tokenId: 'tok_2' } }), alert({ kind: 'expired-token' }))
    assert.deepEqual(
      (await list(storage)).map(({ kind, about }) => [kind, about.tokenId]),
      [
        ['expired-token', 'tok_1'],
        ['old-token', 'tok_2'],
        ['old-token', 'tok_1'],
      ],
    )
  })

  test('an alert is put into the outbox when it is opened, and again when it goes on an hour later', async () => {
    const storage = await makeStorage()
    await raise(storage, alert())
    await raise(storage, alert({ at: at(3599) }))
    assert.equal((await events(storage)).length, 1)
    await raise(storage, alert({ at: at(3600) }))
    assert.deepEqual(await events(storage), [
      {
        alert: 1,
        kind: 'old-token',
        severity: 'critical',
        title: 'Somebody holds an old or unknown token',
        reason: 'An old token was used.',
        user: 'rita',
        token_id: 'tok_1',
        token_name: 'backup',
        address: '192.0.2.1',
        examples: [],
        first_time: NOON / 1000,
        time: NOON / 1000,
        occurrences: 1,
      },
      {
        alert: 1,
        kind: 'old-token',
        severity: 'critical',
        title: 'Somebody holds an old or unknown token',
        reason: 'An old token was used.',
        user: 'rita',
        token_id: 'tok_1',
        token_name: 'backup',
        address: '192.0.2.1',
        examples: [],
        first_time: NOON / 1000,
        time: NOON / 1000 + 3600,
        occurrences: 3,
      },
    ])
  })

  test('a reminder of an expiry is sent each time', async () => {
    const storage = await makeStorage()
    for (const day of [60, 30]) await raise(storage, alert({ kind: 'token-expires', reason: `In ${day} days.` }))
    assert.deepEqual(
      (await events(storage)).map(({ reason }) => reason),
      ['In 60 days.', 'In 30 days.'],
    )
  })

  test('an alert is undone with the change that raised it', async () => {
    const storage = await makeStorage()
    const undone = storage.write(async (trx) => {
      await alertStoreOn(trx).raise([alert()])
      throw new Error('changed my mind')
    })
    await assert.rejects(undone, /changed my mind/)
    assert.deepEqual([await list(storage), await events(storage)], [[], []])
  })

  test('after it was acknowledged, once, the next occurrence opens a new alert', async () => {
    const storage = await makeStorage()
    await raise(storage, alert())
    const close = (by: string) => storage.write((trx) => alertStoreOn(trx).acknowledge(1, by, at(10)))
    assert.deepEqual([await close('root'), await close('rita')], [true, false])
    await raise(storage, alert({ at: at(20) }))
    const [second, first] = await list(storage)
    assert.deepEqual([first?.acknowledgedAt, first?.acknowledgedBy, first?.occurrences], [at(10), 'root', 1])
    assert.deepEqual([second?.acknowledgedAt, second?.firstAt], [undefined, at(20)])
    assert.deepEqual(
      (await list(storage, { isOpen: true })).map(({ id }) => id),
      [second?.id],
    )
    assert.deepEqual(
      (await list(storage, { isOpen: false })).map(({ id }) => id),
      [first?.id],
    )
    assert.equal((await events(storage)).length, 2)
  })

  test('its owner closes an alert in their own list alone, until it goes on', async () => {
    const storage = await makeStorage()
    await raise(storage, alert())
    assert.equal(await storage.write((trx) => alertStoreOn(trx).acknowledgeAsOwner(1, at(10))), true)
    assert.deepEqual(await list(storage, { isOpen: true, userId: 7 }), [])
    assert.equal((await list(storage, { isOpen: false, userId: 7 })).length, 1)
    assert.equal((await list(storage, { isOpen: true })).length, 1)
    await raise(storage, alert({ at: at(20) }))
    assert.equal((await list(storage, { isOpen: true, userId: 7 })).length, 1)
  })

  test('a list is filtered by user, kind, token, severity and time, and paged', async () => {
    const storage = await makeStorage()
    await raise(storage, alert(), alert({ kind: 'new-hour', at: at(60) }), alert({ about: { userId: 8 }, at: at(90) }))
    const ids = async (filter: Partial<AlertFilter>) => (await list(storage, filter)).map(({ id }) => id)
    assert.deepEqual(await ids({ userId: 7 }), [2, 1])
    assert.deepEqual(await ids({ kind: 'new-hour' }), [2])
    assert.deepEqual(await ids({ tokenId: 'tok_1' }), [2, 1])
    assert.deepEqual(await ids({ severity: 'critical' }), [3, 1])
    assert.deepEqual(await ids({ since: at(60) }), [3, 2])
    assert.deepEqual(await ids({ beforeId: 3, limit: 1 }), [2])
  })

  test('what root mutes is kept and not sent, until the mute ends; what an owner mutes is sent', async () => {
    const storage = await makeStorage()
    const mute = { kind: 'old-token', tokenId: 'tok_1', createdAt: at(0), createdBy: 'root' } as const
    const roots = await storage.write((trx) => alertStoreOn(trx).mute({ ...mute, userId: undefined, untilAt: at(60) }))
    await storage.write((trx) => alertStoreOn(trx).mute({ ...mute, kind: undefined, userId: 7, untilAt: undefined }))
    await raise(storage, alert({ at: at(59) }), alert({ at: at(59), kind: 'new-hour' }))
    assert.deepEqual(
      (await events(storage)).map(({ kind }) => kind),
      ['new-hour'],
    )
    await raise(storage, alert({ at: at(60) }))
    assert.deepEqual(
      (await events(storage)).map(({ kind, occurrences }) => [kind, occurrences]),
      [
        ['new-hour', 1],
        ['old-token', 2],
      ],
    )
    const unmute = (id: number, userId: number | undefined) =>
      storage.write((trx) => alertStoreOn(trx).unmute(id, userId))
    assert.equal(await unmute(roots, 7), false)
    assert.equal(await unmute(roots, undefined), true)
    assert.deepEqual(
      (await alertStoreOn(storage.read).mutes(at(0))).map(({ userId }) => userId),
      [7],
    )
  })

  test('a flood from more addresses than anybody could look at ends in one alert for the rest', async () => {
    const storage = await makeStorage()
    const flood = Array.from({ length: 600 }, (_, n) => alert({ about: { address: `2001:db8::${n.toString(16)}` } }))
    await raise(storage, ...flood)
    const kept = await list(storage, { limit: 1000 })
    assert.equal(kept.length, 501)
    assert.equal(kept[0]?.occurrences, 100)
    assert.equal((await events(storage)).length, 501)
  })

  test('O3: what a stranger sent is kept as it was, but for NUL and halves of characters', async () => {
    const storage = await makeStorage()
    const name = '<script>\u2028"\u0000\ud800=1+1'
    await raise(storage, alert({ reason: name, about: { user: name, address: '192.0.2.1' }, example: name }))
    const kept = '<script>\u2028"\ufffd\ufffd=1+1'
    const [found] = await list(storage)
    assert.deepEqual([found?.reason, found?.about.user, found?.examples], [kept, kept, [kept]])
  })
})
