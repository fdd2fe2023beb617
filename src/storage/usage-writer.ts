/** Writes the usage ledger's batches. */
import { type Kysely, sql } from 'kysely'
import type { TakenUse, TokenRefusals, UsageWriter } from '../usage/ledger.ts'
import type { LedgerCount } from '../usage/tally.ts'
import type { Storage } from './database.ts'
import { chunksOf } from './rows.ts'
import type { Schema } from './schema.ts'

export function usageWriterOn(storage: Pick<Storage, 'writeUsage'>): UsageWriter {
  return {
    write: (batch) =>
      storage.writeUsage(async (trx) => {
        await writeUses(trx, batch.uses)
        await writeSecrets(trx, batch.uses)
        await writeRefusals(trx, batch.refusals)
        await writeCounts(trx, await withKnownAccounts(trx, batch.counts))
        await writeSessions(trx, batch.sessionsSeen)
      }),
  }
}

const toSeconds = (ms: number): number => Math.floor(ms / 1000)

/** The newer of two, since another node may have written a later use before. */
const later = <T>(table: string, at: string, column: string) =>
  sql<T>`case when ${sql.ref(`excluded.${at}`)} >= ${sql.ref(`${table}.${at}`)} then ${sql.ref(`excluded.${column}`)} else ${sql.ref(`${table}.${column}`)} end`

const sumOf = (table: string, column: string) =>
  sql<number>`${sql.ref(`${table}.${column}`)} + ${sql.ref(`excluded.${column}`)}`

async function writeUses(trx: Kysely<Schema>, uses: readonly TakenUse[]): Promise<void> {
  // One row a token: a statement may not meet the same row twice.
  const byToken = new Map<string, TakenUse>()
  for (const use of uses) {
    const before = byToken.get(use.tokenId)
    const latest = before === undefined || use.lastUsedMs >= before.lastUsedMs ? use : before
    const firstUsedMs = Math.min(use.firstUsedMs, before?.firstUsedMs ?? use.firstUsedMs)
    byToken.set(use.tokenId, { ...latest, firstUsedMs, calls: use.calls + (before?.calls ?? 0) })
  }
  for (const chunk of chunksOf([...byToken.values()], 100)) {
    await trx
      .insertInto('token_usage')
      .values(
        chunk.map((use) => ({
          token_id: use.tokenId,
          last_used_at: toSeconds(use.lastUsedMs),
          last_used_address: use.lastUsedAddress,
          calls: use.calls,
          first_used_at: toSeconds(use.firstUsedMs),
          last_function: use.lastFunction,
        })),
      )
      .onConflict((conflict) =>
        conflict.column('token_id').doUpdateSet({
          last_used_at: later<number>('token_usage', 'last_used_at', 'last_used_at'),
          last_used_address: later<string>('token_usage', 'last_used_at', 'last_used_address'),
          last_function: later<string>('token_usage', 'last_used_at', 'last_function'),
          calls: sumOf('token_usage', 'calls'),
        }),
      )
      .execute()
  }
}

async function writeSecrets(trx: Kysely<Schema>, uses: readonly TakenUse[]): Promise<void> {
  const ofRotated = uses.filter(({ secretNumber }) => secretNumber !== undefined)
  for (const chunk of chunksOf(ofRotated, 100)) {
    await trx
      .insertInto('token_secret_usage')
      .values(
        chunk.map((use) => ({
          secret: `${use.tokenId}/${use.secretNumber}`,
          last_used_at: toSeconds(use.lastUsedMs),
          last_used_address: use.lastUsedAddress,
          calls: use.calls,
        })),
      )
      .onConflict((conflict) =>
        conflict.column('secret').doUpdateSet({
          last_used_at: later<number>('token_secret_usage', 'last_used_at', 'last_used_at'),
          last_used_address: later<string>('token_secret_usage', 'last_used_at', 'last_used_address'),
          calls: sumOf('token_secret_usage', 'calls'),
        }),
      )
      .execute()
  }
}

async function writeRefusals(trx: Kysely<Schema>, refusals: readonly Readonly<TokenRefusals>[]): Promise<void> {
  for (const chunk of chunksOf(refusals, 100)) {
    await trx
      .insertInto('token_refusals')
      .values(
        chunk.map((one) => ({
          token_id: one.tokenId,
          refused: one.refused,
          last_refused_at: toSeconds(one.lastMs),
          last_refused_address: one.lastAddress,
          last_refused_reason: one.lastReason,
        })),
      )
      .onConflict((conflict) =>
        conflict.column('token_id').doUpdateSet({
          refused: sumOf('token_refusals', 'refused'),
          last_refused_at: later<number>('token_refusals', 'last_refused_at', 'last_refused_at'),
          last_refused_address: later<string>('token_refusals', 'last_refused_at', 'last_refused_address'),
          last_refused_reason: later<string>('token_refusals', 'last_refused_at', 'last_refused_reason'),
        }),
      )
      .execute()
  }
}

async function writeCounts(trx: Kysely<Schema>, counts: readonly LedgerCount[]): Promise<void> {
  for (const chunk of chunksOf(counts, 100)) {
    await trx
      .insertInto('token_ledger')
      .values(
        chunk.map((count) => ({
          token_id: count.tokenId,
          kind: count.kind,
          period: 'hour',
          starts_at: toSeconds(count.hourMs),
          name: count.name,
          calls: count.calls,
          last_at: toSeconds(count.lastMs),
        })),
      )
      .onConflict((conflict) =>
        conflict.columns(['token_id', 'kind', 'period', 'starts_at', 'name']).doUpdateSet({
          calls: sumOf('token_ledger', 'calls'),
          last_at: later<number>('token_ledger', 'last_at', 'last_at'),
        }),
      )
      .execute()
  }
}

/**
 * Calls name accounts by user or domain. They are kept by the user's name, removed ones too; what names no account, such as a name that
 * was only looked up, is left out.
 */
async function withKnownAccounts(trx: Kysely<Schema>, counts: readonly LedgerCount[]): Promise<readonly LedgerCount[]> {
  const named = new Set(counts.filter(({ kind }) => kind === 'account').map(({ name }) => name))
  if (named.size === 0) return counts
  const userOf = new Map<string, string>()
  for (const chunk of chunksOf([...named], 200)) {
    const users = await trx.selectFrom('users').select('name').where('name', 'in', chunk).execute()
    for (const { name } of users) userOf.set(name, name)
    const domains = await trx
      .selectFrom('accounts')
      .innerJoin('users', 'users.id', 'accounts.user_id')
      .select(['accounts.domain', 'users.name'])
      .where('accounts.domain', 'in', chunk)
      .execute()
    for (const { domain, name } of domains) userOf.set(domain, name)
  }
  const merged = new Map<string, LedgerCount>()
  for (const count of counts) {
    const name = count.kind === 'account' ? (userOf.get(count.name) ?? '') : count.name
    if (count.kind === 'account' && name === '') continue
    const key = `${count.tokenId} ${count.kind} ${count.hourMs} ${name}`
    const before = merged.get(key)
    merged.set(key, { ...count, name, calls: count.calls + (before?.calls ?? 0) })
  }
  return [...merged.values()]
}

async function writeSessions(trx: Kysely<Schema>, sessionsSeen: ReadonlyMap<string, number>): Promise<void> {
  for (const [digest, seenMs] of sessionsSeen) {
    const seenAt = toSeconds(seenMs)
    await trx
      .updateTable('sessions')
      .set({ last_seen_at: seenAt })
      .where('digest', '=', digest)
      .where('last_seen_at', '<', seenAt)
      .execute()
  }
}
