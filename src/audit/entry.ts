/**
 * The audit trail: what an entry is and where entries are kept. It is data with a function of its own, not a log. An entry holds
 * who, with what, from where, which function on what, the outcome and the exact reason, and never a secret.
 */

export type Outcome = 'done' | 'failed' | 'refused'

export type AuditEntry = {
  readonly at: Date
  readonly requestId: string
  /** For a refused credential the name it claimed, so anything at all. */
  readonly caller: string
  readonly credential: 'token' | 'password' | 'session' | 'local' | 'none'
  readonly tokenId: string | undefined
  readonly tokenName: string | undefined
  readonly address: string | undefined
  readonly function: string
  readonly target: string
  readonly outcome: Outcome
  /** A refusal's code (`expired`, `other-user`, …), a failure's sentence, or `OK`. */
  readonly reason: string
  readonly details: Readonly<Record<string, string | number | readonly string[]>>
}

/** What every entry shares of what the machine itself does: it acts for root, by no call. */
export const BY_MACHINE = {
  requestId: '',
  caller: 'root',
  credential: 'local',
  tokenId: undefined,
  tokenName: undefined,
  address: undefined,
} as const satisfies Partial<AuditEntry>

/** An entry as it is kept; `seq` is the order of effect. */
export type StoredAuditEntry = AuditEntry & { readonly seq: number }

export type AuditFilter = {
  /** Only entries that concern this user: as caller, or as the owner named by a refused credential. */
  readonly caller: string | undefined
  readonly token: string | undefined
  readonly function: string | undefined
  readonly address: string | undefined
  readonly outcome: Outcome | undefined
  readonly target: string | undefined
  readonly since: Date | undefined
  readonly until: Date | undefined
  /** Only entries older than this one. */
  readonly beforeSeq: number | undefined
  readonly limit: number
}

export type AuditStore = {
  append(entries: readonly AuditEntry[]): Promise<void>
  /** Newest first. */
  list(filter: AuditFilter): Promise<readonly StoredAuditEntry[]>
}
