/** Sessions, saved ACL lists and the machine's waiting tasks in the database: one small store each. */
import type { Kysely } from 'kysely'
import type { AclListStore } from '../accounts/account.ts'
import type { Service, Session, SessionStore } from '../accounts/sessions.ts'
import type { HostTask, HostTaskStore } from '../hosting/host.ts'
import { chunksOf, fromSeconds, listFromJson, toSeconds } from './rows.ts'
import type { Schema } from './schema.ts'

export function sessionStoreOn(db: Kysely<Schema>): SessionStore {
  return {
    async insert(session) {
      await db
        .insertInto('sessions')
        .values({
          digest: session.digest,
          user_id: session.userId,
          service: session.service,
          security_token_digest: session.securityTokenDigest,
          address: session.address,
          created_at: toSeconds(session.createdAt),
          last_seen_at: toSeconds(session.lastSeenAt),
          confirmed_at: toSeconds(session.confirmedAt),
          opened_by: session.openedBy,
        })
        .execute()
    },
    async find(digest) {
      const row = await sessions(db).where('digest', '=', digest).executeTakeFirst()
      return row && sessionOf(row)
    },
    async list(userId) {
      const all = sessions(db).orderBy('created_at', 'desc').orderBy('digest')
      const rows = await (userId === undefined ? all : all.where('user_id', '=', userId)).execute()
      return rows.map(sessionOf)
    },
    async confirm(digest, at) {
      await db
        .updateTable('sessions')
        .set({ confirmed_at: toSeconds(at) })
        .where('digest', '=', digest)
        .execute()
    },
    async remove(digest) {
      await db.deleteFrom('sessions').where('digest', '=', digest).execute()
    },
    async removeAllOf(userId, keptDigest) {
      await db.deleteFrom('login_links').where('user_id', '=', userId).execute()
      const all = db.deleteFrom('sessions').where('user_id', '=', userId)
      const removed = await (keptDigest === undefined ? all : all.where('digest', '<>', keptDigest)).executeTakeFirst()
      return Number(removed.numDeletedRows)
    },
    async removeEnded(idleBefore, createdBefore) {
      await db
        .deleteFrom('sessions')
        .where((e) =>
          e.or([e('last_seen_at', '<', toSeconds(idleBefore)), e('created_at', '<', toSeconds(createdBefore))]),
        )
        .execute()
    },
    async markSeen(digests, at) {
      for (const chunk of chunksOf(digests)) {
        await db
          .updateTable('sessions')
          .set({ last_seen_at: toSeconds(at) })
          .where('digest', 'in', chunk)
          .execute()
      }
    },
  }
}

export function aclListStoreOn(db: Kysely<Schema>): AclListStore {
  return {
    async list() {
      const rows = await db.selectFrom('acl_lists').select(['name', 'privileges']).orderBy('name').execute()
      return rows.map((row) => ({ name: row.name, privileges: listFromJson(row.privileges) }))
    },
    async find(name) {
      const row = await db.selectFrom('acl_lists').select('privileges').where('name', '=', name).executeTakeFirst()
      return row && listFromJson(row.privileges)
    },
    async save(name, privileges, at) {
      const saved = { privileges: JSON.stringify(privileges), saved_at: toSeconds(at) }
      await db
        .insertInto('acl_lists')
        .values({ name, ...saved })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(saved))
        .execute()
    },
  }
}

export function hostTaskStoreOn(db: Kysely<Schema>): HostTaskStore {
  return {
    async add(task, at) {
      const { kind, ...rest } = task
      const row = await db
        .insertInto('host_tasks')
        .values({ kind, arguments: JSON.stringify(rest), created_at: toSeconds(at) })
        .returning('id')
        .executeTakeFirstOrThrow()
      return row.id
    },
    async list() {
      const rows = await db.selectFrom('host_tasks').select(['id', 'kind', 'arguments']).orderBy('id').execute()
      // Written by `add` above, so kind and arguments fit each other.
      return rows.map((row) => ({ id: row.id, task: { kind: row.kind, ...JSON.parse(row.arguments) } as HostTask }))
    },
    async remove(id) {
      await db.deleteFrom('host_tasks').where('id', '=', id).execute()
    },
  }
}

function sessions(db: Kysely<Schema>) {
  return db
    .selectFrom('sessions')
    .select([
      'digest',
      'user_id',
      'service',
      'security_token_digest',
      'address',
      'created_at',
      'last_seen_at',
      'confirmed_at',
      'opened_by',
    ])
}

function sessionOf(row: {
  readonly digest: string
  readonly user_id: number
  readonly service: string
  readonly security_token_digest: string
  readonly address: string
  readonly created_at: number
  readonly last_seen_at: number
  readonly confirmed_at: number
  readonly opened_by: string
}): Session {
  return {
    digest: row.digest,
    userId: row.user_id,
    // Only ever written from a `Service`.
    service: row.service as Service,
    securityTokenDigest: row.security_token_digest,
    address: row.address,
    createdAt: fromSeconds(row.created_at),
    lastSeenAt: fromSeconds(row.last_seen_at),
    confirmedAt: fromSeconds(row.confirmed_at),
    openedBy: row.opened_by === 'link' ? 'link' : 'password',
  }
}
