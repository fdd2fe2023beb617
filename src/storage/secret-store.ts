/** The secrets of tokens in the database: the newest is in the token's row, those before it are rows of their own. */
import { type Kysely, sql } from 'kysely'
import type { EndReason, OldSecret, SecretStore } from '../tokens/rotation.ts'
import { fromSeconds, fromSecondsOrNull, metARow, toSeconds, toSecondsOrNull } from './rows.ts'
import type { Schema } from './schema.ts'
import type { TokenOldSecretTable } from './tables/tokens.ts'

/** The store on a connection or in a transaction. */
export function secretStoreOn(db: Kysely<Schema>): SecretStore {
  return {
    async listOld(tokenId) {
      const rows = await old(db).where('token_id', '=', tokenId).orderBy('number', 'desc').execute()
      return rows.map(oldSecretOf)
    },
    async findOld(tokenId, number) {
      const row = await old(db).where('token_id', '=', tokenId).where('number', '=', number).executeTakeFirst()
      return row && oldSecretOf(row)
    },
    async replace(tokenId, number, secret) {
      const { replaced } = secret
      const before = await db
        .selectFrom('tokens')
        .select(['digest', 'pepper_version', 'created_at', 'secret_made_at'])
        .where('id', '=', tokenId)
        .where('secret_number', '=', number)
        .where('revoked_at', 'is', null)
        .executeTakeFirst()
      if (before === undefined) return false
      await db
        .insertInto('token_old_secrets')
        .values({
          digest: before.digest,
          token_id: tokenId,
          number,
          pepper_version: before.pepper_version,
          made_at: before.secret_made_at ?? before.created_at,
          replaced_at: toSeconds(secret.madeAt),
          rotation_key: replaced.rotationKey ?? null,
          overlap: replaced.overlap,
          ends_at: toSecondsOrNull(replaced.endsAt),
          ends_with_first_use: replaced.endsWithFirstUse ? 1 : 0,
          ended_at: toSecondsOrNull(replaced.endedAt),
          end_reason: replaced.endReason,
        })
        .execute()
      // Until now the token's figures were those of its one secret.
      if (number === 1) {
        const used = db
          .selectFrom('token_usage')
          .select([sql<string>`${`${tokenId}/1`}`.as('secret'), 'last_used_at', 'last_used_address', 'calls'])
          .where('token_id', '=', tokenId)
        await db
          .insertInto('token_secret_usage')
          .columns(['secret', 'last_used_at', 'last_used_address', 'calls'])
          .expression(used)
          .execute()
      }
      const result = await db
        .updateTable('tokens')
        .set({
          digest: secret.digest,
          pepper_version: secret.pepperVersion,
          secret_number: number + 1,
          secret_made_at: toSeconds(secret.madeAt),
          awaits_first_use: 1,
        })
        .where('id', '=', tokenId)
        .where('secret_number', '=', number)
        .where('revoked_at', 'is', null)
        .executeTakeFirst()
      return metARow(result)
    },
    async end(tokenId, numbers, at, reason) {
      if (numbers.length === 0) return
      await db
        .updateTable('token_old_secrets')
        .set({ ended_at: toSeconds(at), end_reason: reason })
        .where('token_id', '=', tokenId)
        .where('number', 'in', numbers)
        .where('ended_at', 'is', null)
        .execute()
    },
    async claimFirstUse(tokenId, number) {
      const result = await db
        .updateTable('tokens')
        .set({ awaits_first_use: 0 })
        .where('id', '=', tokenId)
        .where('secret_number', '=', number)
        .where('awaits_first_use', '=', 1)
        .executeTakeFirst()
      return metARow(result)
    },
  }
}

function old(db: Kysely<Schema>) {
  return db
    .selectFrom('token_old_secrets')
    .select([
      'number',
      'made_at',
      'replaced_at',
      'rotation_key',
      'overlap',
      'ends_at',
      'ends_with_first_use',
      'ended_at',
      'end_reason',
    ])
}

function oldSecretOf(row: Omit<TokenOldSecretTable, 'digest' | 'token_id' | 'pepper_version'>): OldSecret {
  return {
    number: row.number,
    madeAt: fromSeconds(row.made_at),
    replacedAt: fromSeconds(row.replaced_at),
    rotationKey: row.rotation_key ?? undefined,
    overlap: row.overlap,
    endsAt: fromSecondsOrNull(row.ends_at),
    endsWithFirstUse: row.ends_with_first_use === 1,
    endedAt: fromSecondsOrNull(row.ended_at),
    // Written by this file alone.
    endReason: row.end_reason as EndReason | '',
  }
}
