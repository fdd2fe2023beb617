/** Brings a database to this version's schema, or refuses when a newer Postern has already changed it. */
import { type Kysely, Migrator, sql } from 'kysely'
import { first } from './migrations/0001-first.ts'
import { notesAndPreferences } from './migrations/0002-notes-and-preferences.ts'
import { sessionConfirmed } from './migrations/0003-session-confirmed.ts'
import { accountTokens } from './migrations/0004-account-tokens.ts'
import { hosting } from './migrations/0005-hosting.ts'
import { twoFactor } from './migrations/0006-two-factor.ts'
import { protection } from './migrations/0007-protection.ts'
import { rotationAndLedger } from './migrations/0008-rotation-and-ledger.ts'
import { alerts } from './migrations/0009-alerts.ts'
import { zones } from './migrations/0010-zones.ts'
import { certificates } from './migrations/0011-certificates.ts'
import { mail } from './migrations/0012-mail.ts'
import { databases } from './migrations/0013-databases.ts'
import type { Migration } from './migrations/words.ts'
import { StartRefusal } from './start-refusal.ts'

type Kind = 'sqlite' | 'postgres'

/** In order; the names are kept in the database, so that they may never change. */
const migrations: readonly (readonly [name: string, up: Migration])[] = [
  ['0001-first', first],
  ['0002-notes-and-preferences', notesAndPreferences],
  ['0003-session-confirmed', sessionConfirmed],
  ['0004-account-tokens', accountTokens],
  ['0005-hosting', hosting],
  ['0006-two-factor', twoFactor],
  ['0007-protection', protection],
  ['0008-rotation-and-ledger', rotationAndLedger],
  ['0009-alerts', alerts],
  ['0010-zones', zones],
  ['0011-certificates', certificates],
  ['0012-mail', mail],
  ['0013-databases', databases],
]

/** The names of the migrations that this version knows, oldest first. */
export const MIGRATIONS: readonly string[] = migrations.map(([name]) => name)

/** The schema that this version writes: the name of its last migration. */
export const SCHEMA_VERSION: string = MIGRATIONS.at(-1)!

/** `db` must allow Kysely to open transactions, and the caller must hold a lock that keeps other servers out. */
export async function migrate(db: Kysely<unknown>, kind: Kind): Promise<void> {
  if (await isCurrent(db)) return
  const migrator = new Migrator({
    db,
    provider: {
      getMigrations: async () =>
        Object.fromEntries(migrations.map(([name, up]) => [name, { up: (trx: Kysely<unknown>) => up(trx, kind) }])),
    },
  })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}

async function isCurrent(db: Kysely<unknown>): Promise<boolean> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some((table) => table.name === 'kysely_migration')) {
    if (!tables.some((table) => table.name === 'users' || table.name === 'tokens')) return false
    throw new StartRefusal('The database has tables that Postern did not make.', 'Give Postern a database of its own.')
  }
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
  const unknown = rows.find((row) => !MIGRATIONS.includes(row.name))
  if (!unknown) return rows.length === MIGRATIONS.length
  throw new StartRefusal(
    `The database was made by a newer Postern (its schema has the step “${unknown.name}”).`,
    'Start the newer version, or restore a backup that this version made.',
  )
}
