import { flag, optional, text, wholeNumber } from '../../../whm/params.ts'
import { domainName } from '../../accounts/forms.ts'
import { emailText, MAILBOXES, regexText } from '../../mail/forms.ts'
import { mailboxesWithDisk } from '../../mail/mailbox-facts.ts'
import { defineUapiRead } from '../define.ts'

/** Figures of the disk are at most a minute old. */
export const emailListPopsWithDisk = defineUapiRead({
  module: 'Email',
  function: 'list_pops_with_disk',
  summary: 'List the mailboxes of the account, with what they hold and may hold.',
  source: 'UAPI, "Return email accounts with disk information"',
  feature: MAILBOXES,
  params: {
    domain: optional(domainName({ doc: 'Those of this domain alone.' })),
    email: optional(emailText('Those with this name or address alone.')),
    regex: optional(regexText('Those alone that match it.')),
    maxaccounts: optional(wholeNumber({ doc: 'At most so many.' })),
    no_disk: optional(flag({ doc: '1 leaves the disk alone; what is used is 0 then.' })),
    no_validate: optional(flag({ doc: 'Taken as clients send it; has no effect.' })),
    get_restrictions: optional(flag({ doc: 'Taken as clients send it; suspensions are always shown.' })),
    infinitylang: optional(flag({ doc: '1 writes “∞” for no limit.' })),
    infinityimg: optional(text({ doc: 'Taken as clients send it; no picture is shown.', max: 200 })),
  },
  failures: ['domain-not-found', 'host-failed'],
  async run(context, { infinitylang, ...wanted }) {
    return { data: await mailboxesWithDisk(context, { ...wanted, unlimited: infinitylang ? '∞' : 'unlimited' }) }
  },
})
