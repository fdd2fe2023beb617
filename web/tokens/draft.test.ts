import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PRIVILEGE_NAMES } from '../../src/acl/catalogue.ts'
import {
  createArguments,
  type Draft,
  differenceOf,
  EMPTY_DRAFT,
  isNothing,
  nameProblem,
  updateArguments,
} from './draft.ts'
import { prefillOf, TEMPLATES } from './templates.ts'
import type { Token } from './token.ts'

const TOKEN: Token = {
  id: 'tok_1',
  name: 'shop',
  owner: 'root',
  isOwnerSuspended: false,
  privileges: ['list-accts', 'create-acct'],
  ips: ['10.0.0.0/8', '192.0.2.1'],
  createdAt: 1,
  expiresAt: 2000,
  lastUsedAt: undefined,
  lastUsedFrom: '',
  calls: 0,
  lastRefusedAt: undefined,
  lastRefusedFrom: '',
  revokedAt: undefined,
  undoUntil: undefined,
  status: 'active',
  pauseReason: '',
  note: 'for the shop',
  ticket: '',
}

const SAME: Draft = {
  ...EMPTY_DRAFT,
  name: 'shop',
  note: 'for the shop',
  privileges: new Set(TOKEN.privileges),
  ips: '10.0.0.0/8\n\n 192.0.2.1 ',
}

test('nothing is chosen at the start', () => {
  assert.deepEqual([EMPTY_DRAFT.privileges.size, EMPTY_DRAFT.isEverything, EMPTY_DRAFT.expiry.kind], [0, false, 'date'])
})

test('a name follows WHM’s rule, and is one’s own only once', () => {
  for (const name of ['a', 'A-b_9', 'x'.repeat(50)]) assert.equal(nameProblem(name, ['b']), undefined)
  for (const name of ['', ' a', 'a b', 'ä', 'a.b', 'x'.repeat(51), 'taken']) {
    assert.notEqual(nameProblem(name, ['taken']), undefined, name)
  }
})

test('a new token asks for exactly what was filled in', () => {
  assert.deepEqual(createArguments({ ...SAME, ticket: 'T' }, undefined), {
    token_name: 'shop',
    acl: ['list-accts', 'create-acct'],
    whitelist_ip: ['10.0.0.0/8', '192.0.2.1'],
    note: 'for the shop',
    ticket: 'T',
  })
  const everything = createArguments({ ...EMPTY_DRAFT, name: 'a', isEverything: true }, 5)
  assert.deepEqual(everything, { token_name: 'a', acl: ['all'], expires_at: 5 })
})

test('a form that was opened and not changed differs in nothing', () => {
  assert.ok(isNothing(differenceOf(TOKEN, SAME, TOKEN.ips, 2000)))
})

test('a change sends what differs and nothing else, and clearing the addresses says so', () => {
  const draft = { ...SAME, name: 'shop2', privileges: new Set(['list-accts', 'kill-acct']), ips: '' }
  const difference = differenceOf(TOKEN, draft, [], undefined)
  assert.deepEqual(difference, {
    added: ['kill-acct'],
    removed: ['create-acct'],
    ipsAdded: [],
    ipsRemoved: ['10.0.0.0/8', '192.0.2.1'],
    newName: 'shop2',
    expiry: { before: 2000, after: undefined },
    isNoteChanged: false,
  })
  assert.deepEqual(updateArguments(TOKEN, draft, difference), {
    token_name: 'shop',
    new_name: 'shop2',
    acl: ['list-accts', 'kill-acct'],
    whitelist_ip: ['any'],
    expires_at: 0,
  })
})

test('every template names privileges that exist, none of them everything', () => {
  for (const { id, privileges } of TEMPLATES) {
    assert.ok(privileges.length > 0 && !privileges.includes('all'), id)
    assert.deepEqual(
      privileges.filter((acl) => !PRIVILEGE_NAMES.includes(acl)),
      [],
      id,
    )
  }
})

test('O2: a link fills in text and known templates only, and without values it is no prefill', () => {
  assert.equal(prefillOf(''), undefined)
  assert.equal(prefillOf('?q=1'), undefined)
  const link = prefillOf('?template=dns01&expires_in=45&name=<script>&ips=10.0.0.1,::1')
  assert.deepEqual([link?.template?.id, link?.days, link?.name, link?.ips], ['dns01', 45, '<script>', '10.0.0.1\n::1'])
  const wrong = prefillOf('?template=__proto__&expires_in=1e3')
  assert.deepEqual([wrong?.template, wrong?.unknownTemplate, wrong?.days], [undefined, '__proto__', undefined])
  assert.equal(prefillOf('?expires_in=9999')?.days, 3650)
})
