/** Counts of answered calls, kept so that counting one costs two additions; the rest is done when somebody reads them. */

/** By what a status means to whoever watches; a function that failed (`result` 0) was answered. */
export const OUTCOMES = [
  'answered',
  'no-credentials',
  'refused',
  'barred',
  'bad-request',
  'internal',
  'unavailable',
] as const
export type CallOutcome = (typeof OUTCOMES)[number]

/** Upper ends, in seconds. */
export const DURATION_BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
] as const

export class CallFigures {
  readonly #outcomes = new Float64Array(OUTCOMES.length)
  /** The last is for what took longer than every bucket. */
  readonly #durations = new Float64Array(DURATION_BUCKETS.length + 1)
  #totalMs = 0

  note(status: number, tookMs: number): void {
    this.#outcomes[outcomeIndex(status)]! += 1
    let bucket = 0
    while (bucket < DURATION_BUCKETS.length && tookMs > DURATION_BUCKETS[bucket]! * 1000) bucket += 1
    this.#durations[bucket]! += 1
    this.#totalMs += tookMs
  }

  outcomes(): readonly (readonly [CallOutcome, number])[] {
    return OUTCOMES.map((outcome, index) => [outcome, this.#outcomes[index] ?? 0])
  }

  /** Counts that include those of the buckets before, as Prometheus wants them. */
  durations(): {
    readonly buckets: readonly (readonly [number, number])[]
    readonly count: number
    readonly seconds: number
  } {
    let count = 0
    const buckets = DURATION_BUCKETS.map((upTo, index) => {
      count += this.#durations[index] ?? 0
      return [upTo, count] as const
    })
    return { buckets, count: count + (this.#durations.at(-1) ?? 0), seconds: this.#totalMs / 1000 }
  }
}

function outcomeIndex(status: number): number {
  if (status < 400) return 0
  if (status === 401) return 1
  if (status === 403) return 2
  if (status === 429) return 3
  if (status < 500) return 4
  return status === 503 ? 6 : 5
}
