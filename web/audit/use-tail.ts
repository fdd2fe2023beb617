import { useEffect, useState } from 'react'

const LOOK_EVERY_MS = 2000
/** Each look keeps the session alive, so it ends when nobody is there. */
const TOUCHED_WITHIN_MS = 10 * 60_000

export type Tail = { readonly state: 'off' | 'on' | 'paused'; readonly everyMs: number | false; toggle(): void }

/** Says how often to look for new entries: not at all when it is off, and no longer after ten minutes without a touch. */
export function useTail(): Tail {
  const [state, setState] = useState<Tail['state']>('off')
  useEffect(() => {
    if (state !== 'on') return
    const pause = (): void => setState('paused')
    let timer = setTimeout(pause, TOUCHED_WITHIN_MS)
    const touched = (): void => {
      clearTimeout(timer)
      timer = setTimeout(pause, TOUCHED_WITHIN_MS)
    }
    const events = ['pointermove', 'keydown', 'scroll'] as const
    for (const event of events) window.addEventListener(event, touched, { passive: true })
    return () => {
      clearTimeout(timer)
      for (const event of events) window.removeEventListener(event, touched)
    }
  }, [state])
  return {
    state,
    everyMs: state === 'on' ? LOOK_EVERY_MS : false,
    toggle: () => setState(state === 'on' ? 'off' : 'on'),
  }
}
