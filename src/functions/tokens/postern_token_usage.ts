import { Failure } from '../../failures.ts'
import type { OldSecret } from '../../tokens/rotation.ts'
import type { Token, TokenUsage } from '../../tokens/token.ts'
import type { LedgerPeriod, NamedCalls, SecretUse } from '../../usage/history.ts'
import { ACCURACY_SECONDS } from '../../usage/ledger.ts'
import { optional, text, unixSeconds } from '../../whm/params.ts'
import type { Stores } from '../context.ts'
import { defineRead } from '../define.ts'
import { listedToken, seconds } from './forms.ts'
import { findInSight, watched } from './in-sight.ts'
import { UNUSED_PRIVILEGE_DAYS, unusedPrivileges } from './unused-privileges.ts'

const DEFAULT_DAYS = 30
const DAY_MS = 86_400_000

export const posternTokenUsage = defineRead({
  name: 'postern_token_usage',
  group: 'API tokens',
  summary: 'Tell what an API token did: calls and refusals over time, functions, accounts, addresses, and its secrets.',
  source: 'Postern',
  acl: 'manage-api-tokens',
  params: {
    token_id: text({ doc: 'The public id of the token, ended or not.', min: 1, max: 100 }),
    since: optional(unixSeconds({ doc: `From this moment on. Absent: the last ${DEFAULT_DAYS} days.` })),
    period: optional(
      text({
        doc: '`hour` or `day`: how the series is cut. What lies more than 8 days back is told by day in any case. Absent: `day`.',
        only: /^(hour|day)$/,
        onlyProblem: 'is neither “hour” nor “day”',
      }),
    ),
  },
  failures: ['token-not-found'],
  v0: 'none',
  async run({ caller, now, stores, services, catalogue }, { token_id, since, period }) {
    await services.flushUsage()
    const found = await findInSight(stores, caller, token_id)
    if (found === undefined) throw new Failure('token-not-found', { names: token_id })
    const [seen] = await watched(stores, [found])
    if (seen === undefined) throw new Error('a token that was found is not there')
    const { token } = found
    const from = since instanceof Date ? since : new Date(now.getTime() - DEFAULT_DAYS * DAY_MS)
    const named = await stores.ledger.namedCalls(token.id, from)
    const lookedBackTo = new Date(now.getTime() - UNUSED_PRIVILEGE_DAYS * DAY_MS)
    const used = (await stores.ledger.functionsUsed([token.id], lookedBackTo)).get(token.id) ?? []
    const of = (kind: NamedCalls['kind']) => named.filter((one) => one.kind === kind).map(namedFacts)
    return {
      data: {
        token: {
          ...listedToken(token, seen, now, services.facts.expiresSoonSeconds),
          owner: found.owner.user,
          postern_service: token.service,
          postern_revoked: token.revokedAt === undefined ? null : seconds(token.revokedAt),
          postern_revoke_reason: token.revokedAt === undefined ? null : token.revokeReason,
        },
        since: seconds(from),
        accuracy_seconds: ACCURACY_SECONDS,
        // By the check of a parameter.
        series: (await stores.ledger.series(token.id, from, (period ?? 'day') as LedgerPeriod)).map((point) => ({
          time: seconds(point.startsAt),
          calls: point.calls,
          refused: point.refused,
        })),
        functions: of('function'),
        accounts: of('account'),
        addresses: of('address'),
        refusals: of('refusal'),
        unused_privileges: unusedPrivileges(catalogue, token.privileges, used),
        secrets: await secretsOf(stores, token, seen.usage),
      },
    }
  },
})

function namedFacts({ name, calls, lastAt }: NamedCalls) {
  return { name, calls, last: seconds(lastAt) }
}

async function secretsOf(stores: Stores, token: Token, usage: TokenUsage | undefined) {
  const old = await stores.secrets.listOld(token.id)
  // The figures of a token that was never rotated are those of its one secret.
  const uses =
    old.length === 0
      ? new Map(usage === undefined ? [] : [[1, usage]])
      : await stores.ledger.secretUses(token.id, [token.secretNumber, ...old.map(({ number }) => number)])
  return [
    { ...secretFacts(token.secretNumber, uses), is_newest: 1, awaits_first_use: token.awaitsFirstUse ? 1 : 0 },
    ...old.map((secret) => ({ ...secretFacts(secret.number, uses), ...endFacts(secret), is_newest: 0 })),
  ]
}

function secretFacts(number: number, uses: ReadonlyMap<number, SecretUse>) {
  const use = uses.get(number)
  return {
    secret_number: number,
    last_used: use === undefined ? null : seconds(use.lastUsedAt),
    last_used_from: use?.lastUsedAddress ?? null,
    calls: use?.calls ?? 0,
  }
}

function endFacts(secret: OldSecret) {
  return {
    create_time: seconds(secret.madeAt),
    replaced: seconds(secret.replacedAt),
    ends_at: secret.endsAt === undefined ? null : seconds(secret.endsAt),
    ends_with_first_use: secret.endsWithFirstUse ? 1 : 0,
    ended: secret.endedAt === undefined ? null : seconds(secret.endedAt),
    end_reason: secret.endReason === '' ? null : secret.endReason,
  }
}
