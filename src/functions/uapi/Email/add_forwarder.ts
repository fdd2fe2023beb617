import { Failure } from '../../../failures.ts'
import { parseAnyAddress } from '../../../hosting/mail/address.ts'
import { addressOf, type ForwarderAction, formatAction } from '../../../hosting/mail/mail.ts'
import { optional, text, type Values } from '../../../whm/params.ts'
import { domainName, oneOf } from '../../accounts/forms.ts'
import { addressIn, emailText, FORWARDERS, namedAddress } from '../../mail/forms.ts'
import { defineUapiWrite } from '../define.ts'

/** Of one address. Postfix refuses mail that becomes more than a thousand. */
const DESTINATIONS_MAX = 100
/** Of an account. The maps of all accounts are written anew with each change. */
const FORWARDERS_MAX = 1000
const DEFAULT_TEXT = 'No such person at this address'

const params = {
  domain: domainName({ doc: 'The domain of the address.' }),
  email: emailText('The address whose mail is forwarded: what stands before the “@”, or all of it.'),
  fwdopt: oneOf('fwd: to the addresses in `fwdemail`; fail: back to the sender; blackhole: nowhere.', [
    'fwd',
    'fail',
    'blackhole',
    'pipe',
    'system',
  ]),
  fwdemail: optional(text({ doc: 'For fwd: where to, with commas between several addresses.', max: 20_000 })),
  failmsgs: optional(text({ doc: 'For fail: what the sender is told.', max: 200 })),
  fwdsystem: optional(text({ doc: 'A user of the machine; not served.', max: 200 })),
  pipefwd: optional(text({ doc: 'A program; not served.', max: 1000 })),
}

/** `pipe` and `system` are refused: they let a stranger's mail start programs, or fill what no quota bounds. */
export const emailAddForwarder = defineUapiWrite({
  module: 'Email',
  function: 'add_forwarder',
  summary: 'Forward the mail of an address, send it back, or throw it away.',
  source: 'UAPI, "Create email forwarder"',
  feature: FORWARDERS,
  params,
  failures: ['argument-missing', 'domain-not-found', 'account-limit-reached', 'arguments-disagree'],
  audit: ({ email, domain }) => namedAddress(email, domain),
  async run(context, values) {
    const { account, stores, now, note, afterCommit } = context
    if (values.domain === undefined) throw new Failure('argument-missing', { argument: 'domain' })
    const { localPart, domain } = await addressIn(context, values.email, values.domain)
    const email = addressOf({ localPart, domain })
    const wanted = actionsIn(values, email)
    const before = await stores.mail.forwardersOf(domain, localPart)
    const known = new Set(before.map(({ action }) => formatAction(action)))
    const added = wanted.filter((action) => !known.has(formatAction(action)))
    if (before.length + added.length > DESTINATIONS_MAX)
      throw new Failure('account-limit-reached', {
        what: 'destinations of one address',
        limit: String(DESTINATIONS_MAX),
      })
    if (added.length > 0 && (await stores.mail.countForwarders(account.userId)) + added.length > FORWARDERS_MAX)
      throw new Failure('account-limit-reached', { what: 'forwarders', limit: String(FORWARDERS_MAX) })
    for (const action of added)
      await stores.mail.insertForwarder({ domain, localPart, userId: account.userId, action }, now)
    await afterCommit({ kind: 'write-mail', domains: [domain] })
    note('address', email)
    note('destinations', wanted.map(formatAction))
    return { data: wanted.map((action) => ({ domain, email, forward: formatAction(action) })) }
  },
})

function actionsIn({ fwdopt, fwdemail, failmsgs }: Values<typeof params>, email: string): readonly ForwarderAction[] {
  switch (fwdopt) {
    case undefined:
      throw new Failure('argument-missing', { argument: 'fwdopt' })
    case 'fwd':
      return destinationsIn(fwdemail, email).map((to) => ({ kind: 'forward', to }))
    case 'fail':
      return [{ kind: 'fail', text: failmsgs?.replaceAll(/\s+/g, ' ').trim() || DEFAULT_TEXT }]
    case 'blackhole':
      return [{ kind: 'blackhole' }]
    case 'pipe':
    case 'system': {
      const problem = 'is not served here: mail is never handed to programs or users of the machine'
      throw new Failure('argument-invalid', { argument: 'fwdopt', value: fwdopt, problem })
    }
  }
}

function destinationsIn(fwdemail: string | undefined, email: string): readonly string[] {
  const texts = (fwdemail ?? '').split(',').map((text) => text.trim())
  const given = texts.filter((text) => text !== '')
  if (given.length === 0) throw new Failure('argument-missing', { argument: 'fwdemail' })
  if (given.length > DESTINATIONS_MAX) {
    const [value, problem] = [`${given.length} addresses`, `are more than the ${DESTINATIONS_MAX} that are allowed`]
    throw new Failure('argument-invalid', { argument: 'fwdemail', value, problem })
  }
  const destinations = [...new Set(given.map((text) => parseAnyAddress(text, 'fwdemail')))]
  if (destinations.some((to) => to.toLowerCase() === email)) {
    const problem = 'is the address that is to be forwarded'
    throw new Failure('argument-invalid', { argument: 'fwdemail', value: email, problem })
  }
  return destinations
}
