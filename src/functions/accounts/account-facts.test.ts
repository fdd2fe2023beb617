import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Account } from '../../accounts/account.ts'
import { accountFacts, pickFacts, suspensionFacts } from './account-facts.ts'

const ACCOUNT: Account = {
  userId: 7,
  user: 'bob',
  isReseller: false,
  domain: 'example.com',
  isTemporaryDomain: false,
  contactEmail: 'bob@example.com',
  ownerId: 1,
  owner: 'root',
  plan: 'default',
  ip: '192.0.2.1',
  theme: 'jupiter',
  shell: '/usr/sbin/nologin',
  locale: 'en',
  home: 'bob',
  diskLimitMb: 2000,
  bandwidthLimitMb: undefined,
  limits: { MAXPOP: '5', MAXADDON: '0', BACKUP: '1' },
  uid: 1007,
  createdAt: new Date(1369256589_000),
  suspension: undefined,
}

const SUSPENSION = { at: new Date(1416306874_000), reason: '<b>unpaid</b> & “late”', isLocked: true }
const USAGE = { bytes: 13.2 * 1024 ** 2, files: 9 }

test('a row of listaccts has every documented key', () => {
  const documented =
    'user domain email ip ipv6 owner plan partition theme shell uid startdate unix_startdate suspended suspendreason ' +
    'suspendtime is_locked is_temporary_domain disklimit diskused inodesused inodeslimit maxaddons maxftp maxlst maxparked ' +
    'maxpop maxsql maxsub max_email_per_hour max_emailacct_quota max_defer_fail_percentage ' +
    'min_defer_fail_to_trigger_protection outgoing_mail_hold outgoing_mail_suspended mailbox_format backup has_backup ' +
    'legacy_backup temporary child_nodes'
  assert.deepEqual(Object.keys(accountFacts(ACCOUNT, USAGE)).sort(), documented.split(' ').sort())
})

test('sizes are texts, counts and switches are numbers, and what is not limited says so', () => {
  const facts = accountFacts(ACCOUNT, USAGE)
  assert.equal(facts.disklimit, '2000M')
  assert.equal(facts.diskused, '14M')
  assert.equal(facts.inodesused, 9)
  assert.equal(facts.maxpop, '5')
  assert.equal(facts.maxaddons, '0')
  assert.equal(facts.maxsql, 'unlimited')
  assert.equal(facts.backup, 1)
  assert.equal(accountFacts({ ...ACCOUNT, diskLimitMb: undefined }, USAGE).disklimit, 'unlimited')
})

test('the start date has the year first, in UTC', () => {
  const facts = accountFacts(ACCOUNT, USAGE)
  assert.equal(facts.startdate, '13 May 22 21:03')
  assert.equal(facts.unix_startdate, 1369256589)
})

test('an account that is not suspended says so in WHM’s words', () => {
  const { suspended, suspendreason, suspendtime, is_locked } = accountFacts(ACCOUNT, USAGE)
  assert.deepEqual([suspended, suspendreason, suspendtime, is_locked], [0, 'not suspended', null, 0])
})

test('O1: the reason of a suspension is shown as it was typed', () => {
  const account = { ...ACCOUNT, suspension: SUSPENSION }
  const { suspended, suspendreason, suspendtime, is_locked } = accountFacts(account, USAGE)
  assert.deepEqual([suspended, suspendreason, suspendtime, is_locked], [1, SUSPENSION.reason, 1416306874, 1])
  assert.deepEqual(suspensionFacts(account), {
    is_locked: 1,
    owner: 'root',
    reason: SUSPENSION.reason,
    time: 'Tue Nov 18 10:34:34 2014',
    unixtime: 1416306874,
    user: 'bob',
  })
})

test('wanted keys are picked, and names that are no keys are ignored', () => {
  const wanted = ['__proto__', 'constructor', 'nothing', 'user']
  assert.deepEqual(pickFacts(accountFacts(ACCOUNT, USAGE), wanted), { user: 'bob' })
})
