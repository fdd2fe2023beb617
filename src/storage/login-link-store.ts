/** Links that sign in once, in the database. */
import type { Kysely } from 'kysely'
import type { LoginLinkStore } from '../accounts/login-links.ts'
import type { Service } from '../accounts/sessions.ts'
import { fromSeconds, toSeconds } from './rows.ts'
import type { Schema } from './schema.ts'

/** The store on a connection or in a transaction. */
export function loginLinkStoreOn(db: Kysely<Schema>): LoginLinkStore {
  return {
    async insert(link) {
      await db
        .insertInto('login_links')
        .values({
          digest: link.digest,
          user_id: link.userId,
          service: link.service,
          security_token_digest: link.securityTokenDigest,
          maker_id: link.makerId,
          maker_token_id: link.makerTokenId ?? null,
          created_at: toSeconds(link.createdAt),
          expires_at: toSeconds(link.expiresAt),
        })
        .execute()
    },
    async take(digest) {
      const row = await db
        .deleteFrom('login_links')
        .where('digest', '=', digest)
        .returning([
          'digest',
          'user_id',
          'service',
          'security_token_digest',
          'maker_id',
          'maker_token_id',
          'created_at',
          'expires_at',
        ])
        .executeTakeFirst()
      return (
        row && {
          digest: row.digest,
          userId: row.user_id,
          // Only ever written from a `Service`.
          service: row.service as Service,
          securityTokenDigest: row.security_token_digest,
          makerId: row.maker_id,
          makerTokenId: row.maker_token_id ?? undefined,
          createdAt: fromSeconds(row.created_at),
          expiresAt: fromSeconds(row.expires_at),
        }
      )
    },
    async removeAllOf(userId) {
      await db
        .deleteFrom('login_links')
        .where((e) => e.or([e('user_id', '=', userId), e('maker_id', '=', userId)]))
        .execute()
    },
    async removeEnded(at) {
      await db.deleteFrom('login_links').where('expires_at', '<=', toSeconds(at)).execute()
    },
  }
}
