import { parsePrivileges } from '../../../hosting/mysql.ts'
import { text } from '../../../whm/params.ts'
import { assertOnServer, assertOwnDatabase, assertOwnMysqlUser, MYSQL_FAILURES } from '../../mysql.ts'
import { defineUapiWrite } from '../define.ts'
import { MYSQL, mysqlName } from './forms.ts'

/** What the user could do on this database before and is not in the list, it can do no longer. */
export const mysqlSetPrivilegesOnDatabase = defineUapiWrite({
  module: 'Mysql',
  function: 'set_privileges_on_database',
  summary: 'Set what a database user may do on a database of the account, in the place of what it could do before.',
  source: 'UAPI, "Update MySQL user\'s database privileges"',
  feature: MYSQL,
  params: {
    user: mysqlName('The user.'),
    database: mysqlName('The database.'),
    privileges: text({
      doc: 'ALL PRIVILEGES, or privileges such as SELECT with commas between them.',
      min: 1,
      max: 1000,
    }),
  },
  failures: [...MYSQL_FAILURES, 'mysql-database-not-found', 'mysql-user-not-found'],
  audit: ({ user, database }) => `${user} on ${database}`,
  async prepare(context, { user, database, privileges }) {
    await assertOnServer(context, user, database)
    return parsePrivileges(privileges)
  },
  async run({ account, stores, afterCommit, note }, { user, database }, privileges) {
    await assertOwnDatabase(stores, account, database)
    await assertOwnMysqlUser(stores, account, user)
    await stores.mysql.setGrant(database, user, privileges)
    await afterCommit({ kind: 'mysql-user', name: user })
    note('privileges', privileges)
    return { data: null }
  },
})
