/** What the server keeps, read beside it: rows of its database and the folders of its accounts. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import type { TestServer } from '../start-server.ts'

/** Committed rows; the server goes on meanwhile. */
export function storedRows(server: TestServer, query: string, ...values: readonly SQLInputValue[]): readonly object[] {
  const database = new DatabaseSync(join(server.folder, 'postern.db'), { readOnly: true })
  try {
    return database
      .prepare(query)
      .all(...values)
      .map((row) => ({ ...row }))
  } finally {
    database.close()
  }
}

/** The folders of accounts, without the host's own. */
export function homesOf(server: TestServer): readonly string[] {
  return readdirSync(join(server.folder, 'home'))
    .filter((name) => !name.startsWith('.'))
    .sort()
}

/** The number of the newest audit entry: what stands after it was written later. */
export async function trailMark(server: TestServer): Promise<number> {
  const [newest] = await server.audit({ limit: 1 })
  return newest?.seq ?? 0
}

type Entry = {
  readonly function: string
  readonly target: string
  readonly outcome: string
  readonly reason: string
  readonly details: Readonly<Record<string, unknown>>
}

/** The entries written after the mark, oldest first, as far as a test of a function looks at them. */
export async function trailSince(server: TestServer, mark: number): Promise<readonly Entry[]> {
  const entries = (await server.audit({ limit: 1000 })).filter((entry) => entry.seq > mark).reverse()
  return entries.map(({ function: name, target, outcome, reason, details }) => ({
    function: name,
    target,
    outcome,
    reason,
    details,
  }))
}

/** Everything that an account call could change, to be compared before and after a call that must change nothing. */
export function accountState(server: TestServer): object {
  return {
    users: storedRows(
      server,
      'select id, name, password_hash, is_reseller, privileges, removed_at from users order by id',
    ),
    accounts: storedRows(server, 'select * from accounts order by user_id'),
    tokens: storedRows(server, 'select id, name, privileges, revoked_at from tokens order by id'),
    lists: storedRows(server, 'select name, privileges from acl_lists order by name'),
    homes: homesOf(server),
  }
}
