/** What a function's `run` may use. It sees parsed values and this; no request, header, envelope or SQL. */
import type { AccountStore, AclListStore } from '../accounts/account.ts'
import type { LoginLinkStore } from '../accounts/login-links.ts'
import type { PasswordHasher } from '../accounts/passwords.ts'
import type { PreferenceStore } from '../accounts/preferences.ts'
import type { ResellerStore } from '../accounts/reseller-limits.ts'
import type { Service, SessionStore } from '../accounts/sessions.ts'
import type { TwoFactorStore } from '../accounts/two-factor.ts'
import type { Caller } from '../acl/caller.ts'
import type { AlertStore } from '../alerts/alert.ts'
import type { CalendarFeedStore } from '../alerts/calendar-feed.ts'
import type { SinkState } from '../alerts/delivery.ts'
import type { AuditStore } from '../audit/entry.ts'
import type { AutoSslStore } from '../hosting/certificates/renewal.ts'
import type { CertificateStore } from '../hosting/certificates/store.ts'
import type { DomainStore } from '../hosting/domains.ts'
import type { FeatureListStore } from '../hosting/features.ts'
import type { Host, HostTask, HostTaskStore } from '../hosting/host.ts'
import type { MailStore } from '../hosting/mail/mail.ts'
import type { MysqlServer, MysqlStore } from '../hosting/mysql.ts'
import type { PackageStore } from '../hosting/packages.ts'
import type { ZoneStore } from '../hosting/zones/zone.ts'
import type { Guess } from '../protection/guess.ts'
import type { ProtectionStore } from '../protection/store.ts'
import type { FreezeStore } from '../tokens/freeze.ts'
import type { TokenNoteStore } from '../tokens/note.ts'
import type { SecretStore } from '../tokens/rotation.ts'
import type { Peppers } from '../tokens/secret.ts'
import type { TokenStore } from '../tokens/token.ts'
import type { ActivityStore } from '../usage/activity.ts'
import type { LedgerStore } from '../usage/history.ts'
import type { Arguments } from '../whm/arguments.ts'
import type { Api2Result, UapiResult, WhmReply } from '../whm/reply.ts'
import type { WhmFunction } from './define.ts'
import type { AccountNamed, UapiName } from './uapi/admit.ts'

/** The stores, all on one connection: committed state for reads, the transaction for writes. */
export type Stores = {
  readonly tokens: TokenStore
  readonly secrets: SecretStore
  readonly tokenNotes: TokenNoteStore
  readonly preferences: PreferenceStore
  readonly freezes: FreezeStore
  readonly ledger: LedgerStore
  readonly accounts: AccountStore
  readonly sessions: SessionStore
  readonly aclLists: AclListStore
  readonly audit: AuditStore
  readonly hostTasks: HostTaskStore
  readonly activity: ActivityStore
  readonly alerts: AlertStore
  readonly calendarFeeds: CalendarFeedStore
  readonly twoFactor: TwoFactorStore
  readonly loginLinks: LoginLinkStore
  readonly packages: PackageStore
  readonly featureLists: FeatureListStore
  readonly resellers: ResellerStore
  readonly domains: DomainStore
  readonly zones: ZoneStore
  readonly certificates: CertificateStore
  readonly mail: MailStore
  readonly autoSsl: AutoSslStore
  readonly mysql: MysqlStore
  readonly protection: Omit<ProtectionStore, 'load' | 'loadNews' | 'append' | 'prune'>
}

/** Facts of this server that do not change while it runs. */
export type ServerFacts = {
  readonly version: string
  readonly hostname: string
  readonly nameservers: readonly string[]
  readonly accountIp: string
  /** A mail address for the SOA records of new zones; undefined: hostmaster at the domain. */
  readonly zoneContact: string | undefined
  /** An IANA name. */
  readonly timezone: string
  /** Addresses that an account can have for itself. */
  readonly dedicatedIps: readonly string[]
  readonly expiresSoonSeconds: number
  readonly tokenUpdateOmission: 'keep' | 'reset'
}

/** The guard of the doors, which decides by what it has in memory. */
export type ProtectionService = {
  /** Writes what was counted and still waits, so that a reader finds it. */
  flush(): Promise<void>
  /** To be called after a commit that changed configuration, lists or history. */
  reload(): Promise<void>
  forgetUnknownUsers(): void
  /** Asks to check a password of the caller, who is signed in. Throws `too-many-attempts` and `overloaded`. */
  beginPassword(caller: Pick<Caller, 'user' | 'address'>): Promise<Guess>
  /** To be called before a secret is looked up. Throws `too-many-attempts` while the caller's address is banned, however the call came in. */
  refuseBanned(caller: Pick<Caller, 'address'>, at: Date): void
  /** A secret was looked up that is none of the caller's: counted like a refused one at the door. */
  missedLookUp(caller: Pick<Caller, 'user' | 'address'>, isWellFormed: boolean, at: Date): void
}

/** Automatic certificates, as the settings ask for them. */
export type AutoSslService = {
  readonly isOn: boolean
  readonly directory: string
  readonly challenge: 'http-01' | 'dns-01'
  /** The terms of the authority must be agreed to before it is asked for anything. */
  readonly areTermsAgreed: boolean
  /** Looks for sites that are due, soon; to be called after a commit. */
  wakeUp(): void
}

export type Services = {
  readonly facts: ServerFacts
  readonly passwords: PasswordHasher
  readonly peppers: Peppers
  readonly host: Host
  /** Undefined: none is configured. */
  readonly mysql: MysqlServer | undefined
  readonly protection: ProtectionService
  /** Writes the figures of the ledger that still wait, so that a reader finds them; what cannot be written comes later. */
  flushUsage(): Promise<void>
  /** Writes what still waits for the trail, so that a reader finds it. */
  flushTrail(): Promise<void>
  /** Before a change: writes what of refused and failed calls waits, unless nothing can be written just now. */
  catchUpTrail(): Promise<void>
  /** Writes the alerts that still wait, so that a reader finds them. */
  flushAlerts(): Promise<void>
  /** `https://HOST:PORT` of a service, for links; undefined while it is not open. */
  originOf(service: Service): string | undefined
  /** How far each sink is that the settings ask for. */
  alertSinks(): Promise<readonly SinkState[]>
  readonly autoSsl: AutoSslService
  /**
   * What the name servers of the world say of a domain, in the words of the program `host`. Names that public DNS does not have are
   * asked for only where they are domains of accounts (`isOurs`). Throws `overloaded`.
   */
  lookUpDomain(domain: string, asker: { readonly userId: number; readonly isOurs: boolean }): Promise<readonly string[]>
  /** One, five and fifteen minutes. */
  loadAverages(): readonly [number, number, number]
}

export type Context = {
  readonly caller: Caller
  /** Read once a call. Never goes back. */
  readonly now: Date
  readonly stores: Stores
  readonly services: Services
  readonly catalogue: readonly WhmFunction[]
}

export type ReadContext = Context & {
  /** Leaves an entry of a failed call in the trail although the caller is answered. Never a secret. */
  reportFailure(reason: string, details?: Readonly<Record<string, string>>): void
}

/** Calls of other functions by the same caller. A failure is an answer here; what ends the whole call is thrown. */
export type InnerCalls = {
  /** What this call itself was sent, for whoever hands it on. */
  readonly args: Arguments
  /** A WHM function's reply in version 1, shaped by its own output controls. */
  whm(functionName: string, args: Arguments): Promise<WhmReply>
  /** A UAPI function's reply, as `/execute/…` sends it. */
  uapi(asked: UapiName, account: AccountNamed, args: Arguments): Promise<UapiResult>
  /** What an API 2 function gives, or why not. */
  api2(asked: UapiName, account: AccountNamed, args: Arguments): Promise<Api2Result>
}

export type ThroughContext = ReadContext & { readonly inner: InnerCalls }

export type WriteContext = Context & {
  /** Adds a fact to this call's audit entry. Never a secret. */
  note(key: string, value: string | number | readonly string[]): void
  /** Done on the machine after the commit, and again after a crash, until it succeeded. */
  afterCommit(task: HostTask): Promise<void>
  /** Called when the commit is on disk, before the answer. */
  onCommit(step: () => void | Promise<void>): void
  /** Called when the change is not committed after all. */
  onRollback(undo: () => Promise<void>): void
}
