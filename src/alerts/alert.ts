/**
 * Alerts: what somebody should look at, with the reason in plain words. What is raised again while an alert of the same group is open
 * is counted there, so that a flood makes one alert. No I/O: `AlertStore` says where alerts are kept, and sinks carry them on.
 */

export type AlertSeverity = 'notice' | 'warning' | 'critical'

/** What the alerts of a kind are counted together by; `subject` is the token, or else the address, or else the user. */
type Grouping = 'subject' | 'address' | 'user' | 'server'

export type KindFacts = {
  readonly severity: AlertSeverity
  readonly groupedBy: Grouping
  /** What happened, for lists and for the subject of a mail. */
  readonly title: string
  /** Goes out whenever it is raised, not once an hour while it is open: each time says something new. */
  readonly isSentEachTime?: true
}

/** Every kind, by the name that functions, webhooks and mutes use. */
export const ALERT_KINDS = {
  'address-banned': { severity: 'warning', groupedBy: 'address', title: 'An address was banned' },
  'certificate-not-renewed': { severity: 'warning', groupedBy: 'user', title: 'A certificate could not be renewed' },
  'expired-token': { severity: 'notice', groupedBy: 'subject', title: 'An expired token is still used' },
  housekeeping: { severity: 'notice', groupedBy: 'server', title: 'The report of the month', isSentEachTime: true },
  'internal-errors': { severity: 'critical', groupedBy: 'server', title: 'Many calls fail inside the server' },
  'new-account': { severity: 'warning', groupedBy: 'subject', title: 'A token acted on a new account' },
  'new-address': { severity: 'warning', groupedBy: 'subject', title: 'A token was used from a new address' },
  'new-function': { severity: 'warning', groupedBy: 'subject', title: 'A token called a new function' },
  'new-hour': { severity: 'notice', groupedBy: 'subject', title: 'A token was used at an hour as never before' },
  'new-network': { severity: 'warning', groupedBy: 'subject', title: 'A token was used from a new network' },
  'new-rate': { severity: 'warning', groupedBy: 'subject', title: 'A token was used more than ever before' },
  'old-token': { severity: 'critical', groupedBy: 'subject', title: 'Somebody holds an old or unknown token' },
  'privileges-changed': { severity: 'warning', groupedBy: 'user', title: 'Privileges were changed' },
  'refusal-burst': { severity: 'warning', groupedBy: 'address', title: 'Many calls were refused' },
  'root-sign-in': { severity: 'warning', groupedBy: 'address', title: 'Root signed in from a new address' },
  'settings-changed': { severity: 'warning', groupedBy: 'server', title: 'Settings were changed' },
  test: { severity: 'notice', groupedBy: 'server', title: 'A test', isSentEachTime: true },
  'token-expires': { severity: 'notice', groupedBy: 'subject', title: 'A token expires soon', isSentEachTime: true },
  'token-with-all': { severity: 'warning', groupedBy: 'subject', title: 'A token was given every privilege' },
  'user-locked': { severity: 'warning', groupedBy: 'user', title: 'The password of a user is being guessed' },
} as const satisfies Readonly<Record<string, KindFacts>>

export type AlertKind = keyof typeof ALERT_KINDS

/** Whom and what an alert is about. `userId` decides who besides root may see it; `user` alone is a claim that nothing proved. */
export type AlertSubject = {
  readonly userId?: number | undefined
  readonly user?: string | undefined
  readonly tokenId?: string | undefined
  readonly tokenName?: string | undefined
  readonly address?: string | undefined
}

export type NewAlert = {
  readonly kind: AlertKind
  /** One or two sentences. May quote what a stranger sent; never a secret. */
  readonly reason: string
  readonly about: AlertSubject
  readonly at: Date
  /** How often it happened; 1 when absent. */
  readonly occurrences?: number
  /** What tells one occurrence from another, such as the new address; a few are kept. */
  readonly example?: string
}

/** An alert as it is kept: all that was counted together since it was opened. */
export type Alert = {
  readonly id: number
  readonly kind: AlertKind
  readonly severity: AlertSeverity
  readonly about: AlertSubject
  /** That of the latest occurrence. */
  readonly reason: string
  readonly examples: readonly string[]
  readonly firstAt: Date
  readonly lastAt: Date
  readonly occurrences: number
  readonly acknowledgedAt: Date | undefined
  readonly acknowledgedBy: string
  /** When its owner acknowledged it, which closes it for them alone. */
  readonly ownerAcknowledgedAt: Date | undefined
}

/** Whatever is undefined matches everything. */
export type AlertMute = {
  readonly id: number
  readonly kind: AlertKind | undefined
  readonly tokenId: string | undefined
  /** For this user's eyes and mail alone; undefined: root's, for the whole server and every sink. */
  readonly userId: number | undefined
  readonly untilAt: Date | undefined
  readonly createdAt: Date
  readonly createdBy: string
}

export type AlertFilter = {
  /** Only what concerns this user. */
  readonly userId: number | undefined
  readonly kind: AlertKind | undefined
  readonly tokenId: string | undefined
  readonly severity: AlertSeverity | undefined
  /** Open and closed ones when undefined; judged for the user of `userId` where there is one. */
  readonly isOpen: boolean | undefined
  readonly since: Date | undefined
  readonly beforeId: number | undefined
  readonly limit: number
}

export type AlertStore = {
  /**
   * Opens alerts, or counts them where one of the same group is open. What sinks should hear of goes into the outbox in the same
   * transaction: an alert that is opened, and one that goes on, at most once an hour.
   */
  raise(alerts: readonly NewAlert[]): Promise<void>
  /** Newest first. */
  list(filter: AlertFilter): Promise<readonly Alert[]>
  find(id: number): Promise<Alert | undefined>
  /** For everybody. False when it was closed before. */
  acknowledge(id: number, by: string, at: Date): Promise<boolean>
  /** For its owner alone. */
  acknowledgeAsOwner(id: number, at: Date): Promise<boolean>
  mute(mute: Omit<AlertMute, 'id'>): Promise<number>
  /** False when there is no such mute, or it is another user's. */
  unmute(id: number, userId: number | undefined): Promise<boolean>
  /** Those in effect at `now`; with a user, only theirs and root's. */
  mutes(now: Date): Promise<readonly AlertMute[]>
}

/** The key by which alerts are counted together while one is open. */
export function groupKeyOf({ kind, about }: Pick<NewAlert, 'kind' | 'about'>): string {
  return `${kind} ${subjectOf(ALERT_KINDS[kind].groupedBy, about)}`
}

function subjectOf(groupedBy: Grouping, { tokenId, userId, user, address }: AlertSubject): string {
  const byUser = userId === undefined ? (user ?? '') : `#${userId}`
  switch (groupedBy) {
    case 'server':
      return ''
    case 'user':
      return byUser
    case 'address':
      return address ?? ''
    case 'subject':
      return tokenId ?? address ?? byUser
  }
}

/** Says whether the mute holds for the alert, as root sees it (`viewer` undefined) or as its owner does. */
export function isMutedBy(
  mute: AlertMute,
  alert: { readonly kind: AlertKind; readonly about: AlertSubject },
  viewer: number | undefined,
): boolean {
  if (mute.userId !== undefined && mute.userId !== viewer) return false
  if (mute.kind !== undefined && mute.kind !== alert.kind) return false
  return mute.tokenId === undefined || mute.tokenId === alert.about.tokenId
}
