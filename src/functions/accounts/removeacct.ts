import type { Account } from '../../accounts/account.ts'
import { optional } from '../../whm/params.ts'
import { loadAccount } from '../accounts-in-reach.ts'
import type { WriteContext } from '../context.ts'
import { defineWrite } from '../define.ts'
import { endMailOf } from '../mail/mail-follows.ts'
import { removeMysqlOf } from '../mysql.ts'
import { removeZonesOf } from '../zones/account-zones.ts'
import { switchOf, userName } from './forms.ts'
import { assertHomesSettled } from './free-names.ts'

/** Ends everything that the account could sign in with; its folder goes after the commit. */
export const removeacct = defineWrite({
  name: 'removeacct',
  group: 'Accounts',
  summary: 'Remove an account for good, with its files, databases and tokens. Accounts that it owned become root’s.',
  source: 'WHM API 1, "Remove account"',
  acl: 'kill-acct',
  params: {
    username: userName({ doc: 'The account.', aliases: ['user'] }),
    keepdns: optional(switchOf({ doc: '1 leaves its DNS zones to the owner of the account.' })),
  },
  failures: ['account-not-found', 'host-failed'],
  v0: 'result',
  urgent: true,
  audit: (values) => values.username,
  async run(context, { username, keepdns }) {
    const account = await loadAccount(context.stores, context.caller, username)
    await assertHomesSettled(context, [account.home])
    const { tokens, inherited, raw } = await removeAccount(context, account, keepdns === true)
    context.note('domain', account.domain)
    context.note('tokens_revoked', tokens)
    context.note('accounts_given_to_root', inherited)
    return {
      data: {},
      reason: `${account.user} account removed`,
      raw,
      warnings: inherited === 0 ? undefined : [`root now owns the accounts that ${account.user} owned: ${inherited}.`],
    }
  },
})

/** Ends the account and all that hangs on it. The folder's name must be free of earlier work. */
export async function removeAccount(context: WriteContext, account: Account, keepsZones = false) {
  const { now, stores } = context
  const root = await stores.accounts.findUser('root')
  if (root === undefined) throw new Error('there is no root')
  const tokens = await stores.tokens.revokeAllOf(account.userId, 'every', now, 'account-removed')
  await stores.sessions.removeAllOf(account.userId)
  await stores.loginLinks.removeAllOf(account.userId)
  await stores.twoFactor.remove(account.userId)
  await endMailOf(context, account.userId)
  await stores.domains.removeAllOf(account.userId)
  await removeZonesOf(context, account, keepsZones)
  await removeMysqlOf(context, account)
  for (const site of await stores.certificates.removeAllOf(account.userId))
    await context.afterCommit({ kind: 'write-certificate', site })
  await stores.packages.giveToRoot(account.userId)
  await stores.featureLists.giveToRoot(account.userId)
  await stores.resellers.remove(account.userId)
  const inherited = await stores.accounts.removeAccount(account.userId, root.id, now)
  await context.afterCommit({ kind: 'remove-home', home: account.home })
  const raw = [`Ended API tokens: ${tokens}`, 'Ended sessions', `Removed the account ${account.user}`].join('\n')
  return { tokens, inherited, raw }
}
