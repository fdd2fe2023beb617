/** What accounts have on the database server, in Postern's own database. */
import { type Kysely, sql } from 'kysely'
import type { MysqlGrant, MysqlPrivilege, MysqlStore } from '../hosting/mysql.ts'
import { listFromJson, toSeconds } from './rows.ts'
import type { Schema } from './schema.ts'

export function mysqlStoreOn(db: Kysely<Schema>): MysqlStore {
  return {
    async databasesOf(userId) {
      const rows = await db
        .selectFrom('mysql_databases')
        .select('name')
        .where('user_id', '=', userId)
        .orderBy('name')
        .execute()
      return rows.map(({ name }) => name)
    },
    async usersOf(userId) {
      const rows = await db
        .selectFrom('mysql_users')
        .select('name')
        .where('user_id', '=', userId)
        .orderBy('name')
        .execute()
      return rows.map(({ name }) => name)
    },
    async grantsOf(userId) {
      const rows = await grants(db)
        .innerJoin('mysql_databases', 'mysql_databases.name', 'mysql_grants.database_name')
        .where('mysql_databases.user_id', '=', userId)
        .execute()
      return rows.map(grantOf)
    },
    async findDatabase(name) {
      const row = await db
        .selectFrom('mysql_databases')
        .select(['name', 'user_id'])
        .where(sql<string>`lower(name)`, '=', name.toLowerCase())
        .executeTakeFirst()
      return row && { name: row.name, userId: row.user_id }
    },
    async findUser(name) {
      const row = await db
        .selectFrom('mysql_users')
        .select(['name', 'user_id'])
        .where(sql<string>`lower(name)`, '=', name.toLowerCase())
        .executeTakeFirst()
      return row && { name: row.name, userId: row.user_id }
    },
    async wantedUser(name) {
      const row = await db
        .selectFrom('mysql_users')
        .innerJoin('accounts', 'accounts.user_id', 'mysql_users.user_id')
        .select(['mysql_users.user_id', 'mysql_users.sealed_hash', 'accounts.suspended_at'])
        .where('mysql_users.name', '=', name)
        .executeTakeFirst()
      if (row === undefined) return undefined
      const rows = await grants(db).where('mysql_grants.user_name', '=', name).execute()
      return {
        userId: row.user_id,
        sealedHash: row.sealed_hash ?? undefined,
        isLocked: row.suspended_at !== null,
        grants: rows.map(grantOf),
      }
    },
    async addDatabase(name, userId, at) {
      await db
        .insertInto('mysql_databases')
        .values({ name, user_id: userId, created_at: toSeconds(at) })
        .execute()
    },
    async addUser(name, userId, sealedHash, at) {
      const values = { name, user_id: userId, sealed_hash: sealedHash, created_at: toSeconds(at) }
      await db.insertInto('mysql_users').values(values).execute()
    },
    async setPassword(user, sealedHash) {
      await db.updateTable('mysql_users').set({ sealed_hash: sealedHash }).where('name', '=', user).execute()
    },
    async forgetPassword(user, sealedHash) {
      await db
        .updateTable('mysql_users')
        .set({ sealed_hash: null })
        .where('name', '=', user)
        .where('sealed_hash', '=', sealedHash)
        .execute()
    },
    async setGrant(database, user, privileges) {
      await db.deleteFrom('mysql_grants').where('database_name', '=', database).where('user_name', '=', user).execute()
      if (privileges.length === 0) return
      const values = { database_name: database, user_name: user, privileges: JSON.stringify(privileges) }
      await db.insertInto('mysql_grants').values(values).execute()
    },
    async removeDatabase(name) {
      await db.deleteFrom('mysql_grants').where('database_name', '=', name).execute()
      await db.deleteFrom('mysql_databases').where('name', '=', name).execute()
    },
    async removeUser(name) {
      await db.deleteFrom('mysql_grants').where('user_name', '=', name).execute()
      await db.deleteFrom('mysql_users').where('name', '=', name).execute()
    },
    async removeAllOf(userId) {
      // Both ends of a grant belong to one account.
      const users = db.selectFrom('mysql_users').select('name').where('user_id', '=', userId)
      await db.deleteFrom('mysql_grants').where('user_name', 'in', users).execute()
      await db.deleteFrom('mysql_users').where('user_id', '=', userId).execute()
      await db.deleteFrom('mysql_databases').where('user_id', '=', userId).execute()
    },
  }
}

function grants(db: Kysely<Schema>) {
  return db
    .selectFrom('mysql_grants')
    .select(['mysql_grants.database_name', 'mysql_grants.user_name', 'mysql_grants.privileges'])
    .orderBy('mysql_grants.database_name')
    .orderBy('mysql_grants.user_name')
}

function grantOf(row: Record<'database_name' | 'user_name' | 'privileges', string>): MysqlGrant {
  return {
    database: row.database_name,
    user: row.user_name,
    // Only ever written by `setGrant`.
    privileges: listFromJson(row.privileges) as readonly MysqlPrivilege[],
  }
}
