/** Mailboxes and forwarders: what is kept comes back, on each database. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Mailbox } from '../../src/hosting/mail/mail.ts'
import { mailStoreOn } from '../../src/storage/mail-store.ts'
import { forEachDatabase } from './databases.ts'
import { fillAccounts as fill, mailbox } from './mail-rows.ts'

const now = new Date('2026-11-26T00:00:00Z')
const later = new Date('2026-11-26T01:00:00Z')

const addressesOf = (mailboxes: readonly Pick<Mailbox, 'localPart' | 'domain'>[]) =>
  mailboxes.map(({ localPart, domain }) => `${localPart}@${domain}`)

forEachDatabase((name, makeStorage) => {
  test(`on ${name} mailboxes are found, listed, changed and removed, each in its own domain`, async () => {
    const storage = await makeStorage()
    await fill(storage)
    const inside = <T>(work: (store: ReturnType<typeof mailStoreOn>) => Promise<T>) =>
      storage.write((trx) => work(mailStoreOn(trx)))
    const store = mailStoreOn(storage.read)
    await inside(async (trx) => {
      await trx.insertMailbox(mailbox(2, 'b@user2.example', 5), now)
      await trx.insertMailbox(mailbox(2, 'a@user2.example'), now)
      await trx.insertMailbox(mailbox(3, 'a@user3.example'), now)
    })
    await assert.rejects(inside((trx) => trx.insertMailbox(mailbox(2, 'a@user2.example'), now)))
    assert.deepEqual(addressesOf(await store.listMailboxes(2)), ['a@user2.example', 'b@user2.example'])
    assert.deepEqual([await store.countMailboxes(2), await store.countMailboxes(1)], [2, 0])
    const { createdAt, changedAt, ...found } = (await store.findMailbox('user2.example', 'b')) ?? assert.fail()
    assert.deepEqual(found, { ...mailbox(2, 'b@user2.example', 5), suspended: [] })
    assert.deepEqual([createdAt, changedAt], [now, now])

    const change = { quotaMb: 'unlimited', suspended: ['incoming', 'login'] } as const
    assert.equal(await inside((trx) => trx.changeMailbox('user2.example', 'b', change, later)), true)
    assert.equal(await inside((trx) => trx.changeMailbox('user2.example', 'c', change, later)), false)
    const changed = (await store.findMailbox('user2.example', 'b')) ?? assert.fail()
    assert.deepEqual(
      [changed.quotaMb, changed.suspended, changed.passwordHash, changed.changedAt],
      [undefined, ['login', 'incoming'], '{ARGON2ID}b@user2.example', later],
    )

    const served = await store.mailboxesToServe()
    assert.deepEqual(addressesOf(served), ['a@user2.example', 'b@user2.example', 'a@user3.example'])
    assert.deepEqual(
      served.map(({ home, isAccountSuspended, mayAccountSend }) => [home, isAccountSuspended, mayAccountSend]),
      [
        ['user2', false, false],
        ['user2', false, false],
        ['user3', true, true],
      ],
    )
    assert.deepEqual(addressesOf(await store.mailboxesToServe('user3.example')), ['a@user3.example'])
    assert.deepEqual(addressesOf(await store.addresses()), addressesOf(served))
    // The first account may not send, the second is suspended.
    assert.deepEqual(await store.restrictedMailboxes(), served)
    await storage.write((trx) => trx.updateTable('accounts').set({ limits: '{}', suspended_at: null }).execute())
    assert.deepEqual(addressesOf(await store.restrictedMailboxes()), ['b@user2.example'])
    assert.equal(await inside((trx) => trx.removeMailbox('user2.example', 'a')), true)
    assert.equal(await inside((trx) => trx.removeMailbox('user2.example', 'a')), false)
    assert.deepEqual(addressesOf(await store.listMailboxes(2)), ['b@user2.example'])
    assert.equal(await store.countMailboxes(3), 1)
  })

  test(`on ${name} forwarders come back as they were added, and follow a renamed domain`, async () => {
    const storage = await makeStorage()
    await fill(storage)
    const store = mailStoreOn(storage.read)
    const at = { userId: 2, localPart: 'info', domain: 'user2.example' }
    const forwarders = [
      { ...at, action: { kind: 'forward', to: 'b@user2.example' } },
      { ...at, action: { kind: 'forward', to: 'b@new.example' } },
      { ...at, action: { kind: 'fail', text: ':blackhole: is a text here' } },
      { ...at, localPart: 'none', action: { kind: 'blackhole' } },
      { userId: 3, localPart: 'info', domain: 'user3.example', action: { kind: 'forward', to: 'b@user2.example' } },
    ] as const
    await storage.write(async (trx) => {
      for (const forwarder of forwarders) await mailStoreOn(trx).insertForwarder(forwarder, now)
      await mailStoreOn(trx).insertMailbox(mailbox(2, 'b@user2.example'), now)
    })
    assert.deepEqual(await store.forwardersToServe(), forwarders)
    assert.deepEqual(await store.listForwarders(2), forwarders.slice(0, 4))
    assert.deepEqual(await store.forwardersOf('user2.example', 'none'), [forwarders[3]])
    assert.deepEqual([await store.countForwarders(2), await store.domainsOf(2)], [4, ['user2.example']])

    await storage.write((trx) => mailStoreOn(trx).renameDomain(2, 'user2.example', 'new.example'))
    const moved = await store.listForwarders(2)
    assert.deepEqual(
      moved.map(({ localPart, domain, action }) => [
        localPart,
        domain,
        action.kind === 'forward' ? action.to : action.kind,
      ]),
      [
        ['info', 'new.example', 'b@new.example'],
        ['info', 'new.example', 'fail'],
        ['none', 'new.example', 'blackhole'],
      ],
    )
    // What another account forwards is theirs.
    assert.deepEqual(await store.listForwarders(3), [forwarders[4]])
    assert.deepEqual(await store.domainsOf(2), ['new.example'])
    const [first] = moved
    assert.equal(await storage.write((trx) => mailStoreOn(trx).removeForwarder(first ?? assert.fail())), true)
    await storage.write((trx) => mailStoreOn(trx).removeAllOf(2))
    assert.deepEqual([await store.domainsOf(2), await store.countForwarders(3)], [[], 1])
  })
})
