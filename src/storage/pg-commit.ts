/**
 * What became of a transaction whose connection broke while it was being committed. The server knows: its number says whether it was
 * committed, as long as it is the same server history that is asked (after a failover the numbers belong to other transactions).
 */
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { connectionConfig } from './pg-dialect.ts'

/** What is needed to ask later. */
export type TransactionMark = { readonly id: string; readonly timeline: string; readonly pid: number }

/** Gives a transaction its number at once, and tells it. */
export const MARK_TRANSACTION =
  'select txid_current()::text as id, left(pg_walfile_name(pg_current_wal_lsn()), 8) as timeline, pg_backend_pid() as pid'

const SAME_HISTORY = 'left(pg_walfile_name(pg_current_wal_lsn()), 8) = $2 and not pg_is_in_recovery()'
/** The half-dead connection may still hold the writers' lock; its process number may be another's by now, its transaction's not. */
const END_HALF_DEAD =
  'select pg_terminate_backend(pid) from pg_stat_activity where pid = $1 and backend_xid::text = (($2::bigint) % 4294967296)::text'
const ASK_AGAIN_MS = 50

/** Asks over new connections until there is an answer or the time is up; undefined: nobody knows. */
export async function lookUpCommit(
  url: string,
  mark: TransactionMark,
  withinMs: number,
): Promise<'committed' | 'aborted' | undefined> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const leftMs = Math.ceil(deadline - performance.now())
    if (leftMs <= 0) return undefined
    const answer = await ask(url, mark, leftMs).catch(() => 'in progress')
    if (answer === 'committed' || answer === 'aborted') return answer
    if (answer !== 'in progress') return undefined
    await pause(ASK_AGAIN_MS)
  }
}

async function ask(url: string, { id, timeline, pid }: TransactionMark, withinMs: number): Promise<string | null> {
  const limits = { connectionTimeoutMillis: withinMs, statement_timeout: withinMs, query_timeout: withinMs }
  const client = new pg.Client({ ...connectionConfig(url), ...limits })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query(END_HALF_DEAD, [pid, id])
    const { rows } = await client.query(`select txid_status($1::bigint) as status where ${SAME_HISTORY}`, [
      id,
      timeline,
    ])
    return rows[0]?.status ?? null
  } finally {
    void client.end().catch(() => {})
  }
}
