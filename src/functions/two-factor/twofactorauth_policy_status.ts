import { defineRead } from '../define.ts'

export const twofactorauthPolicyStatus = defineRead({
  name: 'twofactorauth_policy_status',
  group: 'Two-factor sign-in',
  summary: 'Tell whether the server asks for the codes of users who have set up two-factor sign-in.',
  source: 'WHM API 1, "Return 2FA policy status"',
  acl: 'basic-whm-functions',
  params: {},
  failures: [],
  v0: 'none',
  run: async ({ stores }) => ({ data: { is_enabled: (await stores.twoFactor.policy()).isEnabled ? 1 : 0 } }),
})
