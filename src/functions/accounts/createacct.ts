/**
 * WHM's createacct. What a call does not say comes from the package. The machine's own users come with a later version, so `uid`, `gid`
 * and `homedir` have no effect.
 */
import { randomBytes } from 'node:crypto'
import type { NewAccount } from '../../accounts/account.ts'
import { assertPasswordAllowed } from '../../accounts/password-rules.ts'
import { assertUsernameAllowed } from '../../accounts/usernames.ts'
import { holdsEverything } from '../../acl/caller.ts'
import { INITIAL_PRIVILEGES } from '../../acl/catalogue.ts'
import { Failure } from '../../failures.ts'
import type { Package } from '../../hosting/packages.ts'
import { optional, text, type Values } from '../../whm/params.ts'
import type { Context, WriteContext } from '../context.ts'
import { defineWrite } from '../define.ts'
import { accountLimitsOf } from '../packages/account-limits.ts'
import { makeZoneOfAccount } from '../zones/account-zones.ts'
import { setMailPolicies } from '../zones/mail-policies.ts'
import { addressFor } from './addresses.ts'
import { creationLog, placeFacts } from './creation-log.ts'
import { contactEmail, domainName, ownerName, password, shortName, sizeOf, switchOf, userName } from './forms.ts'
import { assertDomainFree, assertHomesSettled, assertUsernameFree } from './free-names.ts'
import { limitParams, mailboxFormat, ownSwitchesOf, switchParams } from './limits.ts'
import { ITSELF, ownerOfNew } from './owners.ts'
import { packageFor } from './package-for.ts'
import { assertRoomFor, nameserversOf } from './reseller-bounds.ts'
import { NO_SHELL, shellToGive } from './shells.ts'

const printable = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u

const params = {
  username: userName({
    doc: 'Letters and digits, at most 16, the first a letter, the first eight unique on the server.',
  }),
  domain: optional(domainName({ doc: 'The main domain. Absent: a temporary one below the name of the server.' })),
  password: optional(password('At least 8 characters. Absent: one is made up.')),
  showpass: optional(switchOf({ doc: '1 puts the password into the log of the reply.' })),
  plan: optional(
    text({ doc: 'The package; “default” when absent.', max: 64, only: printable, onlyProblem: 'is not printable' }),
  ),
  savepkg: optional(switchOf({ doc: '1 keeps the values of this account as a package, which needs add-pkg.' })),
  pkgname: optional(
    text({ doc: 'The name of that package.', max: 64, only: printable, onlyProblem: 'is not printable' }),
  ),
  featurelist: optional(text({ doc: 'The feature list, instead of that of the package.', max: 100 })),
  ip: optional(switchOf({ doc: 'y gives the account an IP address of its own, n one that it shares.' })),
  customip: optional(text({ doc: 'The address, chosen by root.', max: 45 })),
  contactemail: optional(contactEmail({ doc: 'Where the holder of the account can be reached.' })),
  quota: optional(sizeOf({ doc: 'Disk space in MB; 0 or “unlimited” for no limit.', aliases: ['QUOTA'] })),
  bwlimit: optional(sizeOf({ doc: 'Monthly traffic in MB; 0 or “unlimited” for no limit.', aliases: ['BWLIMIT'] })),
  ...limitParams,
  ...switchParams,
  mailbox_format: mailboxFormat,
  hasshell: optional(switchOf({ doc: '1 gives a login shell; needs the privilege allow-shell.' })),
  forcedns: optional(switchOf({ doc: '1 replaces a zone of yours that has the name of the domain.' })),
  cpmod: optional(shortName({ doc: 'The theme.' })),
  language: optional(shortName({ doc: 'The language.' })),
  digestauth: optional(
    switchOf({ doc: '1 needs the privilege digest-auth; has no effect yet.', aliases: ['enabledigest'] }),
  ),
  owner: optional(ownerName('The reseller who owns it, chosen by root.')),
  ownerself: optional(switchOf({ doc: '1: the account owns itself, chosen by root.' })),
  reseller: optional(switchOf({ doc: '1 makes it a reseller with the Initial Privileges, chosen by root.' })),
}

type Wanted = Values<typeof params>
type Prepared = { readonly password: string; readonly isMadeUp: boolean; readonly passwordHash: string }

export const createacct = defineWrite({
  name: 'createacct',
  group: 'Accounts',
  summary: 'Create a hosting account with its folder and its DNS zone.',
  source: 'WHM API 1, "Create account"',
  acl: 'create-acct',
  params,
  failures: [
    'username-invalid',
    'username-reserved',
    'username-taken',
    'domain-taken',
    'zone-taken',
    'password-invalid',
    'privilege-not-held',
    'root-only',
    'reseller-not-found',
    'arguments-disagree',
    'package-not-found',
    'package-taken',
    'feature-list-not-found',
    'reseller-limit-reached',
    'no-free-address',
    'address-not-available',
    'host-failed',
    'overloaded',
  ],
  v0: 'result',
  audit: (values) => values.username,
  async prepare({ services }, values): Promise<Prepared> {
    assertUsernameAllowed(values.username)
    const isMadeUp = values.password === undefined
    const chosen = values.password ?? randomBytes(18).toString('base64url')
    const { hostname } = services.facts
    if (!isMadeUp) await assertPasswordAllowed(chosen, { user: values.username, hostname, standsAlone: false })
    return { password: chosen, isMadeUp, passwordHash: await services.passwords.hash(chosen) }
  },
  async run(context, values, prepared) {
    assertMayGive(context, values)
    const { chosen, warnings } = await packageFor(context, values)
    const account = await accountToMake(context, values, chosen, prepared.passwordHash)
    await assertUsernameFree(context, account.user)
    await assertDomainFree(context, account.domain)
    const beyond = account.ownerId === ITSELF ? [] : await assertRoomFor(context, account.ownerId, account)
    await makeHome(context, account.home)
    const userId = await context.stores.accounts.insertAccount(account)
    await makeZoneOfAccount(context, account, userId, values.forcedns === true)
    const policies = await setMailPolicies(context, { ...account, userId }, values)
    if (values.reseller) await context.stores.accounts.setReseller(userId, INITIAL_PRIVILEGES)
    noteAccount(context, values, account, prepared.isMadeUp)
    const owner = values.ownerself ? account.user : (values.owner ?? context.caller.user)
    return {
      data: placeFacts(account.ip, account.plan, await nameserversOf(context, account.ownerId)),
      reason: 'Account Creation Ok',
      raw: creationLog(account, owner, values.showpass ? prepared.password : undefined),
      warnings: [...warnings, ...beyond, ...policies],
    }
  },
})

function assertMayGive({ caller }: Context, { reseller }: Wanted): void {
  if (reseller && !(caller.kind === 'root' && holdsEverything(caller)))
    throw new Failure('root-only', { what: 'make resellers, with every privilege' })
}

async function accountToMake(
  context: Context,
  values: Wanted,
  chosen: Package,
  passwordHash: string,
): Promise<NewAccount> {
  const { facts } = context.services
  const user = values.username
  const ownerId = await ownerOfNew(context, user, values)
  return {
    user,
    passwordHash,
    domain: values.domain ?? `${user}.${facts.hostname.toLowerCase()}`,
    isTemporaryDomain: values.domain === undefined,
    contactEmail: values.contactemail ?? '',
    ownerId,
    plan: chosen.name,
    ip: await addressFor(context, values, chosen, ownerId),
    theme: chosen.theme,
    shell: shellToGive(context.caller, { hasShell: chosen.hasShell }, NO_SHELL) ?? NO_SHELL,
    locale: chosen.locale,
    home: user,
    diskLimitMb: chosen.diskLimitMb,
    bandwidthLimitMb: chosen.bandwidthLimitMb,
    limits: { ...accountLimitsOf(chosen), ...ownSwitchesOf(values) },
    createdAt: context.now,
  }
}

async function makeHome(context: WriteContext, home: string): Promise<void> {
  const { host } = context.services
  await assertHomesSettled(context, [home])
  await host.createHome(home)
  context.onRollback(() => host.undoCreateHome(home))
}

function noteAccount({ note }: WriteContext, values: Wanted, account: NewAccount, isMadeUp: boolean): void {
  note('domain', account.domain)
  note('package', account.plan)
  if (account.ownerId === ITSELF) note('owner', account.user)
  else if (values.owner !== undefined) note('owner', values.owner)
  if (values.reseller) note('reseller', 1)
  if (isMadeUp) note('password', 'made up')
}
