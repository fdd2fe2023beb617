import { defineUapiRead } from '../define.ts'
import { API_TOKENS } from './forms.ts'

/** Never a secret, a digest or anything that could log in. `features` is empty and `has_full_access` 1: WHM makes no others. */
export const tokensList = defineUapiRead({
  module: 'Tokens',
  function: 'list',
  summary: "List the account's API tokens, expired ones included.",
  source: 'UAPI, "Return cPanel API tokens"',
  feature: API_TOKENS,
  params: {},
  failures: [],
  async run({ account, stores }) {
    const tokens = await stores.tokens.listOf(account.userId, 'cpanel')
    const data = tokens.map((token) => ({
      name: token.name,
      create_time: seconds(token.createdAt),
      expires_at: token.expiresAt === undefined ? null : seconds(token.expiresAt),
      features: [],
      has_full_access: 1,
      readonly: token.isReadonly ? 1 : 0,
    }))
    return { data }
  },
})

function seconds(at: Date): number {
  return Math.floor(at.getTime() / 1000)
}
