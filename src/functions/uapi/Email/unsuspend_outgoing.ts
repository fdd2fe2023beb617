import { emailText, MAILBOXES, setSuspended } from '../../mail/forms.ts'
import { defineUapiWrite } from '../define.ts'

export const emailUnsuspendOutgoing = defineUapiWrite({
  module: 'Email',
  function: 'unsuspend_outgoing',
  summary: 'Let a mailbox send mail again.',
  source: 'UAPI, "Unsuspend email account outgoing mail"',
  feature: MAILBOXES,
  params: { email: emailText('The address of the mailbox.') },
  failures: ['domain-not-found', 'mailbox-not-found'],
  audit: ({ email }) => email,
  async run(context, { email }) {
    await setSuspended(context, email, 'outgoing', false)
    return { data: null }
  },
})
