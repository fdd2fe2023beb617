/** What the protection keeps, in its own words. */
import type { Attempt } from './attempt.ts'
import type { Ban } from './bans.ts'
import type { ProtectionConfig } from './config.ts'
import type { UserFailure } from './user-counts.ts'

export type ListName = 'allow' | 'deny'

export type ListEntry = {
  /** Canonical, as `IpRule.text`. */
  readonly rule: string
  readonly comment: string
  readonly addedAt: Date
  readonly addedBy: string
}

/** A failed attempt as it is kept and listed. `weight` 0: it counted for nothing, since its address is never banned. */
export type KeptAttempt = Pick<Attempt, 'atMs' | 'claimedUser' | 'kind' | 'service' | 'factor'> & {
  readonly addressText: string
  readonly network: string
  readonly weight: number
}

export type KnownNetwork = { readonly user: string; readonly network: string; readonly lastSuccessAtMs: number }

/** A network from which a user has just signed in. */
export type NewlyKnown = KnownNetwork & { readonly userId: number }

/** A change of what is counted against users, in the order in which they came. */
export type UserChange =
  | ({ readonly kind: 'add' } & UserFailure)
  | {
      readonly kind: 'forgive'
      readonly factor: UserFailure['factor']
      readonly user: string
      readonly network: string | undefined
    }

/** What is written together. */
export type ProtectionBatch = {
  readonly attempts: readonly KeptAttempt[]
  readonly bans: readonly Ban[]
  readonly users: readonly UserChange[]
  readonly known: readonly NewlyKnown[]
}

/** Everything that decides, as it was committed last. */
export type ProtectionState = {
  readonly version: number
  readonly config: ProtectionConfig
  readonly lists: Readonly<Record<ListName, readonly ListEntry[]>>
  /** Also bans that are over but make the next one longer. */
  readonly bans: readonly Ban[]
  /** Since the moment asked for, oldest first, with the number of the last one. */
  readonly attempts: readonly KeptAttempt[]
  readonly lastSeq: number
  readonly users: readonly UserFailure[]
  readonly known: readonly KnownNetwork[]
}

export type ProtectionNews = Pick<ProtectionState, 'version' | 'attempts' | 'lastSeq' | 'bans'>

export type ProtectionStore = {
  load(attemptsSinceMs: number): Promise<ProtectionState>
  /** What other nodes added: attempts after `afterSeq` that are not of `node`, and bans that began at `bansSinceMs` or later. */
  loadNews(node: string, afterSeq: number, bansSinceMs: number): Promise<ProtectionNews>
  append(node: string, batch: ProtectionBatch): Promise<void>
  /** Lets go of attempts and ended bans from before, and of the oldest attempts beyond `attemptsMax`. */
  prune(attemptsBeforeMs: number, bansBeforeMs: number, attemptsMax: number): Promise<void>

  config(): Promise<ProtectionConfig>
  saveConfig(config: ProtectionConfig): Promise<void>
  entries(list: ListName): Promise<readonly ListEntry[]>
  /** Replaces the entry of the same rule. */
  addEntry(list: ListName, entry: ListEntry): Promise<void>
  /** False when there was none. */
  removeEntry(list: ListName, rule: string): Promise<boolean>
  /** Newest first. */
  attempts(sinceMs: number, limit: number): Promise<readonly KeptAttempt[]>
  bans(activeAtMs: number): Promise<readonly Ban[]>
  users(): Promise<readonly UserFailure[]>
  /** Removes bans, attempts and what is counted against users, of these networks or of all; gives how many bans and records went. */
  removeHistory(networks: readonly string[] | undefined): Promise<{ readonly bans: number; readonly records: number }>
  /** To be called in each transaction that changes config, lists or history, so that other nodes read them anew. */
  raiseVersion(): Promise<void>
}
