import { emailText, MAILBOXES, setSuspended } from '../../mail/forms.ts'
import { defineUapiWrite } from '../define.ts'

/** What is signed in already stays so until the mail server ends it (`doveadm kick`). */
export const emailSuspendLogin = defineUapiWrite({
  module: 'Email',
  function: 'suspend_login',
  summary: 'Keep the owner of a mailbox from signing in to it.',
  source: 'UAPI, "Suspend email account login"',
  feature: MAILBOXES,
  params: { email: emailText('The address of the mailbox.') },
  failures: ['domain-not-found', 'mailbox-not-found'],
  audit: ({ email }) => email,
  async run(context, { email }) {
    await setSuspended(context, email, 'login', true)
    return { data: null }
  },
})
