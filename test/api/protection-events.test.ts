/** What the server reports to whoever makes alerts. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ProtectionEvent } from '../../src/protection/events.ts'
import { makeSecret } from '../../src/tokens/secret.ts'
import { done, startTestServer } from '../start-server.ts'

test('T2: a well-formed token that is unknown, ended or another user’s is reported, and a mistyped one is not', async () => {
  const server = await startTestServer()
  try {
    const heard: ProtectionEvent[] = []
    server.server.runtime.protection.events.onEvent((event) => void heard.push(event))
    const credential = await server.rootToken(['list-accts'], { token_name: 'old' })
    const secret = credential.slice('root:'.length)
    await server.call(`nobody:${secret}`, 'version')
    done(await server.root('api_token_revoke', { token_name: 'old' }))
    await server.call(credential, 'version')
    await server.call(`root:${makeSecret('PSW')}`, 'version')
    await server.call('root:PSWMISTYPED', 'version')
    assert.deepEqual(
      heard.map((event) => event.kind === 'old-token' && [event.refusal, event.claimedUser, event.tokenName]),
      [
        ['other-user', 'nobody', 'old'],
        ['revoked', 'root', 'old'],
        ['unknown-token', 'root', undefined],
      ],
    )
    assert.equal(JSON.stringify(heard).includes(secret), false)
  } finally {
    await server.close()
  }
})
