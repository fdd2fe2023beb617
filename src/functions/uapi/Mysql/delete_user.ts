import { assertOwnMysqlUser, MYSQL_FAILURES, mysqlServerOf } from '../../mysql.ts'
import { defineUapiWrite } from '../define.ts'
import { MYSQL, mysqlName } from './forms.ts'

/** Connections that the user has open end too. */
export const mysqlDeleteUser = defineUapiWrite({
  module: 'Mysql',
  function: 'delete_user',
  summary: 'Delete a database user of the account.',
  source: 'UAPI, "Delete MySQL user"',
  feature: MYSQL,
  params: { name: mysqlName('The user.') },
  failures: [...MYSQL_FAILURES, 'mysql-user-not-found'],
  audit: ({ name }) => name,
  async prepare({ account, services, stores }, { name }) {
    const server = mysqlServerOf(services)
    await assertOwnMysqlUser(stores, account, name)
    await server.version()
  },
  async run({ account, stores, afterCommit }, { name }) {
    await assertOwnMysqlUser(stores, account, name)
    await stores.mysql.removeUser(name)
    await afterCommit({ kind: 'mysql-user', name })
    return { data: null }
  },
})
