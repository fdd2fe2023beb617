/** Which names lie below another and are somebody else's. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { domainStoreOn } from '../../src/storage/domain-store.ts'
import { zoneStoreOn } from '../../src/storage/zone-store.ts'
import { forEachDatabase } from './databases.ts'
import { accountRow, userRow } from './rows.ts'

const NOON = new Date('2026-11-26T12:00:00Z')
/** In the order in which they are made, after root. */
const [SELLER, HIS, OTHER] = [2, 3, 4]

forEachDatabase((_name, makeStorage) => {
  test('a name lies above those of others where an account, a further domain or a zone below it is not the user’s', async () => {
    const storage = await makeStorage()
    await storage.write(async (trx) => {
      for (const name of ['root', 'seller', 'his', 'other'])
        await trx.insertInto('users').values(userRow(name)).execute()
      const accounts = [
        accountRow(SELLER, 'seller.test'),
        { ...accountRow(HIS, 'www.main.test'), owner_id: SELLER },
        accountRow(OTHER, 'other.test'),
      ]
      await trx.insertInto('accounts').values(accounts).execute()
      const [domains, zones] = [domainStoreOn(trx), zoneStoreOn(trx)]
      const further = { type: 'sub_domain', parent: 'www.main.test', documentRoot: 'x' } as const
      await domains.insert({ ...further, name: 'a.further.test', userId: HIS }, NOON)
      await zones.insert({ name: 'a.zone.test', ownerId: HIS, serial: 1, text: '' }, NOON)
      await zones.insert({ name: 'a.kept.test', ownerId: SELLER, serial: 1, text: '' }, NOON)
      await zones.insert({ name: 'a.roots.test', ownerId: undefined, serial: 1, text: '' }, NOON)
    })
    const below = async (name: string): Promise<readonly number[]> => {
      const answers = await Promise.all(
        [SELLER, HIS, OTHER].map(async (user) =>
          (await domainStoreOn(storage.read).hasOthersBelow(name, user)) ? [user] : [],
        ),
      )
      return answers.flat()
    }
    // The account is its own, its owner’s and nobody else’s; so are its domains and zones.
    for (const name of ['main.test', 'further.test', 'zone.test']) assert.deepEqual(await below(name), [OTHER], name)
    assert.deepEqual(await below('kept.test'), [HIS, OTHER])
    assert.deepEqual(await below('roots.test'), [SELLER, HIS, OTHER])
    // No name lies below itself or one that only ends alike, and no letter of it stands for others.
    for (const name of ['www.main.test', 'a.roots.test', 'ots.test', 'r__ts.test', '%.test'])
      assert.deepEqual(await below(name), [], name)
  })
})
