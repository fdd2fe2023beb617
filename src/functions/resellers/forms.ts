/**
 * What the reseller functions share. `all` is root's alone: no reseller and no saved list ever gets it. Privileges that WHM has
 * given up are taken from old panels, give nothing, and are told about.
 */
import type { Account, User } from '../../accounts/account.ts'
import { LEGACY_PRIVILEGES, PRIVILEGE_NAMES, privilegeNamed } from '../../acl/catalogue.ts'
import { Failure } from '../../failures.ts'
import type { Token } from '../../tokens/token.ts'
import { aclFlags } from '../../whm/flags-param.ts'
import { optional, text, type Values } from '../../whm/params.ts'
import { userName } from '../accounts/forms.ts'
import type { Stores, WriteContext } from '../context.ts'

export const resellerName = (doc: string, aliases: readonly string[] = []) => userName({ doc, aliases })

/** One line without blanks at its ends; which names WHM allows is not documented. */
export const listName = (doc: string) =>
  text({
    doc,
    min: 1,
    max: 100,
    only: /^\S(?:[^\t\r\n]*\S)?$/u,
    onlyProblem: 'is not one line without blanks at its ends',
  })

/** The reseller of that name. Throws `reseller-not-found`, for root and for plain accounts as well. */
export async function loadReseller(stores: Stores, name: string): Promise<User> {
  const user = await stores.accounts.findUser(name)
  if (user?.kind !== 'reseller') throw new Failure('reseller-not-found', { user: name })
  return user
}

/** The reseller's own account, and unless that is meant alone, those that the reseller owns. */
export async function accountsOfReseller(
  stores: Stores,
  reseller: User,
  isResellerOnly: boolean,
): Promise<readonly Account[]> {
  const own = await stores.accounts.findAccount(reseller.name)
  const owned = isResellerOnly ? [] : await stores.accounts.listAccounts(reseller.id)
  const others = owned.filter((account) => account.userId !== reseller.id)
  return own === undefined ? others : [own, ...others]
}

/** The privileges switched on, in the catalogue's order. What is switched off is not looked at, so unknown names may stand there. */
export function privilegesChosen(flags: ReadonlyMap<string, boolean>): {
  readonly privileges: readonly string[]
  readonly warnings: readonly string[]
} {
  const wanted = [...flags].filter(([, isOn]) => isOn).map(([acl]) => acl)
  const isLegacy = (acl: string) => LEGACY_PRIVILEGES.includes(acl)
  return {
    privileges: resellerPrivileges(wanted.filter((acl) => !isLegacy(acl))),
    warnings: wanted.filter(isLegacy).map((acl) => `The privilege “${acl}” no longer exists and gives nothing.`),
  }
}

/** What a reseller is to hold, by name or by a saved list. */
export const privilegesOfReseller = {
  acl: aclFlags({ doc: 'acl-NAME=1 for each privilege it is to hold; every other one is taken away.' }),
  acllist: optional(text({ doc: 'A saved list to take the privileges from, instead of acl-NAME.', max: 100 })),
}

/** An empty `acllist` names no list: it is a form field left blank. */
export async function privilegesAskedFor(stores: Stores, { acl, acllist }: Values<typeof privilegesOfReseller>) {
  if (!acllist) return privilegesChosen(acl)
  if (acl.size > 0) throw new Failure('arguments-disagree', { problem: 'give either “acllist” or “acl-…”, not both' })
  const saved = await stores.aclLists.find(acllist)
  if (saved === undefined) throw new Failure('acl-list-not-found', { list: acllist })
  return { privileges: resellerPrivileges(saved), warnings: [] }
}

/** What a reseller gains and loses, in the catalogue's order. */
export function differenceOf(reseller: User, privileges: readonly string[]) {
  return {
    added: privileges.filter((acl) => !reseller.privileges.includes(acl)),
    removed: reseller.privileges.filter((acl) => !privileges.includes(acl)),
  }
}

/** The names in the catalogue's order, once each. Throws `privilege-root-only` for `all`, and `privilege-unknown`. */
export function resellerPrivileges(names: readonly string[]): readonly string[] {
  for (const acl of names) {
    if (acl === 'all') throw new Failure('privilege-root-only', { acl })
    if (privilegeNamed(acl) === undefined) throw new Failure('privilege-unknown', { acl })
  }
  const chosen = new Set(names)
  return PRIVILEGE_NAMES.filter((name) => chosen.has(name))
}

/** Gives or takes a reseller's privileges, notes the difference, and warns how many of its tokens that narrows at once. */
export async function changePrivileges(
  context: WriteContext,
  reseller: User,
  privileges: readonly string[] | undefined,
): Promise<readonly string[]> {
  const { stores, note } = context
  const { added, removed } = differenceOf(reseller, privileges ?? [])
  const narrowed = countHolding(await stores.tokens.listOf(reseller.id, 'whm'), removed)
  await stores.accounts.setReseller(reseller.id, privileges)
  if (added.length > 0) note('privileges_added', added)
  if (removed.length > 0) note('privileges_removed', removed)
  if (narrowed > 0) note('tokens_narrowed', narrowed)
  await alertOfChange(context, reseller, added, removed)
  return narrowed === 0 ? [] : [narrowedWarning(reseller.name, narrowed)]
}

/** Nothing is raised where nothing was changed. */
export async function alertOfChange(
  { caller, now, stores }: WriteContext,
  reseller: { readonly id: number; readonly name: string },
  added: readonly string[],
  removed: readonly string[],
): Promise<void> {
  const given = added.length > 0 ? [`was given ${added.join(', ')}`] : []
  const taken = removed.length > 0 ? [`lost ${removed.join(', ')}`] : []
  if (given.length + taken.length === 0) return
  await stores.alerts.raise([
    {
      kind: 'privileges-changed',
      reason: `The reseller “${reseller.name}” ${[...given, ...taken].join(' and ')}; changed by “${caller.user}”.`,
      about: { userId: reseller.id, user: reseller.name, address: caller.address },
      at: now,
    },
  ])
}

/** How many of the tokens hold one of the privileges. */
export function countHolding(tokens: readonly Pick<Token, 'privileges'>[], privileges: readonly string[]): number {
  return tokens.filter((token) => token.privileges.some((acl) => privileges.includes(acl))).length
}

function narrowedWarning(reseller: string, count: number): string {
  const what = count === 1 ? '1 API token' : `${count} API tokens`
  return `${what} of “${reseller}” can no longer use privileges that were taken away; this holds from now on.`
}
