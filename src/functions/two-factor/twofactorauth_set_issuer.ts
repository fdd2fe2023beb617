import { text } from '../../whm/params.ts'
import { defineWrite } from '../define.ts'

export const twofactorauthSetIssuer = defineWrite({
  name: 'twofactorauth_set_issuer',
  group: 'Two-factor sign-in',
  summary: 'Choose the name that apps show beside the codes of this server, for set-ups from now on.',
  source: 'WHM API 1, "Update issuer for current user"',
  acl: 'all',
  params: {
    issuer: text({
      doc: 'The name, without a colon, which ends it in apps.',
      max: 100,
      only: /^[^\s:](?:[^:\t\r\n]*[^\s:])?$/u,
      onlyProblem: 'is empty, holds a colon, or begins or ends with a blank',
    }),
  },
  failures: [],
  v0: 'none',
  audit: (values) => values.issuer,
  async run({ stores }, { issuer }) {
    await stores.twoFactor.setPolicy({ issuer })
    return { data: { issuer } }
  },
})
