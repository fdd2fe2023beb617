import { defineRead } from '../define.ts'
import { issuerOf } from './forms.ts'

export const twofactorauthGetIssuer = defineRead({
  name: 'twofactorauth_get_issuer',
  group: 'Two-factor sign-in',
  summary: 'Tell the name that apps show beside the codes of this server.',
  source: 'WHM API 1, "Return configured issuer for current user"',
  acl: 'all',
  params: {},
  failures: [],
  v0: 'none',
  run: async (context) => ({ data: { issuer: await issuerOf(context) } }),
})
