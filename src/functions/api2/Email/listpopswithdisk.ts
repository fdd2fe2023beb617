import { flag, optional } from '../../../whm/params.ts'
import { domainName } from '../../accounts/forms.ts'
import { MAILBOXES, regexText } from '../../mail/forms.ts'
import { mailboxesWithDisk } from '../../mail/mailbox-facts.ts'
import { defineApi2Read } from '../define.ts'

/** From how many percent of its quota on a mailbox is near it (our choice). */
const NEAR_PERCENT = 80

export const emailListpopswithdisk = defineApi2Read({
  module: 'Email',
  function: 'listpopswithdisk',
  summary: 'List the mailboxes of the account, with what they hold and may hold.',
  source: 'cPanel API 2, "Email::listpopswithdisk"',
  feature: MAILBOXES,
  params: {
    domain: optional(domainName({ doc: 'Those of this domain alone.' })),
    nearquotaonly: optional(flag({ doc: '1 lists those alone that use 80 percent of their quota or more.' })),
    no_validate: optional(flag({ doc: 'Taken as clients send it; has no effect.' })),
    regex: optional(regexText('Those alone that match it.')),
  },
  failures: ['domain-not-found', 'host-failed'],
  async run(context, { domain, nearquotaonly, regex }) {
    const all = await mailboxesWithDisk(context, { domain, regex })
    return { data: nearquotaonly ? all.filter((mailbox) => mailbox.diskusedpercent >= NEAR_PERCENT) : all }
  },
})
