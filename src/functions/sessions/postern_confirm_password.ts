import { Failure } from '../../failures.ts'
import { settled } from '../../protection/guess.ts'
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
  failures: ['password-wrong', 'session-only', 'too-many-attempts', 'overloaded'],
  v0: 'none',
  audit: () => '',
  async prepare(context, values): Promise<string> {
    sessionIdOf(context)
    await assertNotGuessing(context)
    const guess = await context.services.protection.beginPassword(context.caller)
    const user = await context.stores.accounts.findUserById(context.caller.userId)
    const isRight = await settled(guess, () => context.services.passwords.verify(user?.passwordHash, values.password))
    if (user?.passwordHash === undefined || !isRight) {
      guess.fail(true)
      throw new Failure('password-wrong')
    }
    guess.succeed({ id: user.id, name: user.name, isRoot: user.kind === 'root' }, false)
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

const WRONG_MAX = 10
const WRONG_WITHIN_SECONDS = 15 * 60

/** Whoever holds a session of somebody else could try passwords here; the trail knows how many were wrong, on every node. */
async function assertNotGuessing({ caller, now, stores, services }: Context): Promise<void> {
  await services.flushTrail()
  const wrong = await stores.audit.list({
    caller: caller.user,
    token: undefined,
    function: 'postern_confirm_password',
    address: undefined,
    outcome: 'failed',
    target: undefined,
    since: new Date(now.getTime() - WRONG_WITHIN_SECONDS * 1000),
    until: undefined,
    beforeSeq: undefined,
    limit: WRONG_MAX,
  })
  if (wrong.length >= WRONG_MAX) throw new Failure('too-many-attempts', { seconds: WRONG_WITHIN_SECONDS })
}

function sessionIdOf({ caller }: Context): string {
  if (caller.credential.kind !== 'session') throw new Failure('session-only')
  return caller.credential.sessionId
}
