import { emailText, MAILBOXES, setSuspended } from '../../mail/forms.ts'
import { defineUapiWrite } from '../define.ts'

export const emailUnsuspendIncoming = defineUapiWrite({
  module: 'Email',
  function: 'unsuspend_incoming',
  summary: 'Let a mailbox take mail again.',
  source: 'UAPI, "Unsuspend email account incoming mail"',
  feature: MAILBOXES,
  params: { email: emailText('The address of the mailbox.') },
  failures: ['domain-not-found', 'mailbox-not-found'],
  audit: ({ email }) => email,
  async run(context, { email }) {
    await setSuspended(context, email, 'incoming', false)
    return { data: null }
  },
})
