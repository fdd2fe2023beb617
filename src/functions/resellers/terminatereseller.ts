import { optional, text } from '../../whm/params.ts'
import { switchOf } from '../accounts/forms.ts'
import { assertHomesSettled } from '../accounts/free-names.ts'
import { removeAccount } from '../accounts/removeacct.ts'
import { defineWrite } from '../define.ts'
import { changePrivileges, loadReseller, resellerName } from './forms.ts'

/**
 * All or nothing: the accounts, and with `terminatereseller` the reseller's own one, go in one transaction; their folders go after it.
 * Without that switch the reseller's account stays, as a reseller without accounts.
 */
export const terminatereseller = defineWrite({
  name: 'terminatereseller',
  group: 'Resellers',
  summary: 'Remove all accounts that a reseller owns, and the account of the reseller if asked for.',
  source: 'WHM API 1, "Delete reseller"',
  acl: 'all',
  params: {
    user: resellerName('The reseller.', ['reseller']),
    terminatereseller: optional(switchOf({ doc: '1 removes the account of the reseller too.' })),
    verify: optional(text({ doc: 'The sentence that old clients send along; not looked at.', max: 1000 })),
  },
  failures: ['reseller-not-found', 'host-failed'],
  v0: 'result',
  urgent: true,
  audit: (values) => values.user,
  async run(context, { user, terminatereseller: withReseller }) {
    const { stores, note } = context
    const reseller = await loadReseller(stores, user)
    const owned = await stores.accounts.listAccounts(reseller.id)
    const own = await stores.accounts.findAccount(reseller.name)
    const others = owned.filter((account) => account.userId !== reseller.id)
    const accounts = withReseller && own !== undefined ? [...others, own] : others
    await assertHomesSettled(
      context,
      accounts.map(({ home }) => home),
    )
    const acct: { readonly user: string; readonly output: { readonly raw: string } }[] = []
    for (const account of accounts) {
      const { raw } = await removeAccount(context, account)
      acct.push({ user: account.user, output: { raw } })
    }
    if (!withReseller && own === undefined) await changePrivileges(context, reseller, undefined)
    note(
      'removed',
      accounts.map((account) => account.user),
    )
    return { data: { acct }, raw: acct.map(({ output }) => output.raw).join('\n') }
  },
})
