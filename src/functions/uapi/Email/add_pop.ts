import { flag, optional, text } from '../../../whm/params.ts'
import { domainName, sizeOf } from '../../accounts/forms.ts'
import { emailText, MAILBOXES, mailPassword, namedAddress } from '../../mail/forms.ts'
import { hashFor, makeMailbox } from '../../mail/mailboxes.ts'
import { defineUapiWrite } from '../define.ts'

export const emailAddPop = defineUapiWrite({
  module: 'Email',
  function: 'add_pop',
  summary: 'Create a mailbox.',
  source: 'UAPI, "Create email account"',
  feature: MAILBOXES,
  params: {
    email: emailText('The mailbox: what stands before the “@”, or the whole address.'),
    password: optional(mailPassword('At least 8 characters.')),
    password_hash: optional(
      text({ doc: 'Instead of a password its salted hash, as Dovecot reads it.', max: 500, secret: true }),
    ),
    domain: optional(domainName({ doc: 'A domain of the account; the main one when absent.' })),
    quota: optional(sizeOf({ doc: 'Its size in MB; 0 or “unlimited” for no limit, where the account allows that.' })),
    send_welcome_email: optional(flag({ doc: 'Taken as clients send it; no message is sent.' })),
    skip_update_db: optional(flag({ doc: 'Taken as clients send it; has no effect.' })),
  },
  failures: [
    'domain-not-found',
    'mailbox-taken',
    'account-limit-reached',
    'password-invalid',
    'arguments-disagree',
    'argument-missing',
    'host-failed',
    'overloaded',
  ],
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
