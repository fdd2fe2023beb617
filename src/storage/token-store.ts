/** Tokens in the database. */
import type { Kysely, Selectable } from 'kysely'
import type { UserKind } from '../acl/caller.ts'
import type { PresentedSecret, Token, TokenOwner, TokenService, TokenStore, TokenUsage } from '../tokens/token.ts'
import { chunksOf, fromSeconds, fromSecondsOrNull, listFromJson, metARow, toSeconds, toSecondsOrNull } from './rows.ts'
import type { Schema } from './schema.ts'
import type { TokenRow, TokenTable } from './tables/tokens.ts'

const TOKEN_COLUMNS = [
  'tokens.id',
  'tokens.user_id',
  'tokens.name',
  'tokens.privileges',
  'tokens.ip_rules',
  'tokens.created_at',
  'tokens.expires_at',
  'tokens.paused_at',
  'tokens.pause_reason',
  'tokens.revoked_at',
  'tokens.revoke_reason',
  'tokens.secret_number',
  'tokens.awaits_first_use',
  'tokens.service',
  'tokens.is_readonly',
] as const

/** The store on a connection or in a transaction. */
export function tokenStoreOn(db: Kysely<Schema>): TokenStore {
  return {
    async listOf(userId, service) {
      const all = live(db).where('tokens.user_id', '=', userId)
      const rows = await (service === 'every' ? all : all.where('tokens.service', '=', service)).execute()
      return rows.map(tokenOf)
    },
    async listOwned({ userId, madeSince, revokedSince }) {
      let query = owned(db).orderBy('tokens.created_at').orderBy('tokens.id')
      if (userId !== undefined) query = query.where('tokens.user_id', '=', userId)
      if (madeSince !== undefined) {
        const since = toSeconds(madeSince)
        query = query.where((e) => e.or([e('tokens.created_at', '>=', since), e('tokens.secret_made_at', '>=', since)]))
      }
      query =
        revokedSince === undefined
          ? query.where('tokens.revoked_at', 'is', null)
          : query.where((e) =>
              e.or([e('tokens.revoked_at', 'is', null), e('tokens.revoked_at', '>=', toSeconds(revokedSince))]),
            )
      const rows = await query.execute()
      return rows.map((row) => ({ token: tokenOf(row), owner: ownerOf(row) }))
    },
    async findByName(userId, service, name) {
      const row = await live(db)
        .where('tokens.user_id', '=', userId)
        .where('tokens.service', '=', service)
        .where('tokens.name', '=', name)
        .executeTakeFirst()
      return row && tokenOf(row)
    },
    async findByDigest(digests) {
      const newest = await live(db).where('tokens.digest', 'in', digests).executeTakeFirst()
      if (newest !== undefined)
        return {
          token: tokenOf(newest),
          secret: { number: newest.secret_number, endsAt: undefined, endedAt: undefined },
        }
      const replaced = await live(db)
        .innerJoin('token_old_secrets as old', 'old.token_id', 'tokens.id')
        .select([
          'old.number as presented_number',
          'old.ends_at as presented_ends_at',
          'old.ended_at as presented_ended_at',
        ])
        .where('old.digest', 'in', digests)
        .executeTakeFirst()
      return replaced && { token: tokenOf(replaced), secret: presentedOf(replaced) }
    },
    async findById(id) {
      const row = await owned(db).where('tokens.id', '=', id).executeTakeFirst()
      return row && { token: tokenOf(row), owner: ownerOf(row) }
    },
    async listPausedBecause(reason) {
      const rows = await live(db)
        .where('tokens.pause_reason', '=', reason)
        .where('tokens.paused_at', 'is not', null)
        .execute()
      return rows.map(tokenOf)
    },
    async insert(token) {
      await db
        .insertInto('tokens')
        .values({
          digest: token.digest,
          id: token.id,
          user_id: token.userId,
          name: token.name,
          pepper_version: token.pepperVersion,
          privileges: JSON.stringify(token.privileges),
          ip_rules: JSON.stringify(token.ipRules),
          created_at: toSeconds(token.createdAt),
          expires_at: toSecondsOrNull(token.expiresAt),
          paused_at: null,
          pause_reason: '',
          revoked_at: null,
          revoke_reason: '',
          service: token.service,
          is_readonly: token.isReadonly ? 1 : 0,
        })
        .execute()
    },
    async change(id, change) {
      const result = await db
        .updateTable('tokens')
        .set({
          name: change.name,
          privileges: JSON.stringify(change.privileges),
          ip_rules: JSON.stringify(change.ipRules),
          expires_at: toSecondsOrNull(change.expiresAt),
        })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst()
      return metARow(result)
    },
    async revoke(id, at, reason) {
      const result = await revoking(db, at, reason).where('id', '=', id).executeTakeFirst()
      return metARow(result)
    },
    async unrevoke(id) {
      const result = await db
        .updateTable('tokens')
        .set({ revoked_at: null, revoke_reason: '' })
        .where('id', '=', id)
        .where('revoked_at', 'is not', null)
        .executeTakeFirst()
      return metARow(result)
    },
    async revokeAllOf(userId, service, at, reason) {
      const all = revoking(db, at, reason).where('user_id', '=', userId)
      const result = await (service === 'every' ? all : all.where('service', '=', service)).executeTakeFirst()
      return Number(result.numUpdatedRows)
    },
    async pause(id, at, reason) {
      const result = await db
        .updateTable('tokens')
        .set({ paused_at: toSeconds(at), pause_reason: reason })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .where('paused_at', 'is', null)
        .executeTakeFirst()
      return metARow(result)
    },
    async resume(id) {
      const result = await db
        .updateTable('tokens')
        .set({ paused_at: null, pause_reason: '' })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .where('paused_at', 'is not', null)
        .executeTakeFirst()
      return metARow(result)
    },
    async usageOf(ids) {
      const usage = new Map<string, TokenUsage>()
      for (const chunk of chunksOf(ids)) {
        const rows = await db
          .selectFrom('token_usage')
          .select(['token_id', 'last_used_at', 'last_used_address', 'calls', 'first_used_at', 'last_function'])
          .where('token_id', 'in', chunk)
          .execute()
        for (const row of rows) {
          usage.set(row.token_id, {
            firstUsedAt: fromSecondsOrNull(row.first_used_at),
            lastUsedAt: fromSeconds(row.last_used_at),
            lastUsedAddress: row.last_used_address,
            lastFunction: row.last_function,
            calls: row.calls,
          })
        }
      }
      return usage
    },
  }
}

type TokenColumns = Pick<
  Selectable<TokenTable>,
  | 'id'
  | 'user_id'
  | 'name'
  | 'privileges'
  | 'ip_rules'
  | 'created_at'
  | 'expires_at'
  | 'paused_at'
  | 'pause_reason'
  | 'revoked_at'
  | 'revoke_reason'
  | 'secret_number'
  | 'awaits_first_use'
  | 'service'
  | 'is_readonly'
>

/** The record in a row that holds the token's columns. */
export function tokenOf(row: TokenColumns): Token {
  return {
    id: row.id,
    userId: row.user_id,
    name: row.name,
    privileges: listFromJson(row.privileges),
    ipRules: listFromJson(row.ip_rules),
    createdAt: fromSeconds(row.created_at),
    expiresAt: fromSecondsOrNull(row.expires_at),
    pausedAt: fromSecondsOrNull(row.paused_at),
    pauseReason: row.pause_reason,
    revokedAt: fromSecondsOrNull(row.revoked_at),
    revokeReason: row.revoke_reason,
    secretNumber: row.secret_number,
    awaitsFirstUse: row.awaits_first_use === 1,
    // Written by this file alone, as one of the two.
    service: row.service as TokenService,
    isReadonly: row.is_readonly === 1,
  }
}

/** The secret that led to a row of the look-up. */
export function presentedOf(
  row: Pick<TokenRow, 'presented_number' | 'presented_ends_at' | 'presented_ended_at'>,
): PresentedSecret {
  return {
    number: row.presented_number,
    endsAt: fromSecondsOrNull(row.presented_ends_at),
    endedAt: fromSecondsOrNull(row.presented_ended_at),
  }
}

type OwnerColumns = Pick<
  TokenRow,
  | 'user_id'
  | 'user_name'
  | 'user_kind'
  | 'user_is_reseller'
  | 'user_privileges'
  | 'user_removed_at'
  | 'suspended_at'
  | 'owned_by'
>

/** The owner in a row that joins the token with its user. */
export function ownerOf(row: OwnerColumns): TokenOwner {
  return {
    userId: row.user_id,
    user: row.user_name,
    kind: kindOf(row.user_kind, row.user_is_reseller),
    privileges: listFromJson(row.user_privileges),
    isSuspended: row.suspended_at !== null,
    isRemoved: row.user_removed_at !== null,
    ownedBy: row.owned_by ?? undefined,
  }
}

/** Root, reseller or account, from the two columns that say so. */
export function kindOf(kind: string, isReseller: number): UserKind {
  if (kind === 'root') return 'root'
  return isReseller === 1 ? 'reseller' : 'account'
}

function live(db: Kysely<Schema>) {
  return db
    .selectFrom('tokens')
    .select(TOKEN_COLUMNS)
    .where('tokens.revoked_at', 'is', null)
    .orderBy('tokens.created_at')
    .orderBy('tokens.id')
}

function owned(db: Kysely<Schema>) {
  return db
    .selectFrom('tokens')
    .innerJoin('users', 'users.id', 'tokens.user_id')
    .leftJoin('accounts', 'accounts.user_id', 'tokens.user_id')
    .select(TOKEN_COLUMNS)
    .select([
      'users.name as user_name',
      'users.kind as user_kind',
      'users.is_reseller as user_is_reseller',
      'users.privileges as user_privileges',
      'users.removed_at as user_removed_at',
      'accounts.suspended_at as suspended_at',
      'accounts.owner_id as owned_by',
    ])
}

function revoking(db: Kysely<Schema>, at: Date, reason: string) {
  return db
    .updateTable('tokens')
    .set({ revoked_at: toSeconds(at), revoke_reason: reason })
    .where('revoked_at', 'is', null)
}
