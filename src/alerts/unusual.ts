/**
 * What a token does that it never did before, after a time in which it was learned what it does. Decided from the usage ledger's hours, long
 * after the calls were answered. No I/O.
 */
import type { AlertKind, NewAlert } from './alert.ts'

export type LearningLimits = {
  /** A token is learned for so long since its first use, */
  readonly days: number
  /** and for so many calls. */
  readonly calls: number
}

/** What came new into the ledger: a function, an account or an address of a token in an hour, for the first time in that hour. */
export type NewUse = {
  readonly kind: 'function' | 'account' | 'address'
  readonly name: string
  readonly hourAt: Date
  readonly calls: number
}

export type KnownUse = {
  readonly tokenId: string
  readonly tokenName: string
  readonly userId: number
  readonly user: string
  readonly firstUsedAt: Date | undefined
  /** With what is new. */
  readonly calls: number
  readonly functions: ReadonlySet<string>
  /** By user name. */
  readonly accounts: ReadonlySet<string>
  readonly addresses: ReadonlySet<string>
  /** Beginnings of the hours in which it was used, of as many days as the ledger keeps hours. */
  readonly hours: readonly Date[]
  /** The most calls in one of these hours. */
  readonly busiestHour: number
}

const DAY_MS = 86_400_000
/** Whoever works on fewer days of the week has no usual hours. */
const DAYS_FOR_HOURS = 5
const RATE_FACTOR = 3
/** Fewer calls in an hour than this are never unusual. */
export const RATE_MIN = 100

/** Whether enough is known of the token to call something unusual. */
export function isLearned(known: KnownUse, newCalls: number, now: Date, limits: LearningLimits): boolean {
  const { firstUsedAt } = known
  if (firstUsedAt === undefined || known.calls - newCalls < limits.calls) return false
  return now.getTime() - firstUsedAt.getTime() >= limits.days * DAY_MS
}

/**
 * The alerts that follow from what is new. What the ledger gathers as others has no name and is nothing new, nor are the
 * accounts in `made`, which the token made itself.
 */
export function unusualUses(
  known: KnownUse,
  uses: readonly NewUse[],
  made: ReadonlySet<string>,
  otherNames: string,
  now: Date,
): readonly NewAlert[] {
  const named = uses.filter(({ name }) => name !== otherNames && name !== '')
  const alerts: NewAlert[] = []
  const raise = (kind: AlertKind, what: string, example: string): void => {
    const about = { userId: known.userId, user: known.user, tokenId: known.tokenId, tokenName: known.tokenName }
    const address = kind === 'new-address' || kind === 'new-network' ? { address: example } : {}
    alerts.push({
      kind,
      reason: `The token “${known.tokenName}” of “${known.user}” ${what}.`,
      about: { ...about, ...address },
      at: now,
      example,
    })
  }
  for (const name of namesOf(named, 'function'))
    if (!known.functions.has(name)) raise('new-function', `called ${name}, which it never did before`, name)
  for (const name of namesOf(named, 'account'))
    if (!known.accounts.has(name) && !made.has(name))
      raise('new-account', `acted on ${name}, as it never did before`, name)
  const networks = new Set([...known.addresses].map(networkOf))
  for (const name of namesOf(named, 'address')) {
    if (known.addresses.has(name)) continue
    if (networks.has(networkOf(name)))
      raise('new-address', `was used from ${name}; before, it was used from its network, not from this address`, name)
    else raise('new-network', `was used from ${name}, from whose network it never was before`, name)
  }
  const hour = newHour(known, uses)
  if (hour !== undefined)
    raise('new-hour', `was used between ${hour}:00 and ${hour}:59 UTC, as never in the days before`, `${hour}:00 UTC`)
  return alerts
}

/** More calls in this hour than ever: three times the busiest of the hours before, and not a few. */
export function isUnusualRate(known: KnownUse, callsThisHour: number): boolean {
  return callsThisHour >= RATE_MIN && known.busiestHour > 0 && callsThisHour > known.busiestHour * RATE_FACTOR
}

export function rateAlert(known: KnownUse, calls: number, now: Date): NewAlert {
  return {
    kind: 'new-rate',
    reason: `The token “${known.tokenName}” of “${known.user}” made ${calls} calls within an hour; before, it never made more than ${known.busiestHour}.`,
    about: { userId: known.userId, user: known.user, tokenId: known.tokenId, tokenName: known.tokenName },
    at: now,
    example: `${calls} calls`,
  }
}

function namesOf(uses: readonly NewUse[], kind: NewUse['kind']): ReadonlySet<string> {
  return new Set(uses.filter((use) => use.kind === kind).map(({ name }) => name))
}

function newHour({ hours }: KnownUse, uses: readonly NewUse[]): string | undefined {
  const days = new Set(hours.map((hour) => Math.floor(hour.getTime() / DAY_MS)))
  if (days.size < DAYS_FOR_HOURS) return undefined
  const usual = new Set(hours.map((hour) => hour.getUTCHours()))
  // Accounts are noted a moment after their calls, which can be in the next hour.
  const calls = uses.filter(({ kind }) => kind !== 'account')
  const hour = calls.map(({ hourAt }) => hourAt.getUTCHours()).find((one) => !usual.has(one))
  return hour === undefined ? undefined : String(hour).padStart(2, '0')
}

/** The /24 of an IPv4 address, the /48 of an IPv6 one, which the ledger writes in full or shortened as the library does. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address.split('.').slice(0, 3).join('.')
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  const rest = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - groups.length - rest.length
  return [...groups, ...Array.from({ length: zeros }, () => '0'), ...rest].slice(0, 3).join(':')
}
