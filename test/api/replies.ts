/** Whole replies of WHM API 1, compared to the last member. */
import assert from 'node:assert/strict'
import type { Reply } from '../start-server.ts'

/** HTTP 200 with exactly this data and reason. */
export function assertDone(reply: Reply, command: string, data: unknown, reason = 'OK'): void {
  assert.equal(reply.status, 200, reply.body)
  assert.deepEqual(reply.json, { data, metadata: { version: 1, command, result: 1, reason } })
}

/** WHM: a function that failed answers HTTP 200 and `result` 0. */
export function assertFailed(reply: Reply, command: string, reason: string): void {
  assert.equal(reply.status, 200, reply.body)
  assert.deepEqual(reply.json, { data: null, metadata: { version: 1, command, result: 0, reason } })
}

/** The refusal of a caller who is known and may not. */
export function assertDenied(reply: Reply, command: string, acl: string): void {
  const reason = `Permission denied: ${command} requires the privilege “${acl}”.`
  assert.equal(reply.status, 403, reply.body)
  assert.deepEqual(reply.json, { data: null, metadata: { version: 1, command, result: 0, reason } })
}
