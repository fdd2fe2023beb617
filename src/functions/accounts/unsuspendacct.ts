import { Failure } from '../../failures.ts'
import { loadAccount } from '../accounts-in-reach.ts'
import { defineWrite } from '../define.ts'
import { userName } from './forms.ts'

/** An account that is not suspended stays so, and that is no failure (our choice): clients repeat calls. */
export const unsuspendacct = defineWrite({
  name: 'unsuspendacct',
  group: 'Accounts',
  summary: 'End the suspension of an account.',
  source: 'WHM API 1, "Unsuspend account"',
  acl: 'suspend-acct',
  params: { user: userName({ doc: 'The account.' }) },
  failures: ['account-not-found', 'account-locked'],
  v0: 'result',
  audit: (values) => values.user,
  async run({ caller, stores }, { user }) {
    const account = await loadAccount(stores, caller, user)
    if (account.suspension?.isLocked && caller.kind !== 'root') throw new Failure('account-locked', { user })
    await stores.accounts.unsuspend(account.userId)
    return { data: {} }
  },
})
