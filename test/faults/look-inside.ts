/** Reads the database of a server from outside, while the server runs or after it was killed. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'

// biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails where that is not there
export type Row = Readonly<Record<string, any>>

export type Inside = {
  rows(sql: string): Promise<readonly Row[]>
  /** SQLite's own check of the whole file; `ok` on PostgreSQL, which has none that every role may run. */
  integrity(): Promise<string>
  close(): Promise<void>
}

/** `url`: a PostgreSQL database; undefined: SQLite in the data folder. */
export async function lookInside(data: string, url: string | undefined): Promise<Inside> {
  if (url === undefined) {
    const database = new DatabaseSync(join(data, 'postern.db'), { readOnly: true, timeout: 2000 })
    return {
      rows: async (sql) => database.prepare(sql).all() as Row[],
      integrity: async () => String(database.prepare('pragma integrity_check').get()?.integrity_check),
      close: async () => database.close(),
    }
  }
  const types = { getTypeParser: () => (text: string) => (/^-?\d{1,15}$/.test(text) ? Number(text) : text) }
  const client = new pg.Client({ connectionString: url, types: types as unknown as pg.CustomTypesConfig })
  client.on('error', () => {})
  await client.connect()
  return {
    rows: async (sql) => (await client.query(sql)).rows,
    integrity: async () => 'ok',
    close: () => client.end(),
  }
}
