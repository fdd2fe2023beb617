import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeBoundedTurns } from './turns.ts'

test('no more than so many wait, of one owner and in all, and who has had their turn may come again', async () => {
  const turns = makeBoundedTurns({ atOnce: 1, inAll: 3, each: 2 })
  const started: string[] = []
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  const ask = (owner: number, name: string) =>
    turns(owner, async () => {
      started.push(name)
      await gate
      return name
    })
  const busy = { code: 'overloaded' }
  const first = [ask(1, 'a'), ask(1, 'b')]
  await assert.rejects(ask(1, 'c'), busy)
  const other = ask(2, 'd')
  await assert.rejects(ask(3, 'e'), busy)
  assert.deepEqual(started, ['a'])
  open()
  assert.deepEqual(await Promise.all([...first, other]), ['a', 'b', 'd'])
  assert.deepEqual(await Promise.all([ask(1, 'f'), ask(1, 'g'), ask(3, 'h')]), ['f', 'g', 'h'])
  await assert.rejects(
    turns(1, () => Promise.reject(new Error('broken'))),
    /broken/,
  )
  assert.deepEqual(await Promise.all([ask(1, 'i'), ask(1, 'j')]), ['i', 'j'])
})
