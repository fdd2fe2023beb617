/**
 * What the guard decides by, in memory: the configuration, the lists, who is banned, what is counted against networks and users, and
 * where each user signed in before. It is taken from the store, and follows what other nodes write there.
 */
import type { Address } from '../ip-rules/address.ts'
import { compileIpRules } from '../ip-rules/match.ts'
import { parseIpRule } from '../ip-rules/rule.ts'
import { AddressCounts } from './address-counts.ts'
import { countedUser, WEIGHTS } from './attempt.ts'
import type { Ban } from './bans.ts'
import { PROTECTION_DEFAULTS, type ProtectionConfig } from './config.ts'
import type { KeptAttempt, ListEntry, ProtectionBatch, ProtectionNews, ProtectionState } from './store.ts'
import { UserCounts } from './user-counts.ts'

export type Surroundings = {
  nowMs(): number
  /** The machine's own addresses are never barred. */
  readonly ignoresSelf: boolean
  isOwnAddress(address: Address): boolean
  /** By the settings; beside the allow list. */
  isAlwaysAllowed(address: Address): boolean
}

const MINUTE_MS = 60_000

export class GuardState {
  readonly #surroundings: Surroundings
  readonly counts = new AddressCounts()
  readonly users = new UserCounts()
  readonly #bans = new Map<string, Ban>()
  #known = new Map<string, Map<string, number>>()
  #isAllowListed: (address: Address) => boolean = () => false
  #isDenied: ((address: Address) => boolean) | undefined
  #version = 0
  #lastSeq = 0
  #bansSeenMs = 0
  config: ProtectionConfig = PROTECTION_DEFAULTS
  /** Nobody is banned and nobody denied. */
  isQuiet = true

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings
  }

  /** Up to where the store was read, for the next look at what is new. */
  get seen(): { readonly lastSeq: number; readonly bansMs: number } {
    return { lastSeq: this.#lastSeq, bansMs: this.#bansSeenMs }
  }

  /** Never banned and never counted: the allow list, the settings' list, and the machine itself unless it is to be counted. */
  isExempt(address: Address): boolean {
    if (!this.config.isEnabled) return true
    if (this.#surroundings.ignoresSelf && this.#surroundings.isOwnAddress(address)) return true
    return this.#isAllowListed(address) || this.#surroundings.isAlwaysAllowed(address)
  }

  isDenied(address: Address): boolean {
    return this.#isDenied?.(address) === true
  }

  /** The ban in force. */
  activeBan(network: string, nowMs: number): Ban | undefined {
    const ban = this.#bans.get(network)
    return ban !== undefined && nowMs < ban.untilMs && this.config.countsByAddress ? ban : undefined
  }

  /** The ban in force, or the last one, which the next is longer than. */
  lastBan(network: string): Ban | undefined {
    return this.#bans.get(network)
  }

  ban(ban: Ban): void {
    this.#bans.set(ban.network, ban)
    this.counts.clear(ban.network)
    this.isQuiet = false
  }

  /** From where on failures of networks count. */
  windowBegin(nowMs: number): number {
    return nowMs - this.config.windowMinutes * MINUTE_MS
  }

  /** Whether so much weight within the window earns a ban. */
  isTooMuch(score: number): boolean {
    return score >= this.config.maxFailuresByAddress * WEIGHTS.normal
  }

  /** When the user signed in from there last; undefined: never. */
  knownSince(user: string, network: string): number | undefined {
    return this.#known.get(user)?.get(network)
  }

  remember(user: string, network: string, atMs: number): void {
    const networks = this.#known.get(user) ?? new Map<string, number>()
    networks.set(network, atMs)
    this.#known.set(user, networks)
  }

  countsAgainst(user: string, address: Address): boolean {
    const { countsByUser, countsByUserLocally, countsForRoot } = this.config
    if (user === 'root' && !countsForRoot) return false
    const isLocal = this.#surroundings.isOwnAddress(address)
    if (isLocal && this.#surroundings.ignoresSelf) return countsByUserLocally
    return countsByUser && !this.isExempt(address)
  }

  /** Everything as the store has it, with what waits to be written. */
  take(state: ProtectionState, unwritten: ProtectionBatch): void {
    this.#version = state.version
    this.config = state.config
    this.#lastSeq = Math.max(this.#lastSeq, state.lastSeq)
    this.#isAllowListed = compiled(state.lists.allow)
    this.#isDenied = state.lists.deny.length === 0 ? undefined : compiled(state.lists.deny)
    this.#bans.clear()
    for (const ban of [...state.bans, ...unwritten.bans]) this.#takeBan(ban)
    this.counts.clearAll()
    this.users.replaceReal(state.users)
    for (const attempt of [...state.attempts, ...unwritten.attempts]) this.#takeWeight(attempt)
    for (const change of unwritten.users) {
      if (change.kind === 'add') this.users.add(change, true)
      else this.users.forgive(change.factor, change.user, change.network)
    }
    this.#known = new Map()
    for (const { user, network, lastSuccessAtMs } of [...state.known, ...unwritten.known])
      this.remember(countedUser(user), network, lastSuccessAtMs)
    this.#look()
  }

  /** What other nodes found out. False when more than that has changed, so that everything is to be read anew. */
  takeNews(news: ProtectionNews): boolean {
    if (news.version !== this.#version) return false
    for (const ban of news.bans) this.#takeBan(ban)
    for (const attempt of news.attempts) this.#takeAttempt(attempt)
    this.#lastSeq = Math.max(this.#lastSeq, news.lastSeq)
    this.#look()
    return true
  }

  /** Lets go of what counts no more. */
  sweep(nowMs: number): void {
    this.counts.sweep(this.windowBegin(nowMs))
    for (const [network, { untilMs }] of this.#bans) if (untilMs < this.lookbackBegin(nowMs)) this.#bans.delete(network)
    this.#look()
  }

  /** From where on bans and attempts are remembered. */
  lookbackBegin(nowMs: number): number {
    return nowMs - this.config.lookbackMinutes * MINUTE_MS
  }

  #takeBan(ban: Ban): void {
    const held = this.#bans.get(ban.network)
    if (held !== undefined && held.begunAtMs >= ban.begunAtMs) return
    this.#bans.set(ban.network, ban)
    this.counts.clear(ban.network)
    this.#bansSeenMs = Math.max(this.#bansSeenMs, ban.begunAtMs)
  }

  /** Of another node, so its bans are told apart and nothing is written. */
  #takeAttempt(attempt: KeptAttempt): void {
    this.#takeWeight(attempt)
    const { factor, claimedUser, network, weight, atMs } = attempt
    if (factor === 'token' || weight < WEIGHTS.normal) return
    this.users.add({ factor, user: countedUser(claimedUser), network, failures: 1, lastFailedAtMs: atMs }, true)
  }

  #takeWeight({ network, atMs, weight }: KeptAttempt): void {
    if (weight === 0 || atMs <= (this.#bans.get(network)?.begunAtMs ?? 0)) return
    this.counts.add(network, atMs, weight)
  }

  #look(): void {
    const nowMs = this.#surroundings.nowMs()
    let isAnyBanned = false
    for (const { untilMs } of this.#bans.values()) isAnyBanned ||= nowMs < untilMs
    this.isQuiet = !this.config.isEnabled || (!isAnyBanned && this.#isDenied === undefined)
  }
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
