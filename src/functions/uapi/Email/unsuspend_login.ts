import { emailText, MAILBOXES, setSuspended } from '../../mail/forms.ts'
import { defineUapiWrite } from '../define.ts'

export const emailUnsuspendLogin = defineUapiWrite({
  module: 'Email',
  function: 'unsuspend_login',
  summary: 'Let the owner of a mailbox sign in to it again.',
  source: 'UAPI, "Unsuspend email account login"',
  feature: MAILBOXES,
  params: { email: emailText('The address of the mailbox.') },
  failures: ['domain-not-found', 'mailbox-not-found'],
  audit: ({ email }) => email,
  async run(context, { email }) {
    await setSuspended(context, email, 'login', false)
    return { data: null }
  },
})
