/**
 * The time that calls are judged by. It never goes back: after the machine's clock was set back it goes on from the latest moment
 * seen, at the pace of the monotonic clock, so that an expired token stays expired and a session does not live longer. The latest
 * moment is stored about once a minute and outlives a restart. On PostgreSQL the database's clock is the one that counts.
 */

const WARN_BEYOND_MS = 2000

export class Clock {
  readonly #wallMs: () => number
  readonly #monotonicMs: () => number
  #offsetMs = 0
  #latestMs: number
  #latestMonotonicMs: number

  /** `latestMs` is what an earlier run stored. */
  constructor(latestMs: number, wallMs: () => number = Date.now, monotonicMs: () => number = () => performance.now()) {
    this.#wallMs = wallMs
    this.#monotonicMs = monotonicMs
    this.#latestMs = latestMs
    this.#latestMonotonicMs = monotonicMs()
  }

  nowMs(): number {
    const wall = this.#wallMs() + this.#offsetMs
    const monotonic = this.#monotonicMs()
    const atLeast = this.#latestMs + (monotonic - this.#latestMonotonicMs)
    // A wall clock that only ran a little slower than the monotonic one is followed without a step.
    const now = wall >= atLeast - 1 ? Math.max(wall, this.#latestMs) : atLeast
    this.#latestMs = now
    this.#latestMonotonicMs = monotonic
    return Math.floor(now)
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
