import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Caller } from '../acl/caller.ts'
import { NO_ARGUMENTS } from '../whm/arguments.ts'
import { indexCatalogue } from './catalogue.ts'
import type { Door } from './door.ts'
import { innerCalls } from './inner.ts'
import { version } from './server/version.ts'

test('calls within a call end once their replies are 64 MiB long together, and what comes after is not run', async () => {
  const caller = {} as Caller
  let run = 0
  const door = {
    byName: indexCatalogue([version]),
    stores: {},
    refresh: async () => caller,
    usedInnerFunction() {},
  } as unknown as Door
  const outer = { functionName: 'batch', args: NO_ARGUMENTS, requestId: '', now: new Date(0), notes: {} }
  const never = () => Promise.reject(new Error('not asked for'))
  const data = { version: 'x'.repeat(20 * 1024 * 1024) }
  const inner = innerCalls(door, caller, 'batch', outer, {
    whm() {
      run += 1
      return { data }
    },
    uapi: never,
    api2: never,
  })
  const results: number[] = []
  for (let call = 0; call < 6; call += 1) results.push((await inner.whm('version', NO_ARGUMENTS)).metadata.result)
  assert.deepEqual([run, results], [4, [1, 1, 1, 1, 0, 0]])
})
