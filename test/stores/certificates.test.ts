/** Keys, certificates and how it stands with automatic ones, in the database. */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { before, test } from 'node:test'
import { certificateFactsOf } from '../../src/hosting/certificates/facts.ts'
import type { StoredCertificate, StoredKey } from '../../src/hosting/certificates/store.ts'
import { autoSslStoreOn } from '../../src/storage/autossl-store.ts'
import { certificateStoreOn } from '../../src/storage/certificate-store.ts'
import { makeSelfSigned } from '../made-certificates.ts'
import { forEachDatabase } from './databases.ts'
import { addRoot } from './rows.ts'

const SITE = 'a.example.com'
const ROOT = 1
const at = new Date(1_800_000_000_000)
const later = (seconds: number): Date => new Date(at.getTime() + seconds * 1000)

let certificate: StoredCertificate
const key: StoredKey = { id: 'key-1', userId: ROOT, friendlyName: 'mine', publicPem: 'PUBLIC', createdAt: at }
before(async () => {
  const { crt } = await makeSelfSigned([SITE])
  certificate = {
    id: 'crt-1',
    userId: ROOT,
    keyId: key.id,
    friendlyName: SITE,
    pem: crt,
    chain: '',
    facts: await certificateFactsOf(new X509Certificate(crt)),
    provider: 'acme',
    createdAt: at,
  }
})

forEachDatabase((_name, makeStorage, makeDatabase) => {
  test('a certificate and a key are removed by their owner alone', async () => {
    const storage = await makeStorage()
    await addRoot(storage)
    await storage.write(async (trx) => {
      const store = certificateStoreOn(trx)
      await store.insertKey(key, 'SEALED')
      await store.insertCertificate(certificate)
      await store.removeCertificate(2, certificate.id)
      await store.removeKey(2, key.id)
      assert.deepEqual([await store.countCertificates(ROOT), await store.countKeys(ROOT)], [1, 1])
      await store.removeCertificate(ROOT, certificate.id)
      assert.deepEqual([await store.countCertificates(ROOT), await store.countKeys(ROOT)], [0, 1])
      await store.removeKey(ROOT, key.id)
      assert.equal(await store.countKeys(ROOT), 0)
    })
  })

  test('what was kept is found again by its owner, with its facts, and a second copy changes nothing but the chain', async () => {
    const storage = await makeStorage()
    await addRoot(storage)
    const store = certificateStoreOn(storage.read)
    await storage.write(async (trx) => {
      const inside = certificateStoreOn(trx)
      await inside.insertKey(key, 'SEALED')
      await inside.insertCertificate(certificate)
      await inside.install(SITE, ROOT, certificate.id, at)
      await inside.insertKey({ ...key, friendlyName: 'again' }, 'OTHER')
      await inside.insertCertificate({ ...certificate, friendlyName: 'again', chain: 'CHAIN' })
    })
    assert.deepEqual(await store.findKey(ROOT, key.id), key)
    assert.equal(await store.sealedKey(ROOT, key.id), 'SEALED')
    assert.deepEqual(await store.findKeysByPublic('PUBLIC'), [key])
    const kept = { ...certificate, chain: 'CHAIN' }
    assert.deepEqual((await store.findCertificate(ROOT, certificate.id))?.facts.notAfter, certificate.facts.notAfter)
    assert.deepEqual(JSON.stringify(await store.listCertificates({ userId: ROOT })), JSON.stringify([kept]))
    const installed = await store.findInstalled(SITE)
    assert.deepEqual([installed?.certificate.chain, installed?.installedAt], ['CHAIN', at])
    for (const nobody of [
      await store.findKey(2, key.id),
      await store.sealedKey(2, key.id),
      await store.findCertificate(2, certificate.id),
    ])
      assert.equal(nobody, undefined)
    assert.deepEqual([await store.listKeys(2), await store.listInstalled({ userId: 2 })], [[], []])
    assert.deepEqual(await store.listInstalled({ ownerId: 2 }), [])
  })

  test('a certificate goes when no site shows it, and its key with it unless another has it', async () => {
    const storage = await makeStorage()
    await addRoot(storage)
    const store = certificateStoreOn(storage.read)
    const ids = async () =>
      [await store.listCertificates({}), await store.listKeys(ROOT)].map((all) => all.map(({ id }) => id))
    await storage.write(async (trx) => {
      const inside = certificateStoreOn(trx)
      await inside.insertKey(key, 'SEALED')
      await inside.insertCertificate(certificate)
      await inside.insertCertificate({ ...certificate, id: 'crt-2' })
      await inside.install(SITE, ROOT, 'crt-1', at)
    })
    const remove = (id: string) => storage.write((trx) => certificateStoreOn(trx).removeUnused(ROOT, id))
    await remove('crt-1')
    assert.deepEqual(await ids(), [['crt-1', 'crt-2'], ['key-1']])
    await storage.write((trx) => certificateStoreOn(trx).install(SITE, ROOT, 'crt-2', at))
    await remove('crt-1')
    assert.deepEqual(await ids(), [['crt-2'], ['key-1']])
    assert.equal(await storage.write((trx) => certificateStoreOn(trx).uninstall(SITE)), true)
    assert.equal(await storage.write((trx) => certificateStoreOn(trx).uninstall(SITE)), false)
    await remove('crt-2')
    assert.deepEqual(await ids(), [[], []])
    await storage.write((trx) => certificateStoreOn(trx).insertKey(key, 'SEALED'))
    assert.deepEqual(await storage.write((trx) => certificateStoreOn(trx).removeAllOf(ROOT)), [])
    assert.deepEqual(await ids(), [[], []])
  })

  test('of many that try a site at once one may, until its try has ended or its time is over, and after a failure nobody before the next time', async () => {
    const database = await makeDatabase()
    const storage = await database.open()
    // On PostgreSQL a second node.
    const nodes = database.url === undefined ? [storage] : [storage, await database.open()]
    await addRoot(storage)
    const claim = (now: Date, node = storage) =>
      node.write((trx) => autoSslStoreOn(trx).claim(SITE, ROOT, now, new Date(now.getTime() + 600_000)))
    const claims = await Promise.all(Array.from({ length: 12 }, (_, i) => claim(at, nodes[i % nodes.length])))
    assert.equal(claims.filter(Boolean).length, 1)
    assert.equal(await claim(later(599)), false)
    assert.equal(await claim(later(601)), true)
    const write = (work: (store: ReturnType<typeof autoSslStoreOn>) => Promise<unknown>) =>
      storage.write((trx) => work(autoSslStoreOn(trx)))
    for (const failures of [1, 2]) {
      await write((store) => store.failed(SITE, at, 'it said no', later(3600)))
      const state = await autoSslStoreOn(storage.read).find(SITE)
      assert.deepEqual(state, {
        site: SITE,
        userId: ROOT,
        lastTryAt: at,
        result: 'failed',
        problem: 'it said no',
        failures,
        nextTryAt: later(3600),
      })
    }
    assert.equal(await claim(later(3599)), false)
    await write((store) => store.wakeUp(2))
    assert.equal(await claim(later(3599)), false)
    await write((store) => store.wakeUp(ROOT))
    assert.equal(await claim(at), true)
    await write((store) => store.release(SITE))
    assert.equal(await claim(at), true)
    await write((store) => store.succeeded(SITE, later(5)))
    const [state] = await autoSslStoreOn(storage.read).list()
    assert.deepEqual([state?.result, state?.problem, state?.failures, state?.lastTryAt], ['issued', '', 0, later(5)])
  })

  test('what was put into a zone counts as left over when nobody tries its site any longer', async () => {
    const storage = await makeStorage()
    await addRoot(storage)
    const answer = { site: SITE, name: `_acme-challenge.${SITE}`, value: 'v' }
    const left = (now: Date) => autoSslStoreOn(storage.read).listLeftAnswers(now)
    const write = (work: (store: ReturnType<typeof autoSslStoreOn>) => Promise<unknown>) =>
      storage.write((trx) => work(autoSslStoreOn(trx)))
    await write((store) => store.claim(SITE, ROOT, at, later(600)))
    await write((store) => store.noteAnswer(answer))
    await write((store) => store.noteAnswer(answer))
    assert.deepEqual(await left(later(599)), [])
    assert.deepEqual(await left(later(600)), [answer])
    await write((store) => store.release(SITE))
    assert.deepEqual(await left(at), [answer])
    await write((store) => store.forgetAnswer(answer))
    assert.deepEqual(await left(at), [])
  })

  test('the first key of the account at an authority stays, whoever was first', async () => {
    const storage = await makeStorage()
    const keep = (sealed: string) => storage.write((trx) => autoSslStoreOn(trx).accountKey('https://a/dir', sealed, at))
    const kept = await Promise.all(['one', 'two', 'three'].map(keep))
    assert.equal(new Set(kept).size, 1)
    assert.equal(await keep('four'), kept[0])
  })
})
