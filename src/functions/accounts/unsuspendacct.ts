import type { Account } from '../../accounts/account.ts'
import { Failure } from '../../failures.ts'
import { loadAccount } from '../accounts-in-reach.ts'
import type { WriteContext } from '../context.ts'
import { defineWrite } from '../define.ts'
import { writeMailOf } from '../mail/mail-follows.ts'
import { lockMysqlUsers } from '../mysql.ts'
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
  async run(context, { user }) {
    await unsuspendAccount(context, await loadAccount(context.stores, context.caller, user))
    return { data: {} }
  },
})

/** Throws `account-locked` for what root has locked. */
export async function unsuspendAccount(context: WriteContext, account: Account): Promise<void> {
  const { caller, stores } = context
  if (account.suspension?.isLocked && caller.kind !== 'root')
    throw new Failure('account-locked', { user: account.user })
  await stores.accounts.unsuspend(account.userId)
  await writeMailOf(context, account.userId)
  await lockMysqlUsers(context, account)
}
