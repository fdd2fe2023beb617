/** Guesses of passwords and codes while they are checked. At most as many as the limits leave run at a time; the others wait for their end. */
import { Failure } from '../failures.ts'
import type { Address } from '../ip-rules/address.ts'
import { type Attempt, countedUser, type Factor, networkOf } from './attempt.ts'

/** A password or code that is about to be checked. Exactly one of the three must be called. */
export type Guess = {
  readonly kind: 'guess'
  /** It was wrong; `isReal` when there is a user of that name. */
  fail(isReal: boolean): void
  /** It was right, and nothing else is asked for. */
  succeed(user: SignedIn, opensSession: boolean): void
  /** It was not checked after all. */
  abandon(): void
}

export type SignedIn = { readonly id: number; readonly name: string; readonly isRoot: boolean }

export type GuessRequest = Omit<Attempt, 'atMs' | 'address' | 'factor'> & {
  readonly address: Address
  readonly factor: Factor
}

/** Whom a guess is counted against. */
export type Counted = { readonly network: string; readonly user: string }

export function countedAgainst({ address, claimedUser }: GuessRequest): Counted {
  return { network: networkOf(address), user: countedUser(claimedUser) }
}

const WAITING_MAX = 256

export class GuessesUnderWay {
  readonly #counts = new Map<string, number>()
  #waiting: (() => void)[] = []

  ofNetwork(network: string): number {
    return this.#counts.get(network) ?? 0
  }

  ofUser(factor: Factor, user: string): number {
    return this.#counts.get(userKey(factor, user)) ?? 0
  }

  /** Gives what is to be called once when it is known how the guess ended; more than once does nothing. */
  begin({ network, user }: Counted, factor: Factor): () => void {
    const keys = [network, userKey(factor, user)]
    for (const key of keys) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
    let isSettled = false
    return () => {
      if (isSettled) return
      isSettled = true
      for (const key of keys) {
        const left = (this.#counts.get(key) ?? 1) - 1
        if (left === 0) this.#counts.delete(key)
        else this.#counts.set(key, left)
      }
      const waiting = this.#waiting
      this.#waiting = []
      for (const resolve of waiting) resolve()
    }
  }

  /** Resolves when a guess has ended. Throws `overloaded` when too many wait. */
  async oneEnds(): Promise<void> {
    if (this.#waiting.length >= WAITING_MAX) throw new Failure('overloaded')
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }
}

/** Lets go of the guess when the check itself broke. */
export async function settled<T>(guess: Guess, check: () => Promise<T>): Promise<T> {
  try {
    return await check()
  } catch (error) {
    guess.abandon()
    throw error
  }
}

function userKey(factor: Factor, user: string): string {
  return `${factor} ${user}`
}
