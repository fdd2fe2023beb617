import { flag, optional, text } from '../../../whm/params.ts'
import { domainName } from '../../accounts/forms.ts'
import { emailText, MAILBOXES, namedAddress } from '../../mail/forms.ts'
import { removeMailbox } from '../../mail/mailboxes.ts'
import { defineUapiWrite } from '../define.ts'

export const emailDeletePop = defineUapiWrite({
  module: 'Email',
  function: 'delete_pop',
  summary: 'Remove a mailbox.',
  source: 'UAPI, "Delete email account"',
  feature: MAILBOXES,
  params: {
    email: emailText('The mailbox: what stands before the “@”, or the whole address.'),
    domain: optional(domainName({ doc: 'Its domain; the main one when absent.' })),
    flags: optional(text({ doc: 'passwd leaves the mail where it is.', max: 100 })),
    skip_quota: optional(flag({ doc: 'Taken as clients send it; has no effect.' })),
  },
  failures: ['domain-not-found', 'mailbox-not-found', 'arguments-disagree'],
  audit: ({ email, domain }) => namedAddress(email, domain),
  async run(context, { email, domain, flags }) {
    await removeMailbox(context, { email, domain, keepsMail: flags === 'passwd' })
    return { data: null }
  },
})
