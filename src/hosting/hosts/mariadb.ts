/**
 * MariaDB behind `MysqlServer`, by its own protocol. A connection is opened for each piece of work and closed after it: there is none
 * that could have gone stale, and whatever the server does, the work ends by its deadline. The library is loaded when it is first needed.
 *
 * Values of statements that can be prepared are bound; names, and values in statements that cannot, are quoted by the library, and the
 * session's SQL mode is set first, since by some modes a backslash or a double quote would mean something else than the library assumes.
 */
import { connect, type Socket } from 'node:net'
import type { Connection, ConnectionOptions } from 'mysql2'
import { Failure } from '../../failures.ts'
import type { MysqlServer, WantedMysqlUser } from '../mysql.ts'
import { bringDatabase, bringUser, type Quote, type Run } from './mariadb-statements.ts'
import { makeTurns } from './turns.ts'

export type MariadbOptions = {
  readonly at: { readonly host: string; readonly port: number } | { readonly socket: string }
  readonly user: string
  /** Read for each connection, so that it can be changed without a restart and is not held in memory. */
  password(): Promise<string>
  /** Nothing is sent to a server that does not prove by a certificate that it is the one named. */
  readonly needsTls: boolean
  /** From where the users of accounts may connect, as MariaDB writes it. */
  readonly userHost: string
  /** How many connections each of them may have at a time; 0: as many as the server lets it. */
  readonly userConnections: number
  /**
   * Names the server's lock on a database or user of this name, the same on every node. Locks need no privilege and are the whole
   * server's: whoever could guess the name could hold it, and so keep a user of theirs from being locked, or stop another's.
   */
  lockName(name: string): string
  /** For the log: what the server said, without the statement. */
  onTrouble(error: Error): void
  readonly deadlines?: Deadlines
}

/** How long a connection, a statement and a piece of work may take. */
export type Deadlines = { readonly connectMs: number; readonly statementMs: number; readonly workMs: number }

const DEADLINES: Deadlines = { connectMs: 5_000, statementMs: 15_000, workMs: 30_000 }
const AT_ONCE = 4
const PARTING_MS = 1_000

type Work<T> = (run: Run, quote: Quote) => Promise<T>

export function makeMariadb(options: MariadbOptions): MysqlServer {
  const deadlines = options.deadlines ?? DEADLINES
  const turns = makeTurns(AT_ONCE)
  const opened = new Set<Socket>()
  const working = <T>(what: string, work: Work<T>): Promise<T> =>
    turns(async () => {
      try {
        return await withConnection(options, deadlines, opened, work)
      } catch (error) {
        if (error instanceof Failure) throw error
        const known = troubleOf(error)
        options.onTrouble(known)
        throw known.isRefusal
          ? new Failure('mysql-failed', { what }, { cause: known })
          : new Failure('mysql-unavailable', undefined, { cause: known })
      }
    })
  const locked = <T>(what: string, name: string, work: Work<T>): Promise<T> =>
    working(what, async (run, quote) => {
      await takeLock(run, what, options.lockName(name), deadlines)
      return work(run, quote)
    })
  return {
    version: () => working('tell its version', async (run) => versionOf(await run('SELECT VERSION() AS version'))),
    hasDatabase: (name) =>
      working('look for the database', async (run) => {
        const rows = await run('SELECT 1 FROM information_schema.SCHEMATA WHERE LOWER(SCHEMA_NAME) = LOWER(?)', [name])
        return rows.length > 0
      }),
    hasUser: (name) =>
      working('look for the user', async (run) => {
        const rows = await run('SELECT 1 FROM mysql.user WHERE LOWER(User) = LOWER(?)', [name])
        return rows.length > 0
      }),
    sizesOf: (names) => working('measure databases', (run) => sizesOf(run, names)),
    bringDatabase: (name, isWanted) =>
      locked(`bring the database “${name}” in line`, name, async (run, quote) =>
        bringDatabase({ run, quote }, name, await isWanted()),
      ),
    bringUser: (name, wanted: () => Promise<WantedMysqlUser | undefined>) =>
      locked(`bring the database user “${name}” in line`, name, async (run, quote) =>
        bringUser({ run, quote }, name, await wanted(), options),
      ),
    close() {
      for (const socket of opened) socket.destroy(new Error('the server stops'))
    },
  }
}

async function sizesOf(run: Run, names: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>()
  // One name at a time: for a list of names MariaDB would look into every database that it has.
  for (const name of names) {
    const [row] = await run(
      `SELECT (SELECT COALESCE(SUM(DATA_LENGTH + INDEX_LENGTH), 0) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?) AS bytes
       FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?`,
      [name, name],
    )
    if (row !== undefined) sizes.set(name, Number(row.bytes))
  }
  return sizes
}

/**
 * Held until the connection ends. Two nodes that bring the same thing in line do so one after the other, each by the newest rows. A lock
 * that is not had says nothing about the server, and so nothing about other work: it is no `mysql-unavailable`.
 */
async function takeLock(run: Run, what: string, lock: string, { statementMs }: Deadlines): Promise<void> {
  const seconds = Math.max(1, Math.floor(statementMs / 2000))
  const [row] = await run('SELECT GET_LOCK(?, ?) AS taken', [lock, seconds])
  if (Number(row?.taken) !== 1)
    throw new Failure('mysql-failed', { what }, { cause: new Error('another piece of work on the same name goes on') })
}

function versionOf([row]: Awaited<ReturnType<Run>>): string {
  return String(row?.version)
}

/** Opens a connection, runs the work and closes it; when the time is over it is cut, and what waits for the server fails. */
async function withConnection<T>(
  options: MariadbOptions,
  deadlines: Deadlines,
  opened: Set<Socket>,
  work: Work<T>,
): Promise<T> {
  const [{ createConnection, escape: quoteValue, escapeId }, password] = await Promise.all([
    import('mysql2'),
    options.password(),
  ])
  const { at } = options
  const socket = 'socket' in at ? connect(at.socket) : connect(at.port, at.host)
  socket.setNoDelay(true)
  opened.add(socket)
  socket.on('close', () => opened.delete(socket))
  const connection = createConnection({
    ...settingsOf(options, password),
    // Our own, because the library can close a connection but not cut it.
    stream: socket,
  })
  // What it says here it says to whoever waits for it too; without a listener it would end the process.
  connection.on('error', () => {})
  const within = async <R>(ms: number, what: string, wait: Promise<R>): Promise<R> => {
    const timer = setTimeout(() => socket.destroy(new Error(`the database server did not ${what} in time`)), ms)
    return wait.finally(() => clearTimeout(timer))
  }
  try {
    await within(deadlines.connectMs, 'answer', signedIn(connection))
    const run = runner(connection, deadlines.statementMs)
    // A dot is one within the name: it divides nothing.
    const quote = { id: (name: string) => escapeId(name, true), value: (text: string) => quoteValue(text) }
    return await within(
      deadlines.workMs,
      'finish',
      prepare(run, deadlines).then(() => work(run, quote)),
    )
  } finally {
    const last = setTimeout(() => socket.destroy(), PARTING_MS).unref()
    // With a word to the server, which would note a lost connection otherwise.
    connection.end(() => {
      clearTimeout(last)
      socket.destroy()
    })
  }
}

function settingsOf(options: MariadbOptions, password: string): ConnectionOptions {
  const { at, user, needsTls } = options
  return {
    // By this name the server's certificate is judged.
    ...('host' in at && { host: at.host, port: at.port }),
    user,
    password,
    charset: 'utf8mb4',
    // The deadline is kept here.
    connectTimeout: 0,
    // It reads rows without making code of its own, and sends a server no file that it asks for.
    disableEval: true,
    flags: ['-LOCAL_FILES'],
    ...(needsTls && { ssl: { rejectUnauthorized: true, verifyIdentity: true, minVersion: 'TLSv1.2' } }),
  }
}

function signedIn(connection: Connection): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.connect((error) => (error === null ? resolve() : reject(error)))
  })
}

/** Makes the session one in which quoting is safe and nothing waits long on the server's side either. */
async function prepare(run: Run, { statementMs }: Deadlines): Promise<void> {
  const version = versionOf(await run('SELECT VERSION() AS version'))
  if (!version.includes('MariaDB')) throw new Error(`the database server is no MariaDB but ${version}`)
  const seconds = Math.max(1, Math.floor(statementMs / 2000))
  await run(
    `SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION', lock_wait_timeout = ${seconds}, max_statement_time = ${seconds}`,
  )
}

function runner(connection: Connection, timeout: number): Run {
  return (sql, values) =>
    new Promise((resolve, reject) => {
      const done = (error: Error | null, rows: unknown): void => {
        if (error !== null) reject(error)
        // Statements that give no rows give an object.
        else resolve(Array.isArray(rows) ? rows : [])
      }
      if (values === undefined) connection.query({ sql, timeout }, done)
      else connection.execute({ sql, timeout, values: [...values] }, done)
    })
}

type Trouble = Error & { readonly isRefusal: boolean }

/** Errors of the library hold the statement, and with it hashes of passwords: only code and message are kept, and of a parse error the code. */
function troubleOf(error: unknown): Trouble {
  const {
    code = '',
    errno = 0,
    sqlMessage,
    message,
  } = error as Partial<Record<'code' | 'sqlMessage' | 'message', string>> & {
    readonly errno?: number
  }
  const words = code === 'ER_PARSE_ERROR' ? 'the statement was not understood' : (sqlMessage ?? message ?? '')
  // Whoever may not sign in, or finds too many connections, has reached no server that does anything.
  const isRefusal = sqlMessage !== undefined && !SIGN_IN_ERRORS.has(code) && errno > 0
  return Object.assign(new Error(code === '' ? words : `${code}: ${words}`), { isRefusal })
}

const SIGN_IN_ERRORS: ReadonlySet<string> = new Set([
  'ER_ACCESS_DENIED_ERROR',
  'ER_ACCESS_DENIED_NO_PASSWORD_ERROR',
  'ER_ACCOUNT_HAS_BEEN_LOCKED',
  'ER_CON_COUNT_ERROR',
  'ER_HOST_IS_BLOCKED',
  'ER_HOST_NOT_PRIVILEGED',
  'ER_SERVER_SHUTDOWN',
  'ER_TOO_MANY_USER_CONNECTIONS',
])
