import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filterByPattern } from './pattern-filter.ts'

test('R11: time in which others have the processor costs a search nothing', async () => {
  const never = new Int32Array(new SharedArrayBuffer(4))
  const textOf = (item: string): string => {
    Atomics.wait(never, 0, 0, 6)
    return item
  }
  const items = Array.from({ length: 20 }, (_, i) => `item ${i}`)
  assert.deepEqual(
    await filterByPattern(items, textOf, { argument: 'search', text: 'ITEM [0-9]$' }),
    items.slice(0, 10),
  )
})
