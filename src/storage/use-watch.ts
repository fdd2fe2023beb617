/** What came new into the usage ledger since the last look, and what was there before of the tokens that it is about. */
import type { Kysely } from 'kysely'
import type { KnownUse, NewUse } from '../alerts/unusual.ts'
import { chunksOf, fromSeconds, fromSecondsOrNull, metARow } from './rows.ts'
import type { Schema } from './schema.ts'

/** Up to which row of the ledger was looked at; one for all nodes. */
const SEEN_KEY = 'unusual_use_seen'
const ROWS_MAX = 5000
const BUSY_MAX = 200
const HOUR_SECONDS = 3600

export type NewUses = {
  readonly seen: number
  readonly upTo: number
  readonly byToken: ReadonlyMap<string, readonly NewUse[]>
}

/** The rows since the last look. Undefined at the first look of all, when everything would be new. */
export async function newUses(db: Kysely<Schema>): Promise<NewUses | undefined> {
  const seenRow = await db.selectFrom('meta').select('value').where('key', '=', SEEN_KEY).executeTakeFirst()
  if (seenRow === undefined) return undefined
  const seen = Number(seenRow.value)
  const rows = await db
    .selectFrom('token_ledger')
    .select(['id', 'token_id', 'kind', 'name', 'starts_at', 'calls'])
    .where('id', '>', seen)
    .where('period', '=', 'hour')
    .where('kind', 'in', ['function', 'account', 'address'])
    .orderBy('id')
    .limit(ROWS_MAX)
    .execute()
  const byToken = new Map<string, NewUse[]>()
  for (const row of rows) {
    const use = {
      kind: row.kind as NewUse['kind'],
      name: row.name,
      hourAt: fromSeconds(row.starts_at),
      calls: row.calls,
    }
    const uses = byToken.get(row.token_id)
    if (uses === undefined) byToken.set(row.token_id, [use])
    else uses.push(use)
  }
  return { seen, upTo: rows.at(-1)?.id ?? seen, byToken }
}

/** Begins to look, at what comes from now on. */
export async function beginWatch(trx: Kysely<Schema>): Promise<void> {
  const newest = await trx
    .selectFrom('token_ledger')
    .select(({ fn }) => fn.max('id').as('id'))
    .executeTakeFirst()
  await trx
    .insertInto('meta')
    .values({ key: SEEN_KEY, value: String(newest?.id ?? 0) })
    // Another node may have been first.
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute()
}

/** Notes how far was looked; false when another node has noted something meanwhile. */
export async function noteSeen(trx: Kysely<Schema>, { seen, upTo }: NewUses): Promise<boolean> {
  const result = await trx
    .updateTable('meta')
    .set({ value: String(upTo) })
    .where('key', '=', SEEN_KEY)
    .where('value', '=', String(seen))
    .executeTakeFirst()
  return metARow(result)
}

/** What was known of a token before the row `seen`; undefined for one that is no more. `since` is left out of its hours. */
export async function knownUse(
  db: Kysely<Schema>,
  tokenId: string,
  seen: number,
  since: Date,
): Promise<KnownUse | undefined> {
  const token = await db
    .selectFrom('tokens')
    .innerJoin('users', 'users.id', 'tokens.user_id')
    .leftJoin('token_usage', 'token_usage.token_id', 'tokens.id')
    .select(['tokens.name', 'tokens.user_id', 'users.name as user_name'])
    .select(['token_usage.first_used_at', 'token_usage.calls'])
    .where('tokens.id', '=', tokenId)
    .executeTakeFirst()
  if (token === undefined) return undefined
  const before = await db
    .selectFrom('token_ledger')
    .select(['kind', 'name', 'period', 'starts_at'])
    .select(({ fn }) => fn.sum('calls').as('calls'))
    .where('token_id', '=', tokenId)
    .where('kind', 'in', ['function', 'account', 'address'])
    // Days are hours that were summed up, so they are old whatever their number.
    .where((e) => e.or([e('id', '<=', seen), e('period', '=', 'day')]))
    .groupBy(['kind', 'name', 'period', 'starts_at'])
    .execute()
  const sinceSeconds = Math.floor(since.getTime() / 1000)
  const callsByHour = new Map<number, number>()
  for (const row of before)
    if (row.kind === 'function' && row.period === 'hour' && row.starts_at < sinceSeconds)
      callsByHour.set(row.starts_at, (callsByHour.get(row.starts_at) ?? 0) + Number(row.calls))
  const names = (kind: string) => new Set(before.filter((row) => row.kind === kind).map(({ name }) => name))
  return {
    tokenId,
    tokenName: token.name,
    userId: token.user_id,
    user: token.user_name,
    firstUsedAt: fromSecondsOrNull(token.first_used_at),
    calls: token.calls ?? 0,
    functions: names('function'),
    accounts: names('account'),
    addresses: names('address'),
    hours: [...callsByHour.keys()].map(fromSeconds),
    busiestHour: Math.max(0, ...callsByHour.values()),
  }
}

/** Those of these accounts that a `createacct` of the token made. */
export async function accountsMadeBy(
  db: Kysely<Schema>,
  tokenId: string,
  users: readonly string[],
): Promise<ReadonlySet<string>> {
  const made = new Set<string>()
  for (const chunk of chunksOf(users)) {
    const rows = await db
      .selectFrom('audit_entries')
      .select('target')
      .where('token_id', '=', tokenId)
      .where('function', '=', 'createacct')
      .where('outcome', '=', 'done')
      .where('target', 'in', chunk)
      .execute()
    for (const { target } of rows) made.add(target)
  }
  return made
}

/** How many calls each token made in the hour of the moment, of those that made at least `min` and raised no `new-rate` in it; the busiest. */
export async function busyTokens(
  db: Kysely<Schema>,
  now: Date,
  min: number,
): Promise<readonly { readonly tokenId: string; readonly calls: number }[]> {
  const startsAt = beginningOfHour(now).getTime() / 1000
  const rows = await db
    .selectFrom('token_ledger')
    .select('token_id')
    .select(({ fn }) => fn.sum('calls').as('calls'))
    .where('period', '=', 'hour')
    .where('starts_at', '=', startsAt)
    .where('kind', '=', 'function')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('alerts')
            .select('alerts.id')
            .whereRef('alerts.token_id', '=', 'token_ledger.token_id')
            .where('alerts.kind', '=', 'new-rate')
            .where('alerts.last_at_ms', '>=', startsAt * 1000),
        ),
      ),
    )
    .groupBy('token_id')
    .having(({ fn }) => fn.sum('calls'), '>=', min)
    .orderBy('calls', 'desc')
    .limit(BUSY_MAX)
    .execute()
  return rows.map((row) => ({ tokenId: row.token_id, calls: Number(row.calls) }))
}

export function beginningOfHour(at: Date): Date {
  const seconds = Math.floor(at.getTime() / 1000)
  return fromSeconds(seconds - (seconds % HOUR_SECONDS))
}
