import { Failure } from '../../failures.ts'
import { defineWrite } from '../define.ts'
import { assertMayChangeLogin, renewRecoveryCodes } from './forms.ts'

/** The set-up itself gives the first ones. */
export const posternTwofactorRecoveryCodes = defineWrite({
  name: 'postern_twofactor_recovery_codes',
  group: 'Two-factor sign-in',
  summary:
    'Make new recovery codes in the place of all before. Each signs you in once when the app is lost; they are shown this once.',
  source: 'Postern',
  acl: 'basic-whm-functions',
  openToSessions: true,
  params: {},
  failures: ['tfa-not-set-up', 'token-may-not', 'password-needed'],
  v0: 'none',
  audit: () => 'own recovery codes',
  async run(context) {
    const { caller, stores } = context
    assertMayChangeLogin(context)
    if ((await stores.twoFactor.find(caller.userId)) === undefined)
      throw new Failure('tfa-not-set-up', { user: caller.user })
    return { data: { recovery_codes: await renewRecoveryCodes(context) } }
  },
})
