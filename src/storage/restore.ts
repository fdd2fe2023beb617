/**
 * Reads a dump back into an empty database, whole or not at all. What comes from a copy may be older than what was decided since: tokens
 * revoked after the copy was made would be alive again. So each token that is not revoked comes back paused, for a person to decide.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { type Kysely, sql } from 'kysely'
import type { Storage } from './database.ts'
import {
  DUMPED_COLUMNS,
  DUMPED_TABLES,
  type DumpEnd,
  type DumpedTable,
  type DumpHeader,
  NOT_DUMPED,
  NUMBERED,
} from './dump-tables.ts'
import { MIGRATIONS, SCHEMA_VERSION } from './migrate.ts'
import { type Pepper, pepperMatches } from './pepper-file.ts'
import type { Schema } from './schema.ts'
import { StartRefusal } from './start-refusal.ts'

const ROWS_AT_ONCE = 200
const LINE_MAX_BYTES = 16 * 1024 * 1024

export type RestoreOptions = {
  /** Of the data folder that the database will belong to. */
  readonly pepper: Pepper
  readonly now: Date
  /** Runs before the commit: the place for the audit entry. */
  readonly beforeCommit?: (trx: Kysely<Schema>, restored: Restored) => Promise<void>
}

/** What was read, and how many tokens wait for a decision. */
export type Restored = {
  readonly header: DumpHeader
  readonly counts: Readonly<Record<string, number>>
  readonly pausedTokens: number
}

/** Fills the database from the file; throws `StartRefusal` (and changes nothing) for a bad file or a database that is not empty. */
export function readDump(file: string, storage: Storage, options: RestoreOptions): Promise<Restored> {
  return storage.write(async (trx) => {
    await refuseUsed(trx)
    await trx.deleteFrom('meta').execute()
    const { header, end } = await readLines(file, options.pepper, (table, rows) => insert(trx, table, rows))
    const restored = { header, counts: end.counts, pausedTokens: await pauseTokens(trx, options.now) }
    if (storage.kind === 'postgres') await continueNumbers(trx)
    await markRestored(trx, options.now)
    await options.beforeCommit?.(trx, restored)
    return restored
  })
}

async function refuseUsed(trx: Kysely<Schema>): Promise<void> {
  for (const table of [...DUMPED_TABLES, ...NOT_DUMPED]) {
    if (table === 'meta') continue
    const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(trx)
    if (rows.length === 0) continue
    throw new StartRefusal(`The database is not empty: there are ${table}.`, 'Restore into a new, empty data folder.')
  }
}

const badFile = (problem: string): StartRefusal =>
  new StartRefusal(`The backup cannot be used: ${problem}. Nothing was restored.`, 'Take another copy of the backup.')

type Insert = (table: DumpedTable, rows: readonly Row[]) => Promise<void>
type Row = Readonly<Record<string, string | number | null>>

/** Hands the rows on as they come; the checksum at the end decides whether the transaction may stand. */
async function readLines(
  file: string,
  pepper: Pepper,
  insertRows: Insert,
): Promise<{ readonly header: DumpHeader; readonly end: DumpEnd }> {
  const hash = createHash('sha256')
  const counts: Record<string, number> = Object.fromEntries(DUMPED_TABLES.map((table) => [table, 0]))
  let header: DumpHeader | undefined
  let end: DumpEnd | undefined
  let batch: { readonly table: DumpedTable; readonly rows: Row[] } | undefined
  const flush = async (): Promise<void> => {
    if (batch) await insertRows(batch.table, batch.rows)
    batch = undefined
  }
  for await (const line of textLines(file)) {
    if (end) throw badFile('something follows its last line')
    const value = parse(line)
    if (!header) {
      header = checkHeader(value, pepper)
    } else if (Array.isArray(value)) {
      const [table, row] = checkRow(value)
      if (batch && (batch.table !== table || batch.rows.length === ROWS_AT_ONCE)) await flush()
      batch ??= { table, rows: [] }
      batch.rows.push(row)
      counts[table] = (counts[table] ?? 0) + 1
    } else {
      end = checkEnd(value, hash.digest('hex'), counts)
      continue
    }
    hash.update(line).update('\n')
  }
  if (!header || !end) throw badFile('it is cut off')
  await flush()
  return { header, end }
}

/** Splits at line feeds alone: JSON keeps other line ends inside its strings. */
async function* textLines(file: string): AsyncGenerator<string> {
  const gunzip = createGunzip()
  // A failure of the source reaches the loop below through the destroyed gunzip.
  const fed = pipeline(createReadStream(file), gunzip).catch((error: unknown) => error)
  let rest = Buffer.alloc(0)
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      const bytes = Buffer.concat([rest, chunk])
      let from = 0
      for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, from)) {
        yield bytes.toString('utf8', from, at)
        from = at + 1
      }
      rest = bytes.subarray(from)
      if (rest.length > LINE_MAX_BYTES) throw badFile('a line is too long')
    }
  } catch (error) {
    if (error instanceof StartRefusal) throw error
    throw badFile(error instanceof Error ? error.message : String(error))
  } finally {
    gunzip.destroy()
    await fed
  }
  if (rest.length > 0) throw badFile('it is cut off')
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw badFile('a line is not JSON')
  }
}

function checkHeader(value: unknown, pepper: Pepper): DumpHeader {
  const { format, schema, createdAt, instanceId, pepperCheck } = (value ?? {}) as Record<string, unknown>
  const texts = [schema, createdAt, instanceId, pepperCheck]
  if (typeof format !== 'number' || !texts.every((text) => typeof text === 'string'))
    throw badFile('it is no Postern dump')
  if (format !== 1 || !MIGRATIONS.includes(schema as string)) {
    throw new StartRefusal(
      `The backup was made by a newer Postern (format ${format}, schema “${schema}”; this one knows “${SCHEMA_VERSION}”).`,
      'Restore it with that version.',
    )
  }
  if (!pepperMatches(pepper, pepperCheck as string)) {
    throw new StartRefusal(
      'The backup was made with another pepper than the one in this data folder, so none of its tokens would work.',
      'Put the pepper file that belongs to the backup into the data folder first.',
    )
  }
  return value as DumpHeader // each field was looked at above
}

function checkRow(value: readonly unknown[]): readonly [DumpedTable, Row] {
  const [name, row] = value
  const table = DUMPED_TABLES.find((known) => known === name)
  if (!table || typeof row !== 'object' || row === null) throw badFile('a line names no table of ours')
  const stranger = Object.entries(row).find(
    ([column, content]) =>
      !DUMPED_COLUMNS[table].includes(column) || !(content === null || ['string', 'number'].includes(typeof content)),
  )
  if (stranger) throw badFile(`${table} has no column “${stranger[0]}” of that kind`)
  return [table, row as Row] // texts, numbers and NULL only
}

function checkEnd(value: unknown, sha256: string, counts: Readonly<Record<string, number>>): DumpEnd {
  const end = (value ?? {}) as Partial<DumpEnd>
  if (end.sha256 !== sha256) throw badFile('its checksum is wrong')
  for (const table of DUMPED_TABLES) {
    // A table that is newer than the dump is not in its counts.
    if ((end.counts?.[table] ?? 0) !== counts[table])
      throw badFile(`it holds ${counts[table]} rows of ${table}, not as many as it says`)
  }
  return end as DumpEnd // both fields were compared
}

async function insert(trx: Kysely<Schema>, table: DumpedTable, rows: readonly Row[]): Promise<void> {
  // A column that is newer than the dump gets its default.
  const columns = DUMPED_COLUMNS[table].filter((column) => rows.some((row) => row[column] !== undefined))
  const names = sql.join(columns.map((column) => sql.ref(column)))
  const values = sql.join(rows.map((row) => sql`(${sql.join(columns.map((column) => row[column] ?? null))})`))
  await sql`insert into ${sql.table(table)} (${names}) values ${values}`.execute(trx)
}

/** Tokens that were paused before keep their own reason: somebody has already decided about them. */
async function pauseTokens(trx: Kysely<Schema>, now: Date): Promise<number> {
  const paused = await trx
    .updateTable('tokens')
    .set({ paused_at: Math.floor(now.getTime() / 1000), pause_reason: 'restored' })
    .where('revoked_at', 'is', null)
    .where('paused_at', 'is', null)
    .executeTakeFirst()
  return Number(paused.numUpdatedRows)
}

/** SQLite's own counter follows the rows by itself. */
async function continueNumbers(trx: Kysely<Schema>): Promise<void> {
  for (const [table, column] of NUMBERED) {
    const last = sql`(select max(${sql.ref(column)}) from ${sql.table(table)})`
    await sql`select setval(pg_get_serial_sequence(${table}, ${column}), coalesce(${last}, 1), ${last} is not null)`.execute(
      trx,
    )
  }
}

async function markRestored(trx: Kysely<Schema>, now: Date): Promise<void> {
  const value = String(Math.floor(now.getTime() / 1000))
  const row = trx.insertInto('meta').values({ key: 'restored_at', value })
  await row.onConflict((conflict) => conflict.column('key').doUpdateSet({ value })).execute()
}
