import { Failure } from '../../failures.ts'
import { assertNameAllowed, expiryToGive, ipRulesToGive, privilegesToGive } from '../../tokens/grant.ts'
import { currentPepper, digestOf, makeSecret, makeTokenId } from '../../tokens/secret.ts'
import { optional } from '../../whm/params.ts'
import { defineWrite } from '../define.ts'
import { assertPasswordFresh } from '../sessions/fresh-password.ts'
import {
  alertOfEverything,
  ipRuleWarnings,
  rulesAskedFor,
  tokenExpiry,
  tokenFacts,
  tokenIpRules,
  tokenName,
  tokenNote,
  tokenPrivileges,
  tokenTicket,
  wholeSecond,
} from './forms.ts'

/** With `postern_token_rotate` the only reply that ever holds a secret of a token. */
export const apiTokenCreate = defineWrite({
  name: 'api_token_create',
  group: 'API tokens',
  summary: 'Create an API token for the calling user.',
  source: 'WHM API 1, "Create WHM API token"',
  acl: 'manage-api-tokens',
  params: {
    token_name: tokenName('The name of the new token, unique among your own.'),
    acl: optional(
      tokenPrivileges('The privileges it holds, all of them yours. Absent: every privilege that you hold now.'),
    ),
    expires_at: optional(tokenExpiry('When it ends. Absent, empty or 0: never.')),
    whitelist_ip: optional(
      tokenIpRules('Addresses or CIDR ranges that may use it, at most 100, `!` before an exception. Absent: any.'),
    ),
    note: optional(tokenNote),
    ticket: optional(tokenTicket),
  },
  failures: [
    'token-name-taken',
    'token-name-reserved',
    'privilege-unknown',
    'privilege-not-held',
    'privilege-root-only',
    'beyond-own-limits',
    'owner-suspended',
    'password-needed',
  ],
  v0: 'none',
  audit: (values) => values.token_name,
  async run(context, values) {
    const { caller, now, stores, services, note } = context
    assertPasswordFresh(caller, now)
    const name = values.token_name
    const owner = await stores.accounts.findUserById(caller.userId)
    if (owner === undefined || owner.isSuspended) throw new Failure('owner-suspended', { user: caller.user })
    assertNameAllowed(caller, 'token_name', name)
    if ((await stores.tokens.findByName(caller.userId, 'whm', name)) !== undefined)
      throw new Failure('token-name-taken', { name })
    const secret = makeSecret('PSW')
    const token = {
      id: makeTokenId(),
      digest: digestOf(secret, currentPepper(services.peppers)),
      pepperVersion: services.peppers.current,
      userId: caller.userId,
      service: 'whm' as const,
      name,
      isReadonly: false,
      privileges: privilegesToGive(caller, values.acl),
      ipRules: ipRulesToGive(caller, rulesAskedFor(values.whitelist_ip)),
      createdAt: wholeSecond(now),
      expiresAt: expiryToGive(caller, values.expires_at, now),
    }
    await stores.tokens.insert(token)
    if (values.note !== undefined || values.ticket !== undefined)
      await stores.tokenNotes.set(token.id, { note: values.note ?? '', ticket: values.ticket ?? '' })
    note('token', token.id)
    note('privileges', token.privileges)
    note('ip_rules', token.ipRules)
    if (token.expiresAt !== undefined) note('expires_at', token.expiresAt.toISOString())
    if (values.acl === undefined) note('made_with', 'made with everything')
    await alertOfEverything(context, token, 'made')
    const { name: madeName, whitelist_ips, ...facts } = tokenFacts(token)
    return {
      data: { ...facts, name: madeName, token: secret, whitelist_ips },
      warnings: ipRuleWarnings(token.ipRules, values.whitelist_ip),
    }
  },
})
