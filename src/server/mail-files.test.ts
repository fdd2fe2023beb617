import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fillAccounts, mailbox } from '../../test/stores/mail-rows.ts'
import { makeEmbeddedHost } from '../hosting/hosts/embedded.ts'
import { mailStoreOn } from '../storage/mail-store.ts'
import { openStorage } from '../storage/open-storage.ts'
import { makeMailFiles } from './mail-files.ts'

const undo: (() => unknown)[] = []
after(async () => {
  for (const step of undo.reverse()) await step()
})

/** Accounts `user2` and `user3` with homes, and no mail. */
async function makeWorld() {
  const folder = await mkdtemp(join(tmpdir(), 'postern-test-'))
  const storage = await openStorage({ url: undefined, folder })
  undo.push(async () => {
    await storage.close()
    await rm(folder, { recursive: true })
  })
  await fillAccounts(storage)
  const host = makeEmbeddedHost(folder)
  for (const home of ['user2', 'user3']) await host.createHome(home)
  const file = (path: string) => {
    const whole = join(folder, 'mail', path)
    return existsSync(whole) ? readFileSync(whole, 'utf8') : undefined
  }
  const change = (work: (store: ReturnType<typeof mailStoreOn>) => Promise<unknown>) =>
    storage.write((trx) => work(mailStoreOn(trx)))
  const add = (userId: number, address: string) =>
    change((store) => store.insertMailbox(mailbox(userId, address), new Date(0)))
  return { folder, host, file, change, add, files: makeMailFiles(folder, storage, host) }
}

test('writing is the same done twice, at once, or for a domain that has nothing any more', async () => {
  const { files, file, add, change } = await makeWorld()
  await add(2, 'a@one.example')
  await add(2, 'a@two.example')
  await Promise.all([files.write(['one.example']), files.write(['two.example']), files.write(['one.example'])])
  assert.match(file('passwd/one.example') ?? '', /^a@one\.example:/)
  assert.equal(file('postfix/domains'), 'one.example OK\ntwo.example OK\n')
  await change((store) => store.removeMailbox('one.example', 'a'))
  for (let time = 0; time < 2; time += 1) await files.write(['one.example'])
  assert.equal(file('passwd/one.example'), undefined)
  assert.equal(file('postfix/domains'), 'two.example OK\n')
})

test('two changes within a second differ in the second of their files, which is what Dovecot looks at', async () => {
  const { folder, files, add, change } = await makeWorld()
  await add(2, 'a@one.example')
  const seconds = new Set<number>()
  for (const passwordHash of ['{ARGON2ID}1', '{ARGON2ID}2', '{ARGON2ID}3', '{ARGON2ID}4']) {
    await change((store) => store.changeMailbox('one.example', 'a', { passwordHash }, new Date(0)))
    await files.write(['one.example'])
    seconds.add(Math.floor(statSync(join(folder, 'mail/passwd/one.example')).mtimeMs / 1000))
  }
  assert.equal(seconds.size, 4)
})

test('a write that failed does not keep the next one from its work', async () => {
  const { files, file, add } = await makeWorld()
  await add(2, 'a@one.example')
  await assert.rejects(files.write(['../one.example']), /no domain/)
  await files.write(['one.example'])
  assert.match(file('passwd/one.example') ?? '', /^a@one\.example:/)
})

test('a domain whose file cannot be written keeps neither the others nor the maps from being written', async () => {
  const { folder, files, file, add } = await makeWorld()
  for (const domain of ['a.example', 'b.example', 'c.example']) await add(2, `x@${domain}`)
  mkdirSync(join(folder, 'mail/passwd/b.example'), { recursive: true })
  const [passwd, maps] = [(domain: string) => file(`passwd/${domain}.example`), () => file('postfix/mailboxes') ?? '']
  await assert.rejects(files.write(['a.example', 'b.example', 'c.example']), /EISDIR/)
  assert.deepEqual([passwd('a')?.slice(0, 12), passwd('c')?.slice(0, 12)], ['x@a.example:', 'x@c.example:'])
  assert.match(maps(), /^x@c\.example /m)
  for (const name of ['passwd/a.example', 'passwd/c.example', 'postfix/mailboxes']) rmSync(join(folder, 'mail', name))
  await assert.rejects(files.reconcile(), /EISDIR/)
  assert.deepEqual([passwd('a')?.slice(0, 12), passwd('c')?.slice(0, 12)], ['x@a.example:', 'x@c.example:'])
  assert.match(maps(), /^x@c\.example /m)
})

test('the start makes no Maildir where earlier work waits', async () => {
  const { files, add, host } = await makeWorld()
  await add(2, 'a@one.example')
  await add(3, 'b@two.example')
  await files.reconcile((home) => home === 'user2')
  assert.ok(!existsSync(host.pathOf('user2', 'mail/one.example')))
  assert.ok(existsSync(host.pathOf('user3', 'mail/two.example/b')))
})

test('the start writes everything, makes missing Maildirs, and takes away password files of domains without mailboxes', async () => {
  const { folder, files, file, add, change, host } = await makeWorld()
  assert.deepEqual(await files.reconcile(), { made: [], putAside: [] })
  assert.ok(!existsSync(join(folder, 'mail')))
  await add(2, 'a@one.example')
  await add(3, 'b@two.example')
  const action = { kind: 'forward', to: 'y@z.example' } as const
  await change((store) =>
    store.insertForwarder({ userId: 3, domain: 'three.example', localPart: 'x', action }, new Date(0)),
  )
  mkdirSync(join(folder, 'mail/passwd'), { recursive: true })
  writeFileSync(join(folder, 'mail/passwd/stale.example'), 'old@stale.example:{PLAIN}x:0:0::/::\n')
  // What a customer put in the way is no reason to leave out the others.
  symlinkSync('/tmp', host.pathOf('user2', 'mail/one.example'))
  const maps = ['domains', 'mailboxes', 'forwarders']
  const { made } = await files.reconcile()
  assert.deepEqual(made, ['one.example', 'two.example', 'stale.example', ...maps, 'transports', 'senders'])
  assert.deepEqual(readdirSync(join(folder, 'mail/passwd')), ['one.example', 'two.example'])
  assert.deepEqual(readdirSync(host.pathOf('user3', 'mail/two.example/b')), ['cur', 'new', 'tmp'])
  assert.equal(file('postfix/forwarders'), 'x@three.example y@z.example\n')
  assert.deepEqual(await files.reconcile(), { made: [], putAside: [] })
})
