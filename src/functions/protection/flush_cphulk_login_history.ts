import { defineWrite } from '../define.ts'

/** Ends every ban and every lock of a user. The lists of addresses stay. */
export const flushCphulkLoginHistory = defineWrite({
  name: 'flush_cphulk_login_history',
  group: 'Brute-force protection',
  summary: 'Forget all failed attempts, bans and locked users.',
  source: 'WHM API 1, "Remove all login security records"',
  acl: 'all',
  params: {},
  failures: [],
  v0: 'none',
  audit: () => '',
  prepare: ({ services }) => services.protection.flush(),
  async run(context) {
    const { stores, services } = context
    const { records } = await stores.protection.removeHistory(undefined)
    await stores.protection.raiseVersion()
    context.onCommit(async () => {
      services.protection.forgetUnknownUsers()
      await services.protection.reload()
    })
    return { data: { records_removed: records } }
  },
})
