/** Packages and feature lists in the database. */
import type { Kysely } from 'kysely'
import type { FeatureList, FeatureListStore } from '../hosting/features.ts'
import type { Package, PackageStore } from '../hosting/packages.ts'
import { toSeconds } from './rows.ts'
import type { Schema } from './schema.ts'
import type { FeatureListTable, PackageTable } from './tables/hosting.ts'

export function packageStoreOn(db: Kysely<Schema>): PackageStore {
  const packages = () =>
    db.selectFrom('packages').select(['name', 'owner_id', 'disk_limit_mb', 'bandwidth_limit_mb', 'settings', 'limits'])
  return {
    async list() {
      return (await packages().orderBy('name').execute()).map(packageOf)
    },
    async find(name) {
      const row = await packages().where('name', '=', name).executeTakeFirst()
      return row && packageOf(row)
    },
    async save(made, at) {
      const columns = { ...columnsOf(made), changed_at: toSeconds(at) }
      await db
        .insertInto('packages')
        .values({ name: made.name, ...columns })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(columns))
        .execute()
    },
    async remove(name) {
      await db.deleteFrom('packages').where('name', '=', name).execute()
    },
    async giveToRoot(ownerId) {
      await db.updateTable('packages').set({ owner_id: null }).where('owner_id', '=', ownerId).execute()
    },
  }
}

export function featureListStoreOn(db: Kysely<Schema>): FeatureListStore {
  const lists = () => db.selectFrom('feature_lists').select(['name', 'owner_id', 'features'])
  return {
    async list() {
      return (await lists().orderBy('name').execute()).map(featureListOf)
    },
    async find(name) {
      const row = await lists().where('name', '=', name).executeTakeFirst()
      return row && featureListOf(row)
    },
    async save({ name, ownerId, features }, at) {
      const columns = { owner_id: ownerId ?? null, features: JSON.stringify(features), changed_at: toSeconds(at) }
      await db
        .insertInto('feature_lists')
        .values({ name, ...columns })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(columns))
        .execute()
    },
    async remove(name) {
      await db.deleteFrom('feature_lists').where('name', '=', name).execute()
    },
    async giveToRoot(ownerId) {
      await db.updateTable('feature_lists').set({ owner_id: null }).where('owner_id', '=', ownerId).execute()
    },
  }
}

type Settings = Omit<Package, 'name' | 'ownerId' | 'diskLimitMb' | 'bandwidthLimitMb' | 'limits'>

function columnsOf({ name: _, ownerId, diskLimitMb, bandwidthLimitMb, limits, ...settings }: Package) {
  return {
    owner_id: ownerId ?? null,
    disk_limit_mb: diskLimitMb ?? null,
    bandwidth_limit_mb: bandwidthLimitMb ?? null,
    settings: JSON.stringify(settings satisfies Settings),
    limits: JSON.stringify(limits),
  }
}

function packageOf(row: Omit<PackageTable, 'changed_at'>): Package {
  return {
    // Written by `columnsOf` alone.
    ...(JSON.parse(row.settings) as Settings),
    name: row.name,
    ownerId: row.owner_id ?? undefined,
    diskLimitMb: row.disk_limit_mb ?? undefined,
    bandwidthLimitMb: row.bandwidth_limit_mb ?? undefined,
    limits: JSON.parse(row.limits) as Package['limits'],
  }
}

function featureListOf(row: Omit<FeatureListTable, 'changed_at'>): FeatureList {
  // Written by `save` above, as an object of true and false.
  const features = JSON.parse(row.features) as FeatureList['features']
  return { name: row.name, ownerId: row.owner_id ?? undefined, features }
}
