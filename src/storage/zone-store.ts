/** DNS zones, in the database. */
import type { Kysely } from 'kysely'
import type { Zone, ZoneStore } from '../hosting/zones/zone.ts'
import { metARow, toSeconds } from './rows.ts'
import type { Schema } from './schema.ts'
import type { ZoneTable } from './tables/hosting.ts'

export function zoneStoreOn(db: Kysely<Schema>): ZoneStore {
  const zones = () => db.selectFrom('zones').select(['name', 'user_id', 'serial', 'text'])
  return {
    async find(name) {
      const row = await zones().where('name', '=', name).executeTakeFirst()
      return row && { ...factsOf(row), text: row.text }
    },
    async findAll(names) {
      const rows = names.length === 0 ? [] : await zones().where('name', 'in', names).execute()
      return rows.map((row) => ({ ...factsOf(row), text: row.text }))
    },
    async listOf(ownerId) {
      const rows = await zones().where('user_id', '=', ownerId).orderBy('name').execute()
      return rows.map((row) => ({ ...factsOf(row), text: row.text }))
    },
    async listInReach(reach) {
      const all = db.selectFrom('zones').select(['zones.name', 'zones.user_id', 'zones.serial']).orderBy('zones.name')
      if (reach === undefined) return (await all.execute()).map(factsOf)
      const rows = await all
        .leftJoin('accounts', 'accounts.user_id', 'zones.user_id')
        .where((e) => e.or([e('zones.user_id', '=', reach), e('accounts.owner_id', '=', reach)]))
        .execute()
      return rows.map(factsOf)
    },
    async insert({ name, ownerId, serial, text }, at) {
      await db
        .insertInto('zones')
        .values({ name, user_id: ownerId ?? null, serial, text, changed_at: toSeconds(at) })
        .execute()
    },
    async replace(name, serial, changed, at) {
      const result = await db
        .updateTable('zones')
        .set({ serial: changed.serial, text: changed.text, changed_at: toSeconds(at) })
        .where('name', '=', name)
        .where('serial', '=', serial)
        .executeTakeFirst()
      return metARow(result)
    },
    async remove(name) {
      await db.deleteFrom('zones').where('name', '=', name).execute()
    },
    async give(ownerId, to) {
      await db
        .updateTable('zones')
        .set({ user_id: to ?? null })
        .where('user_id', '=', ownerId)
        .execute()
    },
  }
}

function factsOf(row: Pick<ZoneTable, 'name' | 'user_id' | 'serial'>): Omit<Zone, 'text'> {
  return { name: row.name, ownerId: row.user_id ?? undefined, serial: row.serial }
}
