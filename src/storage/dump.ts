/**
 * A logical backup that either database writes and either reads: gzip over JSON lines. First a header, then a line `[table, row]` per row,
 * last the counts and a checksum, so that a cut file is noticed. Everything comes from one snapshot, in small steps, while calls go on.
 */
import { createHash } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createGzip } from 'node:zlib'
import { type Kysely, sql } from 'kysely'
import type { Storage } from './database.ts'
import { DUMPED_COLUMNS, DUMPED_TABLES, type DumpEnd, type DumpedTable, type DumpHeader } from './dump-tables.ts'
import { renameDurably } from './durable-file.ts'
import { SCHEMA_VERSION } from './migrate.ts'
import type { Schema } from './schema.ts'

const ROWS_AT_ONCE = 200

/** Whose data it is; the header names both. */
export type DumpOrigin = { readonly instanceId: string; readonly pepperCheck: string }

/** Writes the dump and ends the sink. Holds every change that was acknowledged before the call. */
export async function writeDump(storage: Storage, sink: NodeJS.WritableStream, origin: DumpOrigin): Promise<void> {
  await storage.snapshot((db) => pipeline(Readable.from(lines(db, origin), { highWaterMark: 1 }), createGzip(), sink))
}

/** Writes the dump to a new file (mode 0600), which appears under its name only when it is whole and on disk. */
export async function writeDumpFile(storage: Storage, path: string, origin: DumpOrigin): Promise<void> {
  const unfinished = `${path}.${process.pid}.new`
  const sink = (await open(unfinished, 'wx', 0o600)).createWriteStream({ flush: true })
  try {
    await writeDump(storage, sink, origin)
    await renameDurably(unfinished, path)
  } catch (error) {
    sink.destroy()
    await rm(unfinished, { force: true })
    throw error
  }
}

async function* lines(db: Kysely<Schema>, origin: DumpOrigin): AsyncGenerator<string> {
  const hash = createHash('sha256')
  const hashed = (text: string): string => {
    hash.update(text)
    return text
  }
  const header: DumpHeader = { format: 1, schema: SCHEMA_VERSION, createdAt: new Date().toISOString(), ...origin }
  yield hashed(`${JSON.stringify(header)}\n`)
  const counts: Record<string, number> = {}
  for (const table of DUMPED_TABLES) {
    counts[table] = 0
    for await (const rows of pages(db, table)) {
      counts[table] += rows.length
      yield hashed(rows.map((row) => `${JSON.stringify([table, row])}\n`).join(''))
    }
  }
  const end: DumpEnd = { counts, sha256: hash.digest('hex') }
  yield `${JSON.stringify(end)}\n`
}

type Row = Readonly<Record<string, string | number | null>>

async function* pages(db: Kysely<Schema>, table: DumpedTable): AsyncGenerator<readonly Row[]> {
  const columns = DUMPED_COLUMNS[table]
  const key = columns[0]!
  const chosen = sql.join(columns.map((column) => sql.ref(column)))
  let after: string | number | null | undefined
  do {
    const from = after === undefined ? sql`` : sql`where ${sql.ref(key)} > ${after}`
    const query = sql<Row>`select ${chosen} from ${sql.table(table)} ${from} order by ${sql.ref(key)} limit ${ROWS_AT_ONCE}`
    const { rows } = await query.execute(db)
    if (rows.length > 0) yield rows
    after = rows.length === ROWS_AT_ONCE ? rows.at(-1)?.[key] : undefined
    await nextTurn()
  } while (after !== undefined)
}
