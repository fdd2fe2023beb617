import { addressOf } from '../../hosting/mail/mail.ts'
import { loadAccount } from '../accounts-in-reach.ts'
import { defineRead } from '../define.ts'
import { userName } from './forms.ts'

/** The addresses alone; the account itself is none of them. */
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
    const { userId } = await loadAccount(stores, caller, user)
    return { data: { pops: (await stores.mail.listMailboxes(userId)).map(addressOf) } }
  },
})
