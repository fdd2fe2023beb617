import { assertOwnDatabase, MYSQL_FAILURES, mysqlServerOf } from '../../mysql.ts'
import { defineUapiWrite } from '../define.ts'
import { MYSQL, mysqlName } from './forms.ts'

export const mysqlDeleteDatabase = defineUapiWrite({
  module: 'Mysql',
  function: 'delete_database',
  summary: 'Delete a database of the account, with everything in it and what was granted on it.',
  source: 'UAPI, "Delete MySQL database"',
  feature: MYSQL,
  params: { name: mysqlName('The database.') },
  failures: [...MYSQL_FAILURES, 'mysql-database-not-found'],
  audit: ({ name }) => name,
  async prepare({ account, services, stores }, { name }) {
    const server = mysqlServerOf(services)
    await assertOwnDatabase(stores, account, name)
    // So that it is refused while the server is away, rather than done some time later.
    await server.version()
  },
  async run({ account, stores, afterCommit }, { name }) {
    await assertOwnDatabase(stores, account, name)
    await stores.mysql.removeDatabase(name)
    await afterCommit({ kind: 'mysql-database', name })
    return { data: null }
  },
})
