import { assertPasswordAllowed } from '../../../accounts/password-rules.ts'
import { Failure } from '../../../failures.ts'
import { optional } from '../../../whm/params.ts'
import { assertMysqlName, assertMysqlNameSettled, MYSQL_FAILURES, mysqlServerOf } from '../../mysql.ts'
import { defineUapiWrite } from '../define.ts'
import { MYSQL, mysqlName, mysqlPassword, prefixSize, prefixSizeOf } from './forms.ts'
import { sealedHashOf } from './sealed-hash.ts'

/** An account may have as many. Each may have connections of its own, which are the whole server's. */
const USERS_MAX = 50

/** The user may sign in, and do nothing until privileges are set. */
export const mysqlCreateUser = defineUapiWrite({
  module: 'Mysql',
  function: 'create_user',
  summary: 'Make a user of the database server for the account.',
  source: 'UAPI, "Create MySQL user"',
  feature: MYSQL,
  params: {
    name: mysqlName('The user, with the name of the account and “_” in front; at most 32 characters.'),
    password: mysqlPassword,
    'prefix-size': optional(prefixSize),
  },
  failures: [...MYSQL_FAILURES, 'mysql-name-taken', 'password-invalid', 'account-limit-reached'],
  audit: ({ name }) => name,
  async prepare({ account, services }, { name, password, 'prefix-size': size }) {
    const server = mysqlServerOf(services)
    assertMysqlName(account, 'user', name, prefixSizeOf(size))
    await assertPasswordAllowed(password, { user: name, hostname: services.facts.hostname, standsAlone: false })
    if (await server.hasUser(name)) throw new Failure('mysql-name-taken', { name })
  },
  async run({ account, stores, services, now, afterCommit }, { name, password }) {
    await assertMysqlNameSettled(stores, name)
    if ((await stores.mysql.findUser(name)) !== undefined) throw new Failure('mysql-name-taken', { name })
    if ((await stores.mysql.usersOf(account.userId)).length >= USERS_MAX)
      throw new Failure('account-limit-reached', { what: 'database users', limit: String(USERS_MAX) })
    await stores.mysql.addUser(name, account.userId, sealedHashOf(password, account, services), now)
    await afterCommit({ kind: 'mysql-user', name })
    return { data: null }
  },
})
