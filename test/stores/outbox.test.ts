/** Delivery over a real outbox: in order, once, over restarts and nodes, and nothing forgotten that was not counted. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AlertDelivery, backOffMs, NotTaken, type OutboxEvent, type Sink } from '../../src/alerts/delivery.ts'
import { alertStoreOn } from '../../src/storage/alert-store.ts'
import type { Storage } from '../../src/storage/database.ts'
import { outboxOn } from '../../src/storage/outbox.ts'
import { forEachDatabase } from './databases.ts'

const NOON = Date.UTC(2026, 10, 25, 12)

type Sending = { readonly event: OutboxEvent; take(): void; fail(error: Error): void }

/** A sink whose sendings the test answers, one at a time. */
function makeSink() {
  const sendings: Sending[] = []
  const sink: Sink = {
    name: 'webhook',
    send: (event, signal) =>
      new Promise((take, fail) => {
        sendings.push({ event, take, fail })
        signal.addEventListener('abort', () => fail(new Error('cut')))
      }),
  }
  const next = async (): Promise<Sending> => {
    for (;;) {
      const sending = sendings.shift()
      if (sending !== undefined) return sending
      await new Promise(setImmediate)
    }
  }
  return { sink, next, sendings }
}

forEachDatabase((name, makeStorage, makeDatabase) => {
  const raise = (storage: Storage, token: string): Promise<void> =>
    storage.write((trx) =>
      alertStoreOn(trx).raise([
        { kind: 'old-token', reason: `About ${token}.`, about: { tokenId: token }, at: new Date(NOON) },
      ]),
    )
  /** A delivery that has begun, on a clock that the test moves. */
  const begin = async (
    storage: Storage,
    sink: Sink,
    clock: { nowMs: number },
    onTrouble: (error: unknown) => void = () => {},
  ): Promise<AlertDelivery> => {
    const delivery = new AlertDelivery(
      outboxOn(storage),
      [sink],
      () => clock.nowMs,
      (_sink, error) => onTrouble(error),
    )
    await delivery.start()
    return delivery
  }
  /** Calls `deliver` until the condition holds. */
  const until = async (delivery: AlertDelivery, condition: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await condition())) {
      delivery.deliver()
      await new Promise(setImmediate)
    }
  }
  const state = async (storage: Storage) => (await outboxOn(storage).states())[0]!

  test('a new sink begins with what is raised from then on, and gets it in order', async () => {
    const storage = await makeStorage()
    await raise(storage, 'before')
    const { sink, next } = makeSink()
    const delivery = await begin(storage, sink, { nowMs: NOON }, (error) => assert.fail(String(error)))
    for (const token of ['a', 'b', 'c']) await raise(storage, token)
    delivery.deliver()
    for (const token of ['a', 'b', 'c']) {
      const sending = await next()
      assert.equal(sending.event.event.token_id, token)
      sending.take()
    }
    await until(delivery, async () => (await state(storage)).waiting === 0)
    assert.deepEqual((await state(storage)).lastSuccessAt, new Date(NOON))
    await delivery.close()
  })

  test('what is not taken is tried again later and later, before everything behind it, also after a restart', async () => {
    const storage = await makeStorage()
    const clock = { nowMs: NOON }
    const troubles: string[] = []
    const start = (sink: Sink) => begin(storage, sink, clock, (error) => troubles.push(String(error)))
    const one = makeSink()
    const first = await start(one.sink)
    for (const token of ['a', 'b']) await raise(storage, token)
    first.deliver()
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const sending = await one.next()
      assert.equal(sending.event.event.token_id, 'a')
      sending.fail(new Error('connection refused'))
      await until(first, async () => (await state(storage)).attempts === attempt)
      assert.equal((await state(storage)).nextTryMs, clock.nowMs + 1000 * 2 ** (attempt - 1))
      clock.nowMs += 1000 * 2 ** (attempt - 1)
      first.deliver()
    }
    await one.next()
    await first.close()
    assert.deepEqual(troubles, ['Error: connection refused'])
    assert.equal((await state(storage)).lastError, 'connection refused')
    const two = makeSink()
    const second = await start(two.sink)
    second.deliver()
    for (const token of ['a', 'b']) {
      const sending = await two.next()
      assert.equal(sending.event.event.token_id, token)
      sending.take()
    }
    await until(second, async () => (await state(storage)).waiting === 0)
    assert.deepEqual([(await state(storage)).lost, (await state(storage)).lastError], [0, ''])
    await second.close()
  })

  test('an event that the other side refuses is given up after ten tries and counted, and the next one goes', async () => {
    const storage = await makeStorage()
    const clock = { nowMs: NOON }
    const { sink, next } = makeSink()
    const delivery = await begin(storage, sink, clock)
    for (const token of ['poison', 'b']) await raise(storage, token)
    for (let attempt = 0; attempt < 10; attempt += 1) {
      delivery.deliver()
      const sending = await next()
      assert.equal(sending.event.event.token_id, 'poison')
      sending.fail(new NotTaken('the webhook answered 422'))
      await until(delivery, async () => (await state(storage)).attempts === (attempt + 1) % 10)
      clock.nowMs += 600_000
    }
    const sending = await next()
    assert.equal(sending.event.event.token_id, 'b')
    sending.take()
    await until(delivery, async () => (await state(storage)).waiting === 0)
    assert.equal((await state(storage)).lost, 1)
    await delivery.close()
  })

  test('what could not be sent for three days is given up and counted', async () => {
    const storage = await makeStorage()
    const clock = { nowMs: NOON }
    const { sink, sendings } = makeSink()
    const delivery = await begin(storage, sink, clock)
    for (const token of ['a', 'b']) await raise(storage, token)
    clock.nowMs += 72 * 3_600_000 + 1
    await until(delivery, async () => (await state(storage)).waiting === 0)
    assert.deepEqual([(await state(storage)).lost, sendings.length], [2, 0])
    await delivery.close()
  })

  test('two processes on one database never send the same event, and the second takes over when the first is gone', async () => {
    const database = await makeDatabase()
    const storage = await database.open()
    const other = name === 'postgres' ? await database.open() : storage
    const clock = { nowMs: NOON }
    const [one, two] = [makeSink(), makeSink()]
    const first = await begin(storage, one.sink, clock)
    const second = await begin(other, two.sink, clock)
    await raise(storage, 'a')
    first.deliver()
    const sending = await one.next()
    // The first holds the lease while it sends.
    for (let turn = 0; turn < 20; turn += 1) {
      second.deliver()
      await new Promise(setImmediate)
    }
    assert.equal(two.sendings.length, 0)
    // It does not come back in time: the lease runs out, and what it says of the event later is not believed.
    clock.nowMs += 60_001
    await until(second, () => two.sendings.length > 0)
    sending.take()
    const again = await two.next()
    assert.equal(again.event.id, sending.event.id)
    again.take()
    await until(second, async () => (await state(storage)).waiting === 0)
    await first.close()
    await second.close()
  })

  test('events that every sink has are removed within the hour', async () => {
    const storage = await makeStorage()
    const clock = { nowMs: NOON }
    const { sink, next } = makeSink()
    const delivery = await begin(storage, sink, clock)
    for (const token of ['a', 'b', 'c']) {
      await raise(storage, token)
      delivery.deliver()
      ;(await next()).take()
      await until(delivery, async () => (await state(storage)).waiting === 0)
    }
    clock.nowMs += 3_600_000
    const left = () => storage.read.selectFrom('alert_events').select('id').execute()
    await until(delivery, async () => (await left()).length === 1)
    await delivery.close()
  })
})

test('a pause between tries grows from a second to five minutes', () => {
  assert.deepEqual([1, 2, 3, 9, 10, 40].map(backOffMs), [1000, 2000, 4000, 256_000, 300_000, 300_000])
})
