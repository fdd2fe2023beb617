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
  #sessionsUnderWay: ReadonlyMap<string, number> = new Map()
  #timer: NodeJS.Timeout | undefined
  #flushing: Promise<void> = Promise.resolve()
  #isTroubled = false
  #closed = false

  /** `onTrouble` hears of the first failure of a row of them. */
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
    this.#writeSoon()
  }

  markSession(digest: string, nowMs: number): void {
    this.#sessions.set(digest, nowMs)
    this.#writeSoon()
  }

  /** When the session was last seen by this process, if it is newer than what is stored. */
  sessionSeenMs(digest: string): number | undefined {
    return this.#sessions.get(digest) ?? this.#sessionsUnderWay.get(digest)
  }

  /** Resolves when everything marked before is written; throws when it could not be (it then still waits). */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#flushing = this.#flushing.catch(() => {}).then(() => this.#flushWaiting())
    return this.#flushing
  }

  /** The last try; what is marked later is not written any more. */
  async close(): Promise<void> {
    this.#closed = true
    await this.flush()
  }

  #writeSoon(): void {
    if (this.#closed) return
    // Whoever waits for a flush hears of its failure; here it was told to `onTrouble`.
    this.#timer ??= setTimeout(() => void this.flush().catch(() => {}), FLUSH_MS)
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
    this.#sessionsUnderWay = sessions
    try {
      await this.#writer.write(uses, sessions)
      this.#isTroubled = false
    } catch (error) {
      // What could not be written waits for the next time, beneath what came meanwhile; one record a token, however long it lasts.
      this.#waiting = this.#waiting.concat(oneOfEach(uses))
      for (const [digest, ms] of sessions) if (!this.#sessions.has(digest)) this.#sessions.set(digest, ms)
      if (!this.#isTroubled) this.#onTrouble(error)
      this.#isTroubled = true
      this.#writeSoon()
      throw error
    } finally {
      this.#sessionsUnderWay = new Map()
    }
  }
}

function oneOfEach(uses: readonly TokenUse[]): readonly TokenUse[] {
  const byToken = new Map<string, TokenUse>()
  for (const use of uses) {
    const before = byToken.get(use.tokenId)
    const latest = before === undefined || use.lastUsedMs >= before.lastUsedMs ? use : before
    byToken.set(use.tokenId, { ...latest, calls: use.calls + (before?.calls ?? 0) })
  }
  return [...byToken.values()]
}
