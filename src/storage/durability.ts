/** What a PostgreSQL server is set to that could lose an acknowledged change. */
import { sql } from 'kysely'
import type { Storage } from './database.ts'

const DURABLE = ['fsync', 'full_page_writes', 'synchronous_commit'] as const

/** The settings that are off; none on SQLite, where the engine sets its own. */
export async function settingsThatLoseChanges(storage: Storage): Promise<readonly string[]> {
  if (storage.kind === 'sqlite') return []
  const off: string[] = []
  for (const name of DURABLE) {
    const { rows } = await sql<{ value: string }>`select current_setting(${name}) as value`.execute(storage.read)
    if (rows[0]?.value === 'off') off.push(name)
  }
  return off
}
