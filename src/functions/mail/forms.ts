/** Argument forms and parts that the functions for mail share. */
import type { Account } from '../../accounts/account.ts'
import { assertPasswordAllowed } from '../../accounts/password-rules.ts'
import { Failure } from '../../failures.ts'
import { parseOwnAddress } from '../../hosting/mail/address.ts'
import { addressOf, type MailAddress, type Mailbox, type MailSuspension } from '../../hosting/mail/mail.ts'
import { dovecotHashOf } from '../../hosting/mail/password-hash.ts'
import { text } from '../../whm/params.ts'
import type { Context, WriteContext } from '../context.ts'
import { sitesOf } from '../domains/domain-facts.ts'
import { filterByPattern } from '../pattern-filter.ts'
import type { OnAccount } from '../uapi/define.ts'

/** WHM's names of the features that open them. */
export const MAILBOXES = 'popaccts'
export const FORWARDERS = 'forwarders'

/** A local part or a whole address; `parseOwnAddress` looks closer. */
export const emailText = (doc: string) => text({ doc, min: 1, max: 320 })

/** A password of a mailbox, letter for letter. */
export const mailPassword = (doc: string) => text({ doc, max: 1024, secret: true })

/** An expression that picks from a list, with or without Perl's slashes around it. */
export const regexText = (doc: string) => text({ doc, max: 500 })

/** The domains of the account that can have mail, the main one first. */
export async function mailDomainsOf({ stores, account }: Context & OnAccount): Promise<readonly string[]> {
  return sitesOf(account, await stores.domains.listOf(account.userId)).map(({ name }) => name)
}

/** The address that is meant, in a domain of the account; the main one when none is given. Throws `domain-not-found`. */
export async function addressIn(
  context: Context & OnAccount,
  email: string,
  domain: string | undefined,
  argument = 'email',
): Promise<MailAddress> {
  const address = parseOwnAddress(email, { given: domain, main: context.account.domain }, argument)
  await assertOwnDomain(context, address.domain)
  return address
}

export async function assertOwnDomain(context: Context & OnAccount, domain: string): Promise<void> {
  if (!(await mailDomainsOf(context)).includes(domain)) throw new Failure('domain-not-found', { domain })
}

/** The mailbox of the account that is meant. Throws `mailbox-not-found`. */
export async function loadMailbox(
  context: Context & OnAccount,
  email: string,
  domain: string | undefined,
): Promise<Mailbox> {
  const address = await addressIn(context, email, domain)
  const mailbox = await context.stores.mail.findMailbox(address.domain, address.localPart)
  if (mailbox === undefined || mailbox.userId !== context.account.userId)
    throw new Failure('mailbox-not-found', { address: addressOf(address) })
  return mailbox
}

/** As the caller named it, for the trail. */
export function namedAddress(email: string, domain: string | undefined): string {
  return email.includes('@') || domain === undefined ? email : `${email}@${domain}`
}

/** The hash to keep. Throws `password-invalid` and `overloaded`. */
export async function hashOfPassword({ services }: Context, password: string, localPart: string): Promise<string> {
  await assertPasswordAllowed(password, {
    user: localPart,
    hostname: services.facts.hostname,
    standsAlone: false,
  })
  return dovecotHashOf(await services.passwords.hash(password))
}

/**
 * The quota in MB, or `unlimited`; without a wish the largest that the account may give. WHM Email::add_pop, "quota": without limit only
 * where the account has no largest mailbox (documented). Throws `account-limit-reached`.
 */
export function quotaToGive({ limits }: Account, wish: number | 'unlimited' | undefined): number | 'unlimited' {
  const limit = limits.MAX_EMAILACCT_QUOTA ?? 'unlimited'
  if (limit === 'unlimited' || limit === '0') return wish ?? 'unlimited'
  const max = Number(limit)
  if (wish === 'unlimited' || (wish ?? 0) > max)
    throw new Failure('account-limit-reached', { what: 'the largest mailbox in MB', limit })
  return wish ?? max
}

/** Those that the expression meets; all without one. */
export async function matching<T>(
  items: readonly T[],
  textOf: (item: T) => string,
  regex: string | undefined,
): Promise<readonly T[]> {
  if (regex === undefined || regex === '') return items
  return filterByPattern(items, textOf, { argument: 'regex', text: regex.replace(/^\/(.*)\/$/s, '$1') })
}

/** Changes the mailbox and what the mail servers are told of it. */
export async function changeMailbox(
  { stores, now, afterCommit }: WriteContext,
  { domain, localPart }: Mailbox,
  change: Parameters<WriteContext['stores']['mail']['changeMailbox']>[2],
): Promise<void> {
  if (!(await stores.mail.changeMailbox(domain, localPart, change, now)))
    throw new Failure('mailbox-not-found', { address: addressOf({ domain, localPart }) })
  await afterCommit({ kind: 'write-mail', domains: [domain] })
}

/** Takes something from the mailbox for a while, or gives it back; what is so already is no failure. */
export async function setSuspended(
  context: WriteContext & OnAccount,
  email: string,
  what: MailSuspension,
  isSuspended: boolean,
): Promise<void> {
  const mailbox = await loadMailbox(context, email, undefined)
  const others = mailbox.suspended.filter((kind) => kind !== what)
  await changeMailbox(context, mailbox, { suspended: isSuspended ? [...others, what] : others })
}
