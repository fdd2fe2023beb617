/** Zones in the database, and changes to them: whoever comes second is told, and nothing is merged. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../src/failures.ts'
import { addTxt, changeZone, findZoneOver, readZone, removeTxt } from '../../src/functions/zones/change-zone.ts'
import type { HostTask } from '../../src/hosting/host.ts'
import { newZoneText } from '../../src/hosting/zones/template.ts'
import type { Zone } from '../../src/hosting/zones/zone.ts'
import type { Storage } from '../../src/storage/database.ts'
import { zoneStoreOn } from '../../src/storage/zone-store.ts'
import { forEachDatabase } from './databases.ts'

const NOON = new Date('2026-11-26T12:00:00Z')

function newZone(name: string): Zone {
  const made = newZoneText(
    {
      name,
      template: 'simple',
      addresses: ['192.0.2.1'],
      nameservers: ['ns.example.net'],
      serverAddress: '192.0.2.1',
      contact: undefined,
    },
    NOON,
  )
  return { name, ownerId: undefined, ...made }
}

/** Runs the work as a function would, in a transaction of its own; gives the tasks that it left. */
async function inTransaction(storage: Storage, work: (change: Parameters<typeof changeZone>[0]) => Promise<unknown>) {
  const tasks: HostTask[] = []
  await storage.write(async (trx) => {
    tasks.length = 0
    const afterCommit = async (task: HostTask) => void tasks.push(task)
    await work({ stores: { zones: zoneStoreOn(trx) }, now: NOON, afterCommit })
  })
  return tasks
}

forEachDatabase((_name, makeStorage) => {
  const makeWorld = async (...names: readonly string[]) => {
    const storage = await makeStorage()
    for (const name of names) await storage.write((trx) => zoneStoreOn(trx).insert(newZone(name), NOON))
    const load = async (name: string): Promise<Zone> => (await zoneStoreOn(storage.read).find(name)) ?? assert.fail()
    return { storage, load }
  }

  test('zones are found by name, listed in order without their texts, given away and removed', async () => {
    const { storage, load } = await makeWorld('b.example', 'a.example', 'c.example')
    const zones = zoneStoreOn(storage.read)
    assert.deepEqual(await load('a.example'), newZone('a.example'))
    assert.equal(await zones.find('A.example'), undefined)
    const listed = await zones.listInReach(undefined)
    assert.deepEqual(
      listed,
      ['a', 'b', 'c'].map((label) => ({ name: `${label}.example`, ownerId: undefined, serial: 2_026_112_600 })),
    )
    assert.deepEqual(await zones.listInReach(7), [])
    assert.deepEqual(
      (await zones.findAll(['a.example', 'x.example'])).map(({ name }) => name),
      ['a.example'],
    )
    assert.deepEqual(await zones.findAll([]), [])
    await storage.write((trx) => zoneStoreOn(trx).remove('b.example'))
    assert.deepEqual(
      (await zones.listInReach(undefined)).map(({ name }) => name),
      ['a.example', 'c.example'],
    )
  })

  test('of two changes to the same reading one wins, the other is told of the serial, and nothing is merged', async () => {
    const { storage, load } = await makeWorld('a.example')
    const read = readZone(await load('a.example'))
    const add = (address: string) =>
      inTransaction(storage, (change) =>
        changeZone(change, read, { add: [{ name: 'x', ttl: 60, type: 'A', data: [address] }] }),
      )
    const results = await Promise.allSettled([add('192.0.2.7'), add('192.0.2.8')])
    const lost = results.filter((result) => result.status === 'rejected')
    assert.equal(lost.length, 1)
    assert.ok(lost[0]?.reason instanceof Failure && lost[0].reason.code === 'zone-serial-stale')
    assert.match(lost[0].reason.message, /serial/)
    const { text, serial } = await load('a.example')
    assert.equal(serial, 2_026_112_601)
    assert.equal(text.match(/^x\t/gm)?.length, 1)
  })

  test('a TXT record of a challenge is added once, leaves others alone, and is taken away again', async () => {
    const { storage, load } = await makeWorld('a.example')
    const before = (await load('a.example')).text
    const write = async (work: typeof addTxt, value: string) =>
      inTransaction(storage, async (change) =>
        work(change, await load('a.example'), '_acme-challenge.www.a.example', value),
      )
    assert.deepEqual(await write(addTxt, 'one'), [{ kind: 'write-zone', zone: 'a.example' }])
    assert.deepEqual(await write(addTxt, 'one'), [])
    await write(addTxt, 'two')
    const texts = async () => (await load('a.example')).text.match(/^_acme.*$/gm)
    const record = (value: string) => `_acme-challenge.www.a.example.\t60\tIN\tTXT\t"${value}"`
    assert.deepEqual(await texts(), [record('one'), record('two')])
    await write(removeTxt, 'one')
    assert.deepEqual(await write(removeTxt, 'one'), [])
    assert.deepEqual(await texts(), [record('two')])
    await write(removeTxt, 'two')
    const after = await load('a.example')
    assert.equal(after.text.replace(/\d+\t; serial/, ''), before.replace(/\d+\t; serial/, ''))
    assert.equal(after.serial, 2_026_112_604)
  })

  test('the zone over a domain is its own, or the nearest above', async () => {
    const { storage } = await makeWorld('a.example', 'sub.a.example')
    const stores = { zones: zoneStoreOn(storage.read) }
    const over = async (domain: string) => (await findZoneOver(stores, domain))?.name
    assert.equal(await over('a.example'), 'a.example')
    assert.equal(await over('x.y.a.example'), 'a.example')
    assert.equal(await over('x.sub.a.example'), 'sub.a.example')
    assert.equal(await over('xa.example'), undefined)
    assert.equal(await over('example'), undefined)
  })
})
