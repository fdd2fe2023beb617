/** Resellers' limits and settings in the database, and what their accounts come to. */
import { type Kysely, sql } from 'kysely'
import { NO_LIMITS, NO_SETTINGS, type ResellerLimits, type ResellerStore } from '../accounts/reseller-limits.ts'
import { listFromJson } from './rows.ts'
import type { Schema } from './schema.ts'

export function resellerStoreOn(db: Kysely<Schema>): ResellerStore {
  return {
    async settingsOf(userId) {
      const row = await db
        .selectFrom('reseller_settings')
        .select(['limits', 'nameservers', 'main_ip', 'ips'])
        .where('user_id', '=', userId)
        .executeTakeFirst()
      if (row === undefined) return NO_SETTINGS
      return {
        // Written by `save` below; what a later version adds has the value of no limit.
        limits: { ...NO_LIMITS, ...(JSON.parse(row.limits) as ResellerLimits) },
        nameservers: listFromJson(row.nameservers),
        mainIp: row.main_ip ?? undefined,
        ips: row.ips === null ? undefined : listFromJson(row.ips),
      }
    },
    async save(userId, { limits, nameservers, mainIp, ips }) {
      const columns = {
        limits: JSON.stringify(limits),
        nameservers: JSON.stringify(nameservers),
        main_ip: mainIp ?? null,
        ips: ips === undefined ? null : JSON.stringify(ips),
      }
      await db
        .insertInto('reseller_settings')
        .values({ user_id: userId, ...columns })
        .onConflict((conflict) => conflict.column('user_id').doUpdateSet(columns))
        .execute()
    },
    async remove(userId) {
      await db.deleteFrom('reseller_settings').where('user_id', '=', userId).execute()
    },
    async allotmentOf(userId) {
      const rows = await db
        .selectFrom('accounts')
        .select((e) => [
          'plan',
          e.fn.countAll<number>().as('all'),
          e.fn.count<number>('disk_limit_mb').as('with_disk_limit'),
          e.fn.count<number>('bandwidth_limit_mb').as('with_bandwidth_limit'),
          sql<number>`coalesce(sum(disk_limit_mb), 0)`.as('disk_mb'),
          sql<number>`coalesce(sum(bandwidth_limit_mb), 0)`.as('bandwidth_mb'),
        ])
        .where('owner_id', '=', userId)
        .groupBy('plan')
        .execute()
      // PostgreSQL gives counts and sums as texts.
      const total = (of: (row: (typeof rows)[number]) => number) => rows.reduce((sum, row) => sum + Number(of(row)), 0)
      const accounts = total((row) => row.all)
      return {
        accounts,
        diskMb: { limitedMb: total((row) => row.disk_mb), unlimited: accounts - total((row) => row.with_disk_limit) },
        bandwidthMb: {
          limitedMb: total((row) => row.bandwidth_mb),
          unlimited: accounts - total((row) => row.with_bandwidth_limit),
        },
        packages: new Map(rows.map((row) => [row.plan, Number(row.all)])),
      }
    },
  }
}
