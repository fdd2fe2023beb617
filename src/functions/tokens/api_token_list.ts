import { defineRead } from '../define.ts'
import { listedToken } from './forms.ts'

/** Never a secret, a digest or anything that could log in. */
export const apiTokenList = defineRead({
  name: 'api_token_list',
  group: 'API tokens',
  summary: "List the calling user's API tokens, expired ones included.",
  source: 'WHM API 1, "Return WHM API tokens"',
  acl: 'manage-api-tokens',
  params: {},
  failures: [],
  v0: 'none',
  async run({ caller, now, stores, services }) {
    const tokens = await stores.tokens.listOf(caller.userId, 'whm')
    const ids = tokens.map((token) => token.id)
    const [usage, refusals] = [await stores.tokens.usageOf(ids), await stores.ledger.refusalsOf(ids)]
    // Object.fromEntries defines own keys, so a token named `__proto__` is listed like any other.
    const listed = tokens.map((token) => [
      token.name,
      listedToken(
        token,
        { usage: usage.get(token.id), refusals: refusals.get(token.id) },
        now,
        services.facts.expiresSoonSeconds,
      ),
    ])
    return { data: { tokens: Object.fromEntries(listed) } }
  },
})
