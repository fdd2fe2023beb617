/** Mailboxes as UAPI and API 2 show them. */
import type { Account } from '../../accounts/account.ts'
import type { DiskUsage } from '../../hosting/host.ts'
import { addressOf, folderOfMailbox, type Mailbox, type MailSuspension } from '../../hosting/mail/mail.ts'
import type { Context } from '../context.ts'
import type { OnAccount } from '../uapi/define.ts'
import { assertOwnDomain, matching } from './forms.ts'

const MIB = 1024 ** 2
const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const
/** WHM Email::list_pops_with_disk: between a figure and its unit (documented). */
const NO_BREAK = '\u00a0'

/** Whether it may not do that now, for a reason of its own or of its account's. */
export function isSuspended({ suspension, limits }: Account, mailbox: Mailbox, what: MailSuspension): 0 | 1 {
  const byAccount =
    (what === 'login' && suspension !== undefined) ||
    (what === 'outgoing' && (suspension !== undefined || limits.OUTGOING_EMAIL_SUSPENDED === '1'))
  return byAccount || mailbox.suspended.includes(what) ? 1 : 0
}

type Wanted = {
  readonly domain?: string | undefined
  /** A local part or an address. */
  readonly email?: string | undefined
  readonly regex?: string | undefined
  readonly maxaccounts?: number | undefined
  readonly no_disk?: boolean | undefined
  /** What stands for no limit in `diskquota`. */
  readonly unlimited?: string
}

/** WHM Email::list_pops_with_disk, for the mailboxes that are meant. Throws `domain-not-found` and `host-failed`. */
export async function mailboxesWithDisk(
  context: Context & OnAccount,
  { domain, email, regex, maxaccounts, no_disk, unlimited = 'unlimited' }: Wanted,
) {
  const { account, stores, services } = context
  if (domain !== undefined) await assertOwnDomain(context, domain)
  const wanted = email?.toLowerCase()
  const named = (await stores.mail.listMailboxes(account.userId)).filter(
    (mailbox) =>
      (domain === undefined || mailbox.domain === domain) &&
      (wanted === undefined || mailbox.localPart === wanted || addressOf(mailbox) === wanted),
  )
  const shown = (await matching(named, addressOf, regex)).slice(0, maxaccounts)
  const folders = shown.map((mailbox) => ({ home: account.home, inside: folderOfMailbox(mailbox) }))
  const usages = no_disk ? [] : await services.host.mailUsages(folders)
  return shown.map((mailbox, index) => mailboxWithDisk(account, mailbox, usages[index], unlimited))
}

/** Without a usage nobody asked for figures. */
function mailboxWithDisk(account: Account, mailbox: Mailbox, usage: DiskUsage | undefined, unlimited: string) {
  const { quotaMb } = mailbox
  const bytes = usage?.bytes ?? 0
  const percent = quotaMb === undefined || quotaMb === 0 ? 0 : Math.min(100, (100 * bytes) / (quotaMb * MIB))
  const suspended = {
    suspended_login: isSuspended(account, mailbox, 'login'),
    suspended_incoming: isSuspended(account, mailbox, 'incoming'),
    suspended_outgoing: isSuspended(account, mailbox, 'outgoing'),
  }
  return {
    email: addressOf(mailbox),
    login: addressOf(mailbox),
    user: mailbox.localPart,
    domain: mailbox.domain,
    _diskquota: (quotaMb ?? 0) * MIB,
    _diskused: bytes,
    diskquota: quotaMb ?? unlimited,
    diskused: hundredths(bytes / MIB),
    diskusedpercent: Math.floor(percent),
    diskusedpercent20: 20 * Math.floor(percent / 20),
    diskusedpercent_float: hundredths(percent),
    humandiskquota: quotaMb === undefined ? 'None' : humanSize(quotaMb * MIB),
    humandiskused: humanSize(bytes),
    txtdiskquota: quotaMb ?? 'unlimited',
    ...suspended,
    hold_outgoing: 0,
    has_suspended: Object.values(suspended).includes(1) ? 1 : 0,
    mtime: Math.floor(mailbox.changedAt.getTime() / 1000),
  }
}

function hundredths(value: number): number {
  return Math.round(100 * value) / 100
}

function humanSize(bytes: number): string {
  const step = bytes < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10))
  return `${hundredths(bytes / 1024 ** step)}${NO_BREAK}${UNITS[step]}`
}
