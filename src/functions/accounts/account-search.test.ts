import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Account } from '../../accounts/account.ts'
import { Failure } from '../../failures.ts'
import { searchAccounts } from './account-search.ts'

const accountOf = (user: string, rest: Partial<Account> = {}): Account => ({
  userId: 2,
  user,
  isReseller: false,
  domain: `${user}.example.com`,
  isTemporaryDomain: false,
  contactEmail: '',
  ownerId: 1,
  owner: 'root',
  plan: 'Gold',
  ip: '192.0.2.1',
  theme: 'jupiter',
  shell: '/usr/sbin/nologin',
  locale: 'en',
  home: user,
  diskLimitMb: undefined,
  bandwidthLimitMb: undefined,
  limits: {},
  uid: 1002,
  createdAt: new Date(0),
  suspension: undefined,
  ...rest,
})

const ACCOUNTS = [accountOf('alice', { owner: 'rita', ip: '192.0.2.9' }), accountOf('bob'), accountOf('bobby')]
const namesOf = (accounts: readonly Account[]) => accounts.map((account) => account.user)

test('an expression is found anywhere in the text, without regard to case', async () => {
  assert.deepEqual(namesOf(await searchAccounts(ACCOUNTS, { search: 'BOB', type: 'user', method: 'regex' })), [
    'bob',
    'bobby',
  ])
  assert.deepEqual(namesOf(await searchAccounts(ACCOUNTS, { search: '^bob\\.', type: 'domain', method: 'regex' })), [
    'bob',
  ])
})

test('an exact search takes the whole text alone', async () => {
  assert.deepEqual(namesOf(await searchAccounts(ACCOUNTS, { search: 'bob', type: 'user', method: 'exact' })), ['bob'])
  assert.deepEqual(namesOf(await searchAccounts(ACCOUNTS, { search: 'b.b', type: 'user', method: 'exact' })), [])
  assert.deepEqual(
    namesOf(await searchAccounts(ACCOUNTS, { search: 'Bob.Example.com', type: 'domain', method: 'exact' })),
    ['bob'],
  )
})

test('every kind of search looks at its own field', async () => {
  assert.deepEqual(namesOf(await searchAccounts(ACCOUNTS, { search: 'rita', type: 'owner', method: 'exact' })), [
    'alice',
  ])
  assert.deepEqual(namesOf(await searchAccounts(ACCOUNTS, { search: '192.0.2.9', type: 'ip', method: 'exact' })), [
    'alice',
  ])
  assert.equal((await searchAccounts(ACCOUNTS, { search: 'Gold', type: 'package', method: 'exact' })).length, 3)
  assert.equal((await searchAccounts(ACCOUNTS, { search: 'gold', type: 'package', method: 'exact' })).length, 0)
})

for (const search of ['[', '(a)\\1', '(?<=a)b', '(?=b)', '*', 'a{2000}'])
  test(`the expression ${search}, which RE2 does not take, is refused and named`, async () => {
    await assert.rejects(
      searchAccounts(ACCOUNTS, { search, type: 'user', method: 'regex' }),
      (error) => error instanceof Failure && error.code === 'argument-invalid' && error.message.includes(search),
    )
  })

test('R11: an expression that would blow up elsewhere is answered in time', async () => {
  const accounts = Array.from({ length: 1000 }, () => accountOf('a', { domain: 'a'.repeat(200) }))
  const start = performance.now()
  assert.equal((await searchAccounts(accounts, { search: '(a+)+!$', type: 'domain', method: 'regex' })).length, 0)
  assert.ok(performance.now() - start < 2000)
})

test('R11: a search that is too dear is ended, and other work goes on meanwhile', async () => {
  const accounts = Array.from({ length: 2000 }, () => accountOf('a', { domain: 'a'.repeat(250) }))
  let turns = 0
  let isOver = false
  const count = (): void => {
    turns += 1
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  await assert.rejects(searchAccounts(accounts, { search: '(a*)*'.repeat(200), type: 'domain', method: 'regex' }), {
    message: /takes too long to search with/,
  })
  isOver = true
  assert.ok(turns > 3)
})
