import { digestsOf, isWellFormedSecret } from '../../tokens/secret.ts'
import { text } from '../../whm/params.ts'
import { defineRead } from '../define.ts'
import { tokenFacts } from './forms.ts'

/** Answers for the caller's own tokens alone; any other value, well-formed or not, gives the same empty data. */
export const apiTokenGetDetails = defineRead({
  name: 'api_token_get_details',
  group: 'API tokens',
  summary: 'Look up one of your API tokens by its secret. Send it by POST: a query string may be logged on its way.',
  source: 'WHM API 1, "Look up API token details"',
  acl: 'manage-api-tokens',
  params: { token: text({ doc: 'The secret of the token.', max: 200, secret: true }) },
  failures: [],
  v0: 'none',
  async run({ caller, stores, services }, { token: secret }) {
    if (!isWellFormedSecret(secret)) return { data: {} }
    const token = await stores.tokens.findByDigest(digestsOf(secret, services.peppers))
    return { data: token?.userId === caller.userId ? tokenFacts(token) : {} }
  },
})
