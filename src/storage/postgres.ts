/**
 * The engine on PostgreSQL. All writers of all nodes pass one advisory lock, so that audit entries are numbered in order of effect and
 * nothing has to be said twice about isolation. Tokens are looked up on each call: a notification would come too late.
 */
import type { Kysely } from 'kysely'
import type pg from 'pg'
import { Failure } from '../failures.ts'
import type { Storage, StorageLog, StorageOptions } from './database.ts'
import type { BeforeStatement, RunQuery } from './node-sqlite.ts'
import { lookUpCommit, MARK_TRANSACTION, type TransactionMark } from './pg-commit.ts'
import { makePool, postgresKysely, queryResult } from './pg-dialect.ts'
import { PipelinedLines } from './pg-lines.ts'
import { prepareDatabase } from './postgres-start.ts'
import type { Schema } from './schema.ts'
import { postgresFailure, type StorageHealth } from './storage-errors.ts'
import type { TokenRow } from './tables/tokens.ts'
import { TOKEN_LOOKUP_POSTGRES, tokenRow } from './token-lookup.ts'
import { WRITE_WAIT_MS, WriteQueue } from './write-queue.ts'

const WRITER_LOCK = 7_346_218_002
const READ_CONNECTIONS = 10
const LOOKUP_CONNECTIONS = 2
const HALF_FAILED = 'The transaction was rolled back: one of its statements had failed.'
const NOW_MS = 'select (floor(extract(epoch from clock_timestamp()) * 1000))::bigint as now_ms'

/** Opens the database behind the URL. */
export async function openPostgres(options: StorageOptions & { readonly url: string }): Promise<Storage> {
  await prepareDatabase(options.url)
  return new PostgresStorage(options)
}

type Work<T> = (trx: Kysely<Schema>) => Promise<T>

class PostgresStorage implements Storage {
  readonly kind = 'postgres'
  readonly read: Kysely<Schema>
  readonly #url: string
  readonly #lookups: PipelinedLines
  readonly #queue = new WriteQueue()
  readonly #before: BeforeStatement | undefined
  readonly #log: StorageLog | undefined
  readonly #recovery: NodeJS.Timeout
  #readers: pg.Pool
  #writers: pg.Pool
  #generation = 0
  #health: StorageHealth = 'ok'
  #closed = false

  constructor(options: StorageOptions & { readonly url: string }) {
    this.#url = options.url
    this.#readers = makePool(options.url, READ_CONNECTIONS)
    this.#lookups = new PipelinedLines(options.url, LOOKUP_CONNECTIONS)
    this.#writers = makePool(options.url, 1)
    this.#before = options.beforeStatement
    this.#log = options.log
    this.read = postgresKysely<Schema>(async (query) =>
      queryResult(await this.#read(this.#readers, { text: query.sql, values: [...query.parameters] })),
    )
    this.#recovery = setInterval(() => void this.#recover(), 1000).unref()
  }

  get generation(): number {
    return this.#generation
  }

  async nowMs(): Promise<number> {
    const { rows } = await this.#read(this.#lookups, { text: NOW_MS })
    return Number(rows[0].now_ms)
  }

  async tokenByDigest(digest: string): Promise<TokenRow | undefined> {
    const query = { name: 'token-by-digest', text: TOKEN_LOOKUP_POSTGRES, values: [digest], rowMode: 'array' }
    const { rows } = await this.#read(this.#lookups, query)
    const values = rows[0] as unknown[] | undefined // by rowMode
    return values && tokenRow(values, Number(values.at(-1)))
  }

  health(): StorageHealth {
    return this.#health
  }

  write<T>(work: Work<T>, options?: { readonly urgent?: boolean }): Promise<T> {
    return this.#queue.run(options?.urgent ?? false, (deadline) => this.#attempt(work, deadline, true))
  }

  writeUsage(work: Work<void>): Promise<void> {
    return this.#queue.run(false, (deadline) => this.#attempt(work, deadline, false))
  }

  async snapshot<T>(work: Work<T>): Promise<T> {
    const client = await this.#readers.connect().catch((error: unknown) => {
      throw this.#note(postgresFailure(error))
    })
    const { trx, end } = this.#transaction(client)
    try {
      const statements = [
        'begin isolation level repeatable read read only',
        // A slow disk under the backup is no reason to cut it.
        'set local idle_in_transaction_session_timeout to 0',
        'select count(*) from meta',
      ]
      for (const statement of statements) this.#before?.(statement)
      await client.query(statements.join('; ')).catch((error: unknown) => {
        throw this.#note(postgresFailure(error))
      })
      return await work(trx)
    } finally {
      end()
      client.release(!(await this.#rollBack(client, undefined)))
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#recovery)
    await this.#queue.close()
    await Promise.all([this.#readers.end(), this.#lookups.close(), this.#writers.end()])
  }

  async #attempt<T>(work: Work<T>, deadline: number, counts: boolean): Promise<T> {
    this.#refuseDamaged()
    const client = await this.#writers.connect().catch((error: unknown) => {
      throw this.#note(postgresFailure(error))
    })
    const { trx, end, hasFailed } = this.#transaction(client)
    try {
      const mark = await this.#begin(client, deadline)
      const result = await work(trx)
      end()
      if (hasFailed()) throw new Error(HALF_FAILED)
      const isWhole = await this.#commit(client, mark, counts)
      client.release(!isWhole)
      return result
    } catch (error) {
      end()
      const failure = postgresFailure(error)
      client.release(!(await this.#rollBack(client, failure)))
      throw this.#note(failure)
    }
  }

  async #begin(client: pg.PoolClient, deadline: number): Promise<TransactionMark> {
    const waitMs = Math.max(1, Math.ceil(deadline - performance.now()))
    const statements = [
      'begin isolation level read committed read write',
      'set local synchronous_commit to on',
      `set local lock_timeout to ${waitMs}`,
      `select pg_advisory_xact_lock(${WRITER_LOCK})`,
      MARK_TRANSACTION,
    ]
    for (const statement of statements) this.#before?.(statement)
    // One round trip; the first statement makes all of them one transaction. pg answers several statements with a list.
    const results = (await client.query(statements.join('; '))) as unknown as readonly pg.QueryResult[]
    return results.at(-1)?.rows[0] as TransactionMark // the columns of the last statement
  }

  /** Resolves when the change is on disk; false when the connection broke, and it was another that said so. */
  async #commit(client: pg.PoolClient, mark: TransactionMark, counts: boolean): Promise<boolean> {
    this.#before?.('commit')
    let isWhole = true
    try {
      const { command } = await client.query('commit')
      // PostgreSQL answers so when a statement had failed and the work went on regardless.
      if (command !== 'COMMIT') throw new Error(HALF_FAILED)
    } catch (error) {
      if (isDefinite(error)) throw error
      await this.#findOut(mark, counts, error)
      isWhole = false
    }
    if (counts) this.#generation++
    if (this.#health !== 'storage-damaged') this.#health = 'ok'
    return isWhole
  }

  /** Resolves when the transaction was committed although its connection broke; throws what is known otherwise. */
  async #findOut(mark: TransactionMark, counts: boolean, cause: unknown): Promise<void> {
    this.#note(new Failure('storage-unavailable', undefined, { cause }))
    const outcome = await lookUpCommit(this.#url, mark, WRITE_WAIT_MS)
    if (outcome === 'committed') return
    if (outcome === 'aborted') throw new Failure('storage-unavailable', undefined, { cause })
    // Others may see the change from now on, so what is remembered of the old state must go.
    if (counts) this.#generation++
    throw new Failure('commit-unknown', undefined, { cause })
  }

  /** False when the connection cannot be used again; the server then rolls back by itself. */
  async #rollBack(client: pg.PoolClient, failure: unknown): Promise<boolean> {
    const code = failure instanceof Failure ? failure.code : undefined
    if (code === 'storage-unavailable' || code === 'commit-unknown') return false
    try {
      this.#before?.('rollback')
      await client.query('rollback')
      return true
    } catch {
      return false
    }
  }

  /** A Kysely that works for one transaction only, also when `work` lets it out. */
  #transaction(client: pg.PoolClient): { readonly trx: Kysely<Schema>; end(): void; hasFailed(): boolean } {
    let open = true
    let failed = false
    const run: RunQuery = async (query) => {
      if (!open) throw new Error('A query came after its transaction had ended.')
      try {
        this.#before?.(query.sql)
        return queryResult(await client.query(query.sql, [...query.parameters]))
      } catch (error) {
        failed = true
        throw postgresFailure(error)
      }
    }
    return {
      trx: postgresKysely<Schema>(run),
      end: () => {
        open = false
      },
      hasFailed: () => failed,
    }
  }

  async #read(
    source: { query(query: pg.QueryConfig): Promise<pg.QueryResult> },
    query: pg.QueryConfig,
  ): Promise<pg.QueryResult> {
    this.#refuseDamaged()
    try {
      this.#before?.(query.text)
      return await source.query(query)
    } catch (error) {
      throw this.#note(postgresFailure(error))
    }
  }

  #refuseDamaged(): void {
    if (this.#health === 'storage-damaged') throw new Failure('storage-damaged')
  }

  /** Remembers what an error says about the database, and hands it on. */
  #note(error: unknown): unknown {
    if (!(error instanceof Failure) || this.#health === 'storage-damaged' || this.#closed) return error
    const { code } = error
    if (code === 'storage-full' || code === 'storage-damaged' || code === 'storage-unavailable') {
      const isNews = this.#health !== code
      this.#health = code
      if (isNews) this.#log?.error({ error: error.cause ?? error }, `the database reports ${code}`)
      if (isNews && code === 'storage-unavailable') this.#replaceConnections()
    }
    return error
  }

  /** The idle ones may lead to a machine that is gone: whoever takes one would wait for its time-out. */
  #replaceConnections(): void {
    const old = [this.#readers, this.#writers]
    this.#readers = makePool(this.#url, READ_CONNECTIONS)
    this.#writers = makePool(this.#url, 1)
    for (const pool of old) void pool.end().catch(() => {})
    this.#lookups.renew()
  }

  /** Each second while something is wrong: asks whether it still is, so that service comes back without a call having to fail first. */
  async #recover(): Promise<void> {
    if (this.#health === 'storage-unavailable') {
      const { rows } = await this.#readers.query('select pg_is_in_recovery() as standby').catch(() => ({ rows: [] }))
      if (this.#health === 'storage-unavailable' && rows[0]?.standby === false) this.#health = 'ok'
    } else if (this.#health === 'storage-full') {
      await this.writeUsage(async (trx) => {
        const value = String(Date.now())
        const row = trx.insertInto('meta').values({ key: 'storage_probe', value })
        await row.onConflict((conflict) => conflict.column('key').doUpdateSet({ value })).execute()
      }).catch(() => {}) // noted where it failed
    }
  }
}

/** True when the server itself said that the change was not made, or it was never asked. */
function isDefinite(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = (error as { code?: unknown }).code
  if (error.message === HALF_FAILED || /not queryable/.test(error.message)) return true
  return typeof code === 'string' && /^(23|40|55)/.test(code) && code !== '40003'
}
