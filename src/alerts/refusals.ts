/**
 * Which alerts follow from what goes to the trail although nothing was changed: expired tokens that still knock, many refusals from one
 * address or from everywhere, many errors inside the server. Counts are kept in memory, per window, and bounded.
 */
import type { AuditEntry } from '../audit/entry.ts'
import type { NewAlert } from './alert.ts'

export type RefusalLimits = {
  /** So many refusals from one address within five minutes are a burst. */
  readonly burst: number
}

const BURST_WINDOW_MS = 300_000
/** A burst of the whole server, from however many addresses. */
const SERVER_FACTOR = 10
const ERRORS_WINDOW_MS = 60_000
const ERRORS_MAX = 10
const ADDRESSES_MAX = 10_000

/** Looks at each entry of a refused or failed call; `raise` is told what follows. */
export function makeRefusalWatch(limits: RefusalLimits, raise: (alert: NewAlert) => void): (entry: AuditEntry) => void {
  const byAddress = new Window(BURST_WINDOW_MS)
  const all = new Window(BURST_WINDOW_MS)
  const errors = new Window(ERRORS_WINDOW_MS)
  return (entry) => {
    const ms = entry.at.getTime()
    if (entry.outcome === 'failed') {
      if (entry.reason === 'internal') raiseAt(ERRORS_MAX, errors.count('', ms), internalErrors(entry), raise)
      return
    }
    if (entry.outcome !== 'refused') return
    const alert = ofExpired(entry)
    if (alert !== undefined) raise(alert)
    const { address } = entry
    if (address !== undefined)
      raiseAt(limits.burst, byAddress.count(address, ms), burstFrom(entry, address, limits.burst), raise)
    raiseAt(
      limits.burst * SERVER_FACTOR,
      all.count('', ms),
      burstEverywhere(entry, limits.burst * SERVER_FACTOR),
      raise,
    )
  }
}

/** At the limit all that led to it is counted at once, then each further one. */
function raiseAt(limit: number, count: number, alert: NewAlert, raise: (alert: NewAlert) => void): void {
  if (count >= limit) raise({ ...alert, occurrences: count === limit ? limit : 1 })
}

/** An expired token is not alarming, since it was given to whoever sends it; but somebody waits for what it does no longer. */
function ofExpired({ reason, tokenId, tokenName, address, caller, at }: AuditEntry): NewAlert | undefined {
  if (reason !== 'expired') return undefined
  return {
    kind: 'expired-token',
    reason: `The token “${tokenName}” of “${caller}” has expired and is still used${address === undefined ? '' : ` from ${address}`}.`,
    about: { user: caller, tokenId, tokenName, address },
    at,
    ...(address !== undefined && { example: address }),
  }
}

function burstFrom({ at }: AuditEntry, address: string, limit: number): NewAlert {
  return {
    kind: 'refusal-burst',
    reason: `${limit} or more calls from ${address} were refused within five minutes.`,
    about: { address },
    at,
    example: address,
  }
}

function burstEverywhere({ at, address }: AuditEntry, limit: number): NewAlert {
  return {
    kind: 'refusal-burst',
    reason: `${limit} or more calls were refused within five minutes, counted over all addresses.`,
    about: {},
    at,
    ...(address !== undefined && { example: address }),
  }
}

function internalErrors({ at, requestId }: AuditEntry): NewAlert {
  return {
    kind: 'internal-errors',
    reason: `${ERRORS_MAX} or more calls failed within a minute for an error inside the server; the last has the request id ${requestId}.`,
    about: {},
    at,
    example: requestId,
  }
}

/** Counts by key within fixed windows of time; when there are too many keys, those of the window are forgotten. */
class Window {
  readonly #lengthMs: number
  #startMs = Number.NEGATIVE_INFINITY
  #counts = new Map<string, number>()

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs
  }

  count(key: string, ms: number): number {
    if (ms - this.#startMs >= this.#lengthMs || this.#counts.size > ADDRESSES_MAX) {
      this.#startMs = ms
      this.#counts = new Map()
    }
    const count = (this.#counts.get(key) ?? 0) + 1
    this.#counts.set(key, count)
    return count
  }
}
