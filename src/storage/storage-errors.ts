/**
 * What an error of the database means to a caller. Only conditions that the caller or the administrator can act on become a
 * `Failure`; everything else (a broken rule of the schema, a bug in a statement) passes unchanged and reaches the client as `internal`.
 */
import { Failure } from '../failures.ts'

/** The failures that say something about the database itself. */
export type StorageFailureCode =
  | 'storage-full'
  | 'storage-busy'
  | 'storage-damaged'
  | 'storage-unavailable'
  | 'commit-unknown'

/** What `health()` may answer. */
export type StorageHealth = 'ok' | 'storage-full' | 'storage-damaged' | 'storage-unavailable'

const field = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[name] : undefined

const IOERR_READS = new Set([266, 522]) // SQLITE_IOERR_READ, SQLITE_IOERR_SHORT_READ
const IOERR_DAMAGE = new Set([8202, 8458]) // SQLITE_IOERR_DATA, SQLITE_IOERR_CORRUPTFS

function sqliteCode(errcode: number): StorageFailureCode | undefined {
  switch (errcode & 0xff) {
    case 5: // SQLITE_BUSY
    case 6: // SQLITE_LOCKED
      return 'storage-busy'
    case 8: // SQLITE_READONLY
    case 13: // SQLITE_FULL
      return 'storage-full'
    case 10: // SQLITE_IOERR: whatever is not a read could not be saved
      if (IOERR_DAMAGE.has(errcode)) return 'storage-damaged'
      return IOERR_READS.has(errcode) ? 'storage-unavailable' : 'storage-full'
    case 11: // SQLITE_CORRUPT
    case 26: // SQLITE_NOTADB
      return 'storage-damaged'
    case 14: // SQLITE_CANTOPEN
      return 'storage-unavailable'
    default:
      return undefined
  }
}

/** The failure that an error of node:sqlite or of the file system stands for, or the error itself. */
export function sqliteFailure(error: unknown): unknown {
  if (error instanceof Failure) return error
  const errcode = field(error, 'errcode')
  const code = typeof errcode === 'number' ? sqliteCode(errcode) : undefined
  if (code) return new Failure(code, undefined, { cause: error })
  const system = field(error, 'code')
  if (system === 'ENOSPC' || system === 'EROFS' || system === 'EDQUOT') {
    return new Failure('storage-full', undefined, { cause: error })
  }
  return error
}

const POSTGRES_CODES: Readonly<Record<string, StorageFailureCode>> = {
  '53100': 'storage-full', // disk_full
  '55P03': 'storage-busy', // lock_not_available
  '57014': 'storage-busy', // query_canceled, by statement_timeout
  '40001': 'storage-busy', // serialization_failure
  '40P01': 'storage-busy', // deadlock_detected
  '25006': 'storage-unavailable', // read_only_sql_transaction: we reached a standby
  '3D000': 'storage-unavailable', // invalid_catalog_name
  '53200': 'storage-unavailable', // out_of_memory
  '53300': 'storage-unavailable', // too_many_connections
  '58030': 'storage-unavailable', // io_error
  '55000': 'storage-unavailable', // object_not_in_prerequisite_state: the database takes no connections
  '25P03': 'storage-unavailable', // idle_in_transaction_session_timeout
  '57P01': 'storage-unavailable', // admin_shutdown
  '57P02': 'storage-unavailable', // crash_shutdown
  '57P03': 'storage-unavailable', // cannot_connect_now
  '57P04': 'storage-unavailable', // database_dropped
  '57P05': 'storage-unavailable', // idle_session_timeout
  XX001: 'storage-damaged', // data_corrupted
  XX002: 'storage-damaged', // index_corrupted
}

// pg gives these no code.
const PG_CONNECTION_TEXT =
  /^(Connection terminated|timeout expired|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after|The server does not support SSL)/
const CONNECTION_ERRORS =
  /^(ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|ENOTFOUND|EAI_AGAIN|ENOENT|EACCES|EMFILE)$/

function postgresCode(error: unknown): StorageFailureCode | undefined {
  const code = field(error, 'code')
  if (typeof code === 'string') {
    const known = POSTGRES_CODES[code]
    if (known) return known
    if (/^(08|28)[0-9A-Z]{3}$/.test(code) || CONNECTION_ERRORS.test(code)) return 'storage-unavailable'
  }
  return error instanceof Error && PG_CONNECTION_TEXT.test(error.message) ? 'storage-unavailable' : undefined
}

/** The failure that an error of pg stands for, or the error itself. */
export function postgresFailure(error: unknown): unknown {
  if (error instanceof Failure) return error
  const code = postgresCode(error)
  return code ? new Failure(code, undefined, { cause: error }) : error
}

/** True for an error that says a unique index already holds the value, on either database: "someone was first". */
export function isUniqueViolation(error: unknown): boolean {
  const errcode = field(error, 'errcode')
  return errcode === 2067 || errcode === 1555 || field(error, 'code') === '23505'
}
