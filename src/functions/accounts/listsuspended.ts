import { listAccountsInReach } from '../accounts-in-reach.ts'
import { defineRead } from '../define.ts'
import { suspensionFacts } from './account-facts.ts'

export const listsuspended = defineRead({
  name: 'listsuspended',
  group: 'Accounts',
  summary: 'List the suspended accounts that you may act on, with the reason of each.',
  source: 'WHM API 1, "List suspended accounts"',
  acl: 'suspend-acct',
  params: {},
  failures: [],
  v0: 'list',
  async run({ caller, stores }) {
    const accounts = await listAccountsInReach(stores, caller)
    return { data: { account: accounts.filter((account) => account.suspension !== undefined).map(suspensionFacts) } }
  },
})
