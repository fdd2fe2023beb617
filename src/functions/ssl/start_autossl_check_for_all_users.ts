import { defineWrite } from '../define.ts'
import { startCheck } from './start_autossl_check_for_one_user.ts'

export const startAutosslCheckForAllUsers = defineWrite({
  name: 'start_autossl_check_for_all_users',
  group: 'Certificates',
  summary: 'Let all sites that need a certificate be tried now, whatever failed before.',
  source: 'WHM API 1, "Start AutoSSL check for all users"',
  acl: 'all',
  params: {},
  failures: ['autossl-off'],
  v0: 'none',
  audit: () => '',
  run: (context) => startCheck(context, undefined),
})
