/**
 * Entries that belong to no change (refused and failed calls) are gathered here and written together, so that a flood of bad
 * calls costs one commit, not one each. None is dropped silently: beyond the bound they are counted, and the count is an entry of
 * its own. What waits is written within `FLUSH_MS`, before the trail is read, and at a clean stop; a killed process loses at most
 * what waited. While nothing can be written (a full disk) it waits, and is tried again each `RETRY_MS`.
 */
import type { AuditEntry } from './entry.ts'

const FLUSH_MS = 250
const RETRY_MS = 1000
const WAITING_MAX = 20_000
const CHUNK = 500

export class AuditBatch {
  readonly #write: (entries: readonly AuditEntry[]) => Promise<void>
  readonly #onTrouble: (error: unknown) => void
  #waiting: AuditEntry[] = []
  #uncounted = 0
  #firstUncountedAt: Date | undefined
  #timer: NodeJS.Timeout | undefined
  #flushing: Promise<void> | undefined
  #isTroubled = false
  #closed = false

  /**
   * `write` commits entries in one transaction; when it fails they wait for the next try. `onTrouble` hears of the first failure of a
   * row of them.
   */
  constructor(write: (entries: readonly AuditEntry[]) => Promise<void>, onTrouble: (error: unknown) => void) {
    this.#write = write
    this.#onTrouble = onTrouble
  }

  /** How many entries wait to be written. */
  get size(): number {
    return this.#waiting.length
  }

  add(entry: AuditEntry): void {
    if (this.#waiting.length >= WAITING_MAX) {
      this.#firstUncountedAt ??= entry.at
      this.#uncounted += 1
    } else {
      this.#waiting.push(entry)
    }
    this.#writeSoon()
  }

  /** Resolves when everything that was added before is committed; throws when it could not be written (it then still waits). */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    while (this.#flushing !== undefined) await this.#flushing.catch(() => {})
    if (!this.#hasWork()) return
    this.#flushing = this.#writeWaiting()
    try {
      await this.#flushing
      this.#isTroubled = false
    } catch (error) {
      if (!this.#isTroubled) this.#onTrouble(error)
      this.#isTroubled = true
      throw error
    } finally {
      this.#flushing = undefined
      if (this.#hasWork()) this.#writeSoon()
    }
  }

  /** So that what was refused before a change stands before it in the trail. Passes while nothing can be written. */
  async catchUp(): Promise<void> {
    if (!this.#isTroubled && this.#hasWork()) await this.flush().catch(() => {})
  }

  /** The last try; what is added later is not written any more. */
  async close(): Promise<void> {
    this.#closed = true
    await this.flush()
  }

  #hasWork(): boolean {
    return this.#waiting.length > 0 || this.#uncounted > 0
  }

  #writeSoon(): void {
    if (this.#closed) return
    // Whoever waits for a flush hears of its failure; here it was told to `onTrouble`.
    this.#timer ??= setTimeout(() => void this.flush().catch(() => {}), this.#isTroubled ? RETRY_MS : FLUSH_MS)
  }

  async #writeWaiting(): Promise<void> {
    while (this.#waiting.length > 0) {
      const chunk = this.#waiting.slice(0, CHUNK)
      await this.#write(chunk)
      this.#waiting = this.#waiting.slice(chunk.length)
    }
    if (this.#uncounted > 0) {
      const count = this.#uncounted
      await this.#write([notItemised(count, this.#firstUncountedAt ?? new Date())])
      this.#uncounted -= count
      this.#firstUncountedAt = undefined
    }
  }
}

function notItemised(count: number, since: Date): AuditEntry {
  return {
    at: new Date(),
    requestId: '',
    caller: '',
    credential: 'none',
    tokenId: undefined,
    tokenName: undefined,
    address: undefined,
    function: '',
    target: '',
    outcome: 'refused',
    reason: 'not-itemised',
    details: { count, since: since.toISOString() },
  }
}
