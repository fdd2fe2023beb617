import { Failure } from '../../failures.ts'
import { flag, optional, text } from '../../whm/params.ts'
import { loadAccount } from '../accounts-in-reach.ts'
import { defineWrite } from '../define.ts'
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
  async run({ caller, now, stores, note }, { user, reason, disallowun }) {
    const account = await loadAccount(stores, caller, user)
    const before = account.suspension
    if (before?.isLocked && caller.kind !== 'root') throw new Failure('account-locked', { user })
    const isLocked = disallowun ?? before?.isLocked ?? false
    await stores.accounts.suspend(account.userId, {
      at: before?.at ?? now,
      reason: reason ?? before?.reason ?? '',
      isLocked,
    })
    await stores.sessions.removeAllOf(account.userId)
    if (reason) note('suspend_reason', reason)
    note('locked', isLocked ? 1 : 0)
    return { data: {} }
  },
})
