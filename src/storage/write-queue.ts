/** Lets one write run at a time in this process; urgent ones (revoke, pause, freeze) go before all others that wait. */
import { Failure } from '../failures.ts'

/** How long a write may wait, for others of this process and for the database's lock together. */
export const WRITE_WAIT_MS = 2000

type Waiting = { readonly start: () => void; readonly giveUp: () => void; timer?: NodeJS.Timeout }

/** A queue with one place at the counter. */
export class WriteQueue {
  readonly #urgent: Waiting[] = []
  readonly #others: Waiting[] = []
  #busy = false
  #closed = false
  #whenIdle: (() => void) | undefined

  /** Runs `work` alone, with the moment (of `performance.now()`) at which it must give up waiting for locks. */
  async run<T>(urgent: boolean, work: (deadline: number) => Promise<T>): Promise<T> {
    if (this.#closed) throw new Failure('storage-unavailable')
    const deadline = performance.now() + WRITE_WAIT_MS
    if (this.#busy) await this.#turn(urgent)
    this.#busy = true
    try {
      return await work(deadline)
    } finally {
      this.#next()
    }
  }

  /** Lets what runs and waits come to its end, and takes nothing more. */
  async close(): Promise<void> {
    this.#closed = true
    if (!this.#busy) return
    await new Promise<void>((resolve) => {
      this.#whenIdle = resolve
    })
  }

  #turn(urgent: boolean): Promise<void> {
    const line = urgent ? this.#urgent : this.#others
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        start: resolve,
        giveUp: () => {
          line.splice(line.indexOf(waiting), 1)
          reject(new Failure('storage-busy'))
        },
      }
      waiting.timer = setTimeout(waiting.giveUp, WRITE_WAIT_MS)
      line.push(waiting)
    })
  }

  /** The place passes from one to the next without being free in between. */
  #next(): void {
    const waiting = this.#urgent.shift() ?? this.#others.shift()
    if (waiting) {
      clearTimeout(waiting.timer)
      waiting.start()
      return
    }
    this.#busy = false
    this.#whenIdle?.()
  }
}
