import { defineWrite } from '../define.ts'
import { findTokenInReach, outcomeFor, tokenIds } from './by-id.ts'

/** `api_token_revoke` knows the caller's own tokens by name; this one is for whoever looks after other people's. */
export const posternTokenRevoke = defineWrite({
  name: 'postern_token_revoke',
  group: 'API tokens',
  summary: 'End API tokens at once, by their public ids. Root may name tokens of every user.',
  source: 'Postern',
  acl: 'manage-api-tokens',
  params: { token_id: tokenIds('The public ids of the tokens to end.') },
  failures: ['token-not-found'],
  v0: 'none',
  urgent: true,
  audit: (values) => values.token_id.join(' '),
  async run({ caller, now, stores, note }, { token_id }) {
    const ended: string[] = []
    const missing: string[] = []
    for (const id of token_id) {
      const token = await findTokenInReach(stores, caller, id)
      const isOwn = token?.userId === caller.userId
      const done = token !== undefined && (await stores.tokens.revoke(id, now, isOwn ? 'revoked' : 'revoked by root'))
      ;(done ? ended : missing).push(id)
    }
    note('tokens', ended)
    if (missing.length > 0) note('not_found', missing)
    return outcomeFor(ended, missing)
  },
})
