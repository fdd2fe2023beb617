/** What the guard counts, kept in the database and shared by nodes. Two guards on one database are two nodes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Address, parseAddress } from '../../src/ip-rules/address.ts'
import type { ProtectionEvent } from '../../src/protection/events.ts'
import { Guard, type GuardParts } from '../../src/protection/guard.ts'
import type { Storage } from '../../src/storage/database.ts'
import { guardStoreOn, protectionStoreOn } from '../../src/storage/protection-store.ts'
import { forEachDatabase } from './databases.ts'
import { userRow } from './rows.ts'

const address = (text: string): Address => {
  const parsed = parseAddress(text)
  assert.ok(parsed)
  return parsed
}

type World = { nowMs: number; readonly events: ProtectionEvent[] }

const newWorld = (): World => ({ nowMs: Date.UTC(2026, 10, 25), events: [] })

function partsOn(storage: Storage, world: World, node: string): GuardParts {
  return {
    store: guardStoreOn(storage),
    node,
    nowMs: () => world.nowMs,
    ignoresSelf: true,
    isOwnAddress: () => false,
    isAlwaysAllowed: () => false,
    emit: (event) => void world.events.push(event),
    onBan: () => {},
    onLock: () => {},
    onTrouble: () => {},
  }
}

const openGuard = (storage: Storage, world: World, node: string): Promise<Guard> =>
  Guard.open(partsOn(storage, world, node))

function oldToken(guard: Guard, world: World, from = '192.0.2.7') {
  return guard.count({
    atMs: world.nowMs,
    address: address(from),
    claimedUser: 'root\u0000',
    kind: 'old-token',
    weight: 'much',
    service: 'whostmgrd',
    factor: 'token',
  })
}

async function guess(guard: Guard, from: string, user: string): Promise<'failed' | 'barred'> {
  const about = { kind: 'sign-in', weight: 'normal', service: 'whostmgrd', factor: 'password' } as const
  const begun = await guard.beginGuess({ ...about, address: address(from), claimedUser: user })
  if (begun.kind === 'barred') return 'barred'
  begun.fail(true)
  return 'failed'
}

const isBarred = (guard: Guard, world: World, from = '192.0.2.7'): boolean =>
  guard.barOf(address(from), world.nowMs) !== undefined

forEachDatabase((_name, makeStorage) => {
  test('T8: bans, attempts and failures of users are there again after a restart', async () => {
    const [storage, world] = [await makeStorage(), newWorld()]
    const first = await openGuard(storage, world, 'one')
    for (let n = 0; n < 4; n += 1) oldToken(first, world, '192.0.2.8')
    for (let n = 0; n < 5; n += 1) oldToken(first, world)
    for (let n = 0; n < 5; n += 1) assert.equal(await guess(first, `192.0.2.${100 + n}`, 'Alice'), 'failed')
    await first.close()
    const second = await openGuard(storage, world, 'two')
    assert.equal(isBarred(second, world), true)
    assert.equal(isBarred(second, world, '192.0.2.8'), false)
    assert.equal(oldToken(second, world, '192.0.2.8'), undefined)
    assert.equal(isBarred(second, world, '192.0.2.8'), true)
    assert.equal(await guess(second, '192.0.2.200', 'alice'), 'barred')
    world.nowMs += 1000
    assert.equal(await guess(second, '192.0.2.201', 'alice'), 'failed')
    assert.equal(await guess(second, '192.0.2.202', 'alice'), 'barred')
    await second.close()
  })

  test('what one node counts and bans, and what is changed in the lists, the other knows when it has looked', async () => {
    const [storage, world] = [await makeStorage(), newWorld()]
    const [one, two] = [await openGuard(storage, world, 'one'), await openGuard(storage, world, 'two')]
    for (let n = 0; n < 5; n += 1) oldToken(one, world)
    for (let n = 0; n < 3; n += 1) oldToken(one, world, '192.0.2.8')
    await one.flush()
    await two.follow()
    assert.equal(isBarred(two, world), true)
    for (let n = 0; n < 2; n += 1) oldToken(two, world, '192.0.2.8')
    assert.equal(isBarred(two, world, '192.0.2.8'), true)
    await storage.write(async (trx) => {
      const store = protectionStoreOn(trx)
      const entry = { comment: '', addedAt: new Date(world.nowMs), addedBy: 'root' }
      await store.addEntry('allow', { rule: '192.0.2.7', ...entry })
      await store.addEntry('deny', { rule: '198.51.100.0/24', ...entry })
      await store.raiseVersion()
    })
    await two.follow()
    assert.equal(isBarred(two, world), false)
    assert.equal(two.barOf(address('198.51.100.9'), world.nowMs)?.because, 'denied')
    await Promise.all([one.close(), two.close()])
  })

  test('R10: banned addresses get 50 handshakes a second together, 200 of them at once, and others as many as they like', async () => {
    const [storage, world] = [await makeStorage(), newWorld()]
    const guard = await openGuard(storage, world, 'one')
    for (const from of ['192.0.2.7', '192.0.2.8']) for (let n = 0; n < 5; n += 1) oldToken(guard, world, from)
    const admitted = (from: string, count: number): number =>
      Array.from({ length: count }, () => guard.mayConnect(address(from), world.nowMs)).filter(Boolean).length
    assert.equal(admitted('192.0.2.7', 150) + admitted('192.0.2.8', 150), 200)
    assert.equal(admitted('192.0.2.9', 300), 300)
    world.nowMs += 1000
    assert.equal(admitted('192.0.2.8', 300), 50)
    await guard.close()
  })

  test('C6: nothing is lost or counted twice when the guard reads everything anew while attempts come in', async () => {
    const [storage, world] = [await makeStorage(), newWorld()]
    const guard = await openGuard(storage, world, 'one')
    for (let n = 0; n < 4; n += 1) {
      oldToken(guard, world)
      await Promise.all([guard.reload(), guard.flush(), guard.reload()])
    }
    assert.equal(isBarred(guard, world), false)
    const reloading = guard.reload()
    oldToken(guard, world)
    await reloading
    assert.equal(isBarred(guard, world), true)
    await guard.close()
    assert.equal((await protectionStoreOn(storage.read).attempts(0, 100)).length, 5)
  })

  test('while nothing can be written the guard goes on, and writes all of it later', async () => {
    const [storage, world] = [await makeStorage(), newWorld()]
    const state = { isFull: true }
    const parts = partsOn(storage, world, 'one')
    const append: typeof parts.store.append = async (node, batch) => {
      if (state.isFull) throw new Error('full')
      await parts.store.append(node, batch)
    }
    const guard = await Guard.open({ ...parts, store: { ...parts.store, append } })
    for (let n = 0; n < 5; n += 1) oldToken(guard, world)
    await assert.rejects(guard.flush(), /full/)
    assert.equal(isBarred(guard, world), true)
    state.isFull = false
    await guard.close()
    const store = protectionStoreOn(storage.read)
    assert.equal((await store.attempts(0, 100)).length, 5)
    assert.equal((await store.bans(world.nowMs)).length, 1)
  })

  test('T6: where a user succeeded is known after a restart, until the user is removed', async () => {
    const [storage, world] = [await makeStorage(), newWorld()]
    await storage.write(async (trx) => void (await trx.insertInto('users').values(userRow('alice')).execute()))
    const first = await openGuard(storage, world, 'one')
    const about = { kind: 'sign-in', weight: 'normal', service: 'whostmgrd', factor: 'password' } as const
    const begun = await first.beginGuess({ ...about, address: address('2001:db8::1'), claimedUser: 'alice' })
    assert.equal(begun.kind, 'guess')
    if (begun.kind === 'guess') begun.succeed({ id: 1, name: 'alice', isRoot: false }, true)
    await first.close()
    const second = await openGuard(storage, world, 'two')
    for (let n = 0; n < 5; n += 1) await guess(second, `192.0.2.${n}`, 'alice')
    assert.equal(await guess(second, '192.0.2.99', 'alice'), 'barred')
    assert.equal(await guess(second, '2001:db8::ffff', 'alice'), 'failed')
    await storage.write(async (trx) => void (await trx.updateTable('users').set({ removed_at: 1 }).execute()))
    await second.reload()
    assert.equal(await guess(second, '2001:db8::ffff', 'alice'), 'barred')
    await second.close()
  })

  test('old attempts and bans go, and of very many attempts the newest stay', async () => {
    const [storage, world] = [await makeStorage(), newWorld()]
    const guard = await openGuard(storage, world, 'one')
    for (let n = 0; n < 5; n += 1) oldToken(guard, world)
    await guard.flush()
    world.nowMs += 7 * 3_600_000
    for (let n = 0; n < 3; n += 1) oldToken(guard, world, '192.0.2.8')
    await guard.tidy()
    const store = protectionStoreOn(storage.read)
    assert.equal((await store.attempts(0, 100)).length, 3)
    assert.equal((await store.bans(0)).length, 0)
    await guardStoreOn(storage).prune(0, 0, 2)
    assert.equal((await store.attempts(0, 100)).length, 2)
    await guard.close()
  })
})
