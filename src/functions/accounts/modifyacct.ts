/** WHM's modifyacct. What is left out stays; arguments for what Postern does not host yet (notices, databases, MX) are ignored. */
import type { Account, AccountChange } from '../../accounts/account.ts'
import { Failure } from '../../failures.ts'
import { optional, text, type Values } from '../../whm/params.ts'
import { loadAccount } from '../accounts-in-reach.ts'
import type { WriteContext } from '../context.ts'
import { defineWrite } from '../define.ts'
import { moveSubdomains } from '../domains/subdomains.ts'
import { mailFollows } from '../mail/mail-follows.ts'
import { moveZoneOf } from '../zones/account-zones.ts'
import { setMailPolicies } from '../zones/mail-policies.ts'
import { contactEmail, domainName, newUserName, ownerName, shortName, sizeOf, switchOf, userName } from './forms.ts'
import { assertDomainFree, assertHomesSettled, assertUsernameFree } from './free-names.ts'
import { changeParams, limitsGiven, mailboxFormat } from './limits.ts'
import { ownerToGive } from './owners.ts'
import { withinResellerLimits } from './reseller-bounds.ts'
import { shellToGive, shellWishOf } from './shells.ts'

const params = {
  user: userName({ doc: 'The account.' }),
  newuser: optional(newUserName('Its new name. Its tokens follow.')),
  domain: optional(domainName({ doc: 'Its new main domain.', aliases: ['DNS', 'dns'] })),
  owner: optional(ownerName('Its new owner, chosen by root.', ['OWNER'])),
  contactemail: optional(contactEmail({ doc: 'Where its holder can be reached.', aliases: ['CONTACTEMAIL'] })),
  QUOTA: optional(sizeOf({ doc: 'Disk space in MB; 0 or “unlimited” for no limit.', aliases: ['quota'] })),
  BWLIMIT: optional(sizeOf({ doc: 'Monthly traffic in MB; 0 or “unlimited” for no limit.', aliases: ['bwlimit'] })),
  HASSHELL: optional(
    switchOf({ doc: '1 gives a login shell; needs the privilege allow-shell.', aliases: ['hasshell'] }),
  ),
  shell: optional(
    text({
      doc: 'The login shell by its path, or as for HASSHELL; needs the privilege allow-shell unless it refuses logins.',
      max: 100,
      only: /^(?:[01yn]?|\/[A-Za-z0-9/_.-]+)$/,
      onlyProblem: 'is neither the path of a shell nor 1 or 0',
      aliases: ['SHELL'],
    }),
  ),
  CPTHEME: optional(shortName({ doc: 'The theme.', aliases: ['RS', 'cpmod', 'cptheme'] })),
  LOCALE: optional(shortName({ doc: 'The language.', aliases: ['LANG', 'locale', 'lang', 'language'] })),
  ...changeParams,
  MAILBOX_FORMAT: mailboxFormat,
}

type Wanted = Values<typeof params>

export const modifyacct = defineWrite({
  name: 'modifyacct',
  group: 'Accounts',
  summary: 'Change an account: name, domain, owner, limits and the like.',
  source: 'WHM API 1, "Modify account"',
  acl: 'edit-account',
  params,
  failures: [
    'account-not-found',
    'username-invalid',
    'username-reserved',
    'username-taken',
    'domain-taken',
    'zone-taken',
    'privilege-not-held',
    'root-only',
    'reseller-not-found',
    'reseller-limit-reached',
    'arguments-disagree',
    'host-failed',
  ],
  v0: 'result',
  audit: (values) => values.user,
  async run(context, values) {
    const { caller, stores } = context
    const account = await loadAccount(stores, caller, values.user)
    const change = {
      ...(await identityChange(context, account, values)),
      ...plainChange(context, account, values),
    }
    const { warnings } = await withinResellerLimits(context, change.ownerId ?? account.ownerId, () =>
      stores.accounts.changeAccount(account.userId, change),
    )
    const renamed = change.domain === undefined ? [] : await moveSubdomains(context, account, change.domain)
    const unmoved = change.domain === undefined ? [] : await moveZoneOf(context, account, change.domain)
    const wanted = { spf: values.HASSPF, dmarc: values.HASDMARC }
    const policies = await setMailPolicies(context, { ...account, domain: change.domain ?? account.domain }, wanted)
    if (change.home !== undefined)
      await context.afterCommit({ kind: 'rename-home', from: account.home, to: change.home })
    await mailFollows(context, { userId: account.userId, home: change.home ?? account.home }, renamed)
    noteChange(context, change)
    return { data: {}, warnings: [...warnings, ...unmoved, ...policies] }
  },
})

/** Name, domain and owner: what others on the server could collide with. */
async function identityChange(context: WriteContext, account: Account, values: Wanted): Promise<AccountChange> {
  const { newuser, domain, owner } = values
  const change: { -readonly [K in keyof AccountChange]: AccountChange[K] } = {}
  if (newuser !== undefined && newuser !== account.user) {
    await assertUsernameFree(context, newuser, account.userId)
    await assertHomesSettled(context, [account.home, newuser])
    change.user = newuser
    change.home = newuser
  }
  if (domain !== undefined && domain !== account.domain) {
    await assertDomainFree(context, domain)
    await assertHomesSettled(context, [account.home])
    change.domain = domain
    change.isTemporaryDomain = false
  }
  if (owner !== undefined && owner !== account.owner) change.ownerId = await ownerToGive(context, owner)
  return change
}

function plainChange({ caller }: WriteContext, account: Account, values: Wanted): AccountChange {
  if (values.BACKUP !== undefined && caller.kind !== 'root')
    throw new Failure('root-only', { what: 'choose which accounts are backed up' })
  const shell = shellToGive(caller, shellWishOf(values.HASSHELL, values.shell), account.shell)
  const limits = limitsGiven(values)
  return {
    ...(values.contactemail !== undefined && { contactEmail: values.contactemail }),
    ...(values.CPTHEME !== undefined && { theme: values.CPTHEME }),
    ...(values.LOCALE !== undefined && { locale: values.LOCALE }),
    ...(values.QUOTA !== undefined && { diskLimitMb: values.QUOTA }),
    ...(values.BWLIMIT !== undefined && { bandwidthLimitMb: values.BWLIMIT }),
    ...(shell !== undefined && { shell }),
    ...(Object.keys(limits).length > 0 && { limits: { ...account.limits, ...limits } }),
  }
}

function noteChange({ note }: WriteContext, change: AccountChange): void {
  note('changed', Object.keys(change))
  if (change.user !== undefined) note('new_name', change.user)
  if (change.domain !== undefined) note('new_domain', change.domain)
  if (change.ownerId !== undefined) note('new_owner_id', change.ownerId)
  if (change.shell !== undefined) note('shell', change.shell)
}
