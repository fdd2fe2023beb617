/**
 * Carries the outbox to its sinks: mail, webhook, syslog. Each sink goes through the events in order and at its own pace; how far it is, is
 * kept in the database, so nothing is lost over a restart, and a lease lets one process at a time deliver, so that two nodes do not send
 * the same. What a sink does not take is tried again, later and later. An event can come twice (a process that ended between the
 * sending and the note of it), never out of order. Nothing here holds a call up.
 */
import { randomUUID } from 'node:crypto'
import type { AlertEvent } from './event.ts'

/** `owner-mail` sends reminders to the owner of the token, at the address of their account. */
export const SINK_NAMES = ['mail', 'owner-mail', 'webhook', 'syslog'] as const
export type SinkName = (typeof SINK_NAMES)[number]

export type OutboxEvent = {
  /** Counts up over all events; the same however often it is sent. */
  readonly id: number
  readonly at: Date
  readonly userId: number | undefined
  readonly event: AlertEvent
}

export type Sink = {
  readonly name: SinkName
  /** Resolves when the other side has it. Throws `NotTaken` when it can never be taken, anything else to be tried again. */
  send(event: OutboxEvent, signal: AbortSignal): Promise<void>
}

/** The other side refused this very event, not the connection or the credential. Tried a few times more, then given up. */
export class NotTaken extends Error {}

export type SinkState = {
  readonly name: SinkName
  /** The last event that was delivered or given up. */
  readonly deliveredEvent: number
  /** How many were given up. */
  readonly lost: number
  readonly attempts: number
  readonly nextTryMs: number
  readonly lastSuccessAt: Date | undefined
  readonly lastError: string
  /** How many events wait. */
  readonly waiting: number
}

export type Outbox = {
  /** A sink that is new begins with what is raised from now on. */
  open(name: SinkName): Promise<void>
  states(): Promise<readonly SinkState[]>
  /** Undefined while another process holds the lease. */
  claim(name: SinkName, holder: string, nowMs: number, untilMs: number): Promise<SinkState | undefined>
  after(eventId: number, limit: number): Promise<readonly OutboxEvent[]>
  /** False when the lease was lost meanwhile. */
  note(name: SinkName, holder: string, progress: SinkProgress): Promise<boolean>
  /** Removes events that no sink of the list waits for any more, or that are older than `before`. */
  tidy(names: readonly SinkName[], before: Date): Promise<void>
}

export type SinkProgress = Pick<
  SinkState,
  'deliveredEvent' | 'lost' | 'attempts' | 'nextTryMs' | 'lastSuccessAt' | 'lastError'
> & {
  /** 0 gives the lease back. */
  readonly leaseUntilMs: number
}

const POLL_MS = 1000
const SEND_MAX_MS = 20_000
const LEASE_MS = 60_000
const BACK_OFF_FIRST_MS = 1000
const BACK_OFF_MAX_MS = 300_000
const NOT_TAKEN_MAX = 10
/** An alert that could not be sent for so long is old news; it stays in the list, and is counted as lost. */
const TOO_OLD_MS = 72 * 3_600_000
const TIDY_MS = 3_600_000

export class AlertDelivery {
  readonly #outbox: Outbox
  readonly #sinks: readonly Sink[]
  readonly #nowMs: () => number
  readonly #onTrouble: (sink: SinkName, error: unknown) => void
  readonly #holder = randomUUID()
  readonly #stop = new AbortController()
  readonly #busy = new Map<SinkName, Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #nextTidyMs = 0

  /** `onTrouble` hears of the first failure of a row of them, by sink. */
  constructor(
    outbox: Outbox,
    sinks: readonly Sink[],
    nowMs: () => number,
    onTrouble: (sink: SinkName, error: unknown) => void,
  ) {
    this.#outbox = outbox
    this.#sinks = sinks
    this.#nowMs = nowMs
    this.#onTrouble = onTrouble
  }

  /** Never throws: a sink that cannot be opened now is opened later. */
  async start(): Promise<void> {
    for (const { name } of this.#sinks)
      await this.#outbox.open(name).catch((error: unknown) => this.#onTrouble(name, error))
    this.#timer = setInterval(() => this.deliver(), POLL_MS).unref()
  }

  /** Begins to deliver what waits, where nobody does yet; does not wait for the end. */
  deliver(): void {
    for (const sink of this.#sinks) {
      if (this.#busy.has(sink.name) || this.#stop.signal.aborted) continue
      const work = this.#deliverTo(sink)
        .catch((error: unknown) => this.#onTrouble(sink.name, error))
        .finally(() => this.#busy.delete(sink.name))
      this.#busy.set(sink.name, work)
    }
    void this.#tidy()
  }

  /** Cuts what is under way; it is sent again by the next start or another node. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#stop.abort()
    await Promise.all(this.#busy.values())
  }

  async #deliverTo(sink: Sink): Promise<void> {
    const before = (await this.#outbox.states()).find(({ name }) => name === sink.name)
    if (before === undefined) return this.#outbox.open(sink.name)
    if (before.waiting === 0 || before.nextTryMs > this.#nowMs()) return
    let state = await this.#outbox.claim(sink.name, this.#holder, this.#nowMs(), this.#nowMs() + LEASE_MS)
    while (state !== undefined && !this.#stop.signal.aborted) {
      const [event] = await this.#outbox.after(state.deliveredEvent, 1)
      const progress: SinkProgress =
        event === undefined ? { ...state, leaseUntilMs: 0 } : await this.#deliverOne(sink, state, event)
      const isOurs = await this.#outbox.note(sink.name, this.#holder, progress)
      if (!isOurs || progress.leaseUntilMs === 0) return
      state = { ...state, ...progress }
    }
  }

  async #deliverOne(sink: Sink, state: SinkState, event: OutboxEvent): Promise<SinkProgress> {
    const nowMs = this.#nowMs()
    const isTooOld = nowMs - event.at.getTime() > TOO_OLD_MS
    if (isTooOld) return { ...state, ...givenUp(state, event), leaseUntilMs: nowMs + LEASE_MS }
    try {
      await sink.send(event, AbortSignal.any([this.#stop.signal, AbortSignal.timeout(SEND_MAX_MS)]))
    } catch (error) {
      return this.#failed(sink, state, event, error)
    }
    const doneMs = this.#nowMs()
    return {
      deliveredEvent: event.id,
      lost: state.lost,
      attempts: 0,
      nextTryMs: 0,
      lastSuccessAt: new Date(doneMs),
      lastError: '',
      leaseUntilMs: doneMs + LEASE_MS,
    }
  }

  #failed(sink: Sink, state: SinkState, event: OutboxEvent, error: unknown): SinkProgress {
    if (this.#stop.signal.aborted) return { ...state, leaseUntilMs: 0 }
    if (state.attempts === 0) this.#onTrouble(sink.name, error)
    const attempts = state.attempts + 1
    const lastError = errorText(error)
    if (error instanceof NotTaken && attempts >= NOT_TAKEN_MAX)
      return { ...state, ...givenUp(state, event), lastError, leaseUntilMs: this.#nowMs() + LEASE_MS }
    return { ...state, attempts, lastError, nextTryMs: this.#nowMs() + backOffMs(attempts), leaseUntilMs: 0 }
  }

  async #tidy(): Promise<void> {
    const nowMs = this.#nowMs()
    if (nowMs < this.#nextTidyMs) return
    this.#nextTidyMs = nowMs + TIDY_MS
    const names = this.#sinks.map(({ name }) => name)
    await this.#outbox.tidy(names, new Date(nowMs - 2 * TOO_OLD_MS)).catch((error: unknown) => {
      for (const name of names) this.#onTrouble(name, error)
    })
  }
}

function givenUp(state: SinkState, event: OutboxEvent) {
  return { deliveredEvent: event.id, lost: state.lost + 1, attempts: 0, nextTryMs: 0 }
}

/** 1 s, 2 s, 4 s … up to five minutes. */
export function backOffMs(attempts: number): number {
  return Math.min(BACK_OFF_FIRST_MS * 2 ** (attempts - 1), BACK_OFF_MAX_MS)
}

function errorText(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  // fetch() tells why in the cause.
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : ''
  return `${error.message}${cause}`.slice(0, 300)
}
