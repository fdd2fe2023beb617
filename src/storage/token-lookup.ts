/**
 * The one statement on the path of every token call. Both databases run the same text, so that they cannot come to disagree about who
 * owns a token or whether its account is suspended.
 */
import type { TokenRow } from './schema.ts'

const COLUMNS = [
  't.digest',
  't.id',
  't.user_id',
  't.name',
  't.pepper_version',
  't.privileges',
  't.ip_rules',
  't.created_at',
  't.expires_at',
  't.paused_at',
  't.pause_reason',
  't.revoked_at',
  't.revoke_reason',
  'u.name as user_name',
  'u.kind as user_kind',
  'u.is_reseller as user_is_reseller',
  'u.privileges as user_privileges',
  'u.removed_at as user_removed_at',
  'a.suspended_at as suspended_at',
].join(', ')

const lookup = (nowMs: string, digest: string): string =>
  `select ${COLUMNS}, ${nowMs} as now_ms from tokens t join users u on u.id = t.user_id left join accounts a on a.user_id = t.user_id where t.digest = ${digest}`

export const TOKEN_LOOKUP_POSTGRES: string = lookup(
  '(floor(extract(epoch from clock_timestamp()) * 1000))::bigint',
  '$1',
)

/** `now_ms` comes from the process, whose clock tests may move. */
export const TOKEN_LOOKUP_SQLITE: string = lookup('null', '?')

type NumberOrNull = number | null
// biome-ignore format: one line for the token, one for its owner
type Values = readonly [
  string, string, number, string, number, string, string, number, NumberOrNull, NumberOrNull, string, NumberOrNull, string,
  string, string, number, string, NumberOrNull, NumberOrNull,
]

/** The row as an object, from values in the order of the columns above. */
export function tokenRow(values: unknown, nowMs: number): TokenRow {
  // The statement above and the STRICT tables fix number, order and types of the values.
  const v = values as Values
  return {
    digest: v[0],
    id: v[1],
    user_id: v[2],
    name: v[3],
    pepper_version: v[4],
    privileges: v[5],
    ip_rules: v[6],
    created_at: v[7],
    expires_at: v[8],
    paused_at: v[9],
    pause_reason: v[10],
    revoked_at: v[11],
    revoke_reason: v[12],
    user_name: v[13],
    user_kind: v[14],
    user_is_reseller: v[15],
    user_privileges: v[16],
    user_removed_at: v[17],
    suspended_at: v[18],
    now_ms: nowMs,
  }
}
