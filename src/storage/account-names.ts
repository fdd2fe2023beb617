/** Whether the accounts that a token acted on are new to it. The ledger has them as calls named them, by user name or by domain. */
import type { Kysely } from 'kysely'
import { chunksOf } from './rows.ts'
import type { Schema } from './schema.ts'

/** Of `names` those of accounts that `known` has under no name, and that the token did not make itself. */
export async function namesOfNewAccounts(
  db: Kysely<Schema>,
  tokenId: string,
  names: readonly string[],
  known: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const found = new Set(names.filter((name) => !known.has(name)))
  for (const chunk of chunksOf([...found])) {
    const accounts = await accountsNamed(db, chunk)
    const made = await madeBy(db, tokenId, chunk, accounts)
    for (const [name, account] of accounts)
      if (made.has(account.user) || account.names.some((other) => known.has(other))) found.delete(name)
    // Also one that is no more, or has another name by now.
    for (const name of made) found.delete(name)
  }
  return found
}

type Named = { readonly user: string; readonly names: readonly string[] }

/** By each of the names the account that has it, with all that it is called. */
async function accountsNamed(db: Kysely<Schema>, names: readonly string[]): Promise<ReadonlyMap<string, Named>> {
  const rows = await db
    .selectFrom('accounts')
    .innerJoin('users', 'users.id', 'accounts.user_id')
    .leftJoin('domains', 'domains.user_id', 'accounts.user_id')
    .select(['users.name as user', 'accounts.domain', 'domains.name as further'])
    .where((e) =>
      e.or([
        e('users.name', 'in', names),
        e('accounts.domain', 'in', names),
        e(
          'accounts.user_id',
          'in',
          e.selectFrom('domains').select('domains.user_id').where('domains.name', 'in', names),
        ),
      ]),
    )
    .execute()
  const accounts = new Map<string, Named>()
  for (const [user, own] of Map.groupBy(rows, (row) => row.user)) {
    const all = new Set([
      user,
      ...own.flatMap(({ domain, further }) => (further === null ? [domain] : [domain, further])),
    ])
    const account = { user, names: [...all] }
    for (const name of all) accounts.set(name, account)
  }
  return accounts
}

/** Those of these user names that a `createacct` of the token gave. */
async function madeBy(
  db: Kysely<Schema>,
  tokenId: string,
  names: readonly string[],
  accounts: ReadonlyMap<string, Named>,
): Promise<ReadonlySet<string>> {
  const users = [...new Set([...names, ...[...accounts.values()].map(({ user }) => user)])]
  const rows = await db
    .selectFrom('audit_entries')
    .select('target')
    .where('token_id', '=', tokenId)
    .where('function', '=', 'createacct')
    .where('outcome', '=', 'done')
    .where('target', 'in', users)
    .execute()
  return new Set(rows.map(({ target }) => target))
}
