import { optional, text } from '../../whm/params.ts'
import { assertAddressOfServer } from '../accounts/addresses.ts'
import { switchOf } from '../accounts/forms.ts'
import { defineWrite } from '../define.ts'
import { loadReseller, resellerName } from './forms.ts'

export const setresellerips = defineWrite({
  name: 'setresellerips',
  group: 'Resellers',
  summary: 'Say which IP addresses a reseller may give to single accounts.',
  source: 'WHM API 1, "Update reseller\'s IP addresses"',
  acl: 'all',
  params: {
    user: resellerName('The reseller.'),
    delegate: optional(switchOf({ doc: '1: none but those in `ips`; absent or 0: every address of the server.' })),
    ips: optional(text({ doc: 'Addresses with commas between them.', max: 5000 })),
  },
  failures: ['reseller-not-found', 'address-not-available'],
  v0: 'result',
  audit: (values) => values.user,
  async run(context, { user, delegate = false, ips: list = '' }) {
    const { stores, note } = context
    const reseller = await loadReseller(stores, user)
    const named = [...new Set(list.split(',').map((ip) => ip.trim()))].filter((ip) => ip !== '')
    for (const ip of named) assertAddressOfServer(context, ip)
    const ips = delegate ? named : undefined
    await stores.resellers.save(reseller.id, { ...(await stores.resellers.settingsOf(reseller.id)), ips })
    note('ips', ips ?? 'all')
    return { data: {} }
  },
})
