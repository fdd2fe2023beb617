import { defineWrite } from '../define.ts'
import { changePrivileges, loadReseller, resellerName } from './forms.ts'

/** The accounts it owned stay as they are; root alone can act on them then. Its tokens stay too, and open nothing. */
export const unsetupreseller = defineWrite({
  name: 'unsetupreseller',
  group: 'Resellers',
  summary: 'Take the reseller status and all its privileges from an account; the accounts it owns stay.',
  source: 'WHM API 1, unsetupreseller',
  acl: 'all',
  params: { user: resellerName('The reseller.') },
  failures: ['reseller-not-found'],
  v0: 'result',
  urgent: true,
  audit: (values) => values.user,
  async run(context, { user }) {
    const reseller = await loadReseller(context.stores, user)
    return { data: {}, warnings: await changePrivileges(context, reseller, undefined) }
  },
})
