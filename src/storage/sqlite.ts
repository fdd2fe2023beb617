/**
 * The engine on Node's own SQLite: WAL, each commit synced. Two connections: a writer that waits for its lock without holding the
 * event loop up, and a reader that always sees the newest commit. No other code may open the database file by `node:fs` while it is
 * open here: closing such a handle would drop SQLite's locks.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import { Failure } from '../failures.ts'
import { Acknowledged } from './acknowledged.ts'
import type { Storage, StorageLog, StorageOptions } from './database.ts'
import { checkIndexes } from './index-check.ts'
import { type RunQuery, SqliteConnection, sqliteKysely } from './node-sqlite.ts'
import { Reserve } from './reserve.ts'
import type { Schema } from './schema.ts'
import { checkSqliteVersion, lastAuditSeq } from './sqlite-checks.ts'
import { connect, openChecked, openingRefusal, QUICK_INTEGRITY_BYTES } from './sqlite-file.ts'
import { SqliteHealth } from './sqlite-health.ts'
import { type StorageHealth, sqliteFailure } from './storage-errors.ts'
import type { TokenRow } from './tables/tokens.ts'
import { TOKEN_LOOKUP_SQLITE, tokenRow } from './token-lookup.ts'
import { WRITE_WAIT_MS, WriteQueue } from './write-queue.ts'

/** Opens `postern.db` of the folder, or makes it where there never was one. */
export async function openSqlite(options: StorageOptions): Promise<Storage> {
  checkSqliteVersion()
  const path = join(options.folder, 'postern.db')
  try {
    return await open(path, options)
  } catch (error) {
    const failure = sqliteFailure(error)
    const isFull = failure instanceof Failure && failure.code === 'storage-full'
    if (!isFull || !(await new Reserve(options.folder).release())) throw openingRefusal(error, path)
  }
  return open(path, options).catch((error: unknown) => {
    throw openingRefusal(error, path)
  })
}

async function open(path: string, options: StorageOptions): Promise<Storage> {
  const writer = await openChecked(path, options.folder)
  try {
    const storage = new SqliteStorage(path, writer, connect(path, { readOnly: true }), options)
    await storage.prepare()
    return storage
  } catch (error) {
    writer.close()
    throw error
  }
}

type Work<T> = (trx: Kysely<Schema>) => Promise<T>

class SqliteStorage implements Storage {
  readonly kind = 'sqlite'
  readonly read: Kysely<Schema>
  readonly tokenByDigest: (digest: string) => TokenRow | undefined
  readonly #path: string
  readonly #inode: number
  readonly #reader: SqliteConnection
  readonly #queue = new WriteQueue()
  readonly #acknowledged: Acknowledged
  readonly #health: SqliteHealth
  readonly #log: StorageLog | undefined
  readonly #options: StorageOptions
  #writer: SqliteConnection
  #endCheck: (() => Promise<void>) | undefined
  #generation = 0
  #closed = false

  constructor(path: string, writer: DatabaseSync, reader: DatabaseSync, options: StorageOptions) {
    this.#path = path
    this.#inode = statSync(path).ino
    this.#options = options
    this.#log = options.log
    this.#writer = new SqliteConnection(writer, options.beforeStatement)
    this.#reader = new SqliteConnection(reader, options.beforeStatement)
    this.#acknowledged = new Acknowledged(options.folder, () => lastAuditSeq(reader))
    this.#health = new SqliteHealth(
      options.folder,
      options.log,
      () => void lastAuditSeq(reader),
      () => writer.exec('pragma wal_checkpoint(truncate)'),
    )
    this.read = sqliteKysely<Schema>((query) => this.#read(() => this.#reader.query(query.sql, query.parameters)))
    this.tokenByDigest = this.#tokenLookup(reader)
  }

  async prepare(): Promise<void> {
    await this.#health.prepare()
    if (statSync(this.#path).size > QUICK_INTEGRITY_BYTES) this.#checkIndexes()
  }

  #checkIndexes(): void {
    this.#endCheck = checkIndexes(this.#path, (problem) => {
      if ('found' in problem)
        this.#health.note(new Failure('storage-damaged', undefined, { cause: new Error(problem.found) }))
      else this.#log?.warn({ error: problem.notChecked }, 'the indexes of the database could not be checked')
    })
  }

  get generation(): number {
    return this.#generation
  }

  nowMs(): number {
    return Date.now()
  }

  health(): StorageHealth {
    return this.#health.state()
  }

  write<T>(work: Work<T>, options?: { readonly urgent?: boolean }): Promise<T> {
    return this.#write(work, options?.urgent ?? false, true)
  }

  writeUsage(work: Work<void>): Promise<void> {
    return this.#write(work, false, false)
  }

  async snapshot<T>(work: Work<T>): Promise<T> {
    const connection = new SqliteConnection(connect(this.#path, { readOnly: true }), this.#options.beforeStatement)
    try {
      // The state is fixed by the first read after it.
      await this.#read(() => connection.exec('begin'))
      await this.#read(() => connection.query('select count(*) from meta', []))
      return await work(
        sqliteKysely<Schema>((query) => this.#read(() => connection.query(query.sql, query.parameters))),
      )
    } finally {
      connection.database.close()
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#health.close()
    await this.#queue.close()
    await this.#endCheck?.()
    this.#acknowledged.close()
    this.#reader.database.close()
    if (this.#writer.database.isOpen) this.#writer.database.close()
  }

  #write<T>(work: Work<T>, urgent: boolean, counts: boolean): Promise<T> {
    return this.#queue.run(urgent, async (deadline) => {
      this.#health.refuseDamaged()
      if (!urgent && !(await this.#health.mayWrite())) throw new Failure('storage-full')
      try {
        return await this.#attempt(work, deadline, counts)
      } catch (error) {
        const full = error instanceof Failure && error.code === 'storage-full'
        if (!full || !urgent || !(await this.#health.giveUpReserve())) throw error
        return await this.#attempt(work, performance.now() + WRITE_WAIT_MS, counts)
      }
    })
  }

  async #attempt<T>(work: Work<T>, deadline: number, counts: boolean): Promise<T> {
    if (!this.#writer.database.isOpen) this.#reconnect()
    const transaction = this.#transaction()
    try {
      await this.#whenFree('begin immediate', deadline)
      const result = await work(transaction.trx)
      transaction.end()
      // As PostgreSQL does: what went on after a failed statement must not stand.
      if (transaction.hasFailed()) throw new Error('The transaction was rolled back: one of its statements had failed.')
      this.#refuseOtherFile()
      await this.#whenFree('commit', deadline)
      if (counts) this.#generation++
      this.#acknowledged.noteCommit()
      this.#health.noteCommit()
      return result
    } catch (error) {
      transaction.end()
      this.#rollBack()
      throw this.#health.note(sqliteFailure(error))
    }
  }

  /** A Kysely that works for one transaction only, also when `work` lets it out. */
  #transaction(): { readonly trx: Kysely<Schema>; end(): void; hasFailed(): boolean } {
    const writer = this.#writer
    let open = true
    let failed = false
    const run: RunQuery = async (query) => {
      if (!open) throw new Error('A query came after its transaction had ended.')
      // A full disk can make SQLite roll back on its own; going on would commit each statement for itself.
      if (!writer.database.isTransaction) throw new Failure('storage-full')
      try {
        return writer.query(query.sql, query.parameters)
      } catch (error) {
        failed = true
        throw this.#health.note(sqliteFailure(error))
      }
    }
    return {
      trx: sqliteKysely<Schema>(run),
      end: () => {
        open = false
      },
      hasFailed: () => failed,
    }
  }

  /** Tries again while another process holds the lock, and lets the event loop go on in between. */
  async #whenFree(sql: string, deadline: number): Promise<void> {
    for (let waitMs = 5; ; waitMs = Math.min(waitMs + 5, 25)) {
      try {
        this.#writer.exec(sql)
        return
      } catch (error) {
        const failure = sqliteFailure(error)
        if (!(failure instanceof Failure) || failure.code !== 'storage-busy' || performance.now() > deadline)
          throw error
      }
      await pause(waitMs)
    }
  }

  #rollBack(): void {
    const { database } = this.#writer
    try {
      if (database.isTransaction) this.#writer.exec('rollback')
    } catch {
      // A connection that may still be in a transaction cannot be used again; closing it rolls back.
      database.close()
    }
  }

  /** A file that was taken away or exchanged while it is open takes no change: nobody would find it again. */
  #refuseOtherFile(): void {
    if (statSync(this.#path, { throwIfNoEntry: false })?.ino !== this.#inode) throw new Failure('storage-damaged')
  }

  #reconnect(): void {
    try {
      this.#refuseOtherFile()
      this.#writer = new SqliteConnection(connect(this.#path), this.#options.beforeStatement)
    } catch (error) {
      throw this.#health.note(sqliteFailure(error))
    }
  }

  async #read<T>(query: () => T): Promise<T> {
    this.#health.refuseDamaged()
    const deadline = performance.now() + WRITE_WAIT_MS
    for (;;) {
      try {
        return query()
      } catch (error) {
        const failure = sqliteFailure(error)
        const busy = failure instanceof Failure && failure.code === 'storage-busy'
        if (!busy || performance.now() > deadline) throw this.#health.note(failure)
      }
      await pause(5)
    }
  }

  #tokenLookup(reader: DatabaseSync): (digest: string) => TokenRow | undefined {
    const statement = reader.prepare(TOKEN_LOOKUP_SQLITE)
    statement.setReturnArrays(true)
    const before = this.#options.beforeStatement
    return (digest) => {
      this.#health.refuseDamaged()
      try {
        before?.(TOKEN_LOOKUP_SQLITE)
        const values = statement.get(digest)
        return values === undefined ? undefined : tokenRow(values, Date.now())
      } catch (error) {
        throw this.#health.note(sqliteFailure(error))
      }
    }
  }
}
