import type { Storage, StorageOptions } from './database.ts'
import { openSqlite } from './sqlite.ts'

/** Opens the database and brings it to this version's schema; throws `StartRefusal` where going on could lose or expose data. */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  if (options.url === undefined) return openSqlite(options)
  const { openPostgres } = await import('./postgres.ts')
  return openPostgres({ ...options, url: options.url })
}
