import { defineWrite } from '../define.ts'
import { revokeReason, storedReason } from './revoking.ts'

const NAMED_IN_TRAIL = 200

/** WHM's interface has "Revoke All" (documented), its API no function for it. The token that makes the call ends with the others. */
export const posternTokenRevokeAll = defineWrite({
  name: 'postern_token_revoke_all',
  group: 'API tokens',
  summary: 'End all of your own API tokens at once, the one you call with included.',
  source: 'Postern',
  acl: 'manage-api-tokens',
  params: { reason: revokeReason() },
  failures: [],
  v0: 'none',
  urgent: true,
  audit: () => '',
  async run({ caller, now, stores, note }, { reason }) {
    const tokens = await stores.tokens.listOf(caller.userId, 'whm')
    const revoked = await stores.tokens.revokeAllOf(caller.userId, 'whm', now, storedReason(reason, true))
    note('revoked', revoked)
    if (reason !== undefined) note('revoke_reason', reason)
    note(
      'tokens',
      tokens.slice(0, NAMED_IN_TRAIL).map((token) => token.id),
    )
    return { data: { revoked, tokens: tokens.map((token) => token.id) } }
  },
})
