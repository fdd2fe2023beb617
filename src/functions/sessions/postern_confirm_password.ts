import { Failure } from '../../failures.ts'
import { password } from '../accounts/forms.ts'
import type { Context } from '../context.ts'
import { defineWrite } from '../define.ts'

/** Renews the moment that `password-needed` looks at; the session's own end stays where it is. */
export const posternConfirmPassword = defineWrite({
  name: 'postern_confirm_password',
  group: 'Sessions',
  summary: 'Prove the password of a browser session anew; making a token asks for it when five minutes have passed.',
  source: 'Postern',
  acl: 'all',
  openToSessions: true,
  params: { password: password('The password of the user who is signed in.') },
  failures: ['password-wrong', 'session-only', 'overloaded'],
  v0: 'none',
  audit: () => '',
  async prepare(context, values): Promise<string> {
    sessionIdOf(context)
    const user = await context.stores.accounts.findUserById(context.caller.userId)
    const isRight = await context.services.passwords.verify(user?.passwordHash, values.password)
    if (user?.passwordHash === undefined || !isRight) throw new Failure('password-wrong')
    return user.passwordHash
  },
  async run(context, _values, provedHash) {
    const user = await context.stores.accounts.findUserById(context.caller.userId)
    // The password was changed while this one was hashed.
    if (user?.passwordHash !== provedHash) throw new Failure('password-wrong')
    await context.stores.sessions.confirm(sessionIdOf(context), context.now)
    return { data: {} }
  },
})

function sessionIdOf({ caller }: Context): string {
  if (caller.credential.kind !== 'session') throw new Failure('session-only')
  return caller.credential.sessionId
}
