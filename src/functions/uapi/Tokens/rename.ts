import { Failure } from '../../../failures.ts'
import { assertNameAllowed } from '../../../tokens/grant.ts'
import { defineUapiWrite } from '../define.ts'
import { API_TOKENS, accountTokenName } from './forms.ts'

/** Changes the name alone: an account's token keeps its expiry for good (documented). */
export const tokensRename = defineUapiWrite({
  module: 'Tokens',
  function: 'rename',
  summary: "Rename one of the account's API tokens.",
  source: 'UAPI, "Rename cPanel API token"',
  feature: API_TOKENS,
  params: {
    name: accountTokenName('The token to rename.'),
    new_name: accountTokenName("Its new name, unique among the account's."),
  },
  failures: ['token-not-found', 'token-name-taken'],
  audit: (values) => values.name,
  async run({ account, caller, stores, note }, { name, new_name }) {
    const token = await stores.tokens.findByName(account.userId, 'cpanel', name)
    if (token === undefined) throw new Failure('token-not-found', { names: name })
    assertNameAllowed(caller, 'new_name', new_name)
    if (new_name !== name && (await stores.tokens.findByName(account.userId, 'cpanel', new_name)) !== undefined)
      throw new Failure('token-name-taken', { name: new_name })
    if (!(await stores.tokens.change(token.id, { ...token, name: new_name })))
      throw new Failure('token-not-found', { names: name })
    note('token', token.id)
    note('new_name', new_name)
    return { data: {} }
  },
})
