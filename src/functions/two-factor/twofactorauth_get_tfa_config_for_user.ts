import { userName } from '../accounts/forms.ts'
import { defineRead } from '../define.ts'
import { loadUser } from './users.ts'

/** WHM documents the secret itself in this reply; it is never shown again here. */
export const twofactorauthGetTfaConfigForUser = defineRead({
  name: 'twofactorauth_get_tfa_config_for_user',
  group: 'Two-factor sign-in',
  summary: 'Tell whether a user signs in with two factors, and since when. The secret is never shown.',
  source: 'WHM API 1, "Return cPanel account 2FA data"',
  acl: 'all',
  params: { user: userName({ doc: 'The user; yourself included.' }) },
  failures: ['account-not-found'],
  v0: 'none',
  async run(context, { user: name }) {
    const { stores } = context
    const { userId, domain } = await loadUser(context, name)
    const config = await stores.twoFactor.find(userId)
    const state = {
      is_enabled: config === undefined ? 0 : 1,
      primary_domain: domain,
      email: {},
      team: {},
      postern_enabled_at: config === undefined ? null : Math.floor(config.enabledAt.getTime() / 1000),
      postern_recovery_codes_left: await stores.twoFactor.countRecoveryCodes(userId),
    }
    return { data: { [name]: state } }
  },
})
