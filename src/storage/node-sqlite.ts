/**
 * A Kysely dialect for Node's own SQLite. A connection is handed in by whoever opened the file, so that each transaction can have a
 * Kysely of its own that dies with it. Statements run synchronously; transactions are the engine's business, not Kysely's.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'

/** Called with the text before a statement runs; what it throws takes the place of the statement. */
export type BeforeStatement = (sql: string) => void

type Prepared = { readonly statement: StatementSync; readonly columns: readonly string[] }

const PREPARED_MAX = 300

/** One SQLite connection with its prepared statements. */
export class SqliteConnection {
  readonly database: DatabaseSync
  readonly #before: BeforeStatement | undefined
  readonly #prepared = new Map<string, Prepared>()

  constructor(database: DatabaseSync, before: BeforeStatement | undefined) {
    this.database = database
    this.#before = before
  }

  exec(sql: string): void {
    this.#before?.(sql)
    this.database.exec(sql)
  }

  /** Rows come back whole: a half-read cursor would hold this connection on an old state of the database. */
  query<Row>(sql: string, parameters: readonly unknown[]): QueryResult<Row> {
    this.#before?.(sql)
    const { statement, columns } = this.#prepare(sql)
    // Kysely hands over what the stores put in; a value that SQLite cannot hold throws here.
    const values = parameters as readonly SQLInputValue[]
    if (columns.length > 0) {
      // setReturnArrays makes each row an array.
      const rows = statement.all(...values) as unknown as readonly (readonly unknown[])[]
      return { rows: rows.map((row) => named(columns, row) as Row) }
    }
    const { changes, lastInsertRowid } = statement.run(...values)
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
  }

  #prepare(sql: string): Prepared {
    const known = this.#prepared.get(sql)
    if (known) return known
    const statement = this.database.prepare(sql)
    statement.setReturnArrays(true)
    const made = { statement, columns: statement.columns().map((column) => column.name) }
    if (this.#prepared.size >= PREPARED_MAX) this.#prepared.clear()
    this.#prepared.set(sql, made)
    return made
  }
}

function named(columns: readonly string[], row: readonly unknown[]): Record<string, unknown> {
  const made: Record<string, unknown> = {}
  for (let i = 0; i < columns.length; i++) made[columns[i]!] = row[i]
  return made
}

/** What runs a compiled query for a Kysely made by `sqliteKysely`. */
export type RunQuery = <Row>(query: CompiledQuery) => Promise<QueryResult<Row>>

class AdapterInTransactions extends SqliteAdapter {
  // SQLite has transactional DDL; Kysely's adapter only says otherwise out of caution for its own driver.
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/** A driver over one way to run queries. `transactions` gives the texts where Kysely may open them itself (migrations only). */
export function singleDriver(run: RunQuery, transactions?: { readonly begin: string }): Driver {
  const connection: DatabaseConnection = {
    executeQuery: run,
    streamQuery: () => {
      throw new Error('Streaming is not supported; read in pages.')
    },
  }
  const transaction = async (text: string | undefined): Promise<void> => {
    if (text === undefined) throw new Error('Transactions are opened by write() alone.')
    await run({ sql: text, parameters: [] } as unknown as CompiledQuery) // the run function reads these two fields only
  }
  return {
    init: async () => {},
    acquireConnection: async () => connection,
    releaseConnection: async () => {},
    beginTransaction: () => transaction(transactions?.begin),
    commitTransaction: () => transaction(transactions && 'commit'),
    rollbackTransaction: () => transaction(transactions && 'rollback'),
    destroy: async () => {},
  }
}

/** A Kysely that speaks SQLite's SQL and runs each query by `run`. */
export function sqliteKysely<Tables>(run: RunQuery, transactions?: { readonly begin: string }): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new AdapterInTransactions(),
      createDriver: () => singleDriver(run, transactions),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  })
}
