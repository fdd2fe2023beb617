/** Making and removing a mailbox, for the interfaces that can be asked for it. */
import { randomBytes } from 'node:crypto'
import { Failure, type FailureCode } from '../../failures.ts'
import { addressOf, folderOfMailbox, type MailAddress } from '../../hosting/mail/mail.ts'
import { parsePasswordHash } from '../../hosting/mail/password-hash.ts'
import { optional, type Values } from '../../whm/params.ts'
import { domainName, sizeOf } from '../accounts/forms.ts'
import { assertHomesSettled } from '../accounts/free-names.ts'
import type { Context, WriteContext } from '../context.ts'
import type { OnAccount } from '../uapi/define.ts'
import { addressIn, emailText, hashOfPassword, loadMailbox, mailPassword, quotaToGive } from './forms.ts'

/** What both interfaces ask for a new mailbox. */
export const newMailboxParams = {
  email: emailText('The mailbox: what stands before the “@”, or the whole address.'),
  password: optional(mailPassword('At least 8 characters.')),
  domain: optional(domainName({ doc: 'A domain of the account; the main one when absent.' })),
  quota: optional(sizeOf({ doc: 'Its size in MB; 0 or “unlimited” for no limit, where the account allows that.' })),
}

/** What `hashFor` and `makeMailbox` throw. */
export const NEW_MAILBOX_FAILURES = [
  'domain-not-found',
  'mailbox-taken',
  'account-limit-reached',
  'password-invalid',
  'arguments-disagree',
  'argument-missing',
  'host-failed',
  'overloaded',
] as const satisfies readonly FailureCode[]

export type WantedMailbox = Values<typeof newMailboxParams> & { readonly password_hash?: string | undefined }

/** The hash to keep, made before the transaction, so that nobody waits for it with a change. */
export async function hashFor(
  context: Context & OnAccount,
  { email, domain, password, password_hash }: WantedMailbox,
): Promise<string> {
  if (password !== undefined && password_hash !== undefined)
    throw new Failure('arguments-disagree', { problem: 'give “password” or “password_hash”, not both' })
  const { localPart } = await addressIn(context, email, domain)
  if (password_hash !== undefined) return parsePasswordHash(password_hash, 'password_hash')
  if (password === undefined) throw new Failure('argument-missing', { argument: 'password' })
  return hashOfPassword(context, password, localPart)
}

/** Gives the address of the new mailbox. */
export async function makeMailbox(
  context: WriteContext & OnAccount,
  { email, domain: given, quota }: WantedMailbox,
  passwordHash: string,
): Promise<MailAddress> {
  const { account, stores, services, now, note } = context
  const { localPart, domain } = await addressIn(context, email, given)
  const address = addressOf({ localPart, domain })
  if ((await stores.mail.findMailbox(domain, localPart)) !== undefined) throw new Failure('mailbox-taken', { address })
  await assertRoom(context)
  const quotaMb = quotaToGive(account, quota)
  await assertHomesSettled(context, [account.home])
  context.onRollback(await services.host.makeMailbox(account.home, folderOfMailbox({ localPart, domain })))
  const made = { localPart, domain, userId: account.userId, passwordHash }
  await stores.mail.insertMailbox({ ...made, quotaMb: quotaMb === 'unlimited' ? undefined : quotaMb }, now)
  await context.afterCommit({ kind: 'write-mail', domains: [domain] })
  note('mailbox', address)
  note('quota_mb', quotaMb)
  return { localPart, domain }
}

async function assertRoom({ account, stores }: WriteContext & OnAccount): Promise<void> {
  const limit = account.limits.MAXPOP ?? 'unlimited'
  if (limit === 'unlimited') return
  if ((await stores.mail.countMailboxes(account.userId)) >= Number(limit))
    throw new Failure('account-limit-reached', { what: 'mailboxes', limit })
}

/** Its mail is put into `mail/.removed` of the account's folder, unless it is to be kept for a next mailbox of that name. */
export async function removeMailbox(
  context: WriteContext & OnAccount,
  {
    email,
    domain: given,
    keepsMail,
  }: { readonly email: string; readonly domain: string | undefined; readonly keepsMail: boolean },
): Promise<void> {
  const { account, stores, now, note, afterCommit } = context
  const { localPart, domain } = await loadMailbox(context, email, given)
  await stores.mail.removeMailbox(domain, localPart)
  note('mailbox', addressOf({ localPart, domain }))
  note('mail', keepsMail ? 'kept' : 'put away')
  await afterCommit({ kind: 'write-mail', domains: [domain] })
  if (keepsMail) return
  // Shortened, since the name of a folder has at most 255 bytes.
  const as = `${addressOf({ localPart, domain }).slice(0, 200)}-${Math.floor(now.getTime() / 1000)}-${randomBytes(4).toString('hex')}`
  await afterCommit({ kind: 'put-mail-away', home: account.home, domain, localPart, as })
}
