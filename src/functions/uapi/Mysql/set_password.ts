import { assertPasswordAllowed } from '../../../accounts/password-rules.ts'
import { assertOwnMysqlUser, MYSQL_FAILURES, mysqlServerOf } from '../../mysql.ts'
import { defineUapiWrite } from '../define.ts'
import { MYSQL, mysqlName, mysqlPassword } from './forms.ts'
import { sealedHashOf } from './sealed-hash.ts'

/** A user that the server has lost is made again. */
export const mysqlSetPassword = defineUapiWrite({
  module: 'Mysql',
  function: 'set_password',
  summary: 'Set the password of a database user of the account.',
  source: 'UAPI, "Set MySQL password"',
  feature: MYSQL,
  params: { user: mysqlName('The user.'), password: mysqlPassword },
  failures: [...MYSQL_FAILURES, 'mysql-user-not-found', 'password-invalid'],
  audit: ({ user }) => user,
  async prepare({ account, services, stores }, { user, password }) {
    const server = mysqlServerOf(services)
    await assertOwnMysqlUser(stores, account, user)
    await assertPasswordAllowed(password, { user, hostname: services.facts.hostname, standsAlone: false })
    await server.version()
  },
  async run({ account, stores, services, afterCommit }, { user, password }) {
    await assertOwnMysqlUser(stores, account, user)
    await stores.mysql.setPassword(user, sealedHashOf(password, account, services))
    await afterCommit({ kind: 'mysql-user', name: user })
    return { data: null }
  },
})
