import { Failure } from '../../../failures.ts'
import { addressOf, formatAction } from '../../../hosting/mail/mail.ts'
import { text } from '../../../whm/params.ts'
import { addressIn, emailText, FORWARDERS } from '../../mail/forms.ts'
import { defineUapiWrite } from '../define.ts'

export const emailDeleteForwarder = defineUapiWrite({
  module: 'Email',
  function: 'delete_forwarder',
  summary: 'Remove one destination of a forwarder.',
  source: 'UAPI, "Delete email account\'s email forwarder"',
  feature: FORWARDERS,
  params: {
    address: emailText('The address whose mail is forwarded.'),
    forwarder: text({ doc: 'The destination, as the list shows it.', min: 1, max: 320 }),
  },
  failures: ['domain-not-found', 'forwarder-not-found', 'argument-invalid'],
  audit: ({ address }) => address,
  async run(context, { address, forwarder }) {
    const { stores, account, note, afterCommit } = context
    const { localPart, domain } = await addressIn(context, address, undefined, 'address')
    const wanted = forwarder.trim().toLowerCase()
    const found = (await stores.mail.forwardersOf(domain, localPart)).find(
      (one) => one.userId === account.userId && formatAction(one.action).toLowerCase() === wanted,
    )
    if (found === undefined || !(await stores.mail.removeForwarder(found)))
      throw new Failure('forwarder-not-found', { address: addressOf({ localPart, domain }), forwarder })
    await afterCommit({ kind: 'write-mail', domains: [domain] })
    note('address', addressOf(found))
    note('destination', formatAction(found.action))
    return { data: null }
  },
})
