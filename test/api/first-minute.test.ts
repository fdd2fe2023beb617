import assert from 'node:assert/strict'
import { test } from 'node:test'
import { done, startTestServer } from '../start-server.ts'

test('a narrow token calls what it may, is refused what it may not, and the trail has both', async () => {
  const server = await startTestServer()
  try {
    const token = await server.rootToken(['basic-whm-functions', 'list-accts'])
    const version = done(await server.call(token, 'version'))
    assert.deepEqual(version.json, {
      data: { version: '11.138.0.6' },
      metadata: { version: 1, command: 'version', result: 1, reason: 'OK' },
    })
    const refused = await server.call(token, 'removeacct', { username: 'bob' })
    assert.equal(refused.status, 403)
    assert.match(refused.json.metadata.reason, /Permission denied: removeacct requires the privilege “kill-acct”/)
    const [entry] = await server.audit({ function: 'removeacct' })
    assert.equal(entry.outcome, 'refused')
    assert.match(entry.reason, /privilege-missing/)
  } finally {
    await server.close()
  }
})
