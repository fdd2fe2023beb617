import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makePatience } from './solvers.ts'

test('each wait may take half of what is left, and what takes no time leaves it as it was', async () => {
  const patience = makePatience(400)
  const given: number[] = []
  const wait = (work: () => Promise<void> = async () => {}) =>
    patience((maxMs) => {
      given.push(maxMs)
      return work()
    })
  await wait()
  const startedMs = performance.now()
  await wait(async () => {
    while (performance.now() - startedMs < 100) await new Promise((resolve) => setImmediate(resolve))
  })
  await assert.rejects(
    wait(() => Promise.reject(new Error('not shown'))),
    /not shown/,
  )
  await wait()
  const [first = 0, second = 0, third = 0, fourth = 0] = given
  assert.equal(first, 200)
  assert.ok(second > 0 && second <= 200, String(second))
  assert.ok(third <= 150, String(third))
  assert.ok(fourth <= third, String(fourth))
})
