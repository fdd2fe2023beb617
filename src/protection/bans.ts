/** Bans of addresses: how long the next one lasts. No I/O. */
import type { ProtectionConfig } from './config.ts'

export type Ban = {
  /** As `networkOf` gives it. */
  readonly network: string
  /** Whom the last of the failures claimed to be. */
  readonly claimedUser: string
  readonly begunAtMs: number
  readonly untilMs: number
  /** 1 for a first ban, 2 for one that came within the lookback of it … */
  readonly repetition: number
  /** For a day, after `markAsBrute` failures. */
  readonly isExcessive: boolean
  /** Attempts that led to it. */
  readonly attempts: number
  /** Failures within the lookback, as many normal attempts as they weigh. */
  readonly failures: number
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

export type BanCause = {
  readonly network: string
  readonly claimedUser: string
  readonly attempts: number
  readonly failures: number
}

/** `previous` is the last ban of the same network, over or not. */
export function nextBan(previous: Ban | undefined, cause: BanCause, config: ProtectionConfig, nowMs: number): Ban {
  const isRepeated = previous !== undefined && nowMs < previous.untilMs + config.lookbackMinutes * MINUTE_MS
  const repetition = isRepeated ? previous.repetition + 1 : 1
  const failures = cause.failures + (isRepeated ? previous.failures : 0)
  const isExcessive = failures >= config.markAsBrute
  const spanMs = isExcessive ? DAY_MS : Math.min(DAY_MS, config.banMinutes * MINUTE_MS * 2 ** (repetition - 1))
  return { ...cause, begunAtMs: nowMs, untilMs: nowMs + spanMs, repetition, isExcessive, failures }
}
