import { defineUapiWrite } from '../define.ts'
import { API_TOKENS, accountTokenName } from './forms.ts'

/** A token that does not exist counts as revoked (documented); the trail tells the two apart. */
export const tokensRevoke = defineUapiWrite({
  module: 'Tokens',
  function: 'revoke',
  summary: "End one of the account's API tokens at once.",
  source: 'UAPI, "Remove cPanel API token"',
  feature: API_TOKENS,
  params: { name: accountTokenName('The token to end.') },
  failures: [],
  urgent: true,
  audit: (values) => values.name,
  async run({ account, now, stores, note }, { name }) {
    const token = await stores.tokens.findByName(account.userId, 'cpanel', name)
    if (token === undefined) note('not_found', name)
    else if (await stores.tokens.revoke(token.id, now, 'revoked')) note('token', token.id)
    return { data: 1 }
  },
})
