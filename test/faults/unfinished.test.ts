/** What was under way when the process ended: work on the machine that belongs to a committed change, and figures kept in memory. */
import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { HostTask } from '../../src/hosting/host.ts'
import { openStorage } from '../../src/storage/open-storage.ts'
import { storesOn } from '../../src/storage/stores.ts'
import { done } from '../start-server.ts'
import { lookInside } from './look-inside.ts'
import { makePlace, type Place, startProgram } from './program.ts'
import { until } from './wait.ts'

const undo: (() => unknown)[] = []
after(async () => {
  for (const step of undo.reverse()) await step()
})

/** Accounts `alpha` and `beta`, each with a file of its own, and the server killed. */
async function makeKilled(): Promise<{ place: Place; manager: string }> {
  const place = await makePlace()
  undo.push(() => place.remove())
  const server = await startProgram(place.flags)
  const manager = await server.rootToken('manager', ['all'])
  for (const user of ['alpha', 'beta']) {
    const args = { username: user, domain: `${user}.example.com`, password: 'the cat sat on 9 mats' }
    done(await server.call(manager, 'createacct', args))
    await writeFile(join(place.data, 'home', user, 'public_html/whose'), user)
  }
  await server.end('SIGKILL')
  return { place, manager }
}

/** The change as the transaction of the function leaves it, with the machine not yet asked. */
async function commit(
  place: Place,
  user: string,
  change: { readonly newName?: string; readonly task: HostTask },
): Promise<void> {
  const storage = await openStorage({ url: undefined, folder: place.data })
  try {
    await storage.write(async (trx) => {
      const stores = storesOn(trx)
      const found = await stores.accounts.findUser(user)
      assert.ok(found)
      if (change.newName === undefined) await stores.accounts.removeAccount(found.id, 1, new Date())
      else await stores.accounts.changeAccount(found.id, { user: change.newName, home: change.newName })
      await stores.hostTasks.add(change.task, new Date())
    })
  } finally {
    await storage.close()
  }
}

const homesOf = async (place: Place): Promise<readonly string[]> =>
  (await readdir(join(place.data, 'home'))).filter((name) => !name.startsWith('.')).sort()

const orphansOf = (place: Place): Promise<readonly string[]> => readdir(join(place.data, 'home/.orphaned'))

test('D1: a renaming and a removal that were committed and not carried out are carried out at the start, before anything is tidied', async () => {
  const { place, manager } = await makeKilled()
  await commit(place, 'alpha', { newName: 'gamma', task: { kind: 'rename-home', from: 'alpha', to: 'gamma' } })
  await commit(place, 'beta', { task: { kind: 'remove-home', home: 'beta' } })
  const server = await startProgram(place.flags)
  undo.push(() => server.end('SIGKILL'))
  assert.deepEqual(await homesOf(place), ['gamma'])
  assert.equal(await readFile(join(place.data, 'home/gamma/public_html/whose'), 'utf8'), 'alpha')
  assert.deepEqual(await orphansOf(place), [])
  // Both names are free again, and nothing is left to do.
  done(
    await server.call(manager, 'createacct', {
      username: 'beta',
      domain: 'b.example.com',
      password: 'the cat sat on 9 mats',
    }),
  )
  const inside = await lookInside(place.data, undefined)
  assert.deepEqual(await inside.rows('select * from host_tasks'), [])
  await inside.close()
})

test('D1: while a renaming cannot be carried out, the folder that waits for it is not taken for one of nobody', async () => {
  const { place } = await makeKilled()
  // The host makes no folder of a name that long; what matters is that the task fails.
  const to = 'g'.repeat(17)
  await commit(place, 'alpha', { newName: to, task: { kind: 'rename-home', from: 'alpha', to } })
  const server = await startProgram(place.flags)
  undo.push(() => server.end('SIGKILL'))
  assert.deepEqual(await homesOf(place), ['alpha', 'beta'])
  assert.deepEqual(await orphansOf(place), [])
  // The log is written beside the event loop, so its line may come after the one that says ready.
  await until(() => /work on the machine failed; it will be tried again/.test(server.stderr()), 5000, 'the log line')
})

test('D1: a folder whose account was never committed is put aside whole, and a folder that is missing is made', async () => {
  const { place } = await makeKilled()
  await mkdir(join(place.data, 'home/delta'))
  await writeFile(join(place.data, 'home/delta/precious'), 'x')
  const server = await startProgram(place.flags)
  undo.push(() => server.end('SIGKILL'))
  assert.deepEqual(await homesOf(place), ['alpha', 'beta'])
  const [orphan = ''] = await orphansOf(place)
  assert.match(orphan, /^delta-/)
  assert.equal(await readFile(join(place.data, 'home/.orphaned', orphan, 'precious'), 'utf8'), 'x')
})

test('N17: a clean stop writes the usage figures and the refused calls that wait in memory', async () => {
  const { place, manager } = await makeKilled()
  const server = await startProgram(place.flags)
  const inside = await lookInside(place.data, undefined)
  const callsIn = async (): Promise<number> =>
    (await inside.rows('select coalesce(sum(calls), 0) as calls from token_usage'))[0]?.calls
  const refusedIn = async (): Promise<number> =>
    (await inside.rows("select count(*) as number from audit_entries where outcome = 'refused'"))[0]?.number
  const [calls, refused] = [await callsIn(), await refusedIn()]
  for (let i = 0; i < 50; i++) assert.equal((await server.call(manager, 'version')).status, 200)
  assert.equal((await server.call('root:PSWAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'version')).status, 403)
  assert.equal(await server.end('SIGTERM'), 0)
  assert.equal(await callsIn(), calls + 50)
  assert.equal(await refusedIn(), refused + 1)
  await inside.close()
})
