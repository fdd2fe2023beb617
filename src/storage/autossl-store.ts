/** How it stands with automatic certificates, in the database. */
import type { Kysely } from 'kysely'
import type { AutoSslState, AutoSslStore } from '../hosting/certificates/renewal.ts'
import { fromSeconds, fromSecondsOrNull, metARow, toSeconds } from './rows.ts'
import type { Schema } from './schema.ts'
import type { AutoSslTable } from './tables/certificates.ts'

/** The store on a connection or in a transaction. */
export function autoSslStoreOn(db: Kysely<Schema>): AutoSslStore {
  const states = () =>
    db
      .selectFrom('autossl_state')
      .select(['site', 'user_id', 'last_try_at', 'result', 'problem', 'failures', 'next_try_at'])
  const end = (site: string, ended: Partial<AutoSslTable>) =>
    db
      .updateTable('autossl_state')
      .set({ ...ended, claimed_until: null })
      .where('site', '=', site)
  return {
    async find(site) {
      const row = await states().where('site', '=', site).executeTakeFirst()
      return row && stateOf(row)
    },
    async list() {
      return (await states().orderBy('site').execute()).map(stateOf)
    },
    async listShown() {
      const rows = await db
        .selectFrom('ssl_sites')
        .innerJoin('ssl_certificates', 'ssl_certificates.id', 'ssl_sites.certificate_id')
        .select(['site', 'provider', 'not_before', 'not_after'])
        .execute()
      return rows.map((row) => ({
        site: row.site,
        provider: row.provider ?? undefined,
        notBefore: fromSeconds(row.not_before),
        notAfter: fromSeconds(row.not_after),
      }))
    },
    async claim(site, userId, now, until) {
      const fresh = { last_try_at: null, result: 'none', problem: '', failures: 0, next_try_at: 0, claimed_until: null }
      await db
        .insertInto('autossl_state')
        .values({ site, user_id: userId ?? null, ...fresh })
        .onConflict((conflict) => conflict.column('site').doNothing())
        .execute()
      const claimed = await db
        .updateTable('autossl_state')
        .set({ claimed_until: toSeconds(until), user_id: userId ?? null })
        .where('site', '=', site)
        .where('next_try_at', '<=', toSeconds(now))
        .where((e) => e.or([e('claimed_until', 'is', null), e('claimed_until', '<=', toSeconds(now))]))
        .executeTakeFirst()
      return metARow(claimed)
    },
    async succeeded(site, at) {
      await end(site, {
        last_try_at: toSeconds(at),
        result: 'issued',
        problem: '',
        failures: 0,
        next_try_at: 0,
      }).execute()
    },
    async failed(site, at, problem, nextTryAt) {
      await end(site, { last_try_at: toSeconds(at), result: 'failed', problem, next_try_at: toSeconds(nextTryAt) })
        .set((e) => ({ failures: e('failures', '+', 1) }))
        .execute()
    },
    async release(site) {
      await end(site, {}).execute()
    },
    async wakeUp(userId) {
      const all = db.updateTable('autossl_state').set({ next_try_at: 0 })
      await (userId === undefined ? all : all.where('user_id', '=', userId)).execute()
    },
    async noteAnswer({ site, name, value }) {
      await db
        .insertInto('autossl_answers')
        .values({ id: `${name} ${value}`, site, name, value })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute()
    },
    async forgetAnswer({ name, value }) {
      await db.deleteFrom('autossl_answers').where('id', '=', `${name} ${value}`).execute()
    },
    async listLeftAnswers(now) {
      const tried = db.selectFrom('autossl_state').select('site').where('claimed_until', '>', toSeconds(now))
      const left = db.selectFrom('autossl_answers').select(['site', 'name', 'value']).where('site', 'not in', tried)
      return left.orderBy('id').execute()
    },
    async accountKey(directory, sealed, at) {
      await db
        .insertInto('acme_accounts')
        .values({ directory, sealed_key: sealed, created_at: toSeconds(at) })
        .onConflict((conflict) => conflict.column('directory').doNothing())
        .execute()
      const row = await db
        .selectFrom('acme_accounts')
        .select('sealed_key')
        .where('directory', '=', directory)
        .executeTakeFirstOrThrow()
      return row.sealed_key
    },
  }
}

function stateOf(row: Omit<AutoSslTable, 'claimed_until'>): AutoSslState {
  return {
    site: row.site,
    userId: row.user_id ?? undefined,
    lastTryAt: fromSecondsOrNull(row.last_try_at),
    // Only ever written from these.
    result: row.result as AutoSslState['result'],
    problem: row.problem,
    failures: row.failures,
    nextTryAt: fromSeconds(row.next_try_at),
  }
}
