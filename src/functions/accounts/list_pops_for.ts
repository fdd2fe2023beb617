import { loadAccount } from '../accounts-in-reach.ts'
import { defineRead } from '../define.ts'
import { userName } from './forms.ts'

/** Empty, because the embedded host serves no mail yet: there is no mailbox. */
export const listPopsFor = defineRead({
  name: 'list_pops_for',
  group: 'Accounts',
  summary: 'List the mailboxes of an account.',
  source: 'WHM API 1, "List email accounts"',
  acl: 'list-accts',
  params: { user: userName({ doc: 'The account.' }) },
  failures: ['account-not-found'],
  v0: 'list',
  async run({ stores, caller }, { user }) {
    await loadAccount(stores, caller, user)
    return { data: { pops: [] } }
  },
})
