import { Failure } from '../../failures.ts'
import { optional, type Values } from '../../whm/params.ts'
import { loadAccount, loadAccountByDomain } from '../accounts-in-reach.ts'
import type { Context } from '../context.ts'
import { defineRead } from '../define.ts'
import { accountFacts } from './account-facts.ts'
import { domainName, userName } from './forms.ts'

const params = {
  user: optional(userName({ doc: 'The account. This or `domain` is required.' })),
  domain: optional(domainName({ doc: 'Its main domain.' })),
}

export const accountsummary = defineRead({
  name: 'accountsummary',
  group: 'Accounts',
  summary: 'Answer the facts about one account, by its name or by its domain.',
  source: 'WHM API 1, "Account summary"',
  acl: 'acct-summary',
  params,
  failures: ['argument-missing', 'arguments-disagree', 'account-not-found', 'domain-not-found', 'host-failed'],
  v0: 'list',
  async run(context, values) {
    const account = await findNamed(context, values)
    const { host } = context.services
    const hasBackup = (await host.listArchives()).some(({ home }) => home === account.home)
    return { data: { acct: [accountFacts(account, await host.diskUsage(account.home), hasBackup)] } }
  },
})

/** With both, the domain is only compared: whether it exists elsewhere is not told. */
async function findNamed({ stores, caller }: Context, { user, domain }: Values<typeof params>) {
  if (user === undefined) {
    if (domain === undefined) throw new Failure('argument-missing', { argument: 'user” or “domain' })
    return loadAccountByDomain(stores, caller, domain)
  }
  const account = await loadAccount(stores, caller, user)
  if (domain !== undefined && domain !== account.domain)
    throw new Failure('arguments-disagree', { problem: '“domain” is not the main domain of “user”' })
  return account
}
