import { MAILBOXES, namedAddress } from '../../mail/forms.ts'
import { hashFor, makeMailbox, NEW_MAILBOX_FAILURES, newMailboxParams } from '../../mail/mailboxes.ts'
import { defineApi2Write } from '../define.ts'
import { doneResult, failedResult } from './results.ts'

export const emailAddpop = defineApi2Write({
  module: 'Email',
  function: 'addpop',
  summary: 'Create a mailbox.',
  source: 'cPanel API 2, "Email::addpop"',
  feature: MAILBOXES,
  params: newMailboxParams,
  failures: NEW_MAILBOX_FAILURES,
  audit: ({ email, domain }) => namedAddress(email, domain),
  failedData: failedResult,
  prepare: hashFor,
  async run(context, values, passwordHash) {
    await makeMailbox(context, values, passwordHash)
    return { data: doneResult() }
  },
})
