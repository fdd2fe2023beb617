/**
 * What tokens did and what they were refused, and when sessions were last seen: gathered in memory and written together about once a
 * second and at a clean stop. A killed process loses at most what was gathered since the last write. Counts are exact otherwise; times are
 * those of the call, to the second, and the hour that a call is counted in may be that of a second later. Nothing here decides a call.
 */
import { type LedgerCount, type LedgerKind, mergeCounts, OTHER_NAMES, Tally } from './tally.ts'

/** Hangs on the token's record in memory, so that marking a use costs no look-up. */
export type TokenUse = {
  readonly tokenId: string
  /** Which of the token's secrets came with the calls; undefined while it has had only one. */
  readonly secretNumber: number | undefined
  calls: number
  firstUsedMs: number
  lastUsedMs: number
  lastUsedAddress: string
  lastFunction: string
  readonly functions: Tally
  readonly addresses: Tally
  isWaiting: boolean
}

/** A use as it is written. */
export type TakenUse = Readonly<Omit<TokenUse, 'functions' | 'addresses' | 'isWaiting'>>

/** Refusals of one token. */
export type TokenRefusals = {
  readonly tokenId: string
  refused: number
  lastMs: number
  lastAddress: string
  lastReason: string
}

export type UsageBatch = {
  readonly uses: readonly TakenUse[]
  readonly refusals: readonly Readonly<TokenRefusals>[]
  readonly counts: readonly LedgerCount[]
  readonly sessionsSeen: ReadonlyMap<string, number>
}

export type UsageWriter = {
  /** Adds counts and sets last uses, in one transaction. */
  write(batch: UsageBatch): Promise<void>
}

export type LedgerOptions = {
  /** False: only the last use and the number of calls are kept, and nothing by hour. */
  readonly keepsDetails: boolean
  /** Hears of the first failure of a row of them. */
  onTrouble(error: unknown): void
}

/** Figures are at most this late, and a killed process loses at most these. */
export const ACCURACY_SECONDS = 1
const FLUSH_MS = ACCURACY_SECONDS * 1000
const TOKENS_MAX = 20_000

export class UsageLedger {
  readonly #writer: UsageWriter
  readonly #options: LedgerOptions
  #waiting: TokenUse[] = []
  #failedUses: readonly TakenUse[] = []
  #refusals = new Map<string, TokenRefusals & { readonly reasons: Tally }>()
  #accounts = new Map<string, Tally>()
  #innerFunctions = new Map<string, Tally>()
  #counts = new Map<string, LedgerCount>()
  #hour = new HourNames()
  #sessions = new Map<string, number>()
  #sessionsUnderWay: ReadonlyMap<string, number> = new Map()
  #timer: NodeJS.Timeout | undefined
  #flushing: Promise<void> = Promise.resolve()
  #isTroubled = false
  #closed = false

  constructor(writer: UsageWriter, options: LedgerOptions) {
    this.#writer = writer
    this.#options = options
  }

  newUse(tokenId: string, secretNumber?: number): TokenUse {
    return {
      tokenId,
      secretNumber,
      calls: 0,
      firstUsedMs: 0,
      lastUsedMs: 0,
      lastUsedAddress: '',
      lastFunction: '',
      functions: new Tally(),
      addresses: new Tally(),
      isWaiting: false,
    }
  }

  /** On the path of every token call. */
  markToken(use: TokenUse, nowMs: number, address: string, functionName: string): void {
    use.calls += 1
    use.lastUsedMs = nowMs
    use.lastUsedAddress = address
    use.lastFunction = functionName
    if (this.#options.keepsDetails) {
      use.functions.count(functionName)
      use.addresses.count(address)
    }
    if (use.isWaiting) return
    use.isWaiting = true
    use.firstUsedMs = nowMs
    this.#waiting.push(use)
    this.#writeSoon()
  }

  /** For a call that was done: the account, by its user name or domain, that it was about. */
  markAccount(tokenId: string, account: string): void {
    this.#countFor(this.#accounts, tokenId, account)
  }

  /** A function that was called within another call, which was marked for itself. */
  markInnerFunction(tokenId: string, functionName: string): void {
    this.#countFor(this.#innerFunctions, tokenId, functionName)
  }

  #countFor(tallies: Map<string, Tally>, tokenId: string, name: string): void {
    if (!this.#options.keepsDetails) return
    let tally = tallies.get(tokenId)
    if (tally === undefined) {
      if (tallies.size >= TOKENS_MAX) return
      tally = new Tally()
      tallies.set(tokenId, tally)
    }
    tally.count(name)
    this.#writeSoon()
  }

  /** A call with this token, or with a secret that was once its own, was refused. `reason` is a code. */
  markRefusal(tokenId: string, nowMs: number, address: string, reason: string): void {
    let refusals = this.#refusals.get(tokenId)
    if (refusals === undefined) {
      if (this.#refusals.size >= TOKENS_MAX) return
      refusals = { tokenId, refused: 0, lastMs: 0, lastAddress: '', lastReason: '', reasons: new Tally() }
      this.#refusals.set(tokenId, refusals)
    }
    refusals.refused += 1
    refusals.lastMs = nowMs
    refusals.lastAddress = address
    refusals.lastReason = reason
    refusals.reasons.count(reason)
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
    const batch = this.#take()
    const { uses, refusals, counts, sessionsSeen } = batch
    if (uses.length === 0 && refusals.length === 0 && counts.length === 0 && sessionsSeen.size === 0) return
    this.#sessionsUnderWay = sessionsSeen
    try {
      await this.#writer.write(batch)
      this.#isTroubled = false
    } catch (error) {
      this.#putBack(batch)
      if (!this.#isTroubled) this.#options.onTrouble(error)
      this.#isTroubled = true
      this.#writeSoon()
      throw error
    } finally {
      this.#sessionsUnderWay = new Map()
    }
  }

  #take(): UsageBatch {
    const uses = oneOfEach([...this.#failedUses, ...this.#waiting.map((use) => this.#takeUse(use))])
    const refusals = [...this.#refusals.values()]
    for (const { tokenId, lastMs, reasons } of refusals) this.#addCounts(tokenId, 'refusal', lastMs, reasons)
    for (const [tokenId, accounts] of this.#accounts) this.#addCounts(tokenId, 'account', Date.now(), accounts)
    for (const [tokenId, names] of this.#innerFunctions) this.#addCounts(tokenId, 'function', Date.now(), names)
    const batch = { uses, refusals, counts: [...this.#counts.values()], sessionsSeen: this.#sessions }
    this.#waiting = []
    this.#failedUses = []
    this.#refusals = new Map()
    this.#accounts = new Map()
    this.#innerFunctions = new Map()
    this.#counts = new Map()
    this.#sessions = new Map()
    return batch
  }

  #takeUse(use: TokenUse): TakenUse {
    const { functions, addresses, isWaiting: _, ...taken } = use
    this.#addCounts(use.tokenId, 'function', use.lastUsedMs, functions)
    this.#addCounts(use.tokenId, 'address', use.lastUsedMs, addresses)
    use.calls = 0
    use.isWaiting = false
    return taken
  }

  #addCounts(tokenId: string, kind: LedgerKind, nowMs: number, tally: Tally): void {
    for (const [name, calls] of tally.take()) {
      const kept = this.#hour.nameFor(nowMs, tokenId, kind, name)
      mergeCounts(this.#counts, [{ tokenId, kind, hourMs: hourOf(nowMs), name: kept, calls, lastMs: nowMs }])
    }
  }

  /** What could not be written waits for the next time; one record a token and name, however long it lasts. */
  #putBack({ uses, refusals, counts, sessionsSeen }: UsageBatch): void {
    this.#failedUses = uses
    mergeCounts(this.#counts, counts)
    for (const { tokenId, refused, lastMs, lastAddress, lastReason } of refusals) {
      const later = this.#refusals.get(tokenId)
      if (later !== undefined) later.refused += refused
      // Its reasons are among the counts.
      else this.#refusals.set(tokenId, { tokenId, refused, lastMs, lastAddress, lastReason, reasons: new Tally() })
    }
    for (const [digest, ms] of sessionsSeen) if (!this.#sessions.has(digest)) this.#sessions.set(digest, ms)
  }
}

const HOUR_MS = 3_600_000
/** So many names of a kind are told apart for a token in one hour; further ones are counted together. */
const NAMES_MAX = 200

function hourOf(ms: number): number {
  return ms - (ms % HOUR_MS)
}

/** The names that were counted in this hour, so that no token can fill the database with them. */
class HourNames {
  #hourMs = 0
  #names = new Map<string, Set<string>>()

  nameFor(nowMs: number, tokenId: string, kind: LedgerKind, name: string): string {
    const hourMs = hourOf(nowMs)
    if (hourMs !== this.#hourMs) {
      this.#hourMs = hourMs
      this.#names = new Map()
    }
    const key = `${kind} ${tokenId}`
    let names = this.#names.get(key)
    if (names === undefined) {
      names = new Set()
      this.#names.set(key, names)
    }
    if (names.has(name)) return name
    if (names.size >= NAMES_MAX) return OTHER_NAMES
    names.add(name)
    return name
  }
}

function oneOfEach(uses: readonly TakenUse[]): readonly TakenUse[] {
  const bySecret = new Map<string, TakenUse>()
  for (const use of uses) {
    const key = `${use.tokenId}/${use.secretNumber}`
    const before = bySecret.get(key)
    if (before === undefined) {
      bySecret.set(key, use)
      continue
    }
    const latest = use.lastUsedMs >= before.lastUsedMs ? use : before
    const firstUsedMs = Math.min(use.firstUsedMs, before.firstUsedMs)
    bySecret.set(key, { ...latest, firstUsedMs, calls: use.calls + before.calls })
  }
  return [...bySecret.values()]
}
