import { Failure } from '../../failures.ts'
import { flag, guarded, optional, text, unixSeconds } from '../../whm/params.ts'
import type { WriteContext } from '../context.ts'
import { defineWrite } from '../define.ts'
import { mayActOnEveryToken } from './by-id.ts'
import { seconds } from './forms.ts'
import { revokeReason, storedReason } from './revoking.ts'

const NAMED_IN_TRAIL = 200

/**
 * After a break-in: what was made since then may be a way back in, and so may a token whose secret was exchanged since then, however old
 * the token is. The token that makes the call ends too if it is one of them.
 */
export const posternTokenRevokeSince = defineWrite({
  name: 'postern_token_revoke_since',
  group: 'API tokens',
  summary:
    'End all API tokens that were made, or given a new secret, since a moment: every user’s for root, your own otherwise.',
  source: 'Postern',
  acl: 'manage-api-tokens',
  params: {
    since: unixSeconds({ doc: 'From this moment on.' }),
    owner: optional(
      guarded(text({ doc: 'Tokens of this user alone. Absent: of all whose tokens you may end.', min: 1, max: 100 })),
    ),
    dry_run: optional(guarded(flag({ doc: '1: tells which tokens would end, and ends none.' }))),
    reason: revokeReason(),
  },
  failures: [],
  v0: 'none',
  urgent: true,
  audit: (values) => (values.since === 'never' ? '' : values.since.toISOString()),
  async run(context, { since, owner, dry_run: isDryRun, reason }) {
    if (since === 'never')
      throw new Failure('argument-invalid', { argument: 'since', value: '0', problem: 'names no moment' })
    const { caller, now, stores, note } = context
    const chosen = await tokensMadeSince(context, since, owner)
    if (isDryRun !== true) {
      for (const { token } of chosen)
        await stores.tokens.revoke(token.id, now, storedReason(reason, token.userId === caller.userId))
    }
    note(isDryRun === true ? 'would_revoke' : 'revoked', chosen.length)
    note(
      'tokens',
      chosen.slice(0, NAMED_IN_TRAIL).map(({ token }) => token.id),
    )
    if (reason !== undefined) note('revoke_reason', reason)
    const tokens = chosen.map(({ token, owner: { user } }) => ({
      postern_id: token.id,
      name: token.name,
      owner: user,
      create_time: seconds(token.createdAt),
    }))
    return { data: { dry_run: isDryRun === true ? 1 : 0, count: chosen.length, tokens } }
  },
})

async function tokensMadeSince({ caller, stores }: WriteContext, since: Date, owner: string | undefined) {
  const isEverybodys = mayActOnEveryToken(caller)
  if (!isEverybodys && owner !== undefined && owner !== caller.user) return []
  if (isEverybodys && owner === undefined) return stores.tokens.listOwned({ madeSince: since })
  const userId = owner === undefined ? caller.userId : (await stores.accounts.findUser(owner))?.id
  return userId === undefined ? [] : stores.tokens.listOwned({ madeSince: since, userId })
}
