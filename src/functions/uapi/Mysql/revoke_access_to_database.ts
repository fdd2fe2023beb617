import { assertOnServer, assertOwnDatabase, assertOwnMysqlUser, MYSQL_FAILURES } from '../../mysql.ts'
import { defineUapiWrite } from '../define.ts'
import { MYSQL, mysqlName } from './forms.ts'

export const mysqlRevokeAccessToDatabase = defineUapiWrite({
  module: 'Mysql',
  function: 'revoke_access_to_database',
  summary: 'Take everything away that a database user may do on a database of the account.',
  source: 'UAPI, "Revoke user\'s access to MySQL database"',
  feature: MYSQL,
  params: { user: mysqlName('The user.'), database: mysqlName('The database.') },
  failures: [...MYSQL_FAILURES, 'mysql-database-not-found', 'mysql-user-not-found'],
  audit: ({ user, database }) => `${user} on ${database}`,
  async prepare(context, { user, database }) {
    await assertOnServer(context, user, database)
  },
  async run({ account, stores, afterCommit }, { user, database }) {
    await assertOwnDatabase(stores, account, database)
    await assertOwnMysqlUser(stores, account, user)
    await stores.mysql.setGrant(database, user, [])
    await afterCommit({ kind: 'mysql-user', name: user })
    return { data: null }
  },
})
