import { addressOf } from '../../../hosting/mail/mail.ts'
import { optional } from '../../../whm/params.ts'
import { domainName } from '../../accounts/forms.ts'
import {
  changeMailbox,
  emailText,
  hashOfPassword,
  loadMailbox,
  MAILBOXES,
  mailPassword,
  namedAddress,
} from '../../mail/forms.ts'
import { defineUapiWrite } from '../define.ts'

export const emailPasswdPop = defineUapiWrite({
  module: 'Email',
  function: 'passwd_pop',
  summary: 'Set the password of a mailbox.',
  source: 'UAPI, "Update email account password"',
  feature: MAILBOXES,
  params: {
    email: emailText('The mailbox: what stands before the “@”, or the whole address.'),
    password: mailPassword('At least 8 characters.'),
    domain: optional(domainName({ doc: 'Its domain; the main one when absent.' })),
  },
  failures: ['domain-not-found', 'mailbox-not-found', 'password-invalid', 'arguments-disagree', 'overloaded'],
  audit: ({ email, domain }) => namedAddress(email, domain),
  async prepare(context, { email, domain, password }): Promise<string> {
    const { localPart } = await loadMailbox(context, email, domain)
    return hashOfPassword(context, password, localPart)
  },
  async run(context, { email, domain }, passwordHash) {
    const mailbox = await loadMailbox(context, email, domain)
    await changeMailbox(context, mailbox, { passwordHash })
    context.note('mailbox', addressOf(mailbox))
    return { data: null }
  },
})
