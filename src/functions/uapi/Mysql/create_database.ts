import { Failure } from '../../../failures.ts'
import { optional } from '../../../whm/params.ts'
import { assertMysqlName, assertMysqlNameSettled, MYSQL_FAILURES, mysqlServerOf } from '../../mysql.ts'
import { defineUapiWrite } from '../define.ts'
import { MYSQL, mysqlName, prefixSize, prefixSizeOf } from './forms.ts'

export const mysqlCreateDatabase = defineUapiWrite({
  module: 'Mysql',
  function: 'create_database',
  summary: 'Make a database for the account on the database server.',
  source: 'UAPI, "Create MySQL database"',
  feature: MYSQL,
  params: {
    name: mysqlName('The database, with the name of the account and “_” in front.'),
    'prefix-size': optional(prefixSize),
  },
  failures: [...MYSQL_FAILURES, 'mysql-name-taken', 'account-limit-reached'],
  audit: ({ name }) => name,
  async prepare({ account, services }, { name, 'prefix-size': size }) {
    const server = mysqlServerOf(services)
    assertMysqlName(account, 'database', name, prefixSizeOf(size))
    // Not in the transaction, which nobody should have to wait for longer than the disk takes.
    if (await server.hasDatabase(name)) throw new Failure('mysql-name-taken', { name })
  },
  async run({ account, stores, now, afterCommit }, { name }) {
    await assertMysqlNameSettled(stores, name)
    if ((await stores.mysql.findDatabase(name)) !== undefined) throw new Failure('mysql-name-taken', { name })
    const limit = account.limits.MAXSQL ?? 'unlimited'
    if (limit !== 'unlimited' && (await stores.mysql.databasesOf(account.userId)).length >= Number(limit))
      throw new Failure('account-limit-reached', { what: 'databases', limit })
    await stores.mysql.addDatabase(name, account.userId, now)
    await afterCommit({ kind: 'mysql-database', name })
    return { data: null }
  },
})
