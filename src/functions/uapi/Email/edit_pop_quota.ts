import { Failure } from '../../../failures.ts'
import { addressOf } from '../../../hosting/mail/mail.ts'
import { optional } from '../../../whm/params.ts'
import { domainName, sizeOf } from '../../accounts/forms.ts'
import { changeMailbox, emailText, loadMailbox, MAILBOXES, namedAddress, quotaToGive } from '../../mail/forms.ts'
import { defineUapiWrite } from '../define.ts'

export const emailEditPopQuota = defineUapiWrite({
  module: 'Email',
  function: 'edit_pop_quota',
  summary: 'Set how large a mailbox may become.',
  source: 'UAPI, "Update email account quota"',
  feature: MAILBOXES,
  params: {
    email: emailText('The mailbox: what stands before the “@”, or the whole address.'),
    domain: domainName({ doc: 'Its domain.' }),
    quota: optional(
      sizeOf({
        doc: 'In MB; 0 or “unlimited” for no limit, where the account allows that. Absent: the most it allows.',
      }),
    ),
  },
  failures: [
    'argument-missing',
    'domain-not-found',
    'mailbox-not-found',
    'account-limit-reached',
    'arguments-disagree',
  ],
  audit: ({ email, domain }) => namedAddress(email, domain),
  async run(context, { email, domain, quota }) {
    if (domain === undefined) throw new Failure('argument-missing', { argument: 'domain' })
    const mailbox = await loadMailbox(context, email, domain)
    const quotaMb = quotaToGive(context.account, quota)
    await changeMailbox(context, mailbox, { quotaMb })
    context.note('mailbox', addressOf(mailbox))
    context.note('quota_mb', quotaMb)
    return { data: null }
  },
})
