import { INITIAL_PRIVILEGES } from '../../acl/catalogue.ts'
import { flag, optional } from '../../whm/params.ts'
import { loadAccount } from '../accounts-in-reach.ts'
import { defineWrite } from '../define.ts'
import { alertOfChange, resellerName } from './forms.ts'

/** Repeating it changes no privileges: whoever is a reseller already keeps what it has, be that more or less (our choice). */
export const setupreseller = defineWrite({
  name: 'setupreseller',
  group: 'Resellers',
  summary:
    'Make an account a reseller with the Initial Privileges; one that is a reseller already keeps its privileges.',
  source: 'WHM API 1, setupreseller',
  acl: 'all',
  params: {
    user: resellerName('The account.'),
    makeowner: optional(flag({ doc: '1: the account owns itself from now on. Absent or 0: its owner stays.' })),
  },
  failures: ['account-not-found'],
  v0: 'result',
  audit: (values) => values.user,
  async run(context, { user, makeowner }) {
    const { caller, stores, note } = context
    const account = await loadAccount(stores, caller, user)
    if (!account.isReseller) {
      await stores.accounts.setReseller(account.userId, INITIAL_PRIVILEGES)
      note('privileges_added', INITIAL_PRIVILEGES)
      await alertOfChange(context, { id: account.userId, name: user }, INITIAL_PRIVILEGES, [])
    }
    if (makeowner === true && account.ownerId !== account.userId) {
      await stores.accounts.changeAccount(account.userId, { ownerId: account.userId })
      note('owner', user)
    }
    return { data: {} }
  },
})
