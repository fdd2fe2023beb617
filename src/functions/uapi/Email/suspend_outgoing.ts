import { emailText, MAILBOXES, setSuspended } from '../../mail/forms.ts'
import { defineUapiWrite } from '../define.ts'

/** Takes effect where the mail server looks at the map of senders; see `docs/mail.md`. */
export const emailSuspendOutgoing = defineUapiWrite({
  module: 'Email',
  function: 'suspend_outgoing',
  summary: 'Keep a mailbox from sending mail.',
  source: 'UAPI, "Suspend email account outgoing mail"',
  feature: MAILBOXES,
  params: { email: emailText('The address of the mailbox.') },
  failures: ['domain-not-found', 'mailbox-not-found'],
  audit: ({ email }) => email,
  async run(context, { email }) {
    await setSuspended(context, email, 'outgoing', true)
    return { data: null }
  },
})
