/** What the ledger remembers of tokens, as it is read. Where it is kept is for others to say. */
import type { LedgerKind } from './tally.ts'

/** Calls that were refused although the token was recognised. */
export type RefusalSummary = {
  readonly refused: number
  readonly lastRefusedAt: Date
  readonly lastRefusedAddress: string
  /** A code, as in the trail. */
  readonly lastRefusedReason: string
}

export type SecretUse = { readonly lastUsedAt: Date; readonly lastUsedAddress: string; readonly calls: number }

/** Calls that have a name in common: a function, an account, an address, or why they were refused. */
export type NamedCalls = {
  readonly kind: LedgerKind
  readonly name: string
  readonly calls: number
  readonly lastAt: Date
}

/** One hour or day of a series; those without calls are left out. */
export type SeriesPoint = { readonly startsAt: Date; readonly calls: number; readonly refused: number }

export type LedgerPeriod = 'hour' | 'day'

/** Days are those of UTC. */
export type LedgerStore = {
  refusalsOf(tokenIds: readonly string[]): Promise<ReadonlyMap<string, RefusalSummary>>
  /** By number, for tokens that were rotated. */
  secretUses(tokenId: string, numbers: readonly number[]): Promise<ReadonlyMap<number, SecretUse>>
  /** All that was called since then, most calls first. */
  namedCalls(tokenId: string, since: Date): Promise<readonly NamedCalls[]>
  /** Oldest first. What has been summed up by day is a day also in a series of hours. */
  series(tokenId: string, since: Date, period: LedgerPeriod): Promise<readonly SeriesPoint[]>
  /** The functions that each token called since then. */
  functionsUsed(tokenIds: readonly string[], since: Date): Promise<ReadonlyMap<string, readonly string[]>>
}

/** By hour for so long; after that by day. */
export const HOURS_KEPT_DAYS = 8
