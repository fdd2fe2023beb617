import { holdsEverything } from '../../acl/caller.ts'
import { Failure } from '../../failures.ts'
import { loadAccount } from '../accounts-in-reach.ts'
import type { Context } from '../context.ts'
import { defineWrite } from '../define.ts'
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
    password: password('The new password, at least 8 characters.'),
  },
  failures: ['account-not-found', 'password-invalid', 'root-only', 'overloaded'],
  v0: 'passwd',
  audit: (values) => values.user,
  async prepare(context, values) {
    // Only a caller who may set it is worth the work of hashing it.
    await userIdToChange(context, values.user)
    return context.services.passwords.hash(values.password)
  },
  async run(context, { user }, passwordHash) {
    const userId = await userIdToChange(context, user)
    await context.stores.accounts.setPasswordHash(userId, passwordHash)
    await context.stores.sessions.removeAllOf(userId)
    return { data: {} }
  },
})

async function userIdToChange({ caller, stores }: Context, user: string): Promise<number> {
  if (user !== 'root') return (await loadAccount(stores, caller, user)).userId
  if (caller.kind === 'root' && holdsEverything(caller)) return caller.userId
  throw new Failure('root-only', { what: 'change the password of root, with every privilege' })
}
