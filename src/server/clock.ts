/**
 * The time that calls are judged by. It never goes back: after the machine's clock was set back it goes on from the latest moment
 * seen, at the pace of the monotonic clock, so that an expired token stays expired and a session does not live longer. The latest
 * moment is stored about once a minute and outlives a restart. On PostgreSQL the database's clock is the one that counts.
 */

const WARN_BEYOND_MS = 2000
// The two clocks are compared at least this often, and in any case when the wall clock does something odd.
const COMPARE_MS = 100
const SLOWER_BY = 0.1

export class Clock {
  readonly #wallMs: () => number
  readonly #monotonicMs: () => number
  #offsetMs = 0
  #latestMs: number
  #latestMonotonicMs: number
  #comparedWallMs = Number.NEGATIVE_INFINITY
  #shownMs = 0

  /** `latestMs` is what an earlier run stored. */
  constructor(latestMs: number, wallMs: () => number = Date.now, monotonicMs: () => number = () => performance.now()) {
    this.#wallMs = wallMs
    this.#monotonicMs = monotonicMs
    this.#latestMs = latestMs
    this.#latestMonotonicMs = monotonicMs()
  }

  nowMs(): number {
    const wall = this.#wallMs() + this.#offsetMs
    const sinceMs = wall - this.#comparedWallMs
    // Between two comparisons the wall clock is followed while it goes forward by little; this is on the path of every call.
    if (sinceMs >= 0 && sinceMs < COMPARE_MS && wall >= this.#shownMs) {
      this.#shownMs = Math.floor(wall)
      return this.#shownMs
    }
    return this.#compare(wall)
  }

  #compare(wall: number): number {
    const monotonic = this.#monotonicMs()
    const passedMs = monotonic - this.#latestMonotonicMs
    const atLeast = this.#latestMs + passedMs
    // A wall clock that only ran a little slower than the monotonic one is followed without a step.
    const toleranceMs = 1 + Math.min(passedMs, 2 * COMPARE_MS) * SLOWER_BY
    const now = wall >= atLeast - toleranceMs ? Math.max(wall, this.#latestMs) : atLeast
    this.#latestMs = Math.max(now, this.#shownMs)
    this.#latestMonotonicMs = monotonic
    // While the wall clock lies behind, each call compares.
    this.#comparedWallMs = now === wall ? wall : Number.NEGATIVE_INFINITY
    this.#shownMs = Math.floor(this.#latestMs)
    return this.#shownMs
  }

  now(): Date {
    return new Date(this.nowMs())
  }

  /** Follows another clock (the database's), given what it shows now. */
  follow(otherMs: number): void {
    this.#offsetMs = otherMs - this.#wallMs()
  }

  /** How far the wall clock lies behind what calls are judged by; 0 when it does not. */
  behindMs(): number {
    const behind = this.nowMs() - (this.#wallMs() + this.#offsetMs)
    return behind > WARN_BEYOND_MS ? Math.floor(behind) : 0
  }
}
