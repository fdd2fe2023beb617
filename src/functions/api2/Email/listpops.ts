import { addressOf } from '../../../hosting/mail/mail.ts'
import { optional } from '../../../whm/params.ts'
import { MAILBOXES, matching, regexText } from '../../mail/forms.ts'
import { defineApi2Read } from '../define.ts'

/** The account itself stands first, as in UAPI. */
export const emailListpops = defineApi2Read({
  module: 'Email',
  function: 'listpops',
  summary: 'List the mailboxes of the account.',
  source: 'cPanel API 2, "Email::listpops"',
  feature: MAILBOXES,
  params: { regex: optional(regexText('Those alone that match it.')) },
  failures: [],
  async run({ account, stores }, { regex }) {
    const addresses = (await stores.mail.listMailboxes(account.userId)).map(addressOf)
    const mailboxes = addresses.map((email) => ({ email, login: email }))
    const all = [{ email: account.user, login: 'Main Account' }, ...mailboxes]
    return { data: await matching(all, ({ email }) => email, regex) }
  },
})
