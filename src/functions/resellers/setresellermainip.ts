import { text } from '../../whm/params.ts'
import { assertAddressOfServer } from '../accounts/addresses.ts'
import { defineWrite } from '../define.ts'
import { loadReseller, resellerName } from './forms.ts'

/** Accounts that exist keep theirs. */
export const setresellermainip = defineWrite({
  name: 'setresellermainip',
  group: 'Resellers',
  summary: 'Set the IP address that new accounts of a reseller share.',
  source: 'WHM API 1, "Update reseller\'s main IP address"',
  acl: 'all',
  params: { user: resellerName('The reseller.'), ip: text({ doc: 'An address of the server.', min: 1, max: 45 }) },
  failures: ['reseller-not-found', 'address-not-available'],
  v0: 'result',
  audit: (values) => values.user,
  async run(context, { user, ip }) {
    const { stores, note } = context
    const reseller = await loadReseller(stores, user)
    assertAddressOfServer(context, ip)
    await stores.resellers.save(reseller.id, { ...(await stores.resellers.settingsOf(reseller.id)), mainIp: ip })
    note('ip', ip)
    return { data: {} }
  },
})
