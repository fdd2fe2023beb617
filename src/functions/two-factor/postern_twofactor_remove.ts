import { Failure } from '../../failures.ts'
import { defineWrite } from '../define.ts'
import { assertMayChangeLogin, endOtherSessions } from './forms.ts'

/** WHM has it for accounts, and for everybody else through root alone. Whoever calls has come past the second factor to do it. */
export const posternTwofactorRemove = defineWrite({
  name: 'postern_twofactor_remove',
  group: 'Two-factor sign-in',
  summary: 'Sign in with your password alone again. Your other sessions end.',
  source: 'Postern',
  acl: 'basic-whm-functions',
  openToSessions: true,
  params: {},
  failures: ['tfa-not-set-up', 'token-may-not', 'password-needed'],
  v0: 'none',
  audit: () => 'own two-factor set-up',
  async run(context) {
    const { caller, stores } = context
    assertMayChangeLogin(context)
    if (!(await stores.twoFactor.remove(caller.userId))) throw new Failure('tfa-not-set-up', { user: caller.user })
    await endOtherSessions(context)
    return { data: {} }
  },
})
