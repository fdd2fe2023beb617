/**
 * Runs a suite once for each database named in DATABASES (`sqlite`, `postgres`; by default SQLite alone). PostgreSQL is reached by
 * POSTERN_TEST_POSTGRES, a URL whose role may create databases; each call makes one of its own and drops it after the suite.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { Storage, StorageOptions } from '../../src/storage/database.ts'
import { openStorage } from '../../src/storage/open-storage.ts'

export type DatabaseName = 'sqlite' | 'postgres'

type OpenOptions = Omit<StorageOptions, 'url' | 'folder'>

/** A place for one database, which may be opened several times, also at once (PostgreSQL only). */
export type TestDatabase = {
  readonly folder: string
  readonly url: string | undefined
  open(options?: OpenOptions): Promise<Storage>
  /** Closes what is open and removes the place; the suite's end does it otherwise. */
  remove(): Promise<void>
}

/** Opens a storage with the tables in place and nothing in them; it is closed and removed when the suite ends. */
export type MakeStorage = (options?: OpenOptions) => Promise<Storage>

/** The databases that this run tests. */
export const DATABASES: readonly DatabaseName[] = (process.env.DATABASES ?? 'sqlite').split(',').map((name) => {
  if (name !== 'sqlite' && name !== 'postgres')
    throw new Error(`DATABASES names “${name}”; sqlite and postgres are known.`)
  return name
})

/** Declares the suite once per database. */
export function forEachDatabase(
  tests: (name: DatabaseName, makeStorage: MakeStorage, makeDatabase: () => Promise<TestDatabase>) => void,
): void {
  for (const name of DATABASES) {
    describe(name, () => {
      const made: TestDatabase[] = []
      after(async () => {
        for (const database of made) await database.remove()
      })
      const makeDatabase = async (): Promise<TestDatabase> => {
        const database = await makeTestDatabase(name)
        made.push(database)
        return database
      }
      tests(name, async (options) => (await makeDatabase()).open(options), makeDatabase)
    })
  }
}

/** A fresh place without the suite's clean-up: whoever makes it calls `remove`. */
export async function makeTestDatabase(name: DatabaseName): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-test-'))
  const server = name === 'postgres' ? await createDatabase() : undefined
  const open: Storage[] = []
  let removed = false
  return {
    folder,
    url: server?.url,
    open: async (options) => {
      const storage = await openStorage({ ...options, url: server?.url, folder })
      open.push(storage)
      return storage
    },
    remove: async () => {
      if (removed) return
      removed = true
      for (const storage of open) await storage.close()
      await server?.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function createDatabase(): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const base = process.env.POSTERN_TEST_POSTGRES
  if (!base) throw new Error('DATABASES names postgres, so POSTERN_TEST_POSTGRES must hold its URL.')
  const name = `postern_test_${randomBytes(6).toString('hex')}`
  await asAdministrator(base, `create database ${name} template template0 encoding 'UTF8'`)
  const url = new URL(base)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => dropDatabase(base, name) }
}

/** PostgreSQL's own cleaner may be at work in it, which nobody but a superuser can end; it ends by itself soon. */
async function dropDatabase(base: string, name: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await asAdministrator(base, `drop database if exists ${name} with (force)`)
    } catch (error) {
      const isCleaner = error instanceof Error && 'code' in error && error.code === '42501'
      if (!isCleaner || tries === 50) throw error
    }
    await pause(100)
  }
}

/** Runs one statement on the server's own database, apart from the engine under test. */
export async function asAdministrator(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
