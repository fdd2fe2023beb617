import { Failure } from '../../../failures.ts'
import { addressOf, folderOfMailbox } from '../../../hosting/mail/mail.ts'
import { parsePasswordHash } from '../../../hosting/mail/password-hash.ts'
import { flag, optional, text } from '../../../whm/params.ts'
import { domainName, sizeOf } from '../../accounts/forms.ts'
import { assertHomesSettled } from '../../accounts/free-names.ts'
import type { WriteContext } from '../../context.ts'
import { defineUapiWrite, type OnAccount } from '../define.ts'
import { addressIn, emailText, hashOfPassword, MAILBOXES, mailPassword, namedAddress, quotaToGive } from './forms.ts'

/** The hash is made before the transaction, so that nobody waits for it with a change. */
export const emailAddPop = defineUapiWrite({
  module: 'Email',
  function: 'add_pop',
  summary: 'Create a mailbox.',
  source: 'UAPI, "Create email account"',
  feature: MAILBOXES,
  params: {
    email: emailText('The mailbox: what stands before the “@”, or the whole address.'),
    password: optional(mailPassword('At least 8 characters.')),
    password_hash: optional(
      text({ doc: 'Instead of a password its salted hash, as Dovecot reads it.', max: 500, secret: true }),
    ),
    domain: optional(domainName({ doc: 'A domain of the account; the main one when absent.' })),
    quota: optional(sizeOf({ doc: 'Its size in MB; 0 or “unlimited” for no limit, where the account allows that.' })),
    send_welcome_email: optional(flag({ doc: 'Taken as clients send it; no message is sent.' })),
    skip_update_db: optional(flag({ doc: 'Taken as clients send it; has no effect.' })),
  },
  failures: [
    'domain-not-found',
    'mailbox-taken',
    'account-limit-reached',
    'password-invalid',
    'arguments-disagree',
    'argument-missing',
    'host-failed',
    'overloaded',
  ],
  audit: ({ email, domain }) => namedAddress(email, domain),
  async prepare(context, { email, domain, password, password_hash }): Promise<string> {
    if (password !== undefined && password_hash !== undefined)
      throw new Failure('arguments-disagree', { problem: 'give “password” or “password_hash”, not both' })
    const { localPart } = await addressIn(context, email, domain)
    if (password_hash !== undefined) return parsePasswordHash(password_hash, 'password_hash')
    if (password === undefined) throw new Failure('argument-missing', { argument: 'password' })
    return hashOfPassword(context, password, localPart)
  },
  async run(context, { email, domain: given, quota, send_welcome_email }, passwordHash) {
    const { account, stores, services, now, note } = context
    const { localPart, domain } = await addressIn(context, email, given)
    const address = addressOf({ localPart, domain })
    if ((await stores.mail.findMailbox(domain, localPart)) !== undefined)
      throw new Failure('mailbox-taken', { address })
    await assertRoom(context)
    const quotaMb = quotaToGive(account, quota)
    await assertHomesSettled(context, [account.home])
    context.onRollback(await services.host.makeMailbox(account.home, folderOfMailbox({ localPart, domain })))
    const made = { localPart, domain, userId: account.userId, passwordHash }
    await stores.mail.insertMailbox({ ...made, quotaMb: quotaMb === 'unlimited' ? undefined : quotaMb }, now)
    await context.afterCommit({ kind: 'write-mail', domains: [domain] })
    note('mailbox', address)
    note('quota_mb', quotaMb)
    return {
      data: `${localPart}+${domain}`,
      ...(send_welcome_email && { warnings: ['No welcome message was sent: this server writes none.'] }),
    }
  },
})

async function assertRoom({ account, stores }: WriteContext & OnAccount): Promise<void> {
  const limit = account.limits.MAXPOP ?? 'unlimited'
  if (limit === 'unlimited') return
  if ((await stores.mail.countMailboxes(account.userId)) >= Number(limit))
    throw new Failure('account-limit-reached', { what: 'mailboxes', limit })
}
