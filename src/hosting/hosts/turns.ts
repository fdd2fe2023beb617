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
