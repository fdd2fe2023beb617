/** What must hold before a PostgreSQL database is used, and the way to this version's schema: one node at a time. */
import pg from 'pg'
import { migrate } from './migrate.ts'
import type { RunQuery } from './node-sqlite.ts'
import { connectionConfig, postgresKysely, queryResult } from './pg-dialect.ts'
import { StartRefusal } from './start-refusal.ts'

/** Any constant that nobody else's advisory locks in this database use; the other one is the writers'. */
const MIGRATION_LOCK = 7_346_218_001

/** Checks and migrates over a connection of its own, without the time limits of everyday statements. */
export async function prepareDatabase(url: string): Promise<void> {
  const client = new pg.Client({ ...connectionConfig(url), statement_timeout: 0, query_timeout: 0 })
  client.on('error', () => {})
  try {
    await client.connect()
  } catch (error) {
    throw new StartRefusal(
      `PostgreSQL cannot be reached: ${error instanceof Error ? error.message : String(error)}.`,
      'Start it, or correct the database URL in the settings.',
      { cause: error },
    )
  }
  try {
    await checkServer(client)
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    const run: RunQuery = async (query) => queryResult(await client.query(query.sql, [...query.parameters]))
    await migrate(postgresKysely<unknown>(run, { begin: 'begin' }), 'postgres')
  } finally {
    await client.end().catch(() => {})
  }
}

async function checkServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query(
    "select current_setting('server_encoding') as encoding, pg_is_in_recovery() as standby",
  )
  if (rows[0]?.encoding !== 'UTF8') {
    throw new StartRefusal(
      `The PostgreSQL database uses the encoding ${rows[0]?.encoding}.`,
      "Create it again with: create database … encoding 'UTF8' template template0",
    )
  }
  if (rows[0]?.standby) {
    throw new StartRefusal('The PostgreSQL server is a standby and takes no changes.', 'Name the primary in the URL.')
  }
}
