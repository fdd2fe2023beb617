import { Failure } from '../../failures.ts'
import { userNames } from '../accounts/forms.ts'
import type { WriteContext } from '../context.ts'
import { defineWrite } from '../define.ts'
import { assertMayChangeLogin, endOtherSessions } from './forms.ts'
import { loadUser } from './users.ts'

/** Whoever can be helped is helped; `failed` says why the others could not be. */
export const twofactorauthRemoveUserConfig = defineWrite({
  name: 'twofactorauth_remove_user_config',
  group: 'Two-factor sign-in',
  summary: 'Let users sign in with their password alone again. Their sessions end, but for your own.',
  source: 'WHM API 1, "Disable 2FA for user"',
  acl: 'all',
  params: { user: userNames({ doc: 'The users; yourself included.', max: 1000 }) },
  failures: ['account-not-found', 'tfa-not-set-up', 'password-needed'],
  v0: 'none',
  audit: (values) => values.user.join(' '),
  async run(context, { user: names }) {
    if (names.includes(context.caller.user)) assertMayChangeLogin(context)
    const modified: string[] = []
    const failed: Record<string, string> = {}
    for (const name of names) {
      try {
        await removeOne(context, name)
        modified.push(name)
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        failed[name] = error.message
      }
    }
    context.note('users_modified', modified)
    return { data: { users_modified: modified, failed } }
  },
})

async function removeOne(context: WriteContext, name: string): Promise<void> {
  const { userId } = await loadUser(context, name)
  if (!(await context.stores.twoFactor.remove(userId))) throw new Failure('tfa-not-set-up', { user: name })
  if (userId === context.caller.userId) await endOtherSessions(context)
  else await context.stores.sessions.removeAllOf(userId)
}
