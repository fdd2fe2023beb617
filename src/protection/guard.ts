/**
 * The guard before the credential: who may try at all. It counts failed attempts by network and by user, bans networks for a while,
 * keeps the lists of addresses that are always or never let in, and bounds guessing. What it decides by is in memory, so that a call costs
 * nothing while nobody is banned; it is loaded from the store at the start and written to it in batches. Other nodes' bans and
 * failures are known `FOLLOW_SECONDS` later.
 *
 * Never banned: the local socket, which does not come here; the machine's own addresses while `ignoresSelf`; the allow list.
 */
import { Failure } from '../failures.ts'
import type { Address } from '../ip-rules/address.ts'
import { formatAddress } from '../ip-rules/address.ts'
import { compileIpRules } from '../ip-rules/match.ts'
import { parseIpRule } from '../ip-rules/rule.ts'
import { AddressCounts } from './address-counts.ts'
import { type Attempt, countedUser, type Factor, networkOf, WEIGHTS } from './attempt.ts'
import { type Ban, nextBan } from './bans.ts'
import { PROTECTION_DEFAULTS, type ProtectionConfig } from './config.ts'
import type { ProtectionEvent } from './events.ts'
import { GuardWriter } from './guard-writer.ts'
import type { KeptAttempt, ListEntry, ProtectionBatch, ProtectionState, ProtectionStore } from './store.ts'
import { FREE_FAILURES, UserCounts } from './user-counts.ts'

/** Not listened to. */
export type Barred = {
  readonly kind: 'barred'
  /** `denied`: on the deny list. `banned`: its network failed too often. `user-wait`: the user named failed too often. */
  readonly because: 'denied' | 'banned' | 'user-wait'
  /** When to come again; meaningless for `denied`. */
  readonly retryAfterSeconds: number
}

/** A password or code that is about to be checked. Exactly one of the three must be called. */
export type Guess = {
  readonly kind: 'guess'
  /** It was wrong; `isReal` when there is a user of that name. */
  fail(isReal: boolean): void
  /** It was right, and nothing else is asked for. */
  succeed(user: { readonly id: number; readonly name: string; readonly isRoot: boolean }, opensSession: boolean): void
  /** It was not checked after all. */
  abandon(): void
}

export type GuessRequest = Omit<Attempt, 'atMs' | 'address' | 'factor'> & {
  readonly address: Address
  readonly factor: Factor
}

export type GuardParts = {
  readonly store: Pick<ProtectionStore, 'load' | 'loadNews' | 'append' | 'prune'>
  /** Tells this process from others on the same database. */
  readonly node: string
  nowMs(): number
  /** The machine's own addresses are never barred. */
  readonly ignoresSelf: boolean
  isOwnAddress(address: Address): boolean
  /** By the settings; beside the allow list. */
  isAlwaysAllowed(address: Address): boolean
  emit(event: ProtectionEvent): void
  /** For the trail: each ban and each lock, whoever is alerted. */
  onBan(ban: Ban): void
  onLock(user: string, addressText: string, failures: number, atMs: number): void
  onTrouble(error: unknown): void
}

const MINUTE_MS = 60_000
/** An address where a user signed in before has so many failures of that user of its own, when it is banned for others'. */
const KNOWN_FAILURES_MAX = 5
const WAITING_MAX = 256
const LOCKED_RETRY_SECONDS = 3600
const KNOWN_WRITTEN_EACH_MS = 3_600_000
const ATTEMPTS_KEPT_MAX = 20_000
/** Attempts that count for nothing are listed too, but never more of them a second. */
const UNCOUNTED_A_SECOND_MAX = 100
// A handshake takes as long as some forty calls.
const BANNED_HANDSHAKES_A_SECOND_MAX = 200

export class Guard {
  readonly #parts: GuardParts
  readonly #writer: GuardWriter
  readonly #counts = new AddressCounts()
  readonly #users = new UserCounts()
  readonly #bans = new Map<string, Ban>()
  #known = new Map<string, Map<string, number>>()
  #config: ProtectionConfig = PROTECTION_DEFAULTS
  #isAllowListed: (address: Address) => boolean = () => false
  #isDenied: ((address: Address) => boolean) | undefined
  /** Guesses that are being checked, by network and by user. */
  readonly #underWay = new Map<string, number>()
  #waiting: (() => void)[] = []
  #isQuiet = true
  #version = 0
  #lastSeq = 0
  #bansSeenMs = 0
  #prunedMs = 0
  #uncounted = { second: 0, count: 0 }
  #handshakes = { second: 0, count: 0 }

  private constructor(parts: GuardParts) {
    this.#parts = parts
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
    return this.#isQuiet
  }

  /** Whether calls from there are not listened to at the moment. */
  barOf(address: Address | undefined, nowMs: number): Barred | undefined {
    if (this.#isQuiet || address === undefined) return undefined
    const ban = this.#activeBan(networkOf(address), nowMs)
    const isDenied = this.#isDenied?.(address) === true
    if ((ban === undefined && !isDenied) || this.isExempt(address)) return undefined
    if (isDenied) return { kind: 'barred', because: 'denied', retryAfterSeconds: LOCKED_RETRY_SECONDS }
    return ban && barredBy(ban, nowMs)
  }

  /**
   * Whether a new connection is worth its handshake. Banned addresses are still answered, so that they learn when to come again, but all
   * of them together get so many handshakes a second and no more.
   */
  mayConnect(address: Address | undefined, nowMs: number): boolean {
    if (this.barOf(address, nowMs) === undefined) return true
    const second = Math.floor(nowMs / 1000)
    if (second !== this.#handshakes.second) this.#handshakes = { second, count: 0 }
    this.#handshakes.count += 1
    return this.#handshakes.count <= BANNED_HANDSHAKES_A_SECOND_MAX
  }

  /** Never banned and never counted: the allow list, the settings' list, and the machine itself unless it is to be counted. */
  isExempt(address: Address): boolean {
    if (!this.#config.isEnabled) return true
    if (this.#parts.ignoresSelf && this.#parts.isOwnAddress(address)) return true
    return this.#isAllowListed(address) || this.#parts.isAlwaysAllowed(address)
  }

  /**
   * Counts a refused attempt that was no guess of a password or code. Gives what to answer when the network had been banned before it:
   * calls that run at the same time are counted exactly.
   */
  count(attempt: Attempt): Barred | undefined {
    const { address, atMs } = attempt
    if (address === undefined || attempt.kind === 'other' || !this.#config.isEnabled) return undefined
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
      if (verdict !== 'wait') return verdict
      if (this.#waiting.length >= WAITING_MAX) throw new Failure('overloaded')
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  /** Reads everything anew; what was not yet written stays counted. */
  reload(): Promise<void> {
    return this.#writer.aside(async (unwritten) => {
      const sinceMs = this.#parts.nowMs() - this.#config.windowMinutes * MINUTE_MS
      this.#take(await this.#parts.store.load(sinceMs), unwritten())
    })
  }

  /** Of names that no user has, nothing is stored; to be called when the history was removed. */
  forgetUnknownUsers(): void {
    this.#users.clear()
  }

  /** What other nodes found out. To be called each second where there are others. */
  async follow(): Promise<void> {
    const { store, node } = this.#parts
    const news = await store.loadNews(node, this.#lastSeq, this.#bansSeenMs)
    if (news.version !== this.#version) return this.reload()
    for (const ban of news.bans) this.#takeBan(ban)
    for (const attempt of news.attempts) this.#takeAttempt(attempt)
    this.#lastSeq = Math.max(this.#lastSeq, news.lastSeq)
    this.#look()
  }

  /** To be called now and then: lets go of what counts no more. */
  async tidy(): Promise<void> {
    const nowMs = this.#parts.nowMs()
    const { windowMinutes, lookbackMinutes } = this.#config
    this.#counts.sweep(nowMs - windowMinutes * MINUTE_MS)
    for (const [network, { untilMs }] of this.#bans)
      if (untilMs + lookbackMinutes * MINUTE_MS < nowMs) this.#bans.delete(network)
    this.#look()
    if (nowMs - this.#prunedMs < MINUTE_MS) return
    this.#prunedMs = nowMs
    const beforeMs = nowMs - lookbackMinutes * MINUTE_MS
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

  #activeBan(network: string, nowMs: number): Ban | undefined {
    const ban = this.#bans.get(network)
    return ban !== undefined && nowMs < ban.untilMs && this.#config.countsByAddress ? ban : undefined
  }

  #limit(): number {
    return this.#config.maxFailuresByAddress * WEIGHTS.normal
  }

  #admit(request: GuessRequest, nowMs: number): 'go' | 'wait' | Barred {
    if (!this.#config.isEnabled) return 'go'
    const network = networkOf(request.address)
    const user = countedUser(request.claimedUser)
    const isKnown = this.#known.get(user)?.has(network) === true
    const byAddress = this.#admitAddress(request, network, user, isKnown, nowMs)
    return byAddress === 'go' ? this.#admitUser(request, user, isKnown, nowMs) : byAddress
  }

  #admitAddress(
    { address, factor }: GuessRequest,
    network: string,
    user: string,
    isKnown: boolean,
    nowMs: number,
  ): 'go' | 'wait' | Barred {
    if (this.isExempt(address)) return 'go'
    const isDenied = this.#isDenied?.(address) === true
    if (isDenied) return { kind: 'barred', because: 'denied', retryAfterSeconds: LOCKED_RETRY_SECONDS }
    if (!this.#config.countsByAddress) return 'go'
    const underWay = this.#underWay.get(network) ?? 0
    const ban = this.#activeBan(network, nowMs)
    if (ban !== undefined) {
      // Somebody else behind the same address, or an attacker who shares it, cannot keep a user out who signed in there before.
      if (!isKnown || this.#users.failuresFrom(factor, user, network) >= KNOWN_FAILURES_MAX) return barredBy(ban, nowMs)
      return underWay === 0 ? 'go' : 'wait'
    }
    const { score } = this.#counts.since(network, nowMs - this.#config.windowMinutes * MINUTE_MS)
    return score + underWay * WEIGHTS.normal < this.#limit() ? 'go' : 'wait'
  }

  #admitUser({ address, factor }: GuessRequest, user: string, isKnown: boolean, nowMs: number): 'go' | 'wait' | Barred {
    if (isKnown || !this.#countsAgainst(user, address)) return 'go'
    const failures = this.#users.failures(factor, user)
    const underWay = this.#underWay.get(userKey(factor, user)) ?? 0
    if (failures >= this.#config.maxFailuresByUser)
      return { kind: 'barred', because: 'user-wait', retryAfterSeconds: LOCKED_RETRY_SECONDS }
    const free = Math.min(FREE_FAILURES, this.#config.maxFailuresByUser)
    if (failures + underWay < free) return 'go'
    if (underWay > 0) return 'wait'
    const waitMs = this.#users.nextAtMs(factor, user) - nowMs
    if (waitMs <= 0) return 'go'
    return { kind: 'barred', because: 'user-wait', retryAfterSeconds: Math.ceil(waitMs / 1000) }
  }

  #countsAgainst(user: string, address: Address): boolean {
    const { countsByUser, countsByUserLocally, countsForRoot } = this.#config
    if (user === 'root' && !countsForRoot) return false
    const isLocal = this.#parts.isOwnAddress(address)
    if (isLocal && this.#parts.ignoresSelf) return countsByUserLocally
    return countsByUser && !this.isExempt(address)
  }

  #open(request: GuessRequest): Guess {
    const network = networkOf(request.address)
    const user = countedUser(request.claimedUser)
    const keys = [network, userKey(request.factor, user)]
    for (const key of keys) this.#underWay.set(key, (this.#underWay.get(key) ?? 0) + 1)
    let isSettled = false
    const settle = (): void => {
      if (isSettled) return
      isSettled = true
      for (const key of keys) {
        const left = (this.#underWay.get(key) ?? 1) - 1
        if (left === 0) this.#underWay.delete(key)
        else this.#underWay.set(key, left)
      }
      const waiting = this.#waiting
      this.#waiting = []
      for (const resolve of waiting) resolve()
    }
    return {
      kind: 'guess',
      fail: (isReal) => {
        this.#failed(request, network, user, isReal)
        settle()
      },
      succeed: (who, opensSession) => {
        this.#succeeded(request, network, user, who, opensSession)
        settle()
      },
      abandon: settle,
    }
  }

  #failed(request: GuessRequest, network: string, user: string, isReal: boolean): void {
    if (!this.#config.isEnabled) return
    const { address, factor } = request
    const atMs = this.#parts.nowMs()
    if (this.#activeBan(network, atMs) === undefined) this.#note({ ...request, atMs }, address, network)
    if (!this.#countsAgainst(user, address)) return
    const failure = { factor, user, network, failures: 1, lastFailedAtMs: atMs }
    this.#users.add(failure, isReal)
    // Names that nobody has are not worth a row each.
    if (isReal) this.#writer.addUserChange({ kind: 'add', ...failure })
    const failures = this.#users.failures(factor, user)
    if (failures !== this.#config.maxFailuresByUser) return
    this.#parts.onLock(user, formatAddress(address), failures, atMs)
    this.#parts.emit({ kind: 'user-locked', at: new Date(atMs), address: formatAddress(address), user, failures })
  }

  #succeeded(
    { address, factor }: GuessRequest,
    network: string,
    user: string,
    who: { readonly id: number; readonly name: string; readonly isRoot: boolean },
    opensSession: boolean,
  ): void {
    const atMs = this.#parts.nowMs()
    const isLocked = this.#users.failures(factor, user) >= this.#config.maxFailuresByUser
    if (isLocked || this.#users.failuresFrom(factor, user, network) > 0) {
      const forgiven = isLocked ? undefined : network
      this.#users.forgive(factor, user, forgiven)
      this.#writer.addUserChange({ kind: 'forgive', factor, user, network: forgiven })
    }
    const networks = this.#known.get(user) ?? new Map<string, number>()
    const seenMs = networks.get(network)
    if (seenMs === undefined || atMs - seenMs > KNOWN_WRITTEN_EACH_MS) {
      networks.set(network, atMs)
      this.#known.set(user, networks)
      this.#writer.addKnown({ userId: who.id, user: who.name, network, lastSuccessAtMs: atMs })
    }
    const { notifyOnRootLogin, notifyOnRootLoginForKnownNetblock } = this.#config
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
    const counts = this.#config.countsByAddress && !this.isExempt(address)
    const weight = counts ? WEIGHTS[attempt.weight] : 0
    const { atMs, claimedUser, kind, service, factor } = attempt
    if (weight > 0 || this.#mayListUncounted(atMs))
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
    this.#counts.add(network, atMs, weight)
    const { score, attempts } = this.#counts.since(network, atMs - this.#config.windowMinutes * MINUTE_MS)
    if (score >= this.#limit()) this.#ban(network, claimedUser, attempts, score, atMs)
  }

  #ban(network: string, claimedUser: string, attempts: number, score: number, nowMs: number): void {
    const failures = Math.floor(score / WEIGHTS.normal)
    const ban = nextBan(this.#bans.get(network), { network, claimedUser, attempts, failures }, this.#config, nowMs)
    this.#bans.set(network, ban)
    this.#counts.clear(network)
    this.#isQuiet = false
    this.#writer.addBan(ban)
    this.#parts.onBan(ban)
    if (!this.#config.notifyOnBrute) return
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

  #mayListUncounted(atMs: number): boolean {
    const second = Math.floor(atMs / 1000)
    if (second !== this.#uncounted.second) this.#uncounted = { second, count: 0 }
    this.#uncounted.count += 1
    return this.#uncounted.count <= UNCOUNTED_A_SECOND_MAX
  }

  #take(state: ProtectionState, unwritten: ProtectionBatch): void {
    this.#version = state.version
    this.#config = state.config
    this.#lastSeq = Math.max(this.#lastSeq, state.lastSeq)
    this.#isAllowListed = compiled(state.lists.allow)
    this.#isDenied = state.lists.deny.length === 0 ? undefined : compiled(state.lists.deny)
    this.#bans.clear()
    for (const ban of [...state.bans, ...unwritten.bans]) this.#takeBan(ban)
    this.#counts.clearAll()
    this.#users.replaceReal(state.users)
    for (const attempt of [...state.attempts, ...unwritten.attempts]) this.#takeWeight(attempt)
    for (const change of unwritten.users) {
      if (change.kind === 'add') this.#users.add(change, true)
      else this.#users.forgive(change.factor, change.user, change.network)
    }
    const known = new Map<string, Map<string, number>>()
    for (const { user, network, lastSuccessAtMs } of [...state.known, ...unwritten.known]) {
      const networks = known.get(countedUser(user)) ?? new Map<string, number>()
      networks.set(network, lastSuccessAtMs)
      known.set(countedUser(user), networks)
    }
    this.#known = known
    this.#look()
  }

  #takeBan(ban: Ban): void {
    const held = this.#bans.get(ban.network)
    if (held !== undefined && held.begunAtMs >= ban.begunAtMs) return
    this.#bans.set(ban.network, ban)
    this.#counts.clear(ban.network)
    this.#bansSeenMs = Math.max(this.#bansSeenMs, ban.begunAtMs)
  }

  /** Of another node, so its bans are told apart and nothing is written. */
  #takeAttempt(attempt: KeptAttempt): void {
    this.#takeWeight(attempt)
    const { factor, claimedUser, network, weight, atMs } = attempt
    if (factor === 'token' || weight < WEIGHTS.normal) return
    this.#users.add({ factor, user: countedUser(claimedUser), network, failures: 1, lastFailedAtMs: atMs }, true)
  }

  #takeWeight({ network, atMs, weight }: KeptAttempt): void {
    if (weight === 0 || atMs <= (this.#bans.get(network)?.begunAtMs ?? 0)) return
    this.#counts.add(network, atMs, weight)
  }

  #look(): void {
    const nowMs = this.#parts.nowMs()
    let isAnyBanned = false
    for (const { untilMs } of this.#bans.values()) isAnyBanned ||= nowMs < untilMs
    this.#isQuiet = !this.#config.isEnabled || (!isAnyBanned && this.#isDenied === undefined)
  }
}

/** Lets go of the guess when the check itself broke. */
export async function settled<T>(guess: Guess, check: () => Promise<T>): Promise<T> {
  try {
    return await check()
  } catch (error) {
    guess.abandon()
    throw error
  }
}

function barredBy(ban: Ban, nowMs: number): Barred {
  return { kind: 'barred', because: 'banned', retryAfterSeconds: Math.max(1, Math.ceil((ban.untilMs - nowMs) / 1000)) }
}

function compiled(entries: readonly ListEntry[]): (address: Address) => boolean {
  return compileIpRules(
    entries.map(({ rule }) => {
      const parsed = parseIpRule(rule)
      if (!parsed.ok) throw new Error(`the list of addresses holds “${rule}”`)
      return parsed.rule
    }),
  )
}

function userKey(factor: Factor, user: string): string {
  return `${factor} ${user}`
}
