import { parseDomain } from '../../accounts/domains.ts'
import { optional, text } from '../../whm/params.ts'
import { defineWrite } from '../define.ts'
import { loadReseller, resellerName } from './forms.ts'

/** They are what new accounts of the reseller are given; without any, those of the server. */
export const setresellernameservers = defineWrite({
  name: 'setresellernameservers',
  group: 'Resellers',
  summary: 'Set the name servers that new accounts of a reseller are given.',
  source: 'WHM API 1, "Update reseller\'s nameservers"',
  acl: 'all',
  params: {
    user: resellerName('The reseller.'),
    nameservers: optional(
      text({ doc: 'At most four names with commas between them; those of the server when absent.', max: 1100 }),
    ),
  },
  failures: ['reseller-not-found'],
  v0: 'result',
  audit: (values) => values.user,
  async run({ stores, note }, { user, nameservers = '' }) {
    const reseller = await loadReseller(stores, user)
    const names = nameservers
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
      .slice(0, 4)
      .map((name) => parseDomain(name, 'nameservers'))
    await stores.resellers.save(reseller.id, {
      ...(await stores.resellers.settingsOf(reseller.id)),
      nameservers: names,
    })
    note('nameservers', names)
    return { data: {} }
  },
})
