/** Work that is done again and again, never twice at the same time. */
export type Rounds = {
  /** Begins a round: now, or when the one that is under way has ended. */
  wakeUp(): void
  /** Waits for the round that is under way. */
  ended(): Promise<void>
}

/** `isOver` says that no further round is to begin; `onError` hears what ended a round early. */
export function makeRounds(
  work: () => Promise<void>,
  isOver: () => boolean,
  onError: (error: unknown) => void,
): Rounds {
  let round: Promise<void> | undefined
  let again = false
  const wakeUp = (): void => {
    if (isOver()) return
    if (round !== undefined) {
      again = true
      return
    }
    again = false
    round = work()
      .catch(onError)
      .finally(() => {
        round = undefined
        if (again) wakeUp()
      })
  }
  return { wakeUp, ended: () => round ?? Promise.resolve() }
}
