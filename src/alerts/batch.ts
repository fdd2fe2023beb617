/**
 * Alerts that belong to no change (a refused credential, an error) are gathered here and written about once a second, those of one
 * group as one, so that a flood of bad calls costs the database next to nothing. What cannot be written waits and is tried again; a
 * killed process loses at most what waited.
 */
import { groupKeyOf, type NewAlert } from './alert.ts'

const FLUSH_MS = 1000
/** Beyond so many groups at once the rest is counted by kind alone. */
const GROUPS_MAX = 1000

export class AlertBatch {
  readonly #write: (alerts: readonly NewAlert[]) => Promise<void>
  readonly #onTrouble: (error: unknown) => void
  #waiting = new Map<string, NewAlert>()
  #timer: NodeJS.Timeout | undefined
  #flushing: Promise<void> | undefined
  #isTroubled = false
  #closed = false

  /** `write` commits the alerts in one transaction. `onTrouble` hears of the first failure of a row of them. */
  constructor(write: (alerts: readonly NewAlert[]) => Promise<void>, onTrouble: (error: unknown) => void) {
    this.#write = write
    this.#onTrouble = onTrouble
  }

  /** How many groups wait to be written. */
  get size(): number {
    return this.#waiting.size
  }

  add(alert: NewAlert): void {
    this.#keep(alert)
    if (!this.#closed) this.#timer ??= setTimeout(() => void this.flush().catch(() => {}), FLUSH_MS).unref()
  }

  /** Resolves when everything that was added before is committed; throws when it could not be written (it then still waits). */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    while (this.#flushing !== undefined) await this.#flushing.catch(() => {})
    if (this.#waiting.size === 0) return
    this.#flushing = this.#writeWaiting()
    try {
      await this.#flushing
    } finally {
      this.#flushing = undefined
      if (this.#waiting.size > 0 && !this.#closed)
        this.#timer ??= setTimeout(() => void this.flush().catch(() => {}), FLUSH_MS).unref()
    }
  }

  /** The last try; what is added later is not written any more. */
  async close(): Promise<void> {
    this.#closed = true
    await this.flush()
  }

  async #writeWaiting(): Promise<void> {
    const taken = [...this.#waiting.values()]
    this.#waiting = new Map()
    try {
      await this.#write(taken)
      this.#isTroubled = false
    } catch (error) {
      const newer = [...this.#waiting.values()]
      this.#waiting = new Map()
      for (const alert of [...taken, ...newer]) this.#keep(alert)
      if (!this.#isTroubled) this.#onTrouble(error)
      this.#isTroubled = true
      throw error
    }
  }

  #keep(alert: NewAlert): void {
    const key = groupKeyOf(alert)
    const before = this.#waiting.get(key)
    if (before !== undefined) {
      this.#waiting.set(key, together(before, alert))
    } else if (this.#waiting.size < GROUPS_MAX) {
      this.#waiting.set(key, alert)
    } else {
      const { kind } = alert
      const rest = { ...alert, about: {} }
      const others = this.#waiting.get(groupKeyOf({ kind, about: {} }))
      this.#waiting.set(groupKeyOf(rest), others === undefined ? rest : together(others, rest))
    }
  }
}

/** The later of two alerts of one group, with the occurrences of both. */
function together(before: NewAlert, after: NewAlert): NewAlert {
  return { ...after, occurrences: (before.occurrences ?? 1) + (after.occurrences ?? 1) }
}
