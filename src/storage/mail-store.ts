/** Mailboxes and forwarders in the database. */
import type { Kysely } from 'kysely'
import {
  actionOf,
  type Forwarder,
  formatAction,
  type Mailbox,
  type MailboxChange,
  type MailboxToServe,
  type MailStore,
  type MailSuspension,
} from '../hosting/mail/mail.ts'
import { countOf } from './counts.ts'
import { fromSeconds, metARow, toSeconds } from './rows.ts'
import type { Schema } from './schema.ts'
import type { ForwarderTable, MailboxTable } from './tables/mail.ts'

const MAILBOX_COLUMNS = [
  'mailboxes.domain',
  'mailboxes.local_part',
  'mailboxes.user_id',
  'mailboxes.password_hash',
  'mailboxes.quota_mb',
  'mailboxes.login_suspended',
  'mailboxes.incoming_suspended',
  'mailboxes.outgoing_suspended',
  'mailboxes.created_at',
  'mailboxes.changed_at',
] as const

const FORWARDER_COLUMNS = ['domain', 'local_part', 'destination', 'user_id'] as const

export function mailStoreOn(db: Kysely<Schema>): MailStore {
  const mailboxes = () =>
    db.selectFrom('mailboxes').select(MAILBOX_COLUMNS).orderBy('mailboxes.domain').orderBy('mailboxes.local_part')
  const forwarders = () =>
    db.selectFrom('forwarders').select(FORWARDER_COLUMNS).orderBy('domain').orderBy('local_part').orderBy('id')
  const served = () =>
    mailboxes()
      .innerJoin('accounts', 'accounts.user_id', 'mailboxes.user_id')
      .select(['accounts.home', 'accounts.suspended_at', 'accounts.limits'])
  return {
    async findMailbox(domain, localPart) {
      const row = await mailboxes().where('domain', '=', domain).where('local_part', '=', localPart).executeTakeFirst()
      return row && mailboxOf(row)
    },
    async listMailboxes(userId) {
      return (await mailboxes().where('user_id', '=', userId).execute()).map(mailboxOf)
    },
    countMailboxes: (userId) => countOf(db, 'mailboxes', userId),
    async insertMailbox({ domain, localPart, userId, passwordHash, quotaMb }, at) {
      await db
        .insertInto('mailboxes')
        .values({
          domain,
          local_part: localPart,
          user_id: userId,
          password_hash: passwordHash,
          quota_mb: quotaMb ?? null,
          ...suspensionColumns([]),
          created_at: toSeconds(at),
          changed_at: toSeconds(at),
        })
        .execute()
    },
    async changeMailbox(domain, localPart, change, at) {
      const changed = await db
        .updateTable('mailboxes')
        .set({ ...changedColumns(change), changed_at: toSeconds(at) })
        .where('domain', '=', domain)
        .where('local_part', '=', localPart)
        .executeTakeFirst()
      return metARow(changed)
    },
    async removeMailbox(domain, localPart) {
      const removed = await db
        .deleteFrom('mailboxes')
        .where('domain', '=', domain)
        .where('local_part', '=', localPart)
        .executeTakeFirst()
      return metARow(removed)
    },
    async listForwarders(userId) {
      return (await forwarders().where('user_id', '=', userId).execute()).map(forwarderOf)
    },
    async forwardersOf(domain, localPart) {
      const rows = await forwarders().where('domain', '=', domain).where('local_part', '=', localPart).execute()
      return rows.map(forwarderOf)
    },
    countForwarders: (userId) => countOf(db, 'forwarders', userId),
    async insertForwarder({ domain, localPart, userId, action }, at) {
      await db
        .insertInto('forwarders')
        .values({
          domain,
          local_part: localPart,
          destination: formatAction(action),
          user_id: userId,
          created_at: toSeconds(at),
        })
        .execute()
    },
    async removeForwarder({ domain, localPart, action }) {
      const removed = await db
        .deleteFrom('forwarders')
        .where('domain', '=', domain)
        .where('local_part', '=', localPart)
        .where('destination', '=', formatAction(action))
        .executeTakeFirst()
      return metARow(removed)
    },
    renameDomain: (userId, from, to) => renameDomain(db, userId, from, to),
    async removeAllOf(userId) {
      await db.deleteFrom('mailboxes').where('user_id', '=', userId).execute()
      await db.deleteFrom('forwarders').where('user_id', '=', userId).execute()
    },
    async domainsOf(userId) {
      const rows = await db
        .selectFrom('mailboxes')
        .select('domain')
        .where('user_id', '=', userId)
        .union(db.selectFrom('forwarders').select('domain').where('user_id', '=', userId))
        .execute()
      return rows.map(({ domain }) => domain).sort()
    },
    async addresses() {
      const rows = await db
        .selectFrom('mailboxes')
        .select(['domain', 'local_part'])
        .orderBy('domain')
        .orderBy('local_part')
        .execute()
      return rows.map((row) => ({ domain: row.domain, localPart: row.local_part }))
    },
    async mailboxesToServe(domain) {
      const rows = await (domain === undefined ? served() : served().where('mailboxes.domain', '=', domain)).execute()
      return rows.map(servedOf)
    },
    async restrictedMailboxes() {
      const rows = await served()
        .where((e) =>
          e.or([
            e('login_suspended', '=', 1),
            e('incoming_suspended', '=', 1),
            e('outgoing_suspended', '=', 1),
            e('accounts.suspended_at', 'is not', null),
            e('accounts.limits', 'like', `%${MAY_NOT_SEND}%`),
          ]),
        )
        .execute()
      return rows.map(servedOf)
    },
    async forwardersToServe() {
      return (await forwarders().execute()).map(forwarderOf)
    },
  }
}

async function renameDomain(db: Kysely<Schema>, userId: number, from: string, to: string): Promise<void> {
  for (const table of ['mailboxes', 'forwarders'] as const)
    await db.updateTable(table).set({ domain: to }).where('user_id', '=', userId).where('domain', '=', from).execute()
  const forwarders = await db
    .selectFrom('forwarders')
    .select(['id', 'domain', 'local_part', 'destination'])
    .where('user_id', '=', userId)
    .execute()
  for (const forwarder of forwarders.filter(({ destination }) => destination.endsWith(`@${from}`))) {
    const destination = `${forwarder.destination.slice(0, -from.length)}${to}`
    const isThere = forwarders.some(
      (other) =>
        other.domain === forwarder.domain &&
        other.local_part === forwarder.local_part &&
        other.destination === destination,
    )
    if (isThere) await db.deleteFrom('forwarders').where('id', '=', forwarder.id).execute()
    else await db.updateTable('forwarders').set({ destination }).where('id', '=', forwarder.id).execute()
  }
}

function changedColumns({ passwordHash, quotaMb, suspended }: MailboxChange) {
  return {
    ...(passwordHash !== undefined && { password_hash: passwordHash }),
    ...(quotaMb !== undefined && { quota_mb: quotaMb === 'unlimited' ? null : quotaMb }),
    ...(suspended !== undefined && suspensionColumns(suspended)),
  }
}

function suspensionColumns(suspended: readonly MailSuspension[]) {
  const flag = (what: MailSuspension): 0 | 1 => (suspended.includes(what) ? 1 : 0)
  return {
    login_suspended: flag('login'),
    incoming_suspended: flag('incoming'),
    outgoing_suspended: flag('outgoing'),
  }
}

function mailboxOf(row: Omit<MailboxTable, 'id'>): Mailbox {
  return {
    domain: row.domain,
    localPart: row.local_part,
    userId: row.user_id,
    passwordHash: row.password_hash,
    quotaMb: row.quota_mb ?? undefined,
    suspended: [
      ...(row.login_suspended === 1 ? (['login'] as const) : []),
      ...(row.incoming_suspended === 1 ? (['incoming'] as const) : []),
      ...(row.outgoing_suspended === 1 ? (['outgoing'] as const) : []),
    ],
    createdAt: fromSeconds(row.created_at),
    changedAt: fromSeconds(row.changed_at),
  }
}

type ServedRow = Omit<MailboxTable, 'id'> & {
  readonly home: string
  readonly suspended_at: number | null
  readonly limits: string
}

/** How `limits` of an account holds it. */
const MAY_NOT_SEND = '"OUTGOING_EMAIL_SUSPENDED":"1"'

function servedOf(row: ServedRow): MailboxToServe {
  return {
    ...mailboxOf(row),
    home: row.home,
    isAccountSuspended: row.suspended_at !== null,
    mayAccountSend: !row.limits.includes(MAY_NOT_SEND),
  }
}

function forwarderOf(row: Pick<ForwarderTable, (typeof FORWARDER_COLUMNS)[number]>): Forwarder {
  return { domain: row.domain, localPart: row.local_part, userId: row.user_id, action: actionOf(row.destination) }
}
