import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ProtectionEvent } from '../protection/events.ts'
import { alertOf } from './protection.ts'

const at = new Date(0)
const old = (refusal: string, tokenName?: string): ProtectionEvent => ({
  kind: 'old-token',
  at,
  address: '192.0.2.1',
  claimedUser: 'rita',
  tokenId: tokenName === undefined ? undefined : 'tok_1',
  tokenName,
  refusal,
})

test('T2: a well-formed token that is unknown, ended or another user’s raises the alarm, and says in words which', () => {
  const reasons = {
    'unknown-token': /^A well-formed token that is not known here was used from 192\.0\.2\.1, for the user “rita”\.$/,
    revoked: /^The token “backup” was ended and is used again from 192\.0\.2\.1, for the user “rita”\.$/,
    'other-user': /^The token “backup” was used with the name of another user from /,
    'owner-removed': /^The token “backup” of a removed user was used from /,
  }
  for (const [refusal, sentence] of Object.entries(reasons)) {
    const alert = alertOf(old(refusal, refusal === 'unknown-token' ? undefined : 'backup'))
    assert.equal(alert?.kind, 'old-token')
    assert.match(alert?.reason ?? '', sentence)
  }
})

test('a ban, a locked user and a sign-in of root from a new address each raise one', () => {
  const ban = { kind: 'address-banned', at, address: '192.0.2.1', claimedUser: 'x', failures: 11, until: at } as const
  assert.equal(
    alertOf({ ...ban, repetition: 1 })?.reason,
    'The address 192.0.2.1 was banned until 1970-01-01T00:00:00.000Z after 11 failed attempts.',
  )
  assert.match(alertOf({ ...ban, repetition: 3 })?.reason ?? '', /; it is the 3\. time\.$/)
  const locked = alertOf({ kind: 'user-locked', at, address: '192.0.2.1', user: 'root', failures: 100 })
  assert.match(locked?.reason ?? '', /^The password of “root” was tried 100 times in a row;/)
  const signIn = { kind: 'root-signed-in', at, address: '192.0.2.1' } as const
  assert.equal(alertOf({ ...signIn, isKnownAddress: false })?.kind, 'root-sign-in')
  assert.equal(alertOf({ ...signIn, isKnownAddress: true }), undefined)
})
