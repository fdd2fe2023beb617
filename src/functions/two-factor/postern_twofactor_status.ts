import { defineRead } from '../define.ts'

export const posternTwofactorStatus = defineRead({
  name: 'postern_twofactor_status',
  group: 'Two-factor sign-in',
  summary: 'Tell whether you sign in with two factors, and how many recovery codes you have left.',
  source: 'Postern',
  acl: 'basic-whm-functions',
  openToSessions: true,
  params: {},
  failures: [],
  v0: 'none',
  async run({ caller, stores }) {
    const config = await stores.twoFactor.find(caller.userId)
    return {
      data: {
        is_enabled: config === undefined ? 0 : 1,
        enabled_at: config === undefined ? null : Math.floor(config.enabledAt.getTime() / 1000),
        recovery_codes_left: await stores.twoFactor.countRecoveryCodes(caller.userId),
      },
    }
  },
})
