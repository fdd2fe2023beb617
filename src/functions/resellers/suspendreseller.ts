import { optional, text } from '../../whm/params.ts'
import { switchOf } from '../accounts/forms.ts'
import { suspendAccount } from '../accounts/suspendacct.ts'
import { defineWrite } from '../define.ts'
import { accountsOfReseller, loadReseller, resellerName } from './forms.ts'

export const suspendreseller = defineWrite({
  name: 'suspendreseller',
  group: 'Resellers',
  summary: 'Suspend a reseller and the accounts that the reseller owns, all or none of them.',
  source: 'WHM API 1, "Suspend reseller"',
  acl: 'all',
  params: {
    user: resellerName('The reseller.'),
    reason: optional(text({ doc: 'Why, in your words.', max: 2000 })),
    disallow: optional(switchOf({ doc: '1 locks the suspension: only root may undo it.' })),
    'reseller-only': optional(switchOf({ doc: '1 suspends the account of the reseller alone.' })),
  },
  failures: ['reseller-not-found', 'account-locked'],
  v0: 'result',
  urgent: true,
  audit: (values) => values.user,
  async run(context, { user, reason, disallow, ...rest }) {
    const reseller = await loadReseller(context.stores, user)
    const accounts = await accountsOfReseller(context.stores, reseller, rest['reseller-only'] === true)
    for (const account of accounts) await suspendAccount(context, account, { reason, disallowun: disallow })
    context.note(
      'suspended',
      accounts.map((account) => account.user),
    )
    if (reason) context.note('suspend_reason', reason)
    return { data: {}, raw: accounts.map((account) => `Suspended ${account.user}`).join('\n') }
  },
})
