/** Tokens of hosting accounts beside WHM's: which service a token is for, and whether it may only read. */
import { type Migration, migrationOf } from './words.ts'

/** A name is unique among its owner's tokens for one service: a reseller may have a `backup` for each. */
export const accountTokens: Migration = migrationOf(({ int, text }) => [
  `alter table tokens add column service ${text} not null default 'whm'`,
  `alter table tokens add column is_readonly ${int} not null default 0`,
  'drop index tokens_name',
  'create unique index tokens_name on tokens (user_id, service, name) where revoked_at is null',
])
