import { Failure } from '../../failures.ts'
import { optional, text } from '../../whm/params.ts'
import { loadAccount, loadAccountByDomain } from '../accounts-in-reach.ts'
import { defineWrite } from '../define.ts'
import { moveAddresses } from '../zones/account-zones.ts'
import { assertAddressFree } from './addresses.ts'
import { domainName, userName } from './forms.ts'

export const setsiteip = defineWrite({
  name: 'setsiteip',
  group: 'Accounts',
  summary: 'Give an account another IP address of the server; records of its zones with the former one follow.',
  source: 'WHM API 1, "Update domain or cPanel account IP address"',
  acl: 'all',
  params: {
    ip: text({ doc: 'The shared address, or a dedicated one that no other account has.', min: 1, max: 45 }),
    user: optional(userName({ doc: 'The account. This or `domain` is required.' })),
    domain: optional(domainName({ doc: 'Its main domain.' })),
  },
  failures: [
    'argument-missing',
    'account-not-found',
    'domain-not-found',
    'address-not-available',
    'arguments-disagree',
  ],
  v0: 'result',
  audit: ({ user, domain }) => user ?? domain ?? '',
  async run(context, { ip, user, domain }) {
    const { stores, caller, note } = context
    if (user === undefined && domain === undefined)
      throw new Failure('argument-missing', { argument: 'user” or “domain' })
    const account =
      user === undefined
        ? await loadAccountByDomain(stores, caller, domain ?? '')
        : await loadAccount(stores, caller, user)
    if (domain !== undefined && domain !== account.domain)
      throw new Failure('arguments-disagree', { problem: '“domain” is not the main domain of “user”' })
    await assertAddressFree(context, ip, account.userId)
    await stores.accounts.changeAccount(account.userId, { ip })
    const warnings = await moveAddresses(context, account, ip)
    note('ip', ip)
    return { data: {}, warnings }
  },
})
