/** How soon it is served again after PostgreSQL itself was stopped in the middle of things, seen by the real program. */
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { done } from '../start-server.ts'
import { DATABASES, makeTestDatabase } from '../stores/databases.ts'
import { startProxy } from '../stores/tcp-proxy.ts'
import { acknowledgedIn, compare, see, startClients } from './clients.ts'
import { lookInside } from './look-inside.ts'
import { launch, makePlace, startProgram } from './program.ts'
import { makeRandom } from './random.ts'
import { until } from './wait.ts'

const undo: (() => unknown)[] = []
after(async () => {
  for (const step of undo.reverse()) await step()
})

test('N18: after a kill the next start needs no repair by hand and serves within 2 s of the usual', async () => {
  const random = makeRandom('recovery')
  const place = await makePlace()
  undo.push(() => place.remove())
  const first = await startProgram(place.flags)
  const manager = await first.rootToken('manager', ['all'])
  await first.end('SIGTERM')
  const usual = await startProgram(place.flags)
  const { story, ended } = startClients(usual, manager, 1, random)
  await until(() => acknowledgedIn(story) > 500, 20_000)
  await usual.end('SIGKILL')
  await ended
  const again = await startProgram(place.flags)
  undo.push(() => again.end('SIGKILL'))
  const inside = await lookInside(place.data, undefined)
  compare(story, await see(inside, '1'))
  await inside.close()
  console.log(`start after a clean stop ${Math.round(usual.readyMs)} ms, after a kill ${Math.round(again.readyMs)} ms`)
  assert.ok(again.readyMs <= usual.readyMs + 2000)
})

if (DATABASES.includes('postgres')) {
  describe('postgres', () => {
    test('N18 D8: cut off from PostgreSQL under load, it serves within 5 s of its return, without restart, and nothing is half done', async () => {
      const random = makeRandom('outages')
      const database = await makeTestDatabase('postgres')
      const proxy = await startProxy(database.url!)
      const place = await makePlace({ database: proxy.url })
      undo.push(async () => {
        await proxy.stop()
        await place.remove()
        await database.remove()
      })
      const server = await startProgram(place.flags)
      undo.push(() => server.end('SIGKILL'))
      const manager = await server.rootToken('manager', ['all'])
      const inside = await lookInside(place.data, database.url)
      undo.push(() => inside.close())
      const waits: number[] = []
      for (let round = 1; round <= 5; round++) {
        const { story, ended } = startClients(server, manager, round, random)
        const last = 20 + random.below(60)
        await until(() => acknowledgedIn(story) >= last, 20_000)
        await proxy.stop()
        // Each client stops at the first answer that is not a success.
        await ended
        assert.match(story.problem ?? '', /: 503 /)
        await proxy.start()
        const from = performance.now()
        const isServed = async (): Promise<boolean> => (await server.call(manager, 'version')).status === 200
        await until(async () => (await isServed()) && (await server.send('/healthz')).status === 200, 5000, 'service')
        waits.push(Math.round(performance.now() - from))
        done(await server.call(manager, 'api_token_create', { token_name: `round-${round}`, acl: 'list-accts' }))
        compare(story, await see(inside, String(round)))
      }
      console.log(`served again after ${waits.join(', ')} ms`)
      assert.equal(await server.end('SIGTERM'), 0)
    })

    test('N18: without PostgreSQL a start is refused with a clear line, and works as soon as it is back', async () => {
      const database = await makeTestDatabase('postgres')
      const proxy = await startProxy(database.url!)
      const place = await makePlace({ database: proxy.url })
      undo.push(async () => {
        await proxy.stop()
        await place.remove()
        await database.remove()
      })
      await proxy.stop()
      const refused = launch(place.flags)
      assert.equal(await refused.ended, 1)
      assert.match(refused.heard.stderr, /PostgreSQL cannot be reached.*\n.*hint/)
      await proxy.start()
      const server = await startProgram(place.flags)
      assert.equal(await server.end('SIGTERM'), 0)
    })
  })
}
