/** What went on over time, for pictures and reports. */

export type ActivityPoint = {
  /** Of an hour or a day of UTC; those without anything are left out. */
  readonly startsAt: Date
  /** Accepted calls with tokens. */
  readonly calls: number
  /** Refused ones whose token was known. */
  readonly refused: number
  readonly signIns: number
  readonly failedSignIns: number
}

export type ActivityQuery = {
  /** Tokens of this user alone, and no sign-ins; undefined: of everybody. */
  readonly userId: number | undefined
  readonly since: Date
  /** What the ledger has summed up to days is told by day in any case. */
  readonly period: 'hour' | 'day'
}

export type ActivityStore = {
  /** Oldest first. */
  activity(query: ActivityQuery): Promise<readonly ActivityPoint[]>
}
