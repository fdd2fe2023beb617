/** What a dump holds: the tables in the order in which they can be filled again, each with its columns and the key it is read by. */
import type { Schema } from './schema.ts'

/**
 * Left out: sessions, sign-in links and calendar feeds, which let somebody in (whoever was signed in signs in again), and what still waited to be sent
 * of alerts, since a copy may be put back beside the server that sends it. What is on the disk is measured anew,
 * who failed to sign in, which is counted anew, and how it stands with automatic certificates, which are tried anew.
 */
export const NOT_DUMPED = [
  'sessions',
  'login_links',
  'calendar_feeds',
  'alert_events',
  'alert_sinks',
  'disk_usage',
  'bans',
  'failed_attempts',
  'known_networks',
  'user_failures',
  'autossl_state',
] as const

export type DumpedTable = Exclude<keyof Schema, (typeof NOT_DUMPED)[number]>

type Columns = { readonly [T in DumpedTable]: readonly (keyof Schema[T] & string)[] }

// Each list begins with the table's key.
const columns = {
  users: ['id', 'name', 'kind', 'password_hash', 'is_reseller', 'privileges', 'created_at', 'removed_at'],
  accounts: [
    'user_id',
    'domain',
    'is_temporary_domain',
    'contact_email',
    'owner_id',
    'plan',
    'ip',
    'theme',
    'shell',
    'locale',
    'home',
    'disk_limit_mb',
    'bandwidth_limit_mb',
    'limits',
    'uid',
    'created_at',
    'suspended_at',
    'suspend_reason',
    'suspend_locked',
  ],
  tokens: [
    'digest',
    'id',
    'user_id',
    'name',
    'pepper_version',
    'privileges',
    'ip_rules',
    'created_at',
    'expires_at',
    'paused_at',
    'pause_reason',
    'revoked_at',
    'revoke_reason',
    'secret_number',
    'secret_made_at',
    'awaits_first_use',
    'service',
    'is_readonly',
  ],
  token_old_secrets: [
    'digest',
    'token_id',
    'number',
    'pepper_version',
    'made_at',
    'replaced_at',
    'rotation_key',
    'overlap',
    'ends_at',
    'ends_with_first_use',
    'ended_at',
    'end_reason',
  ],
  token_usage: ['token_id', 'last_used_at', 'last_used_address', 'calls', 'first_used_at', 'last_function'],
  token_refusals: ['token_id', 'refused', 'last_refused_at', 'last_refused_address', 'last_refused_reason'],
  token_secret_usage: ['secret', 'last_used_at', 'last_used_address', 'calls'],
  token_ledger: ['id', 'token_id', 'kind', 'period', 'starts_at', 'name', 'calls', 'last_at'],
  token_notes: ['token_id', 'note', 'ticket'],
  user_preferences: ['user_id', 'preferences'],
  two_factor: ['user_id', 'sealed_secret', 'enabled_at', 'last_step', 'failures', 'waits_until'],
  recovery_codes: ['digest', 'user_id', 'created_at', 'used_at'],
  acl_lists: ['name', 'privileges', 'saved_at'],
  audit_entries: [
    'seq',
    'at_ms',
    'request_id',
    'caller',
    'credential',
    'token_id',
    'token_name',
    'address',
    'function',
    'target',
    'outcome',
    'reason',
    'details',
  ],
  host_tasks: ['id', 'kind', 'arguments', 'created_at'],
  alerts: [
    'id',
    'kind',
    'severity',
    'group_key',
    'user_id',
    'user_name',
    'token_id',
    'token_name',
    'address',
    'reason',
    'examples',
    'first_at_ms',
    'last_at_ms',
    'occurrences',
    'sent_at_ms',
    'acknowledged_at',
    'acknowledged_by',
    'owner_acknowledged_at',
  ],
  alert_mutes: ['id', 'kind', 'token_id', 'user_id', 'until_at', 'created_at', 'created_by'],
  expiry_reminders: ['token_id', 'expires_at', 'days', 'reminded_at'],
  address_lists: ['key', 'list', 'rule', 'comment', 'added_at', 'added_by'],
  meta: ['key', 'value'],
  packages: ['name', 'owner_id', 'disk_limit_mb', 'bandwidth_limit_mb', 'settings', 'limits', 'changed_at'],
  feature_lists: ['name', 'owner_id', 'features', 'changed_at'],
  reseller_settings: ['user_id', 'limits', 'nameservers', 'main_ip', 'ips'],
  domains: ['name', 'user_id', 'type', 'parent', 'document_root', 'created_at'],
  zones: ['name', 'user_id', 'serial', 'text', 'changed_at'],
  ssl_keys: ['id', 'user_id', 'friendly_name', 'public_pem', 'sealed_key', 'created_at'],
  ssl_certificates: [
    'id',
    'user_id',
    'key_id',
    'friendly_name',
    'pem',
    'chain',
    'facts',
    'not_before',
    'not_after',
    'provider',
    'created_at',
  ],
  ssl_sites: ['site', 'user_id', 'certificate_id', 'installed_at'],
  mailboxes: [
    'id',
    'domain',
    'local_part',
    'user_id',
    'password_hash',
    'quota_mb',
    'login_suspended',
    'incoming_suspended',
    'outgoing_suspended',
    'created_at',
    'changed_at',
  ],
  forwarders: ['id', 'domain', 'local_part', 'destination', 'user_id', 'created_at'],
  autossl_answers: ['id', 'site', 'name', 'value'],
  acme_accounts: ['directory', 'sealed_key', 'created_at'],
  mysql_databases: ['name', 'user_id', 'created_at'],
  mysql_users: ['name', 'user_id', 'sealed_hash', 'created_at'],
  mysql_grants: ['database_name', 'user_name', 'privileges'],
} as const satisfies Columns

export const DUMPED_COLUMNS: { readonly [T in DumpedTable]: readonly string[] } = columns

export const DUMPED_TABLES: readonly DumpedTable[] = Object.keys(columns) as DumpedTable[] // the keys are the type's

/** Tables whose numbers the database gives out, with that column. */
export const NUMBERED: readonly (readonly [DumpedTable, string])[] = [
  ['users', 'id'],
  ['audit_entries', 'seq'],
  ['host_tasks', 'id'],
  ['token_ledger', 'id'],
  ['alerts', 'id'],
  ['alert_mutes', 'id'],
  ['mailboxes', 'id'],
  ['forwarders', 'id'],
]

/** The first line of a dump. */
export type DumpHeader = {
  readonly format: 1
  /** The last migration of the database it came from. */
  readonly schema: string
  readonly createdAt: string
  readonly instanceId: string
  /** Fingerprint of the pepper, without which the tokens in it are worth nothing. */
  readonly pepperCheck: string
}

/** The last line: how many rows of each table, and a checksum over all lines before (each with its line feed). */
export type DumpEnd = { readonly counts: Readonly<Record<string, number>>; readonly sha256: string }
