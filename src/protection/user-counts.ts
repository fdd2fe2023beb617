/**
 * Wrong passwords and codes in a row, of each user and factor. From the fifth on a wait grows, and at a limit nobody is listened to
 * any more but addresses where the user has signed in before: so guessing is bounded whatever the number of addresses, and nobody can
 * lock a user out. Names that no user has are counted alike, so that answers do not tell them apart.
 */
import type { Factor } from './attempt.ts'

export type UserFailure = {
  readonly factor: Factor
  /** As `countedUser` gives it. */
  readonly user: string
  readonly network: string
  readonly failures: number
  readonly lastFailedAtMs: number
}

type Count = { failures: number; lastMs: number; isReal: boolean; readonly byNetwork: Map<string, number> }

/** So many failures have no consequence. */
export const FREE_FAILURES = 5
const WAIT_MAX_SECONDS = 60
// Of names that no user has; whoever tries more forgets the first ones.
const UNREAL_MAX = 10_000

export class UserCounts {
  readonly #counts = new Map<string, Count>()
  #unreal = 0

  failures(factor: Factor, user: string): number {
    return this.#counts.get(keyOf(factor, user))?.failures ?? 0
  }

  failuresFrom(factor: Factor, user: string, network: string): number {
    return this.#counts.get(keyOf(factor, user))?.byNetwork.get(network) ?? 0
  }

  /** When the next attempt may come; 0 at once. */
  nextAtMs(factor: Factor, user: string): number {
    const count = this.#counts.get(keyOf(factor, user))
    return count === undefined || count.failures < FREE_FAILURES ? 0 : count.lastMs + waitMs(count.failures)
  }

  add({ factor, user, network, failures, lastFailedAtMs }: UserFailure, isReal: boolean): void {
    const key = keyOf(factor, user)
    let count = this.#counts.get(key)
    if (count === undefined) {
      if (!isReal && this.#unreal >= UNREAL_MAX) this.#forgetUnreal()
      if (!isReal) this.#unreal += 1
      count = { failures: 0, lastMs: 0, isReal, byNetwork: new Map() }
      this.#counts.set(key, count)
    } else if (isReal && !count.isReal) {
      count.isReal = true
      this.#unreal -= 1
    }
    count.failures += failures
    count.lastMs = Math.max(count.lastMs, lastFailedAtMs)
    count.byNetwork.set(network, (count.byNetwork.get(network) ?? 0) + failures)
  }

  /** After a success: what failed from the same network is forgiven, or, without a network, everything. */
  forgive(factor: Factor, user: string, network: string | undefined): void {
    const key = keyOf(factor, user)
    const count = this.#counts.get(key)
    if (count === undefined) return
    if (network !== undefined) {
      count.failures -= count.byNetwork.get(network) ?? 0
      count.byNetwork.delete(network)
      if (count.failures > 0) return
    }
    if (!count.isReal) this.#unreal -= 1
    this.#counts.delete(key)
  }

  /** Takes what the store has in the place of all that was counted against users who exist. */
  replaceReal(failures: readonly UserFailure[]): void {
    for (const [key, { isReal }] of this.#counts) if (isReal) this.#counts.delete(key)
    for (const failure of failures) this.add(failure, true)
  }

  clear(): void {
    this.#counts.clear()
    this.#unreal = 0
  }

  #forgetUnreal(): void {
    for (const [key, { isReal }] of this.#counts) {
      if (isReal) continue
      this.#counts.delete(key)
      this.#unreal -= 1
      return
    }
  }
}

function waitMs(failures: number): number {
  return Math.min(WAIT_MAX_SECONDS, 2 ** Math.max(0, failures - FREE_FAILURES)) * 1000
}

/** A user for whom the next attempt has to wait. */
export type GuessedUser = Pick<UserFailure, 'factor' | 'user' | 'failures' | 'lastFailedAtMs'> & {
  /** Where the last failure came from. */
  readonly network: string
  /** Undefined: locked until a success from where the user signed in before. */
  readonly untilMs: number | undefined
}

/** Those of the stored failures that have a consequence, the latest first. */
export function guessedUsers(failures: readonly UserFailure[], maxFailures: number): readonly GuessedUser[] {
  const together = new Map<string, UserFailure>()
  for (const failure of failures) {
    const key = keyOf(failure.factor, failure.user)
    const before = together.get(key)
    const latest = before === undefined || failure.lastFailedAtMs >= before.lastFailedAtMs ? failure : before
    together.set(key, { ...latest, failures: failure.failures + (before?.failures ?? 0) })
  }
  return [...together.values()]
    .filter(({ failures }) => failures >= Math.min(FREE_FAILURES, maxFailures))
    .map((user) => ({
      ...user,
      untilMs: user.failures >= maxFailures ? undefined : user.lastFailedAtMs + waitMs(user.failures),
    }))
    .sort((a, b) => b.lastFailedAtMs - a.lastFailedAtMs)
}

function keyOf(factor: Factor, user: string): string {
  return `${factor} ${user}`
}
