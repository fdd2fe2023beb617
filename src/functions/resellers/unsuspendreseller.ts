import { optional } from '../../whm/params.ts'
import { switchOf } from '../accounts/forms.ts'
import { unsuspendAccount } from '../accounts/unsuspendacct.ts'
import { defineWrite } from '../define.ts'
import { accountsOfReseller, loadReseller, resellerName } from './forms.ts'

/** Ends the suspension of every account it owns, also of one that was suspended on its own. */
export const unsuspendreseller = defineWrite({
  name: 'unsuspendreseller',
  group: 'Resellers',
  summary: 'End the suspension of a reseller and of the accounts that the reseller owns.',
  source: 'WHM API 1, "Unsuspend reseller"',
  acl: 'all',
  params: {
    user: resellerName('The reseller.'),
    'reseller-only': optional(switchOf({ doc: '1 for the account of the reseller alone.' })),
  },
  failures: ['reseller-not-found', 'account-locked'],
  v0: 'result',
  audit: (values) => values.user,
  async run(context, { user, ...rest }) {
    const reseller = await loadReseller(context.stores, user)
    const accounts = await accountsOfReseller(context.stores, reseller, rest['reseller-only'] === true)
    for (const account of accounts) await unsuspendAccount(context, account)
    context.note(
      'unsuspended',
      accounts.map((account) => account.user),
    )
    return { data: {}, raw: accounts.map((account) => `Unsuspended ${account.user}`).join('\n') }
  },
})
