import { prefixFor } from '../../../hosting/mysql.ts'
import { mysqlServerOf } from '../../mysql.ts'
import { defineUapiRead } from '../define.ts'
import { MYSQL } from './forms.ts'

export const mysqlListUsers = defineUapiRead({
  module: 'Mysql',
  function: 'list_users',
  summary: "List the account's database users with the databases that they may use.",
  source: 'UAPI, "List MySQL users"',
  feature: MYSQL,
  params: {},
  failures: ['mysql-not-configured'],
  async run({ account, stores, services }) {
    mysqlServerOf(services)
    const grants = await stores.mysql.grantsOf(account.userId)
    const prefix = prefixFor(account.user, 16)
    const data = (await stores.mysql.usersOf(account.userId)).map((user) => ({
      user,
      shortuser: user.startsWith(prefix) ? user.slice(prefix.length) : user,
      databases: grants.filter((grant) => grant.user === user).map(({ database }) => database),
    }))
    return { data }
  },
})
