/** Failed attempts, bans, failures of users, known networks and lists of addresses in the database. */
import { type Kysely, sql } from 'kysely'
import type { AttemptKind, Factor } from '../protection/attempt.ts'
import type { Ban } from '../protection/bans.ts'
import { PROTECTION_DEFAULTS, type ProtectionConfig } from '../protection/config.ts'
import type {
  KeptAttempt,
  ListEntry,
  ListName,
  ProtectionBatch,
  ProtectionStore,
  UserChange,
} from '../protection/store.ts'
import type { UserFailure } from '../protection/user-counts.ts'
import type { Storage } from './database.ts'
import { chunksOf, fromSeconds, toSeconds } from './rows.ts'
import type { Schema } from './schema.ts'
import type { BanTable, FailedAttemptTable } from './tables/protection.ts'

const CONFIG_KEY = 'protection_config'
const VERSION_KEY = 'protection_version'
/** A network is known for so long after the last success. */
const KNOWN_FOR_MS = 180 * 86_400_000

type Db = Kysely<Schema>

/** What functions change and list, within their transaction. */
export function protectionStoreOn(db: Db): Omit<ProtectionStore, 'load' | 'loadNews' | 'append' | 'prune'> {
  return {
    config: () => readConfig(db),
    async saveConfig(config) {
      await putMeta(db, CONFIG_KEY, JSON.stringify(config))
    },
    entries: (list) => readEntries(db, list),
    async addEntry(list, { rule, comment, addedAt, addedBy }) {
      const entry = { comment, added_at: toSeconds(addedAt), added_by: addedBy }
      await db
        .insertInto('address_lists')
        .values({ key: `${list} ${rule}`, list, rule, ...entry })
        .onConflict((conflict) => conflict.column('key').doUpdateSet(entry))
        .execute()
    },
    async removeEntry(list, rule) {
      const { numDeletedRows } = await db
        .deleteFrom('address_lists')
        .where('key', '=', `${list} ${rule}`)
        .executeTakeFirst()
      return numDeletedRows > 0n
    },
    async attempts(sinceMs, limit) {
      const rows = await selectAttempts(db).where('at_ms', '>=', sinceMs).orderBy('seq', 'desc').limit(limit).execute()
      return rows.map(attemptOf)
    },
    async bans(activeAtMs) {
      const rows = await selectBans(db).where('until_ms', '>', activeAtMs).orderBy('begun_at_ms', 'desc').execute()
      return rows.map(banOf)
    },
    users: () => readUsers(db),
    removeHistory: (networks) => removeHistory(db, networks),
    async raiseVersion() {
      await putMeta(db, VERSION_KEY, String((await readVersion(db)) + 1))
    },
  }
}

/** What the guard itself reads and writes. */
export function guardStoreOn(
  storage: Pick<Storage, 'read' | 'writeUsage'>,
): Pick<ProtectionStore, 'load' | 'loadNews' | 'append' | 'prune'> {
  const { read } = storage
  return {
    async load(attemptsSinceMs) {
      const attempts = await selectAttempts(read).where('at_ms', '>=', attemptsSinceMs).orderBy('seq').execute()
      const known = await read
        .selectFrom('known_networks')
        .innerJoin('users', 'users.id', 'known_networks.user_id')
        .select(['users.name', 'known_networks.network', 'known_networks.last_success_at_ms'])
        .where('users.removed_at', 'is', null)
        .execute()
      return {
        version: await readVersion(read),
        config: await readConfig(read),
        lists: { allow: await readEntries(read, 'allow'), deny: await readEntries(read, 'deny') },
        bans: (await selectBans(read).execute()).map(banOf),
        attempts: attempts.map(attemptOf),
        lastSeq: attempts.at(-1)?.seq ?? 0,
        users: await readUsers(read),
        known: known.map(({ name, network, last_success_at_ms }) => ({
          user: name,
          network,
          lastSuccessAtMs: last_success_at_ms,
        })),
      }
    },
    async loadNews(node, afterSeq, bansSinceMs) {
      const attempts = await selectAttempts(read).where('seq', '>', afterSeq).orderBy('seq').limit(10_000).execute()
      const bans = await selectBans(read).where('begun_at_ms', '>=', bansSinceMs).execute()
      return {
        version: await readVersion(read),
        attempts: attempts.filter((row) => row.node !== node).map(attemptOf),
        lastSeq: attempts.at(-1)?.seq ?? afterSeq,
        bans: bans.map(banOf),
      }
    },
    append: (node, batch) => storage.writeUsage((trx) => append(trx, node, batch)),
    prune: (attemptsBeforeMs, bansBeforeMs, attemptsMax) =>
      storage.writeUsage(async (trx) => {
        await trx.deleteFrom('failed_attempts').where('at_ms', '<', attemptsBeforeMs).execute()
        const newest = await trx
          .selectFrom('failed_attempts')
          .select((e) => e.fn.max('seq').as('seq'))
          .executeTakeFirst()
        if (newest?.seq != null)
          await trx
            .deleteFrom('failed_attempts')
            .where('seq', '<=', newest.seq - attemptsMax)
            .execute()
        await trx.deleteFrom('bans').where('until_ms', '<', bansBeforeMs).execute()
        await trx
          .deleteFrom('known_networks')
          .where('last_success_at_ms', '<', attemptsBeforeMs - KNOWN_FOR_MS)
          .execute()
      }),
  }
}

async function append(trx: Db, node: string, batch: ProtectionBatch): Promise<void> {
  for (const chunk of chunksOf(batch.attempts, 100))
    await trx
      .insertInto('failed_attempts')
      .values(chunk.map((attempt) => attemptRow(node, attempt)))
      .execute()
  for (const ban of batch.bans) {
    const { network, ...rest } = banRow(ban)
    await trx
      .insertInto('bans')
      .values({ network, ...rest })
      .onConflict((conflict) => conflict.column('network').doUpdateSet(rest))
      .execute()
  }
  for (const change of batch.users) await applyUserChange(trx, change)
  for (const { userId, network, lastSuccessAtMs } of batch.known)
    await trx
      .insertInto('known_networks')
      .values({ user_id: userId, network, last_success_at_ms: lastSuccessAtMs })
      .onConflict((conflict) =>
        conflict.columns(['user_id', 'network']).doUpdateSet({ last_success_at_ms: lastSuccessAtMs }),
      )
      .execute()
}

async function applyUserChange(trx: Db, change: UserChange): Promise<void> {
  const { factor, user, network } = change
  if (change.kind === 'add') {
    await trx
      .insertInto('user_failures')
      .values({
        factor,
        user_name: user,
        network: change.network,
        failures: change.failures,
        last_failed_at_ms: change.lastFailedAtMs,
      })
      .onConflict((conflict) =>
        conflict.columns(['factor', 'user_name', 'network']).doUpdateSet({
          failures: sql<number>`user_failures.failures + excluded.failures`,
          last_failed_at_ms: change.lastFailedAtMs,
        }),
      )
      .execute()
    return
  }
  const forgiven = trx.deleteFrom('user_failures').where('factor', '=', factor).where('user_name', '=', user)
  await (network === undefined ? forgiven : forgiven.where('network', '=', network)).execute()
}

async function removeHistory(db: Db, networks: readonly string[] | undefined) {
  let bans = 0n
  let records = 0n
  const each = networks === undefined ? [undefined] : networks
  for (const network of each) {
    const ended = db.deleteFrom('bans')
    const attempts = db.deleteFrom('failed_attempts')
    const failures = db.deleteFrom('user_failures')
    const results = [
      await (network === undefined ? ended : ended.where('network', '=', network)).executeTakeFirst(),
      await (network === undefined ? attempts : attempts.where('network', '=', network)).executeTakeFirst(),
      await (network === undefined ? failures : failures.where('network', '=', network)).executeTakeFirst(),
    ]
    bans += results[0]?.numDeletedRows ?? 0n
    for (const { numDeletedRows } of results.slice(0, 2)) records += numDeletedRows
  }
  return { bans: Number(bans), records: Number(records) }
}

async function readConfig(db: Db): Promise<ProtectionConfig> {
  const stored = await getMeta(db, CONFIG_KEY)
  // Written by `saveConfig`; what an older version did not know has its default.
  return stored === undefined ? PROTECTION_DEFAULTS : { ...PROTECTION_DEFAULTS, ...(JSON.parse(stored) as object) }
}

async function readVersion(db: Db): Promise<number> {
  return Number((await getMeta(db, VERSION_KEY)) ?? '0')
}

async function getMeta(db: Db, key: string): Promise<string | undefined> {
  const row = await db.selectFrom('meta').select('value').where('key', '=', key).executeTakeFirst()
  return row?.value
}

async function putMeta(db: Db, key: string, value: string): Promise<void> {
  await db
    .insertInto('meta')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}

async function readEntries(db: Db, list: ListName): Promise<readonly ListEntry[]> {
  const rows = await db
    .selectFrom('address_lists')
    .select(['rule', 'comment', 'added_at', 'added_by'])
    .where('list', '=', list)
    .orderBy('rule')
    .execute()
  return rows.map((row) => ({
    rule: row.rule,
    comment: row.comment,
    addedAt: fromSeconds(row.added_at),
    addedBy: row.added_by,
  }))
}

async function readUsers(db: Db): Promise<readonly UserFailure[]> {
  const rows = await db
    .selectFrom('user_failures')
    .select(['factor', 'user_name', 'network', 'failures', 'last_failed_at_ms'])
    .execute()
  return rows.map((row) => ({
    // Only ever written from a `Factor`.
    factor: row.factor as Factor,
    user: row.user_name,
    network: row.network,
    failures: row.failures,
    lastFailedAtMs: row.last_failed_at_ms,
  }))
}

function selectAttempts(db: Db) {
  return db
    .selectFrom('failed_attempts')
    .select(['seq', 'node', 'at_ms', 'address', 'network', 'claimed_user', 'kind', 'service', 'factor', 'weight'])
}

function selectBans(db: Db) {
  return db
    .selectFrom('bans')
    .select([
      'network',
      'claimed_user',
      'begun_at_ms',
      'until_ms',
      'repetition',
      'is_excessive',
      'attempts',
      'failures',
    ])
}

function attemptRow(node: string, attempt: KeptAttempt): Omit<FailedAttemptTable, 'seq'> {
  return {
    node,
    at_ms: attempt.atMs,
    address: attempt.addressText,
    network: attempt.network,
    claimed_user: attempt.claimedUser,
    kind: attempt.kind,
    service: attempt.service,
    factor: attempt.factor,
    weight: attempt.weight,
  }
}

function attemptOf(row: Omit<FailedAttemptTable, 'seq'>): KeptAttempt {
  return {
    atMs: row.at_ms,
    addressText: row.address,
    network: row.network,
    claimedUser: row.claimed_user,
    // These two were written by `attemptRow`, from values of these types.
    kind: row.kind as AttemptKind,
    factor: row.factor as KeptAttempt['factor'],
    service: row.service,
    weight: row.weight,
  }
}

function banRow(ban: Ban): BanTable {
  return {
    network: ban.network,
    claimed_user: ban.claimedUser.slice(0, 300).toWellFormed().replaceAll('\u0000', '\ufffd'),
    begun_at_ms: ban.begunAtMs,
    until_ms: ban.untilMs,
    repetition: ban.repetition,
    is_excessive: ban.isExcessive ? 1 : 0,
    attempts: ban.attempts,
    failures: ban.failures,
  }
}

function banOf(row: BanTable): Ban {
  return {
    network: row.network,
    claimedUser: row.claimed_user,
    begunAtMs: row.begun_at_ms,
    untilMs: row.until_ms,
    repetition: row.repetition,
    isExcessive: row.is_excessive === 1,
    attempts: row.attempts,
    failures: row.failures,
  }
}
