/** The audit trail in the database. Entries are only ever added. */
import type { Kysely } from 'kysely'
import type { AuditEntry, AuditStore, StoredAuditEntry } from '../audit/entry.ts'
import { chunksOf } from './rows.ts'
import type { Schema } from './schema.ts'
import type { AuditTable } from './tables/server.ts'

const DETAILS_MAX = 8000

/** The store on a connection or in a transaction. */
export function auditStoreOn(db: Kysely<Schema>): AuditStore {
  return {
    async append(entries) {
      for (const chunk of chunksOf(entries, 100))
        await db.insertInto('audit_entries').values(chunk.map(rowOf)).execute()
    },
    async list(filter) {
      let query = db
        .selectFrom('audit_entries')
        .select([
          'seq',
          'at_ms',
          'request_id',
          'caller',
          'credential',
          'token_id',
          'token_name',
          'address',
          'function',
          'target',
          'outcome',
          'reason',
          'details',
        ])
      if (filter.caller !== undefined) query = query.where('caller', '=', filter.caller)
      if (filter.token !== undefined) {
        const token = filter.token
        query = query.where((e) => e.or([e('token_id', '=', token), e('token_name', '=', token)]))
      }
      if (filter.function !== undefined) query = query.where('function', '=', filter.function)
      if (filter.address !== undefined) query = query.where('address', '=', filter.address)
      if (filter.outcome !== undefined) query = query.where('outcome', '=', filter.outcome)
      if (filter.target !== undefined) query = query.where('target', '=', filter.target)
      if (filter.since !== undefined) query = query.where('at_ms', '>=', filter.since.getTime())
      if (filter.until !== undefined) query = query.where('at_ms', '<', filter.until.getTime())
      if (filter.beforeSeq !== undefined) query = query.where('seq', '<', filter.beforeSeq)
      const rows = await query.orderBy('seq', 'desc').limit(filter.limit).execute()
      return rows.map(entryOf)
    },
  }
}

function rowOf(entry: AuditEntry): Omit<AuditTable, 'seq'> {
  return {
    at_ms: entry.at.getTime(),
    request_id: entry.requestId,
    caller: storable(entry.caller),
    credential: entry.credential,
    token_id: entry.tokenId ?? null,
    token_name: entry.tokenName ?? null,
    address: entry.address ?? null,
    function: storable(entry.function),
    target: storable(entry.target),
    outcome: entry.outcome,
    reason: storable(entry.reason),
    details: storableDetails(entry.details),
  }
}

/** PostgreSQL takes no NUL in text, and an entry must never fail for what a stranger sent; U+FFFD stands for it. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\ufffd').slice(0, 4000).toWellFormed()
}

function storableDetails(details: AuditEntry['details']): string {
  const json = JSON.stringify(details).replaceAll('\\u0000', '\\ufffd')
  return json.length <= DETAILS_MAX
    ? json
    : JSON.stringify({ cut: `${json.length} characters of details were left out` })
}

function entryOf(row: {
  readonly seq: number
  readonly at_ms: number
  readonly request_id: string
  readonly caller: string
  readonly credential: string
  readonly token_id: string | null
  readonly token_name: string | null
  readonly address: string | null
  readonly function: string
  readonly target: string
  readonly outcome: string
  readonly reason: string
  readonly details: string
}): StoredAuditEntry {
  return {
    seq: row.seq,
    at: new Date(row.at_ms),
    requestId: row.request_id,
    caller: row.caller,
    // The next three were written by `rowOf`, from values of these types.
    credential: row.credential as AuditEntry['credential'],
    tokenId: row.token_id ?? undefined,
    tokenName: row.token_name ?? undefined,
    address: row.address ?? undefined,
    function: row.function,
    target: row.target,
    outcome: row.outcome as AuditEntry['outcome'],
    reason: row.reason,
    details: JSON.parse(row.details) as AuditEntry['details'],
  }
}
