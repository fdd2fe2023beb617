import { defineWrite } from '../define.ts'
import { assertMayChangeLogin } from './forms.ts'

export const twofactorauthDisablePolicy = defineWrite({
  name: 'twofactorauth_disable_policy',
  group: 'Two-factor sign-in',
  summary: 'Ask nobody for a code, whatever they have set up. The set-ups stay.',
  source: 'WHM API 1, "Disable 2FA"',
  acl: 'all',
  params: {},
  failures: ['password-needed'],
  v0: 'none',
  audit: () => 'two-factor policy',
  async run(context) {
    assertMayChangeLogin(context)
    await context.stores.twoFactor.setPolicy({ isEnabled: false })
    return { data: {} }
  },
})
