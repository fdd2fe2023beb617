/** An account as `listaccts` and `accountsummary` show it. No I/O. */
import type { Account } from '../../accounts/account.ts'
import type { DiskUsage } from '../../hosting/host.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

type AccountFacts = ReturnType<typeof accountFacts>

/** The keys that cost a walk over the account's folder. */
export const USAGE_KEYS: readonly string[] = ['diskused', 'inodesused']

/** WHM's word for what it does not know (documented for limits). */
const UNKNOWN = '*unknown*'

/**
 * WHM listaccts: every documented key, in its documented type. What a customer typed is given as it was typed. Without a usage the account
 * was not measured yet.
 */
export function accountFacts(account: Account, usage: DiskUsage | undefined, hasBackup = false) {
  const { limits, suspension } = account
  const limit = (name: string): string => limits[name] ?? 'unlimited'
  const flag = (name: string): 0 | 1 => (limits[name] === '1' ? 1 : 0)
  return {
    backup: flag('BACKUP'),
    child_nodes: [],
    disklimit: account.diskLimitMb === undefined ? 'unlimited' : `${account.diskLimitMb}M`,
    diskused: usage === undefined ? UNKNOWN : `${Math.ceil(usage.bytes / 1024 ** 2)}M`,
    domain: account.domain,
    email: account.contactEmail,
    has_backup: hasBackup ? 1 : 0,
    inodeslimit: 'unlimited',
    inodesused: usage?.files ?? UNKNOWN,
    ip: account.ip,
    ipv6: [],
    is_locked: suspension?.isLocked ? 1 : 0,
    is_temporary_domain: account.isTemporaryDomain ? 1 : 0,
    legacy_backup: 0,
    mailbox_format: limits.MAILBOX_FORMAT ?? 'maildir',
    max_defer_fail_percentage: limit('MAX_DEFER_FAIL_PERCENTAGE'),
    max_email_per_hour: limit('MAX_EMAIL_PER_HOUR'),
    max_emailacct_quota: limit('MAX_EMAILACCT_QUOTA'),
    maxaddons: limit('MAXADDON'),
    maxftp: limit('MAXFTP'),
    maxlst: limit('MAXLST'),
    maxparked: limit('MAXPARK'),
    maxpop: limit('MAXPOP'),
    maxsql: limit('MAXSQL'),
    maxsub: limit('MAXSUB'),
    min_defer_fail_to_trigger_protection: '5',
    outgoing_mail_hold: 0,
    outgoing_mail_suspended: flag('OUTGOING_EMAIL_SUSPENDED'),
    owner: account.owner,
    partition: 'home',
    plan: account.plan,
    shell: account.shell,
    startdate: startDate(account.createdAt),
    suspended: suspension === undefined ? 0 : 1,
    suspendreason: suspension === undefined ? 'not suspended' : suspension.reason,
    suspendtime: suspension === undefined ? null : seconds(suspension.at),
    temporary: 0,
    theme: account.theme,
    uid: account.uid,
    unix_startdate: seconds(account.createdAt),
    user: account.user,
  }
}

/** The facts with only the keys named in WHM's `want`; unknown names are ignored. `wanted` in the order of the alphabet, as the facts are. */
export function pickFacts(facts: AccountFacts, wanted: readonly string[]): Partial<AccountFacts> {
  const picked: Record<string, unknown> = {}
  for (const key of wanted) {
    // Names come from callers: own members alone count.
    if (Object.hasOwn(facts, key)) picked[key] = facts[key as keyof AccountFacts]
  }
  return picked
}

/** One entry of `listsuspended`. */
export function suspensionFacts(account: Account) {
  const { suspension } = account
  if (suspension === undefined) throw new Error(`${account.user} is not suspended`)
  return {
    is_locked: suspension.isLocked ? 1 : 0,
    owner: account.owner,
    reason: suspension.reason,
    time: calendarTime(suspension.at),
    unixtime: seconds(suspension.at),
    user: account.user,
  }
}

/** Year, month, day (WHM's sample `13 May 22 16:03` stands beside 1369256589, a second of 22 May 2013), in UTC. */
function startDate(at: Date): string {
  const year = at.getUTCFullYear() % 100
  return `${two(year)} ${MONTHS[at.getUTCMonth()]} ${two(at.getUTCDate())} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`
}

/** As in WHM's sample `Thu Nov 18 10:34:34 2014`, in UTC. */
function calendarTime(at: Date): string {
  const time = at.toISOString().slice(11, 19)
  return `${DAYS[at.getUTCDay()]} ${MONTHS[at.getUTCMonth()]} ${String(at.getUTCDate()).padStart(2)} ${time} ${at.getUTCFullYear()}`
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}

function seconds(at: Date): number {
  return Math.floor(at.getTime() / 1000)
}
