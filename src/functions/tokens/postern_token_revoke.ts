import { defineWrite } from '../define.ts'
import { findTokenInReach, outcomeFor, tokenIds } from './by-id.ts'
import { revokeReason, storedReason } from './revoking.ts'

/** By id where `api_token_revoke` goes by name, so that root can end any user's token. */
export const posternTokenRevoke = defineWrite({
  name: 'postern_token_revoke',
  group: 'API tokens',
  summary: 'End API tokens at once, by their public ids. Root may name tokens of every user.',
  source: 'Postern',
  acl: 'manage-api-tokens',
  params: { token_id: tokenIds('The public ids of the tokens to end.'), reason: revokeReason() },
  failures: ['token-not-found'],
  v0: 'none',
  urgent: true,
  audit: (values) => values.token_id.join(' '),
  async run({ caller, now, stores, note }, values) {
    const ended: string[] = []
    const missing: string[] = []
    for (const id of values.token_id) {
      const token = await findTokenInReach(stores, caller, id)
      const reason = storedReason(values.reason, token?.userId === caller.userId)
      const isDone = token !== undefined && (await stores.tokens.revoke(token.id, now, reason))
      ;(isDone ? ended : missing).push(id)
    }
    note('tokens', ended)
    if (values.reason !== undefined) note('revoke_reason', values.reason)
    if (missing.length > 0) note('not_found', missing)
    return outcomeFor(ended, missing)
  },
})
