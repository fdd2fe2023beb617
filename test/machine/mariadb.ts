/** A MariaDB of a test's own: Debian's program on a folder, a port of the loopback and a socket that nothing else uses. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'

const PROGRAM = '/usr/sbin/mariadbd'
const START_MS = 60_000

/** For `skip`: false, or why there is no MariaDB here. */
export const withoutMariadb: string | false = !existsSync(PROGRAM) && 'mariadb-server is not installed'

/** What Postern signs in with. */
export const POSTERN_PASSWORD = "pa'ss`wo\\rd of postern"

export type Mariadb = {
  readonly port: number
  readonly socket: string
  /** Holds `POSTERN_PASSWORD`. */
  readonly passwordFile: string
  /** Signed in over TCP; throws as the library does. */
  connect(user: string, password: string): Promise<Connection>
  /** One statement as root. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails where that is not there
  root(sql: string, values?: readonly string[]): Promise<any[]>
  /** Ends it at once, as a crash would. */
  crash(): Promise<void>
  /** Starts it again on what it had. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** `more`: further options of the program. */
export async function startMariadb(more: readonly string[] = []): Promise<Mariadb> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-mariadb-'))
  const at = (name: string): string => join(folder, name)
  const asUser = process.getuid?.() === 0 ? ['--user=root'] : []
  await promisify(execFile)('mariadb-install-db', [
    '--no-defaults',
    `--datadir=${at('data')}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    // Otherwise two at once meet in the machine's own, where their temporary tables can have the same names.
    `--tmpdir=${folder}`,
    ...asUser,
  ])
  await writeFile(at('password'), `${POSTERN_PASSWORD}\n`, { mode: 0o600 })
  const quoted = POSTERN_PASSWORD.replaceAll('\\', '\\\\').replaceAll("'", "''")
  await writeFile(
    at('init.sql'),
    `CREATE USER IF NOT EXISTS postern@localhost IDENTIFIED BY '${quoted}';\nGRANT ALL PRIVILEGES ON *.* TO postern@localhost WITH GRANT OPTION;\n`,
  )
  const port = await freePort()
  const start = () =>
    spawn(
      PROGRAM,
      [
        '--no-defaults',
        `--datadir=${at('data')}`,
        `--tmpdir=${folder}`,
        `--socket=${at('socket')}`,
        `--pid-file=${at('pid')}`,
        `--log-error=${at('log')}`,
        `--init-file=${at('init.sql')}`,
        '--bind-address=127.0.0.1',
        `--port=${port}`,
        '--innodb-buffer-pool-size=16M',
        ...asUser,
        ...more,
      ],
      { stdio: 'ignore' },
    )
  let child = start()
  const connect = (user: string, password: string): Promise<Connection> =>
    createConnection({ host: '127.0.0.1', port, user, password, connectTimeout: 5_000 })
  const ready = async (): Promise<void> => {
    const until = Date.now() + START_MS
    while (Date.now() < until && child.exitCode === null) {
      const connection = await connect('postern', POSTERN_PASSWORD).catch(() => undefined)
      if (connection !== undefined) return connection.end()
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error(`MariaDB did not start:\n${await readFile(at('log'), 'utf8').catch(() => 'it left no log')}`)
  }
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    await ready()
  } catch (error) {
    await end('SIGKILL')
    await remove()
    throw error
  }
  return {
    port,
    socket: at('socket'),
    passwordFile: at('password'),
    connect,
    async root(sql, values = []) {
      const connection = await createConnection({ socketPath: at('socket'), user: 'root' })
      try {
        const [rows] = await connection.query<RowDataPacket[]>(sql, [...values])
        return rows
      } finally {
        await connection.end()
      }
    },
    crash: () => end('SIGKILL'),
    async restart() {
      await end('SIGTERM')
      child = start()
      await ready()
    },
    async close() {
      await end('SIGTERM')
      await remove()
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('a port was asked for')
  return address.port
}
