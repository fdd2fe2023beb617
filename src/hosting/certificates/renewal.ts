/** When a certificate that is had automatically is had anew, and when a failed try is repeated. No I/O. */

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const RENEWED_BEFORE_MS = 30 * DAY_MS
const WAIT_MAX_MS = DAY_MS

/** Thirty days before the end, or when a third of a shorter life is left. */
export function renewalAt({ notBefore, notAfter }: { readonly notBefore: Date; readonly notAfter: Date }): Date {
  const lifeMs = notAfter.getTime() - notBefore.getTime()
  return new Date(notAfter.getTime() - Math.min(RENEWED_BEFORE_MS, lifeMs / 3))
}

/**
 * How long to wait after so many failures in a row: an hour, then twice as long each time up to a day, each a quarter more or less by
 * `random` (from 0 to 1), so that sites that failed together do not come back together.
 */
export function waitMsAfter(failures: number, random: number): number {
  const waitMs = Math.min(HOUR_MS * 2 ** (failures - 1), WAIT_MAX_MS)
  return waitMs * (0.75 + random / 2)
}

/** How an automatic certificate of a site stands. */
export type AutoSslState = {
  readonly site: string
  /** Undefined: the server's own name. */
  readonly userId: number | undefined
  readonly lastTryAt: Date | undefined
  /** `none` before the first try. */
  readonly result: 'none' | 'issued' | 'failed'
  /** Why the last try failed; empty otherwise. */
  readonly problem: string
  /** In a row. */
  readonly failures: number
  /** Not before this. */
  readonly nextTryAt: Date
}

/** What is known of the certificate that a site shows. */
export type Shown = {
  readonly site: string
  readonly provider: string | undefined
  readonly notBefore: Date
  readonly notAfter: Date
}

/** One that somebody installed is left alone until it has ended. */
export function isDue(shown: Shown | undefined, state: AutoSslState | undefined, now: Date): boolean {
  if (state !== undefined && state.nextTryAt > now) return false
  if (shown === undefined) return true
  return shown.provider === undefined ? shown.notAfter <= now : renewalAt(shown) <= now
}

/** What is known of a site that is due. */
export type DueSite = { readonly shown?: Shown | undefined; readonly state?: AutoSslState | undefined }

const SITES_A_ROUND = 5
const SITES_A_DAY = 50

/**
 * Which of an account's due sites are tried in one round: a few, so that none holds up the others. Renewals come first. Sites that would
 * get their first automatic certificate wait while the account, whose `states` these are, had many sites tried within a day.
 */
export function pickForRound<S extends DueSite>(
  due: readonly S[],
  states: readonly AutoSslState[],
  now: Date,
): readonly S[] {
  const dayAgo = new Date(now.getTime() - DAY_MS)
  const tried = states.filter(({ lastTryAt }) => lastTryAt !== undefined && lastTryAt > dayAgo).length
  const sorted = due.toSorted(byUrgency)
  const renewals = sorted.filter(isRenewal)
  const others = sorted.filter((site) => !isRenewal(site)).slice(0, Math.max(0, SITES_A_DAY - tried))
  return [...renewals, ...others].slice(0, SITES_A_ROUND)
}

/** The nearest end of an automatic certificate first, then sites without one, those that waited longest first. */
export function byUrgency(a: DueSite, b: DueSite): number {
  const end = (site: DueSite): number => (isRenewal(site) ? Number(site.shown?.notAfter) : Number.MAX_SAFE_INTEGER)
  const lastTry = ({ state }: DueSite): number => state?.lastTryAt?.getTime() ?? 0
  return end(a) - end(b) || lastTry(a) - lastTry(b)
}

function isRenewal({ shown }: DueSite): boolean {
  return shown?.provider !== undefined
}

/** A TXT record that was put into a zone for an authority. */
export type ZoneAnswer = { readonly site: string; readonly name: string; readonly value: string }

/** Where the states are kept. */
export type AutoSslStore = {
  find(site: string): Promise<AutoSslState | undefined>
  list(): Promise<readonly AutoSslState[]>
  /** What the sites show, without reading the certificates. */
  listShown(): Promise<readonly Shown[]>
  /** Says whether this caller may try now: until `until`, or until the try has ended, nobody else may. */
  claim(site: string, userId: number | undefined, now: Date, until: Date): Promise<boolean>
  /** Ends the claim. */
  succeeded(site: string, at: Date): Promise<void>
  failed(site: string, at: Date, problem: string, nextTryAt: Date): Promise<void>
  /** Gives back a claim that was not used. */
  release(site: string): Promise<void>
  /** Lets the sites of the account, or all, be tried at once. */
  wakeUp(userId: number | undefined): Promise<void>
  /** In the transaction that puts the record there, or takes it away. */
  noteAnswer(answer: ZoneAnswer): Promise<void>
  forgetAnswer(answer: ZoneAnswer): Promise<void>
  /** Those of sites that nobody tries now: a crash left them. */
  listLeftAnswers(now: Date): Promise<readonly ZoneAnswer[]>
  /** The sealed key of the server's account at the authority; the first one that was given stays. */
  accountKey(directory: string, sealed: string, at: Date): Promise<string>
}
