/**
 * The protection as the server runs it: the guard with its store, the file that Fail2Ban reads, and what of both goes to the trail
 * and to whoever makes alerts. Every door tells it of refused, barred and accepted attempts; the local socket never does.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { AuditEntry } from '../audit/entry.ts'
import type { Settings } from '../config/schema.ts'
import { Failure } from '../failures.ts'
import { parseAddress } from '../ip-rules/address.ts'
import type { AttemptKind } from '../protection/attempt.ts'
import { type AuthLine, formatAuthGap, formatAuthLine } from '../protection/auth-line.ts'
import type { Ban } from '../protection/bans.ts'
import type { Barred } from '../protection/barred.ts'
import { type BarredSum, BarredTally } from '../protection/barred-tally.ts'
import type { ProtectionEvents } from '../protection/events.ts'
import { Guard, type GuardParts } from '../protection/guard.ts'
import type { Guess } from '../protection/guess.ts'
import type { Storage } from '../storage/database.ts'
import { guardStoreOn } from '../storage/protection-store.ts'
import { isAlarming, type Refusal } from '../tokens/check.ts'
import { maskSecrets } from '../whm/mask.ts'
import { AccessLog, writeText } from './access-log.ts'
import { natureOf } from './attempts.ts'
import type { AddressMatcher, ClientOf } from './client-address.ts'
import type { Clock } from './clock.ts'
import type { EventLog } from './event-log.ts'
import { makeOwnAddresses } from './own-addresses.ts'
import { type BarredAttempt, barredAttempt, type Refused, refused } from './refusals.ts'
import { regularly } from './regularly.ts'

const TALLY_MS = 1000
const FOLLOW_MS = 1000
const TIDY_MS = 30_000
const USER_MAX_LENGTH = 300

export type ProtectionParts = {
  readonly settings: Settings
  /** Of the data folder. */
  readonly folder: string
  readonly storage: Storage
  readonly clock: Clock
  readonly isAlwaysAllowed: AddressMatcher
  readonly log: EventLog
  trail(entry: AuditEntry): void
  readonly events: ProtectionEvents
}

export class Protection {
  readonly guard: Guard
  readonly events: ProtectionEvents
  readonly #parts: ProtectionParts
  readonly #lines: AccessLog<AuthLine>
  readonly #tally = new BarredTally()
  readonly #timers: NodeJS.Timeout[] = []

  private constructor(parts: ProtectionParts, guard: Guard) {
    this.guard = guard
    this.events = parts.events
    this.#parts = parts
    const { log, clock } = parts
    this.#lines = new AccessLog(
      join(parts.folder, 'logs/auth.log'),
      writeText(formatAuthLine),
      (error) => log.warn({ error }, 'the log that Fail2Ban reads cannot be written'),
      (lost) => formatAuthGap(lost, clock.nowMs()),
    )
  }

  static async open(parts: ProtectionParts): Promise<Protection> {
    const { settings, storage, clock, log, trail, events } = parts
    const guardParts: GuardParts = {
      store: withoutSecrets(guardStoreOn(storage)),
      node: randomUUID(),
      nowMs: () => clock.nowMs(),
      ignoresSelf: settings.ignoreSelf === 'on',
      isOwnAddress: makeOwnAddresses(() => performance.now()),
      isAlwaysAllowed: parts.isAlwaysAllowed,
      emit: (event) => events.emit(event),
      onBan: (ban) => trail(banEntry(ban)),
      onLock: (user, addressText, failures, atMs) => trail(lockEntry(user, addressText, failures, new Date(atMs))),
      onTrouble: (error) => log.warn({ error }, 'failed attempts could not be written; they wait'),
    }
    return new Protection(parts, await Guard.open(guardParts))
  }

  /** To be called when calls are answered, and not by commands that only look. */
  start(): void {
    this.#lines.look()
    const { storage, log } = this.#parts
    const eachSecond = (): void => {
      this.#sumUp(this.#parts.clock.nowMs())
      this.#lines.look()
    }
    this.#timers.push(setInterval(eachSecond, TALLY_MS).unref())
    this.#timers.push(regularly(TIDY_MS, () => this.guard.tidy(), log, 'old failed attempts could not be removed'))
    if (storage.kind !== 'postgres') return
    const trouble = 'the bans of other nodes could not be read'
    this.#timers.push(regularly(FOLLOW_MS, () => this.guard.follow(), log, trouble))
  }

  /** The line of a refused credential, and the alarm where it was a real old token. The trail is the caller's. */
  refused(refused: Refused, service: string, at: Date): void {
    const { refusal, claimedUser, tokenId, tokenName, address, isSignIn } = refused
    const { kind } = natureOf(refusal, isSignIn)
    this.#lines.add({
      atMs: at.getTime(),
      outcome: 'refused',
      addressText: address ?? '',
      kind,
      reason: refusal,
      service,
      user: maskSecrets(claimedUser),
    })
    if (isAlarming(refusal))
      this.events.emit({
        kind: 'old-token',
        at,
        address,
        claimedUser: maskSecrets(claimedUser),
        tokenId,
        tokenName,
        refusal,
      })
  }

  barred({ because, claimedUser, address, attempted }: BarredAttempt, service: string, atMs: number): void {
    const user = maskSecrets(claimedUser).slice(0, USER_MAX_LENGTH)
    const addressText = address ?? ''
    this.#lines.add({ atMs, outcome: 'barred', addressText, kind: attempted, reason: because, service, user })
    this.#tally.add(atMs, { addressText, because, claimedUser: user })
  }

  /** A sign-in that opened a session. */
  accepted(user: string, addressText: string, service: string, at: Date): void {
    const atMs = at.getTime()
    this.#lines.add({ atMs, outcome: 'accepted', addressText, kind: 'sign-in', reason: 'ok', service, user })
  }

  /** For whoever is signed in and proves it again. On the local socket nothing is counted. */
  async beginPassword(caller: { readonly user: string; readonly address: string | undefined }): Promise<Guess> {
    const address = caller.address === undefined ? undefined : parseAddress(caller.address)
    if (address === undefined) return UNCOUNTED_GUESS
    const about = { ...natureOf('wrong-password'), service: 'whostmgrd', factor: 'password' } as const
    const guess = await this.guard.beginGuess({ ...about, address, claimedUser: caller.user })
    if (guess.kind === 'barred') throw new Failure('too-many-attempts', { seconds: guess.retryAfterSeconds })
    return guess
  }

  /** Within one request many secrets can be looked up, and a ban may have come meanwhile. Throws `too-many-attempts`. */
  refuseBanned({ address }: { readonly address: string | undefined }, at: Date): void {
    const bar = this.guard.barOf(parseAddress(address ?? ''), at.getTime())
    if (bar !== undefined) throw new Failure('too-many-attempts', { seconds: bar.retryAfterSeconds })
  }

  /** A secret that was looked up and is none of the caller's: whoever may ask can try secrets there as well as at the door. */
  missedLookUp(
    caller: { readonly user: string; readonly address: string | undefined },
    isWellFormed: boolean,
    at: Date,
  ): void {
    if (caller.address === undefined) return
    const refusal = isWellFormed ? 'unknown-token' : 'malformed'
    const client = { address: parseAddress(caller.address), addressText: caller.address, ignoredHeaders: [] }
    this.guard.count({
      ...natureOf(refusal),
      atMs: at.getTime(),
      address: client.address,
      claimedUser: caller.user,
      service: 'whostmgrd',
      factor: 'token',
    })
    this.refused(refused(refusal, client, { claimedUser: caller.user }), 'whostmgrd', at)
  }

  /** For a secret that stands in an address itself: what keeps it from being looked at, noted at once. */
  barOf(client: ClientOf, service: string, attempted: AttemptKind, at: Date): BarredAttempt | undefined {
    const bar = this.guard.barOf(client.address, at.getTime())
    return bar && this.#barredSecret(bar, client, service, attempted, at)
  }

  /** Such a secret opened nothing. Gives the bar when the network was banned while it was looked at; the trail is the caller's. */
  missed(refusal: Refusal, client: ClientOf, service: string, at: Date): BarredAttempt | undefined {
    const nature = natureOf(refusal)
    const attempt = { ...nature, atMs: at.getTime(), address: client.address, claimedUser: '', service } as const
    const bar = this.guard.count({ ...attempt, factor: 'token' })
    if (bar !== undefined) return this.#barredSecret(bar, client, service, nature.kind, at)
    this.refused(refused(refusal, client, {}), service, at)
    return undefined
  }

  #barredSecret(bar: Barred, client: ClientOf, service: string, attempted: AttemptKind, at: Date): BarredAttempt {
    const attempt = barredAttempt(bar, client, '', attempted)
    this.barred(attempt, service, at.getTime())
    return attempt
  }

  /** The last write to the file that Fail2Ban reads failed. */
  get isLogTroubled(): boolean {
    return this.#lines.isTroubled
  }

  /** After a rotation. */
  reopenLog(): void {
    this.#lines.reopen()
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    this.#sumUp(Number.POSITIVE_INFINITY)
    await this.#lines.close()
    await this.guard.close()
  }

  #sumUp(nowMs: number): void {
    for (const sum of this.#tally.takeBefore(nowMs)) this.#parts.trail(sumEntry(sum))
  }
}

const UNCOUNTED_GUESS: Guess = { kind: 'guess', fail: () => {}, succeed: () => {}, abandon: () => {} }

const NOTHING = {
  requestId: '',
  credential: 'none',
  tokenId: undefined,
  tokenName: undefined,
} as const

function banEntry(ban: Ban): AuditEntry {
  return {
    ...NOTHING,
    at: new Date(ban.begunAtMs),
    caller: maskSecrets(ban.claimedUser).slice(0, USER_MAX_LENGTH),
    address: ban.network,
    function: 'ban',
    target: ban.network,
    outcome: 'done',
    reason: 'address-banned',
    details: {
      attempts: ban.attempts,
      until: new Date(ban.untilMs).toISOString(),
      repetition: ban.repetition,
    },
  }
}

function lockEntry(user: string, addressText: string, failures: number, at: Date): AuditEntry {
  return {
    ...NOTHING,
    at,
    caller: user,
    address: addressText,
    function: 'lock',
    target: user,
    outcome: 'done',
    reason: 'user-locked',
    details: { failures },
  }
}

/** One for all that one address sent within a second without being listened to. */
function sumEntry({ second, addressText, because, claimedUser, count }: BarredSum): AuditEntry {
  return {
    ...NOTHING,
    at: new Date(second * 1000),
    caller: claimedUser,
    address: addressText === '' ? undefined : addressText,
    function: '',
    target: '',
    outcome: 'refused',
    reason: 'not-evaluated',
    details: { count, because },
  }
}

/** A refused caller may have called itself anything, a secret in the wrong field included: that is not kept. */
function withoutSecrets(store: GuardParts['store']): GuardParts['store'] {
  const masked = <T extends { readonly claimedUser: string }>(one: T): T => ({
    ...one,
    claimedUser: maskSecrets(one.claimedUser),
  })
  const append: GuardParts['store']['append'] = (node, batch) =>
    store.append(node, { ...batch, attempts: batch.attempts.map(masked), bans: batch.bans.map(masked) })
  return { ...store, append }
}
