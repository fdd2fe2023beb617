/**
 * The tables as Kysely sees them; `docs/storage-schema.md` says what each column means. One schema for both databases: text,
 * whole numbers and NULL only. Instants are Unix seconds (`…_at`) unless the name ends in `_ms`; flags are 0 or 1; lists are JSON text.
 */
import type {
  AlertEventTable,
  AlertMuteTable,
  AlertSinkTable,
  AlertTable,
  CalendarFeedTable,
  ExpiryReminderTable,
} from './tables/alerts.ts'
import type {
  AcmeAccountTable,
  AutoSslAnswerTable,
  AutoSslTable,
  SslCertificateTable,
  SslKeyTable,
  SslSiteTable,
} from './tables/certificates.ts'
import type { DiskUsageTable, DomainTable, FeatureListTable, PackageTable, ZoneTable } from './tables/hosting.ts'
import type { ForwarderTable, MailboxTable } from './tables/mail.ts'
import type { MysqlDatabaseTable, MysqlGrantTable, MysqlUserTable } from './tables/mysql.ts'
import type {
  AccountTable,
  AclListTable,
  ResellerSettingsTable,
  UserPreferenceTable,
  UserTable,
} from './tables/people.ts'
import type {
  AddressListTable,
  BanTable,
  FailedAttemptTable,
  KnownNetworkTable,
  UserFailureTable,
} from './tables/protection.ts'
import type { AuditTable, HostTaskTable, MetaTable } from './tables/server.ts'
import type { LoginLinkTable, RecoveryCodeTable, SessionTable, TwoFactorTable } from './tables/sign-in.ts'
import type {
  TokenLedgerTable,
  TokenNoteTable,
  TokenOldSecretTable,
  TokenRefusalTable,
  TokenSecretUsageTable,
  TokenTable,
  TokenUsageTable,
} from './tables/tokens.ts'

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
