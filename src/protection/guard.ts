/**
 * The guard before the credential: who may try at all. It counts failed attempts by network and by user, bans networks for a while,
 * keeps the lists of addresses that are always or never let in, and bounds guessing. What it decides by is in memory, so that a call costs
 * nothing while nobody is banned; it is loaded from the store at the start and written to it in batches. Other nodes' bans and
 * failures are known `FOLLOW_SECONDS` later.
 *
 * Never banned: the local socket, which does not come here; the machine's own addresses while `ignoresSelf`; the allow list.
 */
import type { Address } from '../ip-rules/address.ts'
import { formatAddress } from '../ip-rules/address.ts'
import { type Attempt, networkOf, WEIGHTS } from './attempt.ts'
import { type Ban, nextBan } from './bans.ts'
import { type Barred, bannedBy, DENIED, USER_LOCKED, userWait } from './barred.ts'
import type { ProtectionEvent } from './events.ts'
import { GuardState, type Surroundings } from './guard-state.ts'
import { GuardWriter } from './guard-writer.ts'
import { type Counted, countedAgainst, type Guess, GuessesUnderWay, type GuessRequest, type SignedIn } from './guess.ts'
import type { ProtectionStore } from './store.ts'
import { FREE_FAILURES } from './user-counts.ts'

export type GuardParts = Surroundings & {
  readonly store: Pick<ProtectionStore, 'load' | 'loadNews' | 'append' | 'prune'>
  /** Tells this process from others on the same database. */
  readonly node: string
  emit(event: ProtectionEvent): void
  /** For the trail: each ban and each lock, whoever is alerted. */
  onBan(ban: Ban): void
  onLock(user: string, addressText: string, failures: number, atMs: number): void
  onTrouble(error: unknown): void
}

const MINUTE_MS = 60_000
/** An address where a user signed in before has so many failures of that user of its own, when it is banned for others'. */
const KNOWN_FAILURES_MAX = 5
const KNOWN_WRITTEN_EACH_MS = 3_600_000
const ATTEMPTS_KEPT_MAX = 20_000
/** Attempts that count for nothing are listed too, but never more of them a second. */
const UNCOUNTED_A_SECOND_MAX = 100
// A handshake takes as long as some forty calls. Many at once are answered, but not for long.
const BANNED_HANDSHAKES_A_SECOND_MAX = 50
const BANNED_HANDSHAKES_AT_ONCE_MAX = 200

export class Guard {
  readonly #parts: GuardParts
  readonly #state: GuardState
  readonly #writer: GuardWriter
  readonly #underWay = new GuessesUnderWay()
  readonly #uncounted = makeLimit(UNCOUNTED_A_SECOND_MAX, UNCOUNTED_A_SECOND_MAX)
  readonly #handshakes = makeLimit(BANNED_HANDSHAKES_A_SECOND_MAX, BANNED_HANDSHAKES_AT_ONCE_MAX)
  #prunedMs = 0

  private constructor(parts: GuardParts) {
    this.#parts = parts
    this.#state = new GuardState(parts)
    this.#writer = new GuardWriter(parts.store, parts.node, parts.onTrouble)
  }

  /** With everything that was counted before. */
  static async open(parts: GuardParts): Promise<Guard> {
    const guard = new Guard(parts)
    await guard.reload()
    return guard
  }

  /** Nobody is banned and nobody denied, so `barOf` need not be asked. */
  get isQuiet(): boolean {
    return this.#state.isQuiet
  }

  /** Whether calls from there are not listened to at the moment. */
  barOf(address: Address | undefined, nowMs: number): Barred | undefined {
    if (this.#state.isQuiet || address === undefined) return undefined
    const ban = this.#state.activeBan(networkOf(address), nowMs)
    const isDenied = this.#state.isDenied(address)
    if ((ban === undefined && !isDenied) || this.#state.isExempt(address)) return undefined
    return isDenied ? DENIED : ban && bannedBy(ban, nowMs)
  }

  /**
   * Whether a new connection is worth its handshake. Banned addresses are still answered, so that they learn when to come again, but all
   * of them together get so many handshakes a second and no more.
   */
  mayConnect(address: Address | undefined, nowMs: number): boolean {
    return this.barOf(address, nowMs) === undefined || this.#handshakes(nowMs)
  }

  /** Never banned and never counted: the allow list, the settings' list, and the machine itself unless it is to be counted. */
  isExempt(address: Address): boolean {
    return this.#state.isExempt(address)
  }

  /**
   * Counts a refused attempt that was no guess of a password or code. Gives what to answer when the network had been banned before it:
   * calls that run at the same time are counted exactly.
   */
  count(attempt: Attempt): Barred | undefined {
    const { address, atMs } = attempt
    if (address === undefined || attempt.kind === 'other' || !this.#state.config.isEnabled) return undefined
    const bar = this.barOf(address, atMs)
    if (bar === undefined) this.#note(attempt, address, networkOf(address))
    return bar
  }

  /**
   * Asks to check a password or code. At most as many as the limits leave are checked at a time; what comes beside them waits until
   * it is known how they ended, so that never one too many is checked. Throws `overloaded` when too many wait.
   */
  async beginGuess(request: GuessRequest): Promise<Guess | Barred> {
    for (;;) {
      const verdict = this.#admit(request, this.#parts.nowMs())
      if (verdict === 'go') return this.#open(request)
      if (verdict !== 'wait') {
        if (verdict.because === 'user-wait') this.#countImpatience(request)
        return verdict
      }
      await this.#underWay.oneEnds()
    }
  }

  /** Reads everything anew; what was not yet written stays counted. */
  reload(): Promise<void> {
    return this.#writer.aside(async (unwritten) => {
      const sinceMs = this.#state.windowBegin(this.#parts.nowMs())
      this.#state.take(await this.#parts.store.load(sinceMs), unwritten())
    })
  }

  /** Of names that no user has, nothing is stored; to be called when the history was removed. */
  forgetUnknownUsers(): void {
    this.#state.users.clear()
  }

  /** What other nodes found out. To be called each second where there are others. */
  async follow(): Promise<void> {
    const { store, node } = this.#parts
    const { lastSeq, bansMs } = this.#state.seen
    if (!this.#state.takeNews(await store.loadNews(node, lastSeq, bansMs))) await this.reload()
  }

  /** To be called now and then: lets go of what counts no more. */
  async tidy(): Promise<void> {
    const nowMs = this.#parts.nowMs()
    this.#state.sweep(nowMs)
    if (nowMs - this.#prunedMs < MINUTE_MS) return
    this.#prunedMs = nowMs
    const beforeMs = this.#state.lookbackBegin(nowMs)
    await this.#writer.aside(() => this.#parts.store.prune(beforeMs, beforeMs, ATTEMPTS_KEPT_MAX))
    // Users may have been renamed.
    await this.reload()
  }

  /** Resolves when everything counted so far is committed. */
  flush(): Promise<void> {
    return this.#writer.flush()
  }

  close(): Promise<void> {
    return this.#writer.close()
  }

  #admit(request: GuessRequest, nowMs: number): 'go' | 'wait' | Barred {
    if (!this.#state.config.isEnabled) return 'go'
    const counted = countedAgainst(request)
    const isKnown = this.#state.knownSince(counted.user, counted.network) !== undefined
    const byAddress = this.#admitAddress(request, counted, isKnown, nowMs)
    return byAddress === 'go' ? this.#admitUser(request, counted.user, isKnown, nowMs) : byAddress
  }

  #admitAddress(
    { address, factor }: GuessRequest,
    { network, user }: Counted,
    isKnown: boolean,
    nowMs: number,
  ): 'go' | 'wait' | Barred {
    const state = this.#state
    if (state.isExempt(address)) return 'go'
    if (state.isDenied(address)) return DENIED
    if (!state.config.countsByAddress) return 'go'
    const underWay = this.#underWay.ofNetwork(network)
    const ban = state.activeBan(network, nowMs)
    if (ban !== undefined) {
      // Somebody else behind the same address, or an attacker who shares it, cannot keep a user out who signed in there before.
      if (!isKnown || state.users.failuresFrom(factor, user, network) >= KNOWN_FAILURES_MAX) return bannedBy(ban, nowMs)
      return underWay === 0 ? 'go' : 'wait'
    }
    const { score } = state.counts.since(network, state.windowBegin(nowMs))
    return state.isTooMuch(score + underWay * WEIGHTS.normal) ? 'wait' : 'go'
  }

  #admitUser({ address, factor }: GuessRequest, user: string, isKnown: boolean, nowMs: number): 'go' | 'wait' | Barred {
    const { config, users } = this.#state
    if (isKnown || !this.#state.countsAgainst(user, address)) return 'go'
    const failures = users.failures(factor, user)
    const underWay = this.#underWay.ofUser(factor, user)
    if (failures >= config.maxFailuresByUser) return USER_LOCKED
    const free = Math.min(FREE_FAILURES, config.maxFailuresByUser)
    if (failures + underWay < free) return 'go'
    if (underWay > 0) return 'wait'
    const waitMs = users.nextAtMs(factor, user) - nowMs
    return waitMs <= 0 ? 'go' : userWait(waitMs)
  }

  /**
   * Whoever failed and does not wait as told goes on guessing, which counts against the address. From where nothing failed it may be the
   * user, who waits because of others.
   */
  #countImpatience(request: GuessRequest): void {
    const { network, user } = countedAgainst(request)
    if (this.#state.users.failuresFrom(request.factor, user, network) === 0) return
    this.#note({ ...request, atMs: this.#parts.nowMs() }, request.address, network)
  }

  #open(request: GuessRequest): Guess {
    const counted = countedAgainst(request)
    const settle = this.#underWay.begin(counted, request.factor)
    return {
      kind: 'guess',
      fail: (isReal) => {
        this.#failed(request, counted, isReal)
        settle()
      },
      succeed: (who, opensSession) => {
        this.#succeeded(request, counted, who, opensSession)
        settle()
      },
      abandon: settle,
    }
  }

  #failed(request: GuessRequest, { network, user }: Counted, isReal: boolean): void {
    const { config, users } = this.#state
    if (!config.isEnabled) return
    const { address, factor } = request
    const atMs = this.#parts.nowMs()
    if (this.#state.activeBan(network, atMs) === undefined) this.#note({ ...request, atMs }, address, network)
    if (!this.#state.countsAgainst(user, address)) return
    const failure = { factor, user, network, failures: 1, lastFailedAtMs: atMs }
    users.add(failure, isReal)
    // Names that nobody has are not worth a row each.
    if (isReal) this.#writer.addUserChange({ kind: 'add', ...failure })
    const failures = users.failures(factor, user)
    if (failures !== config.maxFailuresByUser) return
    this.#parts.onLock(user, formatAddress(address), failures, atMs)
    this.#parts.emit({ kind: 'user-locked', at: new Date(atMs), address: formatAddress(address), user, failures })
  }

  #succeeded(
    { address, factor }: GuessRequest,
    { network, user }: Counted,
    who: SignedIn,
    opensSession: boolean,
  ): void {
    const atMs = this.#parts.nowMs()
    const { config, users } = this.#state
    const isLocked = users.failures(factor, user) >= config.maxFailuresByUser
    if (isLocked || users.failuresFrom(factor, user, network) > 0) {
      const forgiven = isLocked ? undefined : network
      users.forgive(factor, user, forgiven)
      this.#writer.addUserChange({ kind: 'forgive', factor, user, network: forgiven })
    }
    const seenMs = this.#state.knownSince(user, network)
    if (seenMs === undefined || atMs - seenMs > KNOWN_WRITTEN_EACH_MS) {
      this.#state.remember(user, network, atMs)
      this.#writer.addKnown({ userId: who.id, user: who.name, network, lastSuccessAtMs: atMs })
    }
    const { notifyOnRootLogin, notifyOnRootLoginForKnownNetblock } = config
    const isTold = notifyOnRootLogin && (seenMs === undefined || notifyOnRootLoginForKnownNetblock)
    if (who.isRoot && opensSession && isTold)
      this.#parts.emit({
        kind: 'root-signed-in',
        at: new Date(atMs),
        address: formatAddress(address),
        isKnownAddress: seenMs !== undefined,
      })
  }

  #note(attempt: Attempt, address: Address, network: string): void {
    const state = this.#state
    const isCounted = state.config.countsByAddress && !state.isExempt(address)
    const weight = isCounted ? WEIGHTS[attempt.weight] : 0
    const { atMs, claimedUser, kind, service, factor } = attempt
    if (weight > 0 || this.#uncounted(atMs))
      this.#writer.addAttempt({
        atMs,
        claimedUser: claimedUser.slice(0, 300).toWellFormed().replaceAll('\u0000', '\ufffd'),
        kind,
        service,
        factor,
        addressText: formatAddress(address),
        network,
        weight,
      })
    if (weight === 0) return
    state.counts.add(network, atMs, weight)
    const { score, attempts } = state.counts.since(network, state.windowBegin(atMs))
    if (state.isTooMuch(score)) this.#ban(network, claimedUser, attempts, score, atMs)
  }

  #ban(network: string, claimedUser: string, attempts: number, score: number, nowMs: number): void {
    const failures = Math.floor(score / WEIGHTS.normal)
    const { config } = this.#state
    const last = this.#state.lastBan(network)
    const ban = nextBan(last, { network, claimedUser, attempts, failures }, config, nowMs)
    this.#state.ban(ban)
    this.#writer.addBan(ban)
    this.#parts.onBan(ban)
    if (!config.notifyOnBrute) return
    const { untilMs, repetition } = ban
    this.#parts.emit({
      kind: 'address-banned',
      at: new Date(nowMs),
      address: network,
      claimedUser,
      failures: attempts,
      until: new Date(untilMs),
      repetition,
    })
  }
}

/** Says yes to so many a second, and after a rest to so many at once. */
function makeLimit(aSecond: number, atOnce: number): (nowMs: number) => boolean {
  let [left, lastMs] = [atOnce, 0]
  return (nowMs) => {
    const passedMs = Math.max(0, nowMs - lastMs)
    left = Math.min(atOnce, left + (passedMs * aSecond) / 1000)
    lastMs = nowMs
    if (left < 1) return false
    left -= 1
    return true
  }
}
