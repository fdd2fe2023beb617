/**
 * What the reseller functions share. `all` is root's alone: no reseller and no saved list ever gets it. Privileges that WHM has
 * given up are taken from old panels, give nothing, and are told about.
 */
import type { User } from '../../accounts/account.ts'
import { LEGACY_PRIVILEGES, PRIVILEGE_NAMES, privilegeNamed } from '../../acl/catalogue.ts'
import { Failure } from '../../failures.ts'
import type { Token } from '../../tokens/token.ts'
import { text } from '../../whm/params.ts'
import { userName } from '../accounts/forms.ts'
import type { Stores, WriteContext } from '../context.ts'

export const resellerName = (doc: string) => userName({ doc })

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
  const kept = new Set(privileges)
  const removed = reseller.privileges.filter((acl) => !kept.has(acl))
  const added = [...kept].filter((acl) => !reseller.privileges.includes(acl))
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
