/**
 * The tables as Kysely sees them; `docs/storage-schema.md` says what each column means. One schema for both databases: text,
 * whole numbers and NULL only. Instants are Unix seconds (`…_at`) unless the name ends in `_ms`; flags are 0 or 1; lists are JSON text.
 */
import type { Generated, Selectable } from 'kysely'
import type { MysqlDatabaseTable, MysqlGrantTable, MysqlUserTable } from './mysql-tables.ts'

export type UserTable = {
  id: Generated<number>
  name: string
  /** 'root' or 'account' */
  kind: string
  /** PHC string (argon2id); NULL means nobody can sign in with a password. */
  password_hash: string | null
  is_reseller: number
  /** What a reseller holds: a JSON array of privilege names. Empty for the others. */
  privileges: string
  created_at: number
  /** A removed user stays as a row, so that tokens and the trail can still name it; its name is free again. */
  removed_at: number | null
}

export type AccountTable = {
  user_id: number
  domain: string
  is_temporary_domain: number
  contact_email: string
  owner_id: number
  plan: string
  ip: string
  theme: string
  shell: string
  locale: string
  /** The folder's name under the data folder's `home`. */
  home: string
  /** NULL: unlimited. */
  disk_limit_mb: number | null
  bandwidth_limit_mb: number | null
  /** JSON object of WHM limits and switches (`MAXPOP`, `HASCGI`, …), each value a string. */
  limits: string
  uid: number
  created_at: number
  suspended_at: number | null
  suspend_reason: string
  /** 1: only root may unsuspend. */
  suspend_locked: number
}

export type TokenTable = {
  /** Primary key: HMAC-SHA-256(pepper, secret) in lower-case hex. */
  digest: string
  /** The public id. */
  id: string
  user_id: number
  name: string
  pepper_version: number
  privileges: string
  /** JSON array of canonical rules; empty means any address. */
  ip_rules: string
  created_at: number
  expires_at: number | null
  paused_at: number | null
  pause_reason: string
  revoked_at: number | null
  revoke_reason: string
  /** Which of its secrets `digest` is: 1 is the first, each rotation adds one. */
  secret_number: Generated<number>
  /** NULL: with the token itself. */
  secret_made_at: Generated<number | null>
  /** 1 from a rotation until the new secret is used. */
  awaits_first_use: Generated<number>
  /** 'whm' or 'cpanel': a token is for one service, and its mark says which. */
  service: string
  is_readonly: number
}

/** The secrets that rotations replaced. They stay, so that a late use is told apart from an invented one. */
export type TokenOldSecretTable = {
  /** Primary key: as in `tokens`. */
  digest: string
  token_id: string
  number: number
  pepper_version: number
  made_at: number
  replaced_at: number
  /** The idempotency key of the rotation that replaced it. */
  rotation_key: string | null
  /** What that rotation asked for. */
  overlap: string
  ends_at: number | null
  /** 1: it ends when the newest secret is used. */
  ends_with_first_use: number
  ended_at: number | null
  end_reason: string
}

/** Kept apart from `tokens`, since it is written in batches and may lose a second in a crash. */
export type TokenUsageTable = {
  token_id: string
  last_used_at: number
  last_used_address: string
  calls: number
  first_used_at: Generated<number | null>
  last_function: Generated<string>
}

/** Calls that were refused although the token, or its secret, was recognised. */
export type TokenRefusalTable = {
  token_id: string
  refused: number
  last_refused_at: number
  last_refused_address: string
  last_refused_reason: string
}

/** Of tokens that were rotated: the last use of each secret. */
export type TokenSecretUsageTable = {
  /** Primary key: `TOKEN_ID/NUMBER`. */
  secret: string
  last_used_at: number
  last_used_address: string
  calls: number
}

/** What each token did, counted by hour and later by day. */
export type TokenLedgerTable = {
  id: Generated<number>
  token_id: string
  /** 'function', 'account', 'address' or 'refusal': what `name` is */
  kind: string
  /** 'hour' or 'day' (of UTC) */
  period: string
  starts_at: number
  name: string
  calls: number
  last_at: number
}

/** Apart from `tokens`, since no check reads it. */
export type TokenNoteTable = {
  token_id: string
  note: string
  ticket: string
}

export type UserPreferenceTable = {
  user_id: number
  /** JSON object. */
  preferences: string
}

export type SessionTable = {
  /** Primary key: SHA-256 of the cookie's secret, hex. */
  digest: string
  user_id: number
  /** 'whm' or 'cpanel': a session is bound to its service. */
  service: string
  /** SHA-256 of the `/cpsess…` number, hex. */
  security_token_digest: string
  address: string
  created_at: number
  last_seen_at: number
  /** When the password was last proved; 0 means long ago. */
  confirmed_at: Generated<number>
  /** 'password' or 'link': how the session was opened. */
  opened_by: Generated<string>
}

export type TwoFactorTable = {
  user_id: number
  /** AES-256-GCM under a key derived from the pepper. */
  sealed_secret: string
  enabled_at: number
  /** The newest thirty seconds whose code was used, counted from 1970. */
  last_step: number
  failures: number
  waits_until: number | null
}

export type RecoveryCodeTable = {
  /** Primary key: HMAC-SHA-256 under a key derived from the pepper, hex. */
  digest: string
  user_id: number
  created_at: number
  used_at: number | null
}

export type LoginLinkTable = {
  /** Primary key: SHA-256 of the link's secret, hex. */
  digest: string
  user_id: number
  service: string
  security_token_digest: string
  maker_id: number
  maker_token_id: string | null
  created_at: number
  expires_at: number
}

export type AclListTable = {
  name: string
  privileges: string
  saved_at: number
}

export type AuditTable = {
  /** Order of effect. */
  seq: Generated<number>
  at_ms: number
  request_id: string
  /** The caller's name; for a refused credential the name it claimed. */
  caller: string
  /** 'token', 'password', 'session', 'local' or 'none' */
  credential: string
  token_id: string | null
  token_name: string | null
  address: string | null
  function: string
  target: string
  /** 'done', 'failed' or 'refused' */
  outcome: string
  reason: string
  /** JSON object, never a secret. */
  details: string
}

/** Work on the machine that belongs to a committed change and is repeated until it succeeded. */
export type HostTaskTable = {
  id: Generated<number>
  kind: string
  arguments: string
  created_at: number
}

export type AlertTable = {
  id: Generated<number>
  kind: string
  severity: string
  /** What is counted together while the alert is open; unique among open ones. */
  group_key: string
  user_id: number | null
  /** The owner's name, or the name that a stranger claimed. */
  user_name: string
  token_id: string | null
  token_name: string | null
  address: string | null
  reason: string
  /** JSON array of texts. */
  examples: string
  first_at_ms: number
  last_at_ms: number
  occurrences: number
  /** When the sinks were last told; NULL while it was muted. */
  sent_at_ms: number | null
  acknowledged_at: number | null
  acknowledged_by: string
  owner_acknowledged_at: number | null
}

/** What is NULL matches everything; `user_id` NULL means root's mute, for the whole server. */
export type AlertMuteTable = {
  id: Generated<number>
  kind: string | null
  token_id: string | null
  user_id: number | null
  until_at: number | null
  created_at: number
  created_by: string
}

/** The outbox: what sinks carry out of the server, in this order. */
export type AlertEventTable = {
  id: Generated<number>
  alert_id: number
  user_id: number | null
  at_ms: number
  /** JSON object: what is sent. */
  body: string
}

/** How far each sink is, and whose turn it is to deliver. */
export type AlertSinkTable = {
  sink: string
  /** The last event that was delivered, or given up. */
  delivered_event: number
  lost: number
  attempts: number
  next_try_ms: number
  last_success_at: number | null
  last_error: string
  lease_holder: string
  lease_until_ms: number
}

/** The nearest reminder that went out for a token's present expiry. */
export type ExpiryReminderTable = {
  token_id: string
  expires_at: number
  days: number
  reminded_at: number
}

export type CalendarFeedTable = {
  /** Primary key: SHA-256 of the secret in the feed's address, hex. */
  digest: string
  user_id: number
  created_at: number
}

export type PackageTable = {
  name: string
  /** NULL: root's. */
  owner_id: number | null
  /** NULL: unlimited. */
  disk_limit_mb: number | null
  bandwidth_limit_mb: number | null
  /** JSON object: what is neither a size nor in `limits`. */
  settings: string
  /** JSON object of WHM limits and switches, as in `accounts`. */
  limits: string
  changed_at: number
}

export type FeatureListTable = {
  name: string
  /** NULL: root's. */
  owner_id: number | null
  /** JSON object of true and false by feature. */
  features: string
  changed_at: number
}

export type ResellerSettingsTable = {
  user_id: number
  /** JSON object. */
  limits: string
  /** JSON array. */
  nameservers: string
  main_ip: string | null
  /** JSON array; NULL: every address of the server. */
  ips: string | null
}

/** What an account has besides its main domain. */
export type DomainTable = {
  name: string
  user_id: number
  /** 'sub_domain', 'addon_domain' or 'parked_domain' */
  type: string
  parent: string
  document_root: string
  created_at: number
}

export type ZoneTable = {
  name: string
  /** NULL: root's alone. */
  user_id: number | null
  /** The same as in the text, so that a change can be guarded by it. */
  serial: number
  text: string
  changed_at: number
}

/** What was measured, so that lists need not walk over every folder. */
export type DiskUsageTable = {
  home: string
  bytes: number
  files: number
  measured_at: number
}

/** Addresses that are never banned, or never let in. */
export type AddressListTable = {
  /** List and rule, with a blank between them. */
  key: string
  /** 'allow' or 'deny' */
  list: string
  /** Canonical address or CIDR range. */
  rule: string
  comment: string
  added_at: number
  added_by: string
}

/** The last ban of each network, over or not. */
export type BanTable = {
  network: string
  claimed_user: string
  begun_at_ms: number
  until_ms: number
  repetition: number
  is_excessive: number
  attempts: number
  failures: number
}

export type FailedAttemptTable = {
  seq: Generated<number>
  /** Which process saw it. */
  node: string
  at_ms: number
  address: string
  /** The address itself, or the /64 of an IPv6 one: what is counted together. */
  network: string
  claimed_user: string
  kind: string
  service: string
  factor: string
  /** 0: it counted for nothing. */
  weight: number
}

/** Wrong passwords and codes in a row. */
export type UserFailureTable = {
  factor: string
  user_name: string
  network: string
  failures: number
  last_failed_at_ms: number
}

/** Where a user has signed in before. */
export type KnownNetworkTable = {
  user_id: number
  network: string
  last_success_at_ms: number
}

/** `instance_id`, `clock_high_water_ms`, `pepper_check`, `restored_at` and the like. */
export type MetaTable = {
  key: string
  value: string
}

export type SslKeyTable = {
  /** Made from the user and the key or certificate itself. */
  id: string
  user_id: number
  friendly_name: string
  /** The public half, PEM. */
  public_pem: string
  /** The private key, sealed under a key of the pepper. */
  sealed_key: string
  created_at: number
}

export type SslCertificateTable = {
  /** Made from the user and the key or certificate itself. */
  id: string
  user_id: number
  key_id: string
  friendly_name: string
  pem: string
  chain: string
  /** JSON: what the certificate tells about itself. */
  facts: string
  not_before: number
  not_after: number
  /** NULL: by hand. */
  provider: string | null
  created_at: number
}

export type SslSiteTable = {
  /** The domain of the site. */
  site: string
  user_id: number
  certificate_id: string
  installed_at: number
}

export type MailboxTable = {
  id: Generated<number>
  domain: string
  local_part: string
  user_id: number
  /** With Dovecot's scheme before it. */
  password_hash: string
  /** NULL: as much as the account may hold. */
  quota_mb: number | null
  login_suspended: number
  incoming_suspended: number
  outgoing_suspended: number
  created_at: number
  changed_at: number
}

export type ForwarderTable = {
  id: Generated<number>
  domain: string
  local_part: string
  /** An address, `:fail: TEXT` or `:blackhole:`. */
  destination: string
  user_id: number
  created_at: number
}

export type AutoSslTable = {
  site: string
  /** NULL: the server's own name. */
  user_id: number | null
  last_try_at: number | null
  /** `none`, `issued` or `failed`. */
  result: string
  problem: string
  failures: number
  next_try_at: number
  /** Until then somebody tries. */
  claimed_until: number | null
}

export type AutoSslAnswerTable = {
  /** Name and value. */
  id: string
  site: string
  name: string
  value: string
}

export type AcmeAccountTable = {
  directory: string
  sealed_key: string
  created_at: number
}

export type Schema = {
  users: UserTable
  accounts: AccountTable
  tokens: TokenTable
  token_old_secrets: TokenOldSecretTable
  token_usage: TokenUsageTable
  token_refusals: TokenRefusalTable
  token_secret_usage: TokenSecretUsageTable
  token_ledger: TokenLedgerTable
  token_notes: TokenNoteTable
  user_preferences: UserPreferenceTable
  sessions: SessionTable
  two_factor: TwoFactorTable
  recovery_codes: RecoveryCodeTable
  login_links: LoginLinkTable
  acl_lists: AclListTable
  audit_entries: AuditTable
  host_tasks: HostTaskTable
  alerts: AlertTable
  alert_mutes: AlertMuteTable
  alert_events: AlertEventTable
  alert_sinks: AlertSinkTable
  expiry_reminders: ExpiryReminderTable
  calendar_feeds: CalendarFeedTable
  address_lists: AddressListTable
  bans: BanTable
  failed_attempts: FailedAttemptTable
  user_failures: UserFailureTable
  known_networks: KnownNetworkTable
  meta: MetaTable
  packages: PackageTable
  feature_lists: FeatureListTable
  reseller_settings: ResellerSettingsTable
  domains: DomainTable
  mysql_databases: MysqlDatabaseTable
  mysql_users: MysqlUserTable
  mysql_grants: MysqlGrantTable
  disk_usage: DiskUsageTable
  zones: ZoneTable
  ssl_keys: SslKeyTable
  ssl_certificates: SslCertificateTable
  ssl_sites: SslSiteTable
  mailboxes: MailboxTable
  forwarders: ForwarderTable
  autossl_state: AutoSslTable
  autossl_answers: AutoSslAnswerTable
  acme_accounts: AcmeAccountTable
}

/** What `tokenByDigest` finds: the token with what is needed of its owner, as one committed state. */
export type TokenRow = Omit<Selectable<TokenTable>, 'secret_made_at'> & {
  /** Which secret was presented; the newest has the token's own number and no end of its own. */
  readonly presented_number: number
  readonly presented_ends_at: number | null
  readonly presented_ended_at: number | null
  readonly user_name: string
  readonly user_kind: string
  readonly user_is_reseller: number
  /** JSON array of privilege names. */
  readonly user_privileges: string
  readonly user_removed_at: number | null
  /** Of the owner's account; NULL as well for root and resellers that have none. */
  readonly suspended_at: number | null
  /** The user who owns the owner's account. */
  readonly owned_by: number | null
  /** JSON array of the freezes in force; NULL: none. */
  readonly freezes: string | null
  /** Unix milliseconds: the database's clock on PostgreSQL, the process's own on SQLite. */
  readonly now_ms: number
}
