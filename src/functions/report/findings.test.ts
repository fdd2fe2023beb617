import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CATALOGUE } from '../catalogue.ts'
import type { WatchedToken } from '../tokens/views.ts'
import { findingsIn } from './findings.ts'

const now = new Date('2026-11-25T12:00:00Z')
const daysAgo = (days: number): Date => new Date(now.getTime() - days * 86_400_000)
const inAYear = new Date('2027-11-25T12:00:00Z')

function watchedToken(more: Partial<WatchedToken['token']> = {}, usedDaysAgo: number | 'never' = 1): WatchedToken {
  return {
    token: {
      id: 'tok_a',
      userId: 1,
      service: 'whm',
      name: 'a',
      privileges: ['list-accts'],
      isReadonly: false,
      ipRules: ['192.0.2.1'],
      createdAt: daysAgo(200),
      expiresAt: inAYear,
      pausedAt: undefined,
      pauseReason: '',
      revokedAt: undefined,
      revokeReason: '',
      secretNumber: 1,
      awaitsFirstUse: false,
      ...more,
    },
    owner: {
      userId: 1,
      user: 'root',
      kind: 'root',
      privileges: [],
      isSuspended: false,
      isRemoved: false,
      ownedBy: undefined,
    },
    usage:
      usedDaysAgo === 'never'
        ? undefined
        : {
            firstUsedAt: daysAgo(190),
            lastUsedAt: daysAgo(usedDaysAgo),
            lastUsedAddress: '192.0.2.1',
            lastFunction: 'listaccts',
            calls: 5,
          },
    refusals: undefined,
  }
}

const namesOf = (watched: WatchedToken, used: readonly string[] = ['listaccts']) =>
  findingsIn([watched], new Map([['tok_a', used]]), CATALOGUE, { now, expiresSoonSeconds: 30 * 86_400 }).map(
    ({ finding, privileges }) => (privileges.length === 0 ? finding : `${finding} ${privileges.join(' ')}`),
  )

test('a token that is used, narrow and limited has nothing to report', () => {
  assert.deepEqual(namesOf(watchedToken()), [])
})

test('each fault is found, and several of one token', () => {
  assert.deepEqual(namesOf(watchedToken({}, 61)), ['unused'])
  assert.deepEqual(namesOf(watchedToken({}, 'never')), ['unused'])
  assert.deepEqual(namesOf(watchedToken({ createdAt: daysAgo(59) }, 'never')), [])
  assert.deepEqual(namesOf(watchedToken({ privileges: ['all'] })), ['all-privileges'])
  assert.deepEqual(namesOf(watchedToken({ privileges: ['list-accts', 'passwd'] }), ['listaccts', 'passwd']), [
    'reaches-further passwd',
  ])
  assert.deepEqual(namesOf(watchedToken({ privileges: ['list-accts', 'kill-acct', 'suspend-acct'] })), [
    'unused-privileges kill-acct suspend-acct',
  ])
  assert.deepEqual(namesOf(watchedToken({ expiresAt: undefined, ipRules: [] })), ['no-expiry', 'no-ip-rules'])
  assert.deepEqual(namesOf(watchedToken({ expiresAt: daysAgo(1) })), ['expired'])
  const ofSuspended = watchedToken()
  assert.deepEqual(namesOf({ ...ofSuspended, owner: { ...ofSuspended.owner, isSuspended: true } }), ['owner-suspended'])
})

test('a privilege is not called unused before the token has been there for 90 days', () => {
  const young = watchedToken({ privileges: ['list-accts', 'kill-acct'], createdAt: daysAgo(89) })
  assert.deepEqual(namesOf(young), [])
})
