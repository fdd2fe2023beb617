import { addressOf } from '../../../hosting/mail/mail.ts'
import { flag, optional } from '../../../whm/params.ts'
import { MAILBOXES, matching, regexText } from '../../mail/forms.ts'
import { isSuspended } from '../../mail/mailbox-facts.ts'
import { defineUapiRead } from '../define.ts'

/** The account itself stands first, as in WHM; here it has no mailbox of its own. */
export const emailListPops = defineUapiRead({
  module: 'Email',
  function: 'list_pops',
  summary: 'List the mailboxes of the account.',
  source: 'UAPI, "Return email accounts"',
  feature: MAILBOXES,
  params: {
    regex: optional(regexText('Those alone that match it.')),
    no_validate: optional(flag({ doc: 'Taken as clients send it; has no effect.' })),
    skip_main: optional(flag({ doc: '1 leaves the account itself out.' })),
  },
  failures: [],
  async run({ account, stores }, { regex, skip_main }) {
    const main = { email: account.user, login: 'Main Account', suspended_login: 0, suspended_incoming: 0 }
    const mailboxes = (await stores.mail.listMailboxes(account.userId)).map((mailbox) => ({
      email: addressOf(mailbox),
      login: addressOf(mailbox),
      suspended_login: isSuspended(account, mailbox, 'login'),
      suspended_incoming: isSuspended(account, mailbox, 'incoming'),
    }))
    const all = skip_main ? mailboxes : [main, ...mailboxes]
    return { data: await matching(all, ({ email }) => email, regex) }
  },
})
