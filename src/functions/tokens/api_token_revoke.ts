import { Failure } from '../../failures.ts'
import { list } from '../../whm/params.ts'
import { defineWrite } from '../define.ts'
import { tokenName } from './forms.ts'
import { revokeReason, storedReason } from './revoking.ts'

const MAX_TOKENS = 200 // what one audit entry can name
const MAX_MISSING_NOTED = 50

/** Ends tokens at once. Names that do not exist are told after the others were ended (our choice; WHM's answer is not documented). */
export const apiTokenRevoke = defineWrite({
  name: 'api_token_revoke',
  group: 'API tokens',
  summary: 'End one or more of your API tokens at once.',
  source: 'WHM API 1, "Disable WHM API token"',
  acl: 'manage-api-tokens',
  params: {
    token_name: list(tokenName('The tokens to end: token_name, token_name-1, … or repeated.'), { max: MAX_TOKENS }),
    reason: revokeReason(),
  },
  failures: ['token-not-found'],
  v0: 'none',
  urgent: true,
  audit: (values) => values.token_name.join(' '),
  async run({ caller, now, stores, note }, values) {
    const reason = storedReason(values.reason, true)
    const ended: string[] = []
    const missing: string[] = []
    for (const name of values.token_name) {
      const token = await stores.tokens.findByName(caller.userId, 'whm', name)
      if (token !== undefined && (await stores.tokens.revoke(token.id, now, reason))) ended.push(token.id)
      else missing.push(name)
    }
    // When nothing was ended there is no change to keep, so the failure may undo the transaction.
    if (ended.length === 0) throw new Failure('token-not-found', { names: missing.join('”, “') })
    note('tokens', ended)
    if (values.reason !== undefined) note('revoke_reason', values.reason)
    if (missing.length === 0) return { data: {} }
    note('not_found', missing.slice(0, MAX_MISSING_NOTED))
    return {
      data: null,
      isFailure: true,
      reason: new Failure('token-not-found', { names: missing.join('”, “') }).message,
    }
  },
})
