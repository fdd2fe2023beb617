import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Token } from './token.ts'
import { type SortKey, searchable, select, sortingOf, VIEWS, type View, viewOf } from './views.ts'

const NOW = 1_800_000_000
const DAY = 86_400

function token(name: string, more: Partial<Token> = {}): Token {
  return {
    id: `tok_${name}`,
    name,
    owner: 'root',
    isOwnerSuspended: false,
    privileges: ['list-accts'],
    ips: ['10.0.0.1'],
    createdAt: NOW - 100 * DAY,
    expiresAt: NOW + 300 * DAY,
    lastUsedAt: NOW - DAY,
    lastUsedFrom: '10.0.0.1',
    calls: 1,
    lastRefusedAt: undefined,
    lastRefusedFrom: '',
    revokedAt: undefined,
    undoUntil: undefined,
    status: 'active',
    pauseReason: '',
    note: '',
    ticket: '',
    ...more,
  }
}

const TOKENS = [
  token('busy'),
  token('soon', { status: 'expires-soon', expiresAt: NOW + DAY }),
  token('over', { status: 'expired', expiresAt: NOW - DAY }),
  token('held', { status: 'paused' }),
  token('fresh', { lastUsedAt: undefined, lastUsedFrom: '', createdAt: NOW - DAY }),
  token('idle', { lastUsedAt: NOW - 61 * DAY }),
  token('forever', { expiresAt: undefined }),
  token('open', { ips: [] }),
  token('master', { privileges: ['all'] }),
  token('orphan', { isOwnerSuspended: true }),
  token('refused', { lastRefusedAt: NOW - 7 * DAY }),
  token('refused-long-ago', { lastRefusedAt: NOW - 8 * DAY }),
  token('gone', {
    status: 'revoked',
    revokedAt: NOW - DAY,
    lastRefusedAt: NOW - 2 * DAY,
    ips: [],
    privileges: ['all'],
  }),
  token('knocks', { status: 'revoked', revokedAt: NOW - DAY, lastRefusedAt: NOW - DAY }),
  token('over-knocks', { status: 'expired', expiresAt: NOW - 2 * DAY, lastRefusedAt: NOW - DAY }),
]

function shown(view: View, query = '', sort = 'name'): readonly string[] {
  const list = searchable(TOKENS, () => 'listaccts')
  return select(list, { query, view, sorting: sortingOf(sort), now: NOW }).map(({ name }) => name)
}

test('each ready view shows exactly the tokens that it names', () => {
  const found = Object.fromEntries(Object.keys(VIEWS).map((view) => [view, shown(view as View)]))
  assert.deepEqual(found, {
    all: TOKENS.map(({ name }) => name).sort(),
    soon: ['soon'],
    expired: ['over', 'over-knocks'],
    paused: ['held'],
    'never-used': ['fresh'],
    unused: ['idle'],
    'no-expiry': ['forever'],
    'no-ips': ['open'],
    everything: ['master'],
    'owner-suspended': ['orphan'],
    refused: ['over-knocks', 'refused'],
    knocking: ['knocks', 'over-knocks'],
    revoked: ['gone', 'knocks'],
  })
})

test('search looks at name, owner, note, ticket, address and function, and every word must be found', () => {
  const list = searchable(
    [token('shop', { note: 'Billing <b>', ticket: 'OPS-7', owner: 'Seller', ips: ['192.0.2.0/24'] }), token('other')],
    ({ name }) => (name === 'shop' ? 'createacct suspendacct' : ''),
  )
  const find = (query: string) =>
    select(list, { query, view: 'all', sorting: sortingOf(null), now: NOW }).map(({ name }) => name)
  for (const query of ['SHOP', 'billing', '<b>', 'ops-7', 'seller', '192.0.2', 'suspendacct', ' shop  ops ']) {
    assert.deepEqual(find(query), ['shop'], query)
  }
  assert.deepEqual(find('shop nothing'), [])
})

test('a token without an end sorts after every end, and one never used before every use', () => {
  assert.equal(shown('all', '', 'expires').at(-1), 'forever')
  assert.equal(shown('all', '', '-expires')[0], 'forever')
  assert.equal(shown('all', '', 'used')[0], 'fresh')
  assert.equal(shown('all', '', 'status')[0], 'over')
})

test('what an address asks for wrongly is the whole list by name', () => {
  for (const name of [null, '', 'nothing', '__proto__', 'constructor']) assert.equal(viewOf(name), 'all')
  for (const sort of [null, '', '-', 'nothing', '--name']) {
    assert.deepEqual(sortingOf(sort), { key: 'name' satisfies SortKey, isDown: false }, String(sort))
  }
  assert.deepEqual(sortingOf('-used'), { key: 'used', isDown: true })
})
