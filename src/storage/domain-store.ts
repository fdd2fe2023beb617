/** The domains of accounts besides their main ones, in the database. */
import type { Kysely } from 'kysely'
import type { Domain, DomainStore, DomainType } from '../hosting/domains.ts'
import { toSeconds } from './rows.ts'
import type { DomainTable, Schema } from './schema.ts'

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
