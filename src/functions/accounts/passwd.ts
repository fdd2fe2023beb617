import type { User } from '../../accounts/account.ts'
import { assertPasswordAllowed } from '../../accounts/password-rules.ts'
import { holdsEverything } from '../../acl/caller.ts'
import { Failure } from '../../failures.ts'
import { loadAccount } from '../accounts-in-reach.ts'
import type { Context } from '../context.ts'
import { defineWrite } from '../define.ts'
import { assertPasswordFresh } from '../sessions/fresh-password.ts'
import { password, userName } from './forms.ts'

/** Ends the user's sessions, the caller's own too when it is theirs; tokens stay. */
export const passwd = defineWrite({
  name: 'passwd',
  group: 'Accounts',
  summary: 'Set the password of an account. Its browser sessions end.',
  source: 'WHM API 1, "Change password"',
  acl: 'passwd',
  params: {
    user: userName({ doc: 'The account; root for root itself, who needs every privilege for it.' }),
    password: password(
      'The new password: at least 15 characters for root and resellers without a second factor, 8 for all others.',
    ),
  },
  failures: ['account-not-found', 'password-invalid', 'password-needed', 'root-only', 'overloaded'],
  v0: 'passwd',
  audit: (values) => values.user,
  async prepare(context, values) {
    // Only a caller who may set it is worth the work of hashing it.
    const user = await userToChange(context, values.user)
    const { facts, passwords } = context.services
    const use = { user: user.name, hostname: facts.hostname, standsAlone: await standsAlone(context, user) }
    await assertPasswordAllowed(values.password, use)
    return passwords.hash(values.password)
  },
  async run(context, { user }, passwordHash) {
    const { id } = await userToChange(context, user)
    await context.stores.accounts.setPasswordHash(id, passwordHash)
    await context.stores.sessions.removeAllOf(id)
    return { data: {} }
  },
})

/**
 * Root and resellers sign in to the pages. A program with a token, such as a billing system, that sets the password of a reseller may
 * have made it up by rules of its own, so it is held to the length for accounts (our choice); root's never is.
 */
async function standsAlone({ caller, stores }: Context, user: User): Promise<boolean> {
  const isPersonal = user.kind === 'root' || (user.kind === 'reseller' && caller.credential.kind !== 'token')
  if (!isPersonal) return false
  const isAskedForCode =
    (await stores.twoFactor.policy()).isEnabled && (await stores.twoFactor.find(user.id)) !== undefined
  return !isAskedForCode
}

/** One's own needs the one before: a browser that was left open, or let in by a link, must not take the login over. */
async function userToChange({ caller, now, stores }: Context, name: string): Promise<User> {
  const user = await stores.accounts.findUser(name === 'root' ? name : (await loadAccount(stores, caller, name)).user)
  if (user === undefined) throw new Error('an account without a user')
  if (user.id === caller.userId) assertPasswordFresh(caller, now)
  if (user.kind !== 'root' || (caller.kind === 'root' && holdsEverything(caller))) return user
  throw new Failure('root-only', { what: 'change the password of root, with every privilege' })
}
