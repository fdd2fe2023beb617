import { optional } from '../../../whm/params.ts'
import { domainName, sizeOf } from '../../accounts/forms.ts'
import { emailText, MAILBOXES, mailPassword, namedAddress } from '../../mail/forms.ts'
import { hashFor, makeMailbox } from '../../mail/mailboxes.ts'
import { defineApi2Write } from '../define.ts'
import { doneResult, failedResult } from './results.ts'

export const emailAddpop = defineApi2Write({
  module: 'Email',
  function: 'addpop',
  summary: 'Create a mailbox.',
  source: 'cPanel API 2, "Email::addpop"',
  feature: MAILBOXES,
  params: {
    domain: optional(domainName({ doc: 'A domain of the account; the main one when absent.' })),
    email: emailText('The mailbox: what stands before the “@”, or the whole address.'),
    password: optional(mailPassword('At least 8 characters.')),
    quota: optional(sizeOf({ doc: 'Its size in MB; 0 or “unlimited” for no limit, where the account allows that.' })),
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
  failedData: failedResult,
  prepare: hashFor,
  async run(context, values, passwordHash) {
    await makeMailbox(context, values, passwordHash)
    return { data: doneResult() }
  },
})
