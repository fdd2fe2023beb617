/** Second factors and recovery codes in the database. */
import type { Kysely } from 'kysely'
import { FAILURES_MAX, waitSecondsAfter } from '../accounts/one-time-codes.ts'
import type { TwoFactorPolicy, TwoFactorStore } from '../accounts/two-factor.ts'
import { fromSeconds, fromSecondsOrNull, metARow, toSeconds } from './rows.ts'
import type { Schema } from './schema.ts'

const POLICY = 'two_factor_policy'
const ISSUER = 'two_factor_issuer'

/** The store on a connection or in a transaction. */
export function twoFactorStoreOn(db: Kysely<Schema>): TwoFactorStore {
  return {
    async find(userId) {
      const row = await db
        .selectFrom('two_factor')
        .select(['sealed_secret', 'enabled_at', 'last_step', 'failures', 'waits_until'])
        .where('user_id', '=', userId)
        .executeTakeFirst()
      return (
        row && {
          userId,
          sealedSecret: row.sealed_secret,
          enabledAt: fromSeconds(row.enabled_at),
          lastStep: row.last_step,
          failures: row.failures,
          waitsUntil: fromSecondsOrNull(row.waits_until),
        }
      )
    },
    async listUserIds() {
      const rows = await db.selectFrom('two_factor').select('user_id').execute()
      return new Set(rows.map((row) => row.user_id))
    },
    async set(userId, sealedSecret, lastStep, at) {
      await removeAll(db, userId)
      await db
        .insertInto('two_factor')
        .values({
          user_id: userId,
          sealed_secret: sealedSecret,
          enabled_at: toSeconds(at),
          last_step: lastStep,
          failures: 0,
          waits_until: null,
        })
        .execute()
    },
    remove: (userId) => removeAll(db, userId),
    takeAttempt: (userId, at) => takeAttempt(db, userId, at),
    async spendStep(userId, step) {
      const used = await db
        .updateTable('two_factor')
        .set({ last_step: step, failures: 0, waits_until: null })
        .where('user_id', '=', userId)
        .where('last_step', '<', step)
        .executeTakeFirst()
      return metARow(used)
    },
    async spendRecoveryCode(userId, digests, at) {
      const used = await db
        .updateTable('recovery_codes')
        .set({ used_at: toSeconds(at) })
        .where('user_id', '=', userId)
        .where('digest', 'in', digests)
        .where('used_at', 'is', null)
        .executeTakeFirst()
      if (!metARow(used)) return false
      await db.updateTable('two_factor').set({ failures: 0, waits_until: null }).where('user_id', '=', userId).execute()
      return true
    },
    async replaceRecoveryCodes(userId, digests, at) {
      await db.deleteFrom('recovery_codes').where('user_id', '=', userId).execute()
      const rows = digests.map((digest) => ({ digest, user_id: userId, created_at: toSeconds(at), used_at: null }))
      await db.insertInto('recovery_codes').values(rows).execute()
    },
    async countRecoveryCodes(userId) {
      const row = await db
        .selectFrom('recovery_codes')
        .select((e) => e.fn.countAll<number>().as('count'))
        .where('user_id', '=', userId)
        .where('used_at', 'is', null)
        .executeTakeFirstOrThrow()
      return Number(row.count)
    },
    policy: () => readPolicy(db),
    async setPolicy({ isEnabled, issuer }) {
      if (isEnabled !== undefined) await setMeta(db, POLICY, isEnabled ? 'enabled' : 'disabled')
      if (issuer !== undefined) await setMeta(db, ISSUER, issuer)
    },
  }
}

async function removeAll(db: Kysely<Schema>, userId: number): Promise<boolean> {
  await db.deleteFrom('recovery_codes').where('user_id', '=', userId).execute()
  return metARow(await db.deleteFrom('two_factor').where('user_id', '=', userId).executeTakeFirst())
}

/** The failures seen are part of the guard: whoever was first has changed them, and the next looks again. */
async function takeAttempt(db: Kysely<Schema>, userId: number, at: Date): Promise<boolean> {
  const now = toSeconds(at)
  for (;;) {
    const row = await db
      .selectFrom('two_factor')
      .select(['failures', 'waits_until'])
      .where('user_id', '=', userId)
      .executeTakeFirst()
    if (row === undefined || row.failures >= FAILURES_MAX) return false
    if (row.waits_until !== null && row.waits_until > now) return false
    const failures = row.failures + 1
    const waitSeconds = waitSecondsAfter(failures)
    const taken = await db
      .updateTable('two_factor')
      .set({ failures, waits_until: waitSeconds === 0 ? null : now + waitSeconds })
      .where('user_id', '=', userId)
      .where('failures', '=', row.failures)
      .executeTakeFirst()
    if (metARow(taken)) return true
  }
}

async function readPolicy(db: Kysely<Schema>): Promise<TwoFactorPolicy> {
  const rows = await db.selectFrom('meta').select(['key', 'value']).where('key', 'in', [POLICY, ISSUER]).execute()
  const values = new Map(rows.map((row) => [row.key, row.value]))
  return { isEnabled: values.get(POLICY) !== 'disabled', issuer: values.get(ISSUER) }
}

async function setMeta(db: Kysely<Schema>, key: string, value: string): Promise<void> {
  await db
    .insertInto('meta')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}
