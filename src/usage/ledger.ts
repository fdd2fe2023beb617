/**
 * What tokens and sessions were last used for, gathered in memory and written together about once a second and at a clean stop. A
 * killed process loses at most what was gathered since the last write. Nothing here decides a call.
 */

/** Hangs on the token's record in memory, so that marking a use costs no look-up. */
export type TokenUse = {
  readonly tokenId: string
  calls: number
  lastUsedMs: number
  lastUsedAddress: string
  isWaiting: boolean
}

export type UsageWriter = {
  /** Adds `calls` and sets the last use of each, in one transaction. */
  write(uses: readonly Readonly<TokenUse>[], sessionsSeen: ReadonlyMap<string, number>): Promise<void>
}

const FLUSH_MS = 1000

export class UsageLedger {
  readonly #writer: UsageWriter
  readonly #onTrouble: (error: unknown) => void
  #waiting: TokenUse[] = []
  #sessions = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined
  #flushing: Promise<void> = Promise.resolve()

  constructor(writer: UsageWriter, onTrouble: (error: unknown) => void) {
    this.#writer = writer
    this.#onTrouble = onTrouble
  }

  newUse(tokenId: string): TokenUse {
    return { tokenId, calls: 0, lastUsedMs: 0, lastUsedAddress: '', isWaiting: false }
  }

  markToken(use: TokenUse, nowMs: number, address: string): void {
    use.calls += 1
    use.lastUsedMs = nowMs
    use.lastUsedAddress = address
    if (use.isWaiting) return
    use.isWaiting = true
    this.#waiting.push(use)
    this.#timer ??= setTimeout(() => void this.flush().catch(this.#onTrouble), FLUSH_MS)
  }

  markSession(digest: string, nowMs: number): void {
    this.#sessions.set(digest, nowMs)
    this.#timer ??= setTimeout(() => void this.flush().catch(this.#onTrouble), FLUSH_MS)
  }

  /** When the session was last seen by this process, if it is newer than what is stored. */
  sessionSeenMs(digest: string): number | undefined {
    return this.#sessions.get(digest)
  }

  /** Resolves when everything marked before is written. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#flushing = this.#flushing.catch(() => {}).then(() => this.#flushWaiting())
    return this.#flushing
  }

  async #flushWaiting(): Promise<void> {
    const uses = this.#waiting.map((use) => {
      const taken = { ...use }
      use.calls = 0
      use.isWaiting = false
      return taken
    })
    const sessions = this.#sessions
    this.#waiting = []
    this.#sessions = new Map()
    if (uses.length === 0 && sessions.size === 0) return
    try {
      await this.#writer.write(uses, sessions)
    } catch (error) {
      // What could not be written waits for the next time, beneath what came meanwhile.
      this.#waiting.push(...uses)
      for (const [digest, ms] of sessions) if (!this.#sessions.has(digest)) this.#sessions.set(digest, ms)
      this.#timer ??= setTimeout(() => void this.flush().catch(this.#onTrouble), FLUSH_MS)
      throw error
    }
  }
}
