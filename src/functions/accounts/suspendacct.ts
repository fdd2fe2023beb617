import type { Account, Suspension } from '../../accounts/account.ts'
import { Failure } from '../../failures.ts'
import { flag, optional, text } from '../../whm/params.ts'
import { loadAccount } from '../accounts-in-reach.ts'
import type { WriteContext } from '../context.ts'
import { defineWrite } from '../define.ts'
import { writeMailOf } from '../mail/mail-follows.ts'
import { lockMysqlUsers } from '../mysql.ts'
import { userName } from './forms.ts'

/** The account's tokens are refused from the next call on and work again after `unsuspendacct`; its sessions end. */
export const suspendacct = defineWrite({
  name: 'suspendacct',
  group: 'Accounts',
  summary: 'Suspend an account, or change the reason of its suspension.',
  source: 'WHM API 1, "Suspend account"',
  acl: 'suspend-acct',
  params: {
    user: userName({ doc: 'The account.' }),
    reason: optional(text({ doc: 'Why, in your words.', max: 2000 })),
    disallowun: optional(flag({ doc: '1 locks the suspension: only root may undo it.' })),
  },
  failures: ['account-not-found', 'account-locked'],
  v0: 'result',
  urgent: true,
  audit: (values) => values.user,
  async run(context, { user, reason, disallowun }) {
    const account = await loadAccount(context.stores, context.caller, user)
    const { isLocked } = await suspendAccount(context, account, { reason, disallowun })
    if (reason) context.note('suspend_reason', reason)
    context.note('locked', isLocked ? 1 : 0)
    return { data: {} }
  },
})

/** Suspends it, or changes the reason of its suspension. Throws `account-locked` for what root has locked. */
export async function suspendAccount(
  context: WriteContext,
  account: Account,
  { reason, disallowun }: { readonly reason: string | undefined; readonly disallowun: boolean | undefined },
): Promise<Suspension> {
  const { caller, now, stores } = context
  const before = account.suspension
  if (before?.isLocked && caller.kind !== 'root') throw new Failure('account-locked', { user: account.user })
  const suspension = {
    at: before?.at ?? now,
    reason: reason ?? before?.reason ?? '',
    isLocked: disallowun ?? before?.isLocked ?? false,
  }
  await stores.accounts.suspend(account.userId, suspension)
  await stores.sessions.removeAllOf(account.userId)
  await writeMailOf(context, account.userId)
  await lockMysqlUsers(context, account)
  return suspension
}
