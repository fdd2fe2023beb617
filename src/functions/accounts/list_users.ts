import { listAccountsInReach } from '../accounts-in-reach.ts'
import { defineRead } from '../define.ts'

export const listUsers = defineRead({
  name: 'list_users',
  group: 'Accounts',
  summary: 'List your own name and the names of the accounts that you may act on.',
  source: 'WHM API 1, "List users"',
  acl: 'list-accts',
  params: {},
  failures: [],
  v0: 'list',
  async run({ caller, stores }) {
    const accounts = await listAccountsInReach(stores, caller)
    // A reseller who owns their own account is named once.
    return { data: { users: [...new Set([caller.user, ...accounts.map((account) => account.user)])] } }
  },
})
