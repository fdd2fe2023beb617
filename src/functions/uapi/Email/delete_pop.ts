import { randomBytes } from 'node:crypto'
import { addressOf } from '../../../hosting/mail/mail.ts'
import { flag, optional, text } from '../../../whm/params.ts'
import { domainName } from '../../accounts/forms.ts'
import { defineUapiWrite } from '../define.ts'
import { emailText, loadMailbox, MAILBOXES, namedAddress } from './forms.ts'

/** Its mail is put out of the way, into `mail/.removed` of the account's folder, unless `flags` keeps it for a next mailbox of that name. */
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
  async run(context, { email, domain: given, flags }) {
    const { account, stores, now, note, afterCommit } = context
    const { localPart, domain } = await loadMailbox(context, email, given)
    await stores.mail.removeMailbox(domain, localPart)
    note('mailbox', addressOf({ localPart, domain }))
    note('mail', flags === 'passwd' ? 'kept' : 'put away')
    await afterCommit({ kind: 'write-mail', domains: [domain] })
    if (flags !== 'passwd') {
      const as = `${localPart}@${domain}-${Math.floor(now.getTime() / 1000)}-${randomBytes(4).toString('hex')}`
      await afterCommit({ kind: 'put-mail-away', home: account.home, domain, localPart, as })
    }
    return { data: null }
  },
})
