/** Calls at an even pace, sent when they are due whether or not those before were answered: nobody waits in the count that is kept. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { pace } from '../../bench/flood.ts'
import { makePlace, pathOf, startProgram } from '../faults/program.ts'
import { times } from '../sizes.ts'

const undo: (() => unknown)[] = []
after(async () => {
  for (const step of undo.reverse()) await step()
})

test('N8: token calls at an even pace are all answered, and soon', async () => {
  const place = await makePlace()
  undo.push(() => place.remove())
  const server = await startProgram(place.flags)
  undo.push(() => server.end('SIGTERM'))
  const credential = await server.rootToken('steady', ['basic-whm-functions'])
  const perSecond = times(200, 1000)
  const seconds = times(5, 60)
  const { calls, errors, p99, p999 } = await pace(
    server.url + pathOf('version'),
    `whm ${credential}`,
    perSecond,
    seconds,
  )
  const found = `${calls} calls, ${errors} errors, p99 ${p99.toFixed(1)} ms, p99.9 ${p999.toFixed(1)} ms`
  assert.equal(errors, 0, found)
  assert.ok(calls >= perSecond * seconds * 0.99, found)
  // At full size, meant for a machine with nothing else to do, N8 holds to the letter.
  assert.ok(p99 <= times(500, 15) && p999 <= times(1000, 100), found)
})
