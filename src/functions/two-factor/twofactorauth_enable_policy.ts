import { defineWrite } from '../define.ts'

export const twofactorauthEnablePolicy = defineWrite({
  name: 'twofactorauth_enable_policy',
  group: 'Two-factor sign-in',
  summary: 'Ask every user who has set up two-factor sign-in for a code when they sign in with a password.',
  source: 'WHM API 1, "Enable 2FA"',
  acl: 'all',
  params: {},
  failures: [],
  v0: 'none',
  audit: () => 'two-factor policy',
  async run({ stores }) {
    await stores.twoFactor.setPolicy({ isEnabled: true })
    return { data: {} }
  },
})
