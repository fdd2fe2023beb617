import { optional } from '../../../whm/params.ts'
import { domainName } from '../../accounts/forms.ts'
import { emailText, MAILBOXES, namedAddress } from '../../mail/forms.ts'
import { removeMailbox } from '../../mail/mailboxes.ts'
import { defineApi2Write } from '../define.ts'
import { doneResult, failedResult } from './results.ts'

export const emailDelpop = defineApi2Write({
  module: 'Email',
  function: 'delpop',
  summary: 'Remove a mailbox.',
  source: 'cPanel API 2, "Email::delpop"',
  feature: MAILBOXES,
  params: {
    domain: optional(domainName({ doc: 'Its domain; the main one when absent.' })),
    email: emailText('The mailbox: what stands before the “@”, or the whole address.'),
  },
  failures: ['domain-not-found', 'mailbox-not-found', 'arguments-disagree'],
  audit: ({ email, domain }) => namedAddress(email, domain),
  failedData: failedResult,
  async run(context, { email, domain }) {
    await removeMailbox(context, { email, domain, keepsMail: false })
    return { data: doneResult() }
  },
})
