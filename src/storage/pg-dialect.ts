/** How the engine speaks to PostgreSQL through pg: connection settings, number types, and Kysely over one way to run queries. */
import { Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, type QueryResult } from 'kysely'
import pg from 'pg'
import { type RunQuery, singleDriver } from './node-sqlite.ts'

const INT8 = 20
const NUMERIC = 1700

/** Whole numbers of ours stay far below 2^53, and sums of them come as `numeric`. */
const types: pg.CustomTypesConfig = {
  // pg's own signature is a set of overloads for text and binary; both are passed on as they came.
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8 || oid === NUMERIC
      ? Number
      : pg.types.getTypeParser(oid, format as 'text')) as pg.CustomTypesConfig['getTypeParser'],
}

/** A statement that takes longer is cut by the server; the client's own limit, for a dead network, lies above. */
const STATEMENT_TIMEOUT_MS = 10_000

/** The settings of every connection. */
export function connectionConfig(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: 'postern',
    connectionTimeoutMillis: 3000,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS + 2000,
    idle_in_transaction_session_timeout: 30_000,
    keepAlive: true,
    types,
  }
}

/** A pool whose connections may break at any time without an unhandled event. */
export function makePool(url: string, max: number): pg.Pool {
  const pool = new pg.Pool({ ...connectionConfig(url), max, idleTimeoutMillis: 60_000 })
  // The query that ran reports the error; an idle connection is replaced by the pool.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

const CHANGES = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

/** What pg answered, in Kysely's words. */
export function queryResult<Row>(result: pg.QueryResult): QueryResult<Row> {
  // pg types rows as `any`; the caller knows what it selected.
  const rows = result.rows as Row[]
  return CHANGES.has(result.command) ? { rows, numAffectedRows: BigInt(result.rowCount ?? 0) } : { rows }
}

/** A Kysely that speaks PostgreSQL's SQL and runs each query by `run`. */
export function postgresKysely<Tables>(run: RunQuery, transactions?: { readonly begin: string }): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => singleDriver(run, transactions),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  })
}
