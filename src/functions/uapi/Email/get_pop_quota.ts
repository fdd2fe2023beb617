import { flag, optional } from '../../../whm/params.ts'
import { domainName } from '../../accounts/forms.ts'
import { emailText, loadMailbox, MAILBOXES } from '../../mail/forms.ts'
import { defineUapiRead } from '../define.ts'

const MIB = 1024 ** 2

export const emailGetPopQuota = defineUapiRead({
  module: 'Email',
  function: 'get_pop_quota',
  summary: 'Tell how large a mailbox may become.',
  source: 'UAPI, "Return email account quota"',
  feature: MAILBOXES,
  params: {
    email: emailText('The mailbox: what stands before the “@”, or the whole address.'),
    domain: optional(domainName({ doc: 'Its domain; the main one when absent.' })),
    as_bytes: optional(flag({ doc: '1 tells it in bytes instead of MB.' })),
  },
  failures: ['domain-not-found', 'mailbox-not-found', 'arguments-disagree'],
  async run(context, { email, domain, as_bytes }) {
    const { quotaMb } = await loadMailbox(context, email, domain)
    if (quotaMb === undefined) return { data: 'unlimited' }
    return { data: as_bytes ? quotaMb * MIB : quotaMb }
  },
})
