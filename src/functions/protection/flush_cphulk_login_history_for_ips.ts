import { Failure } from '../../failures.ts'
import { parseAddress } from '../../ip-rules/address.ts'
import { networkOf } from '../../protection/attempt.ts'
import { defineWrite } from '../define.ts'
import { addresses } from './list-forms.ts'

/** Ends the bans of these addresses; of an IPv6 one its whole /64, which was banned. */
export const flushCphulkLoginHistoryForIps = defineWrite({
  name: 'flush_cphulk_login_history_for_ips',
  group: 'Brute-force protection',
  summary: 'Forget the failed attempts of addresses, and end their bans.',
  source: 'WHM API 1, "Remove login security IP address block"',
  acl: 'all',
  params: { ip: addresses },
  failures: [],
  v0: 'none',
  audit: (values) => values.ip.join(' '),
  prepare: ({ services }) => services.protection.flush(),
  async run(context, values) {
    const { stores, services } = context
    const { records } = await stores.protection.removeHistory(values.ip.map(networkNamed))
    await stores.protection.raiseVersion()
    context.onCommit(() => services.protection.reload())
    return { data: { records_removed: records, iptable_bans_removed: 0 } }
  },
})

/** Also as the lists of bans show it, with the /64 of an IPv6 network. */
function networkNamed(value: string): string {
  const address = parseAddress(value.replace(/(?<=:.*)\/64$/, ''))
  if (address === undefined)
    throw new Failure('argument-invalid', { argument: 'ip', value, problem: 'is not an IP address' })
  return networkOf(address)
}
