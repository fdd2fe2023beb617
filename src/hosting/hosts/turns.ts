import { Failure } from '../../failures.ts'

/** Runs at most `max` at a time, the others in the order in which they came. */
export function makeTurns(max: number): <T>(work: () => Promise<T>) => Promise<T> {
  let atWork = 0
  const waiting: (() => void)[] = []
  return async (work) => {
    // A place that becomes free is handed over, so nobody can slip in between.
    if (atWork >= max) await new Promise<void>((resolve) => waiting.push(resolve))
    else atWork += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) atWork -= 1
      else next()
    }
  }
}

export type TurnBounds = {
  readonly atOnce: number
  /** At work and waiting. */
  readonly inAll: number
  /** The same, of one owner. */
  readonly each: number
}

/** The same for work that users ask for: throws `overloaded` where too much waits already, of this owner or in all. */
export function makeBoundedTurns({
  atOnce,
  inAll,
  each,
}: TurnBounds): <T>(owner: number, work: () => Promise<T>) => Promise<T> {
  const turns = makeTurns(atOnce)
  const counts = new Map<number, number>()
  let all = 0
  return async (owner, work) => {
    const own = counts.get(owner) ?? 0
    if (all >= inAll || own >= each) throw new Failure('overloaded')
    all += 1
    counts.set(owner, own + 1)
    try {
      return await turns(work)
    } finally {
      all -= 1
      const left = (counts.get(owner) ?? 1) - 1
      if (left === 0) counts.delete(owner)
      else counts.set(owner, left)
    }
  }
}
