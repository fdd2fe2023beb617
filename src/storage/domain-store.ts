/** The domains of accounts besides their main ones, in the database. */
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Domain, DomainStore, DomainType } from '../hosting/domains.ts'
import { toSeconds } from './rows.ts'
import type { Schema } from './schema.ts'
import type { DomainTable } from './tables/hosting.ts'

export function domainStoreOn(db: Kysely<Schema>): DomainStore {
  const domains = () =>
    db
      .selectFrom('domains')
      .select(['domains.name', 'domains.user_id', 'domains.type', 'domains.parent', 'domains.document_root'])
  return {
    async find(name) {
      const row = await domains().where('name', '=', name).executeTakeFirst()
      return row && domainOf(row)
    },
    async listOf(userId) {
      return (await domains().where('user_id', '=', userId).orderBy('name').execute()).map(domainOf)
    },
    async listOwned(ownerId) {
      const all = domains().innerJoin('accounts', 'accounts.user_id', 'domains.user_id').orderBy('domains.name')
      const rows = await (ownerId === undefined ? all : all.where('accounts.owner_id', '=', ownerId)).execute()
      return rows.map(domainOf)
    },
    async countOf(userId, type) {
      const { number } = await db
        .selectFrom('domains')
        .select((e) => e.fn.countAll<number>().as('number'))
        .where('user_id', '=', userId)
        .where('type', '=', type)
        .executeTakeFirstOrThrow()
      return Number(number)
    },
    async hasOthersBelow(name, userId) {
      const isBelow = isBelowIn(name)
      // The names alone are read through, in their indexes; whose they are is looked up for those that lie below.
      const account = await db
        .selectFrom('accounts')
        .select('user_id')
        .where('domain', 'in', (e) => e.selectFrom('accounts').select('domain').where(isBelow('domain')))
        .where('user_id', '!=', userId)
        .where('owner_id', '!=', userId)
        .limit(1)
        .executeTakeFirst()
      const domain = await db
        .selectFrom('domains')
        .innerJoin('accounts', 'accounts.user_id', 'domains.user_id')
        .select('domains.name')
        .where('domains.name', 'in', (e) => e.selectFrom('domains').select('name').where(isBelow('name')))
        .where('accounts.user_id', '!=', userId)
        .where('accounts.owner_id', '!=', userId)
        .limit(1)
        .executeTakeFirst()
      const zone = await db
        .selectFrom('zones')
        .leftJoin('accounts', 'accounts.user_id', 'zones.user_id')
        .select('zones.name')
        .where('zones.name', 'in', (e) => e.selectFrom('zones').select('name').where(isBelow('name')))
        .where(sql<boolean>`coalesce(zones.user_id, 0) <> ${userId}`)
        .where(sql<boolean>`coalesce(accounts.owner_id, 0) <> ${userId}`)
        .limit(1)
        .executeTakeFirst()
      return account !== undefined || domain !== undefined || zone !== undefined
    },
    async insert({ name, userId, type, parent, documentRoot }, at) {
      await db
        .insertInto('domains')
        .values({ name, user_id: userId, type, parent, document_root: documentRoot, created_at: toSeconds(at) })
        .execute()
    },
    async rename(name, to, parent) {
      await db.updateTable('domains').set({ name: to, parent }).where('name', '=', name).execute()
    },
    async removeAllOf(userId) {
      await db.deleteFrom('domains').where('user_id', '=', userId).execute()
    },
  }
}

/** Conditions on a column of names. */
function isBelowIn(name: string): (column: string) => RawBuilder<boolean> {
  const pattern = `%.${name.replace(/[!%_]/g, '!$&')}`
  return (column) => sql<boolean>`${sql.ref(column)} like ${pattern} escape '!'`
}

function domainOf(row: Omit<DomainTable, 'created_at'>): Domain {
  return {
    name: row.name,
    userId: row.user_id,
    // Only ever written from a `DomainType`.
    type: row.type as DomainType,
    parent: row.parent,
    documentRoot: row.document_root,
  }
}
