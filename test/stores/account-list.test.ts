/** The list of accounts that is kept between changes, and figures of disk use that outlast a restart. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NewAccount } from '../../src/accounts/account.ts'
import { withKeptList } from '../../src/storage/account-list-cache.ts'
import { accountStoreOn } from '../../src/storage/account-store.ts'
import { readDiskUsages, storeDiskUsages } from '../../src/storage/disk-usage-store.ts'
import { forEachDatabase } from './databases.ts'
import { addRoot } from './rows.ts'

const account = (user: string, ownerId = 1): NewAccount => ({
  user,
  passwordHash: '',
  domain: `${user}.example.com`,
  isTemporaryDomain: false,
  contactEmail: '',
  ownerId,
  plan: 'default',
  ip: '127.0.0.1',
  theme: 'jupiter',
  shell: '/bin/false',
  locale: 'en',
  home: user,
  diskLimitMb: undefined,
  bandwidthLimitMb: undefined,
  limits: {},
  createdAt: new Date(0),
})

forEachDatabase((name, makeStorage) => {
  test('a list is never older than the last change, whatever is read at the same time', async () => {
    let lists = 0
    const storage = await makeStorage({
      beforeStatement: (sql) => {
        if (/from .?accounts.? inner join/.test(sql)) lists += 1
      },
    })
    await addRoot(storage)
    const accounts = withKeptList(accountStoreOn(storage.read), storage)
    const names = async (owner?: number) => (await accounts.listAccounts(owner)).map(({ user }) => user)
    assert.deepEqual(await names(), [])
    for (const user of ['bob', 'alice', 'carol']) {
      const reading = names()
      await storage.write((trx) => accountStoreOn(trx).insertAccount(account(user)))
      assert.ok((await names()).includes(user))
      await reading
    }
    assert.deepEqual(await names(), ['alice', 'bob', 'carol'])
    await storage.write((trx) => accountStoreOn(trx).changeAccount(3, { ownerId: 2 }))
    assert.deepEqual([await names(1), await names(2)], [['bob', 'carol'], ['alice']])
    const before = lists
    for (let i = 0; i < 5; i += 1) await names()
    assert.equal(lists - before, name === 'sqlite' ? 0 : 5)
  })

  test('a list that could not be read is read again', async () => {
    let isBroken = true
    const storage = await makeStorage({
      beforeStatement: (sql) => {
        if (isBroken && /from .?accounts.? inner join/.test(sql)) throw new Error('not now')
      },
    })
    await addRoot(storage)
    const accounts = withKeptList(accountStoreOn(storage.read), storage)
    await assert.rejects(accounts.listAccounts(undefined))
    isBroken = false
    assert.deepEqual(await accounts.listAccounts(undefined), [])
  })

  test('figures of disk use are kept for the homes that accounts have, the newest of each', async () => {
    const storage = await makeStorage()
    await addRoot(storage)
    for (const user of ['alice', 'bob']) await storage.write((trx) => accountStoreOn(trx).insertAccount(account(user)))
    const stored = async () => Object.fromEntries(await readDiskUsages(storage))
    const { generation } = storage
    await storeDiskUsages(
      storage,
      new Map([
        ['alice', { bytes: 1, files: 2 }],
        ['gone', { bytes: 3, files: 4 }],
      ]),
      new Date(0),
    )
    await storeDiskUsages(
      storage,
      new Map([
        ['alice', { bytes: 5, files: 6 }],
        ['bob', { bytes: 7, files: 8 }],
      ]),
      new Date(0),
    )
    assert.deepEqual(await stored(), { alice: { bytes: 5, files: 6 }, bob: { bytes: 7, files: 8 } })
    const rows = await storage.read.selectFrom('disk_usage').select('home').orderBy('home').execute()
    assert.deepEqual(
      rows.map(({ home }) => home),
      ['alice', 'bob'],
    )
    assert.equal(storage.generation, generation)
  })
})
