/** The door to whatever database holds Postern's data; nothing above this folder knows which one it is. */
import type { Kysely } from 'kysely'
import type { BeforeStatement } from './node-sqlite.ts'
import type { Schema } from './schema.ts'
import type { StorageHealth } from './storage-errors.ts'
import type { TokenRow } from './tables/tokens.ts'

/** Where the engine reports what an administrator should know; a pino logger fits. */
export type StorageLog = {
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

/** An open database. */
export type Storage = {
  readonly kind: 'sqlite' | 'postgres'
  /** Sees committed state only, each query for itself; a writer never blocks it. Transactions are refused here. */
  readonly read: Kysely<Schema>
  /**
   * Runs `work` in a transaction, one writer at a time over all nodes, and returns after the commit is on disk. An error in `work`
   * undoes everything. `urgent` (revoke, pause, freeze) goes before other waiting writes and may use the reserve on a full disk; its
   * `work` may then run a second time, so it must have no effect outside the transaction.
   */
  write<T>(work: (trx: Kysely<Schema>) => Promise<T>, options?: { readonly urgent?: boolean }): Promise<T>
  /** As `write`, without raising `generation`: for what decides no call (last-used figures, sessions' last seen, the clock mark). */
  writeUsage(work: (trx: Kysely<Schema>) => Promise<void>): Promise<void>
  /** Grows with each committed `write` of this process, at once on commit and before `write` answers. */
  readonly generation: number
  /** Runs `work` on one unchanging committed state, over a connection of its own; for backups, which take longer than a query. */
  snapshot<T>(work: (db: Kysely<Schema>) => Promise<T>): Promise<T>
  /** The newest committed state of a token and its owner. Answers at once on SQLite, so that the hot path need not wait a turn. */
  tokenByDigest(digest: string): TokenRow | undefined | Promise<TokenRow | undefined>
  /** The clock that decides expiry: this machine's on SQLite, the database's on PostgreSQL. */
  nowMs(): number | Promise<number>
  /** `ok`, or why changes (damaged, unavailable: any call) cannot be served at the moment. */
  health(): StorageHealth
  /** Lets running writes end, then closes. */
  close(): Promise<void>
}

export type StorageOptions = {
  /** A `postgres://` URL; undefined: SQLite in the data folder. */
  readonly url: string | undefined
  /** The data folder; whoever opens it holds its lock. */
  readonly folder: string
  /** For tests: sees each statement before it runs, and may throw in its place. */
  readonly beforeStatement?: BeforeStatement
  readonly log?: StorageLog
}
