import type { Account } from '../../accounts/account.ts'
import { userName } from '../accounts/forms.ts'
import { loadAccount } from '../accounts-in-reach.ts'
import type { ReadContext } from '../context.ts'
import { defineWrite } from '../define.ts'

/**
 * Neither passwords nor tokens nor private keys are in it. The archive is made before the transaction, which only notes it: reading a home can take long, and
 * nobody is to wait for that with a change.
 */
export const posternBackupAccount = defineWrite({
  name: 'postern_backup_account',
  group: 'Backups',
  summary: 'Write an archive of an account, its folder and its record, in place of the one of the same day.',
  source: 'Postern',
  acl: 'all',
  params: { user: userName({ doc: 'The account.' }) },
  failures: ['account-not-found', 'archive-too-large', 'host-failed'],
  v0: 'none',
  takesLong: true,
  audit: (values) => values.user,
  async prepare(context, { user }) {
    const account = await loadAccount(context.stores, context.caller, user)
    const date = dayOf(context.now, context.services.facts.timezone)
    const record = `${JSON.stringify(await recordOf(context, account), null, 2)}\n`
    return { date, path: await context.services.host.writeArchive(account.home, date, record) }
  },
  async run({ note }, { user }, { date, path }) {
    note('path', path)
    return { data: { user, date, path } }
  },
})

/** Everything that makes the account what it is, in the words of this project. */
async function recordOf({ stores, now }: ReadContext, account: Account) {
  const { userId: _id, ownerId: _ownerId, ...facts } = account
  const domains = (await stores.domains.listOf(account.userId)).map(({ userId: _, ...domain }) => domain)
  const certificates = (await stores.certificates.listInstalled({ userId: account.userId })).map(
    ({ site, certificate: { pem, chain } }) => ({ site, pem, chain }),
  )
  const mailboxes = (await stores.mail.listMailboxes(account.userId)).map(
    ({ userId: _, passwordHash: _hash, ...mailbox }) => mailbox,
  )
  const forwarders = (await stores.mail.listForwarders(account.userId)).map(({ userId: _, ...forwarder }) => forwarder)
  const zones = (await stores.zones.listOf(account.userId)).map(({ name, text }) => ({ name, text }))
  const databases = await stores.mysql.databasesOf(account.userId)
  const parts = { domains, certificates, mailboxes, forwarders, zones, databases }
  return { format: 1, madeAt: now.toISOString(), account: facts, ...parts }
}

/** `YYYY-MM-DD` in the zone. */
function dayOf(at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(at)
}
