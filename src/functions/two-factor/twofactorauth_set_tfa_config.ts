import { stepOfCode } from '../../accounts/one-time-codes.ts'
import { sealSecret } from '../../accounts/sealed-secret.ts'
import { Failure } from '../../failures.ts'
import { defineWrite } from '../define.ts'
import { assertMayChangeLogin, oneTimeCode, oneTimeSecret, renewRecoveryCodes } from './forms.ts'

/** The code proves that the app has the secret, and is used up by it. */
export const twofactorauthSetTfaConfig = defineWrite({
  name: 'twofactorauth_set_tfa_config',
  group: 'Two-factor sign-in',
  summary: 'Sign in with two factors from now on. Your sessions end; the reply shows your recovery codes, this once.',
  source: 'WHM API 1, "Enable 2FA for current user"',
  acl: 'basic-whm-functions',
  openToSessions: true,
  params: { secret: oneTimeSecret, tfa_token: oneTimeCode('The code that the app shows now.') },
  failures: ['tfa-code-wrong', 'token-may-not', 'password-needed'],
  v0: 'none',
  audit: () => 'own two-factor set-up',
  async run(context, { secret, tfa_token: code }) {
    const { caller, now, stores, services } = context
    assertMayChangeLogin(context)
    const step = stepOfCode(secret, code, now.getTime())
    if (step === undefined) throw new Failure('tfa-code-wrong')
    await stores.twoFactor.set(caller.userId, sealSecret(secret, caller.userId, services.peppers), step - 1, now)
    await stores.sessions.removeAllOf(caller.userId)
    return { data: { success: 1, postern_recovery_codes: await renewRecoveryCodes(context) } }
  },
})
