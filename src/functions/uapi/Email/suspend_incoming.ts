import { emailText, MAILBOXES, setSuspended } from '../../mail/forms.ts'
import { defineUapiWrite } from '../define.ts'

/** Senders are told to come again later; forwarding of the address rests too. */
export const emailSuspendIncoming = defineUapiWrite({
  module: 'Email',
  function: 'suspend_incoming',
  summary: 'Let a mailbox take no mail for the time being.',
  source: 'UAPI, "Suspend email account incoming mail"',
  feature: MAILBOXES,
  params: { email: emailText('The address of the mailbox.') },
  failures: ['domain-not-found', 'mailbox-not-found'],
  audit: ({ email }) => email,
  async run(context, { email }) {
    await setSuspended(context, email, 'incoming', true)
    return { data: null }
  },
})
