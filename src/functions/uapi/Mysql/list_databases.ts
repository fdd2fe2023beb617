import { MYSQL_FAILURES, mysqlServerOf } from '../../mysql.ts'
import { defineUapiRead } from '../define.ts'
import { MYSQL } from './forms.ts'

/** A database that the server has lost is listed with no size, and named in a warning. */
export const mysqlListDatabases = defineUapiRead({
  module: 'Mysql',
  function: 'list_databases',
  summary: "List the account's databases with their size in bytes and who may use them.",
  source: 'UAPI, "List MySQL databases"',
  feature: MYSQL,
  params: {},
  failures: [...MYSQL_FAILURES],
  async run({ account, stores, services }) {
    const names = await stores.mysql.databasesOf(account.userId)
    const sizes = await mysqlServerOf(services).sizesOf(names)
    const grants = await stores.mysql.grantsOf(account.userId)
    const data = names.map((database) => ({
      database,
      disk_usage: sizes.get(database) ?? 0,
      users: grants.filter((grant) => grant.database === database).map(({ user }) => user),
    }))
    const lost = names.filter((name) => !sizes.has(name))
    const warnings = lost.length === 0 ? undefined : [`The database server does not have: ${lost.join(', ')}`]
    return { data, warnings }
  },
})
