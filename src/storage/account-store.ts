/** Users, accounts and resellers in the database. */
import { type Kysely, sql, type Updateable } from 'kysely'
import type { Account, AccountChange, AccountStore, User } from '../accounts/account.ts'
import { isUserFrozen } from '../tokens/freeze.ts'
import { freezesColumn, freezesOf } from './freeze-store.ts'
import { fromSeconds, listFromJson, toSeconds } from './rows.ts'
import type { Schema } from './schema.ts'
import type { AccountTable } from './tables/people.ts'
import { kindOf } from './token-store.ts'

// Debian gives ordinary users 1000 and up; the embedded host has no users of its own, so the number only has to be stable.
const FIRST_UID = 1000

/** The store on a connection or in a transaction. */
export function accountStoreOn(db: Kysely<Schema>): AccountStore {
  const countOnPlan = async (plan: string): Promise<number> => {
    const { number } = await db
      .selectFrom('accounts')
      .select((e) => e.fn.countAll<number>().as('number'))
      .where('plan', '=', plan)
      .executeTakeFirstOrThrow()
    return Number(number)
  }
  return {
    async findUser(name) {
      const row = await users(db).where('users.name', '=', name).executeTakeFirst()
      return row && userOf(row)
    },
    async findUserById(id) {
      const row = await users(db).where('users.id', '=', id).executeTakeFirst()
      return row && userOf(row)
    },
    async listAccounts(ownerId) {
      const all = accounts(db).orderBy('users.name')
      const rows = await (ownerId === undefined ? all : all.where('accounts.owner_id', '=', ownerId)).execute()
      return rows.map(accountOf)
    },
    async findAccount(user) {
      const row = await accounts(db).where('users.name', '=', user).executeTakeFirst()
      return row && accountOf(row)
    },
    async findAccountByDomain(domain) {
      const row = await accounts(db).where('accounts.domain', '=', domain).executeTakeFirst()
      return row && accountOf(row)
    },
    async findAccountByFirstEight(user) {
      const row = await accounts(db)
        .where(sql<string>`substr(users.name, 1, 8)`, '=', user.slice(0, 8))
        // Said once more for the index; a removed user has no account.
        .where('users.removed_at', 'is', null)
        .executeTakeFirst()
      return row && accountOf(row)
    },
    async findAccountByIp(ip) {
      const row = await accounts(db).where('accounts.ip', '=', ip).executeTakeFirst()
      return row && accountOf(row)
    },
    countOnPlan,
    async countWithFeatureList(list) {
      const rows = await db
        .selectFrom('accounts')
        .select((e) => ['limits', e.fn.countAll<number>().as('number')])
        .groupBy('limits')
        .execute()
      const withList = rows.filter(({ limits }) => limitsFromJson(limits).FEATURELIST === list)
      return withList.reduce((sum, { number }) => sum + Number(number), 0)
    },
    async countOwned(ownerId) {
      const row = await db
        .selectFrom('accounts')
        .select((e) => [e.fn.countAll<number>().as('all'), e.fn.count<number>('suspended_at').as('suspended')])
        .where('owner_id', '=', ownerId)
        .executeTakeFirstOrThrow()
      return { active: Number(row.all) - Number(row.suspended), suspended: Number(row.suspended) }
    },
    async insertRoot(passwordHash, at) {
      await db
        .insertInto('users')
        .values({
          name: 'root',
          kind: 'root',
          password_hash: passwordHash,
          is_reseller: 0,
          privileges: '[]',
          created_at: toSeconds(at),
          removed_at: null,
        })
        .execute()
    },
    async insertAccount(account) {
      const { id } = await db
        .insertInto('users')
        .values({
          name: account.user,
          kind: 'account',
          password_hash: account.passwordHash,
          is_reseller: 0,
          privileges: '[]',
          created_at: toSeconds(account.createdAt),
          removed_at: null,
        })
        .returning('id')
        .executeTakeFirstOrThrow()
      await db
        .insertInto('accounts')
        .values({
          user_id: id,
          domain: account.domain,
          is_temporary_domain: account.isTemporaryDomain ? 1 : 0,
          contact_email: account.contactEmail,
          // An account that is to own itself cannot name its id before it has one.
          owner_id: account.ownerId === 0 ? id : account.ownerId,
          plan: account.plan,
          ip: account.ip,
          theme: account.theme,
          shell: account.shell,
          locale: account.locale,
          home: account.home,
          disk_limit_mb: account.diskLimitMb ?? null,
          bandwidth_limit_mb: account.bandwidthLimitMb ?? null,
          limits: JSON.stringify(account.limits),
          uid: FIRST_UID + id,
          created_at: toSeconds(account.createdAt),
          suspended_at: null,
          suspend_reason: '',
          suspend_locked: 0,
        })
        .execute()
      return id
    },
    async changeAccount(userId, change) {
      if (change.user !== undefined)
        await db.updateTable('users').set({ name: change.user }).where('id', '=', userId).execute()
      const columns = columnsOf(change)
      if (Object.keys(columns).length > 0)
        await db.updateTable('accounts').set(columns).where('user_id', '=', userId).execute()
    },
    async changeAccountsOnPlan(plan, change) {
      // Accounts of one package are mostly alike, so that a few statements reach thousands of them.
      const kinds = await db.selectFrom('accounts').select('limits').distinct().where('plan', '=', plan).execute()
      for (const { limits } of kinds) {
        const columns = columnsOf(change(limitsFromJson(limits)))
        const alike = { ...columns, ...(columns.limits === undefined && { limits }) }
        await db.updateTable('accounts').set(alike).where('plan', '=', plan).where('limits', '=', limits).execute()
      }
      return countOnPlan(plan)
    },
    async suspend(userId, suspension) {
      await db
        .updateTable('accounts')
        .set({
          suspended_at: toSeconds(suspension.at),
          suspend_reason: suspension.reason,
          suspend_locked: suspension.isLocked ? 1 : 0,
        })
        .where('user_id', '=', userId)
        .execute()
    },
    async unsuspend(userId) {
      await db
        .updateTable('accounts')
        .set({ suspended_at: null, suspend_reason: '', suspend_locked: 0 })
        .where('user_id', '=', userId)
        .execute()
    },
    async removeAccount(userId, heirId, at) {
      await db.deleteFrom('accounts').where('user_id', '=', userId).execute()
      const inherited = await db
        .updateTable('accounts')
        .set({ owner_id: heirId })
        .where('owner_id', '=', userId)
        .executeTakeFirst()
      await db
        .updateTable('users')
        .set({ removed_at: toSeconds(at), password_hash: null, is_reseller: 0, privileges: '[]' })
        .where('id', '=', userId)
        .execute()
      return Number(inherited.numUpdatedRows)
    },
    async setPasswordHash(userId, passwordHash) {
      await db.updateTable('users').set({ password_hash: passwordHash }).where('id', '=', userId).execute()
    },
    async listResellers() {
      const rows = await users(db).where('users.is_reseller', '=', 1).orderBy('users.name').execute()
      return rows.map(userOf)
    },
    async setReseller(userId, privileges) {
      await db
        .updateTable('users')
        .set({ is_reseller: privileges === undefined ? 0 : 1, privileges: JSON.stringify(privileges ?? []) })
        .where('id', '=', userId)
        .execute()
    },
  }
}

function users(db: Kysely<Schema>) {
  return db
    .selectFrom('users')
    .leftJoin('accounts', 'accounts.user_id', 'users.id')
    .select([
      'users.id',
      'users.name',
      'users.kind',
      'users.password_hash',
      'users.is_reseller',
      'users.privileges',
      'accounts.suspended_at',
      'accounts.owner_id',
      freezesColumn(),
    ])
    .where('users.removed_at', 'is', null)
}

function userOf(row: {
  readonly id: number
  readonly name: string
  readonly kind: string
  readonly password_hash: string | null
  readonly is_reseller: number
  readonly privileges: string
  readonly suspended_at: number | null
  readonly owner_id: number | null
  readonly freezes: string | null
}): User {
  return {
    id: row.id,
    name: row.name,
    kind: kindOf(row.kind, row.is_reseller),
    passwordHash: row.password_hash ?? undefined,
    privileges: listFromJson(row.privileges),
    isSuspended: row.suspended_at !== null,
    isFrozen: isUserFrozen(freezesOf(row.freezes), row.kind === 'root', {
      userId: row.id,
      ownedBy: row.owner_id ?? undefined,
    }),
  }
}

function accounts(db: Kysely<Schema>) {
  return db
    .selectFrom('accounts')
    .innerJoin('users', 'users.id', 'accounts.user_id')
    .innerJoin('users as owners', 'owners.id', 'accounts.owner_id')
    .select([
      'accounts.user_id',
      'users.name as user',
      'users.is_reseller',
      'accounts.domain',
      'accounts.is_temporary_domain',
      'accounts.contact_email',
      'accounts.owner_id',
      'owners.name as owner',
      'accounts.plan',
      'accounts.ip',
      'accounts.theme',
      'accounts.shell',
      'accounts.locale',
      'accounts.home',
      'accounts.disk_limit_mb',
      'accounts.bandwidth_limit_mb',
      'accounts.limits',
      'accounts.uid',
      'accounts.created_at',
      'accounts.suspended_at',
      'accounts.suspend_reason',
      'accounts.suspend_locked',
    ])
}

type AccountRow = Awaited<ReturnType<ReturnType<typeof accounts>['executeTakeFirstOrThrow']>>

function accountOf(row: AccountRow): Account {
  return {
    userId: row.user_id,
    user: row.user,
    isReseller: row.is_reseller === 1,
    domain: row.domain,
    isTemporaryDomain: row.is_temporary_domain === 1,
    contactEmail: row.contact_email,
    ownerId: row.owner_id,
    owner: row.owner,
    plan: row.plan,
    ip: row.ip,
    theme: row.theme,
    shell: row.shell,
    locale: row.locale,
    home: row.home,
    diskLimitMb: row.disk_limit_mb ?? undefined,
    bandwidthLimitMb: row.bandwidth_limit_mb ?? undefined,
    limits: limitsFromJson(row.limits),
    uid: row.uid,
    createdAt: fromSeconds(row.created_at),
    suspension:
      row.suspended_at === null
        ? undefined
        : { at: fromSeconds(row.suspended_at), reason: row.suspend_reason, isLocked: row.suspend_locked === 1 },
  }
}

/** Written by this file alone, as an object of texts. */
function limitsFromJson(limits: string): Account['limits'] {
  return JSON.parse(limits) as Account['limits']
}

function columnsOf(change: AccountChange): Updateable<AccountTable> {
  const sizeOf = (size: number | 'unlimited'): number | null => (size === 'unlimited' ? null : size)
  return {
    ...(change.domain !== undefined && { domain: change.domain }),
    ...(change.isTemporaryDomain !== undefined && { is_temporary_domain: change.isTemporaryDomain ? 1 : 0 }),
    ...(change.contactEmail !== undefined && { contact_email: change.contactEmail }),
    ...(change.ownerId !== undefined && { owner_id: change.ownerId }),
    ...(change.plan !== undefined && { plan: change.plan }),
    ...(change.ip !== undefined && { ip: change.ip }),
    ...(change.theme !== undefined && { theme: change.theme }),
    ...(change.shell !== undefined && { shell: change.shell }),
    ...(change.locale !== undefined && { locale: change.locale }),
    ...(change.home !== undefined && { home: change.home }),
    ...(change.diskLimitMb !== undefined && { disk_limit_mb: sizeOf(change.diskLimitMb) }),
    ...(change.bandwidthLimitMb !== undefined && { bandwidth_limit_mb: sizeOf(change.bandwidthLimitMb) }),
    ...(change.limits !== undefined && { limits: JSON.stringify(change.limits) }),
  }
}
