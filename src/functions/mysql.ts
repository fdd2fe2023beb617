/** What functions share that deal with databases of accounts. */
import type { Account } from '../accounts/account.ts'
import { Failure } from '../failures.ts'
import { isMysqlTask } from '../hosting/host.ts'
import { type MysqlServer, type PrefixSize, prefixFor, problemOfName } from '../hosting/mysql.ts'
import type { Context, Services, Stores, WriteContext } from './context.ts'
import type { OnAccount } from './uapi/define.ts'

/** What every function that needs the database server can meet. */
export const MYSQL_FAILURES = ['mysql-not-configured', 'mysql-unavailable', 'mysql-failed'] as const

/** Throws `mysql-not-configured`. */
export function mysqlServerOf({ mysql }: Services): MysqlServer {
  if (mysql === undefined) throw new Failure('mysql-not-configured')
  return mysql
}

/** Throws `argument-invalid` for a name that this account may not give. */
export function assertMysqlName(
  account: Account,
  kind: 'database' | 'user',
  name: string,
  size: PrefixSize = 16,
): void {
  const problem = problemOfName(name, kind, prefixFor(account.user, size))
  if (problem !== undefined) throw new Failure('argument-invalid', { argument: 'name', value: name, problem })
}

/**
 * Throws while the server has not done yet what an earlier change asked of this name: a removal that comes late must not meet what was
 * made since, nor may what is waiting to be removed come to whoever takes the name.
 */
export async function assertMysqlNameSettled(stores: Stores, name: string): Promise<void> {
  const waiting = (await stores.hostTasks.list()).some(
    ({ task }) => isMysqlTask(task) && task.name.toLowerCase() === name.toLowerCase(),
  )
  if (waiting)
    throw new Failure('mysql-failed', { what: `take the name “${name}”, on which earlier work is not finished` })
}

/** Throws `mysql-database-not-found` also for one of somebody else. */
export async function assertOwnDatabase(stores: Stores, { userId }: Account, name: string): Promise<void> {
  const found = await stores.mysql.findDatabase(name)
  if (found?.userId !== userId || found.name !== name) throw new Failure('mysql-database-not-found', { name })
}

/** Throws `mysql-user-not-found` also for one of somebody else. */
export async function assertOwnMysqlUser(stores: Stores, { userId }: Account, name: string): Promise<void> {
  const found = await stores.mysql.findUser(name)
  if (found?.userId !== userId || found.name !== name) throw new Failure('mysql-user-not-found', { name })
}

/** After the account was suspended or let in again: its users follow. */
export async function lockMysqlUsers({ stores, afterCommit }: WriteContext, { userId }: Account): Promise<void> {
  for (const name of await stores.mysql.usersOf(userId)) await afterCommit({ kind: 'mysql-user', name })
}

/** With the account go its databases and their users. */
export async function removeMysqlOf({ stores, afterCommit }: WriteContext, { userId }: Account): Promise<void> {
  const [users, databases] = [await stores.mysql.usersOf(userId), await stores.mysql.databasesOf(userId)]
  await stores.mysql.removeAllOf(userId)
  for (const name of users) await afterCommit({ kind: 'mysql-user', name })
  for (const name of databases) await afterCommit({ kind: 'mysql-database', name })
}

/** Throws unless the account has both and the server has them too. */
export async function assertOnServer(
  { account, services, stores }: Context & OnAccount,
  user: string,
  database: string,
): Promise<void> {
  const server = mysqlServerOf(services)
  await assertOwnDatabase(stores, account, database)
  await assertOwnMysqlUser(stores, account, user)
  const missing = (await server.hasUser(user)) ? ((await server.hasDatabase(database)) ? undefined : database) : user
  if (missing !== undefined)
    throw new Failure('mysql-failed', { what: `change what may be done with “${missing}”, which it does not have` })
}
