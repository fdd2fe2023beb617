import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { hasEnded, makeSessionSecrets, type Session, sessionDigest } from './sessions.ts'

const MINUTE_MS = 60_000
const LIMITS = { idleMs: 15 * MINUTE_MS, overallMs: 12 * 60 * MINUTE_MS }

test('S1: a session is known by 256 random bits and a path number, and kept as digests of both', () => {
  const first = makeSessionSecrets('bob')
  const second = makeSessionSecrets('bob')
  assert.match(first.cookie, /^bob:[A-Za-z0-9_-]{22},[0-9a-f]{32}$/)
  assert.match(first.securityToken, /^\/cpsess[1-9][0-9]{9}$/)
  assert.equal(first.digest, createHash('sha256').update(first.cookie).digest('hex'))
  assert.equal(first.securityTokenDigest, sessionDigest(first.securityToken))
  for (const part of ['cookie', 'digest', 'securityToken', 'securityTokenDigest'] as const) {
    assert.notEqual(first[part], second[part])
  }
})

function endedAt(minutes: number, lastSeenMinutes: number): boolean {
  const session: Session = {
    digest: '',
    userId: 1,
    service: 'whm',
    securityTokenDigest: '',
    address: '',
    createdAt: new Date(0),
    openedBy: 'password',
    lastSeenAt: new Date(lastSeenMinutes * MINUTE_MS),
    confirmedAt: new Date(0),
  }
  return hasEnded(session, minutes * MINUTE_MS, LIMITS)
}

test('S7: a session ends at the end of its idle time and of its whole time, whichever comes first', () => {
  assert.equal(endedAt(14.99, 0), false)
  assert.equal(endedAt(15, 0), true)
  assert.equal(endedAt(719, 718), false)
  assert.equal(endedAt(720, 719.9), true)
  assert.equal(endedAt(10, 12), false, 'a clock of another node may be a little ahead')
})
