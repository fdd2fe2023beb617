import { DATABASE_NAME_MAX, prefixFor, USER_NAME_MAX } from '../../../hosting/mysql.ts'
import { mysqlServerOf } from '../../mysql.ts'
import { defineUapiRead } from '../define.ts'
import { MYSQL } from './forms.ts'

export const mysqlGetRestrictions = defineUapiRead({
  module: 'Mysql',
  function: 'get_restrictions',
  summary: 'Tell what names of databases and users begin with, and how long they may be.',
  source: 'UAPI, "Return MySQL restrictions"',
  feature: MYSQL,
  params: {},
  failures: ['mysql-not-configured'],
  async run({ account, services }) {
    mysqlServerOf(services)
    return {
      data: {
        prefix: prefixFor(account.user, 16),
        max_database_name_length: DATABASE_NAME_MAX,
        max_username_length: USER_NAME_MAX,
      },
    }
  },
})
