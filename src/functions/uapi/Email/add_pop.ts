import { flag, optional, text } from '../../../whm/params.ts'
import { MAILBOXES, namedAddress } from '../../mail/forms.ts'
import { hashFor, makeMailbox, NEW_MAILBOX_FAILURES, newMailboxParams } from '../../mail/mailboxes.ts'
import { defineUapiWrite } from '../define.ts'

export const emailAddPop = defineUapiWrite({
  module: 'Email',
  function: 'add_pop',
  summary: 'Create a mailbox.',
  source: 'UAPI, "Create email account"',
  feature: MAILBOXES,
  params: {
    ...newMailboxParams,
    password_hash: optional(
      text({ doc: 'Instead of a password its salted hash, as Dovecot reads it.', max: 500, secret: true }),
    ),
    send_welcome_email: optional(flag({ doc: 'Taken as clients send it; no message is sent.' })),
    skip_update_db: optional(flag({ doc: 'Taken as clients send it; has no effect.' })),
  },
  failures: NEW_MAILBOX_FAILURES,
  audit: ({ email, domain }) => namedAddress(email, domain),
  prepare: hashFor,
  async run(context, values, passwordHash) {
    const { localPart, domain } = await makeMailbox(context, values, passwordHash)
    return {
      data: `${localPart}+${domain}`,
      ...(values.send_welcome_email && { warnings: ['No welcome message was sent: this server writes none.'] }),
    }
  },
})
