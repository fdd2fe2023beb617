import { Failure } from '../../failures.ts'
import { domainName } from '../accounts/forms.ts'
import { findAccountOfDomain, isInReach } from '../accounts-in-reach.ts'
import { defineRead } from '../define.ts'
import { siteFacts, sitesOf } from './domain-facts.ts'

/** Old clients find `userdata` beside a list of one result. */
export const domainuserdata = defineRead({
  name: 'domainuserdata',
  group: 'Domains',
  summary: 'Tell what a web server would be told of a domain.',
  source: 'WHM API 1, "Return domain\'s userdata"',
  acl: 'acct-summary',
  params: { domain: domainName({ doc: 'A domain of an account, main or further.' }) },
  failures: ['argument-missing', 'domain-not-found'],
  v0: 'plain',
  async run({ stores, caller, services }, { domain }) {
    if (domain === undefined) throw new Failure('argument-missing', { argument: 'domain' })
    const account = await findAccountOfDomain(stores, domain)
    if (account === undefined || !isInReach(caller, account)) throw new Failure('domain-not-found', { domain })
    const site = sitesOf(account, await stores.domains.listOf(account.userId)).find(({ name }) => name === domain)
    if (site === undefined) throw new Error('the account was found by this domain')
    const userdata = { ...siteFacts(site, services.host), domain: site.name }
    const statusmsg = 'Obtained userdata.'
    return { data: { userdata }, reason: statusmsg, dataOfV0: { userdata, result: [{ status: 1, statusmsg }] } }
  },
})
