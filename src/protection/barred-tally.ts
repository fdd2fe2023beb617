/**
 * Attempts that were not listened to, summed up: under a flood the trail gets one entry an address and second, with how many there
 * were, instead of one each.
 */

export type BarredSum = {
  readonly second: number
  readonly addressText: string
  readonly because: string
  /** Whom the last of them claimed to be. */
  readonly claimedUser: string
  readonly count: number
}

export class BarredTally {
  #sums = new Map<string, BarredSum>()

  add(atMs: number, attempt: Pick<BarredSum, 'addressText' | 'because' | 'claimedUser'>): void {
    const second = Math.floor(atMs / 1000)
    const key = `${second} ${attempt.because} ${attempt.addressText}`
    this.#sums.set(key, { ...attempt, second, count: (this.#sums.get(key)?.count ?? 0) + 1 })
  }

  /** Gives, and forgets, the sums of the seconds that are over at `nowMs`. */
  takeBefore(nowMs: number): readonly BarredSum[] {
    const taken: BarredSum[] = []
    for (const [key, sum] of this.#sums) {
      if ((sum.second + 1) * 1000 > nowMs) continue
      taken.push(sum)
      this.#sums.delete(key)
    }
    return taken
  }
}
