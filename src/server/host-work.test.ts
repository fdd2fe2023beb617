import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Failure } from '../failures.ts'
import { type HostTask, homesIn, isMysqlTask } from '../hosting/host.ts'
import { openStorage } from '../storage/open-storage.ts'
import { hostTaskStoreOn } from '../storage/other-stores.ts'
import { makeHostWork } from './host-work.ts'

const undo: (() => unknown)[] = []
after(async () => {
  for (const step of undo.reverse()) await step()
})

const quiet = { info: () => {}, error: () => {} }

/** A host that remembers what it did, and can refuse. */
async function makeWorld() {
  const folder = await mkdtemp(join(tmpdir(), 'postern-test-'))
  const storage = await openStorage({ url: undefined, folder })
  undo.push(async () => {
    await storage.close()
    await rm(folder, { recursive: true })
  })
  const done: string[] = []
  const asked: string[] = []
  const warned: string[] = []
  const log = { ...quiet, warn: (_details: object, message: string) => void warned.push(message) }
  const mysqlIsBack = Promise.withResolvers<void>()
  const state = { fails: false, atOnce: 0, mostAtOnce: 0 }
  const carryOut = async (task: HostTask): Promise<void> => {
    if (isMysqlTask(task)) {
      asked.push(task.name)
      if (task.name === 'slow') await mysqlIsBack.promise
      if (task.name === 'unreachable') throw new Failure('mysql-unavailable')
      return
    }
    state.atOnce += 1
    state.mostAtOnce = Math.max(state.mostAtOnce, state.atOnce)
    await new Promise((resolve) => setImmediate(resolve))
    state.atOnce -= 1
    if (state.fails) throw new Error('the machine will not')
    done.push(homesIn(task).join('>'))
  }
  const add = async (task: HostTask) => ({
    id: await storage.write((trx) => hostTaskStoreOn(trx).add(task, new Date(0))),
    task,
  })
  return { storage, done, asked, warned, mysqlIsBack, state, add, work: makeHostWork(carryOut, storage, log) }
}

test('a task that is asked for twice at once is carried out once, one after the other', async () => {
  const { storage, done, state, add, work } = await makeWorld()
  const first = await add({ kind: 'rename-home', from: 'a', to: 'b' })
  const second = await add({ kind: 'remove-home', home: 'c' })
  const [warnings] = await Promise.all([work.run([first]), work.retry(), work.run([second]), work.retry()])
  assert.deepEqual(warnings, [])
  assert.deepEqual(done.sort(), ['a>b', 'c'])
  assert.equal(state.mostAtOnce, 1)
  assert.deepEqual(await hostTaskStoreOn(storage.read).list(), [])
})

test('what fails is told, stays listed, and is carried out at a later try', async () => {
  const { storage, done, state, add, work } = await makeWorld()
  const task = await add({ kind: 'remove-home', home: 'a' })
  state.fails = true
  assert.match((await work.run([task])).join(), /remove-home.*tried again/)
  assert.equal(await work.retry(), 1)
  assert.equal((await hostTaskStoreOn(storage.read).list()).length, 1)
  state.fails = false
  assert.equal(await work.retry(), 0)
  assert.deepEqual(done, ['a'])
  assert.deepEqual(await hostTaskStoreOn(storage.read).list(), [])
})

test('a database server that does not answer keeps no folder waiting', async () => {
  const { done, mysqlIsBack, add, work } = await makeWorld()
  const slow = work.run([await add({ kind: 'mysql-database', name: 'slow' })])
  assert.deepEqual(await work.run([await add({ kind: 'remove-home', home: 'a' })]), [])
  assert.deepEqual(done, ['a'])
  mysqlIsBack.resolve()
  assert.deepEqual(await slow, [])
})

test('of a database server that cannot be reached only the first task asks, and is in the log; all of them stay listed', async () => {
  const { storage, asked, warned, add, work } = await makeWorld()
  const tasks = [
    await add({ kind: 'mysql-user', name: 'unreachable' }),
    await add({ kind: 'mysql-user', name: 'b' }),
    await add({ kind: 'mysql-database', name: 'c' }),
  ]
  assert.equal((await work.run(tasks)).length, 3)
  assert.deepEqual(asked, ['unreachable'])
  assert.equal(warned.length, 1)
  assert.equal((await hostTaskStoreOn(storage.read).list()).length, 3)
})
