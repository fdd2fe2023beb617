/**
 * The one statement on the path of every token call. Both databases run the same text, so that they cannot come to disagree about who
 * owns a token or whether its account is suspended.
 */
import { FREEZES_COLUMN } from './freeze-store.ts'
import type { TokenRow } from './tables/tokens.ts'

const TOKEN = [
  't.id',
  't.user_id',
  't.name',
  't.privileges',
  't.ip_rules',
  't.created_at',
  't.expires_at',
  't.paused_at',
  't.pause_reason',
  't.revoked_at',
  't.revoke_reason',
  't.secret_number',
  't.awaits_first_use',
  't.service',
  't.is_readonly',
]
const OWNER = [
  'u.name as user_name',
  'u.kind as user_kind',
  'u.is_reseller as user_is_reseller',
  'u.privileges as user_privileges',
  'u.removed_at as user_removed_at',
  'a.suspended_at as suspended_at',
  'a.owner_id as owned_by',
  `${FREEZES_COLUMN} as freezes`,
]
const WHOSE = 'join users u on u.id = t.user_id left join accounts a on a.user_id = t.user_id'
const NEVER = 'cast(null as bigint)'

/** The digest is the newest secret of a token, or one that a rotation replaced: two probes of two keys, one statement. */
const lookup = (nowMs: string, digest: string): string => {
  const columns = (presented: readonly string[]): string =>
    [...presented, ...TOKEN, ...OWNER, `${nowMs} as now_ms`].join(', ')
  const newest = columns(['t.digest', 't.pepper_version', 't.secret_number', NEVER, NEVER])
  const replaced = columns(['o.digest', 'o.pepper_version', 'o.number', 'o.ends_at', 'o.ended_at'])
  return `select ${newest} from tokens t ${WHOSE} where t.digest = ${digest} union all select ${replaced} from token_old_secrets o join tokens t on t.id = o.token_id ${WHOSE} where o.digest = ${digest}`
}

export const TOKEN_LOOKUP_POSTGRES: string = lookup(
  '(floor(extract(epoch from clock_timestamp()) * 1000))::bigint',
  '$1',
)

/** `now_ms` comes from the process, whose clock tests may move. */
export const TOKEN_LOOKUP_SQLITE: string = lookup('null', '?1')

type NumberOrNull = number | null
// biome-ignore format: a line for the secret that was presented, one for the token, one for its owner
type Values = readonly [
  string, number, number, NumberOrNull, NumberOrNull,
  string, number, string, string, string, number, NumberOrNull, NumberOrNull, string, NumberOrNull, string, number, number, string, number,
  string, string, number, string, NumberOrNull, NumberOrNull, NumberOrNull, string | null,
]

/** The row as an object, from values in the order of the columns above. */
export function tokenRow(values: unknown, nowMs: number): TokenRow {
  // The statement above and the STRICT tables fix number, order and types of the values.
  const v = values as Values
  return {
    digest: v[0],
    pepper_version: v[1],
    presented_number: v[2],
    presented_ends_at: v[3],
    presented_ended_at: v[4],
    id: v[5],
    user_id: v[6],
    name: v[7],
    privileges: v[8],
    ip_rules: v[9],
    created_at: v[10],
    expires_at: v[11],
    paused_at: v[12],
    pause_reason: v[13],
    revoked_at: v[14],
    revoke_reason: v[15],
    secret_number: v[16],
    awaits_first_use: v[17],
    service: v[18],
    is_readonly: v[19],
    user_name: v[20],
    user_kind: v[21],
    user_is_reseller: v[22],
    user_privileges: v[23],
    user_removed_at: v[24],
    suspended_at: v[25],
    owned_by: v[26],
    freezes: v[27],
    now_ms: nowMs,
  }
}
