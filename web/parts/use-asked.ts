import { useEffect, useState } from 'react'

/** A dialog that is open since somebody waits for what the reader does in it. */
export type Asked = {
  /** What was asked for is there. */
  readonly done: () => void
  /** Closes the dialog; before `done` it is a refusal. */
  readonly close: () => void
}

/**
 * Lets code outside the pages ask the reader for something in the middle of a call: `register` is given the way to ask, and undefined
 * when there is none any more. Each asking waits for `done`, or throws `refusal`. Gives the one that is open. Both must be the same
 * functions each time.
 */
export function useAsked(
  register: (ask: (() => Promise<void>) | undefined) => void,
  refusal: () => Error,
): Asked | undefined {
  const [asked, setAsked] = useState<Asked>()
  useEffect(() => {
    register(
      () =>
        new Promise((done, refuse) => {
          const close = (): void => {
            // After `done` this is nothing: the promise has settled.
            refuse(refusal())
            setAsked(undefined)
          }
          setAsked({ done, close })
        }),
    )
    return () => register(undefined)
  }, [register, refusal])
  return asked
}
