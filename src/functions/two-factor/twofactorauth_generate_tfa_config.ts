import { makeOneTimeSecret, otpauthUri } from '../../accounts/one-time-codes.ts'
import { defineRead } from '../define.ts'
import { assertOwnLogin, issuerOf } from './forms.ts'

/** Nothing is kept: the caller hands the secret back with a first code. */
export const twofactorauthGenerateTfaConfig = defineRead({
  name: 'twofactorauth_generate_tfa_config',
  group: 'Two-factor sign-in',
  summary: 'Make a secret for an app that shows one-time codes; twofactorauth_set_tfa_config then takes it into use.',
  source: 'WHM API 1, "Create a one-time authentication secret and code"',
  acl: 'basic-whm-functions',
  openToSessions: true,
  params: {},
  failures: ['token-may-not'],
  v0: 'none',
  async run(context) {
    assertOwnLogin(context.caller)
    const secret = makeOneTimeSecret()
    return { data: { secret, otpauth_str: otpauthUri(secret, await issuerOf(context), context.caller.user) } }
  },
})
