import { Failure } from '../../../failures.ts'
import { assertNameAllowed, expiryToGive, ipRulesToGive } from '../../../tokens/grant.ts'
import { currentPepper, digestOf, makeSecret, makeTokenId } from '../../../tokens/secret.ts'
import { flag, guarded, optional, unixSeconds } from '../../../whm/params.ts'
import { assertPasswordFresh } from '../../sessions/fresh-password.ts'
import { defineUapiWrite } from '../define.ts'
import { API_TOKENS, accountTokenName } from './forms.ts'

/** The only reply that ever holds the secret. Whoever makes it with a token gives no later end and no other address than its own. */
export const tokensCreateFullAccess = defineUapiWrite({
  module: 'Tokens',
  function: 'create_full_access',
  summary: 'Create an API token for the account.',
  source: 'UAPI, "Create cPanel API token"',
  feature: API_TOKENS,
  params: {
    name: accountTokenName("The name of the new token, unique among the account's."),
    expires_at: optional(guarded(unixSeconds({ doc: 'When it ends. Absent, empty or 0: never.' }))),
    readonly: optional(guarded(flag({ doc: '1: it may call only functions that read.' }))),
  },
  failures: ['password-needed', 'token-name-taken', 'beyond-own-limits', 'owner-suspended'],
  audit: (values) => values.name,
  async run({ account, caller, now, stores, services, note }, { name, expires_at, readonly }) {
    assertPasswordFresh(caller, now)
    if (account.suspension !== undefined) throw new Failure('owner-suspended', { user: account.user })
    assertNameAllowed(caller, 'name', name)
    if ((await stores.tokens.findByName(account.userId, 'cpanel', name)) !== undefined)
      throw new Failure('token-name-taken', { name })
    const secret = makeSecret('PSC')
    const token = {
      id: makeTokenId(),
      digest: digestOf(secret, currentPepper(services.peppers)),
      pepperVersion: services.peppers.current,
      userId: account.userId,
      service: 'cpanel' as const,
      name,
      privileges: [],
      isReadonly: readonly === true,
      ipRules: ipRulesToGive(caller, undefined),
      createdAt: new Date(Math.floor(now.getTime() / 1000) * 1000),
      expiresAt: expiryToGive(caller, expires_at, now),
    }
    await stores.tokens.insert(token)
    note('token', token.id)
    note('readonly', token.isReadonly ? 1 : 0)
    if (token.ipRules.length > 0) note('ip_rules', token.ipRules)
    if (token.expiresAt !== undefined) note('expires_at', token.expiresAt.toISOString())
    return { data: { create_time: token.createdAt.getTime() / 1000, token: secret } }
  },
})
