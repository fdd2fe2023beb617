import { defineRead } from '../define.ts'
import { loadReseller, resellerName } from './forms.ts'

export const getresellerips = defineRead({
  name: 'getresellerips',
  group: 'Resellers',
  summary: 'List the IP addresses that a reseller may give to accounts.',
  source: 'WHM API 1, "Return reseller\'s IP addresses"',
  acl: 'all',
  params: { user: resellerName('The reseller.') },
  failures: ['reseller-not-found'],
  v0: 'none',
  async run({ stores, services }, { user }) {
    const reseller = await loadReseller(stores, user)
    const { mainIp = services.facts.accountIp, ips } = await stores.resellers.settingsOf(reseller.id)
    const dedicated = ips ?? services.facts.dedicatedIps
    return {
      data: { reseller: reseller.name, delegated: ips === undefined ? 0 : 1, ip: [...new Set([mainIp, ...dedicated])] },
    }
  },
})
