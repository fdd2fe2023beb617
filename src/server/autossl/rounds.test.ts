import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeRounds } from './rounds.ts'

test('rounds never overlap; however often it is asked meanwhile, one more follows, and none once it is over', async () => {
  const [errors, ends]: [unknown[], (() => void)[]] = [[], []]
  let isOver = false
  const rounds = makeRounds(
    () =>
      new Promise<void>((resolve, reject) => {
        ends.push(ends.length === 0 ? () => reject(new Error('first')) : resolve)
      }),
    () => isOver,
    (error) => errors.push(error),
  )
  await rounds.ended()
  for (let time = 0; time < 3; time += 1) rounds.wakeUp()
  assert.equal(ends.length, 1)
  ends[0]?.()
  await rounds.ended()
  assert.deepEqual([ends.length, errors.map(String)], [2, ['Error: first']])
  rounds.wakeUp()
  isOver = true
  ends[1]?.()
  await rounds.ended()
  rounds.wakeUp()
  assert.equal(ends.length, 2)
})
