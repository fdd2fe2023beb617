/** Rows for tests of the engine, which knows nothing of what they mean. */
import { createHash } from 'node:crypto'
import type { Insertable } from 'kysely'
import type { Storage } from '../../src/storage/database.ts'
import type { AccountTable, UserTable } from '../../src/storage/tables/people.ts'
import type { AuditTable } from '../../src/storage/tables/server.ts'
import type { TokenTable } from '../../src/storage/tables/tokens.ts'

export const digestOf = (name: string): string => createHash('sha256').update(name).digest('hex')

export const userRow = (name: string): Insertable<UserTable> => ({
  name,
  kind: 'root',
  password_hash: null,
  is_reseller: 0,
  privileges: '[]',
  created_at: 1,
  removed_at: null,
})

export const tokenRowOf = (name: string, userId = 1): Insertable<TokenTable> => ({
  digest: digestOf(name),
  id: `tok_${name}`,
  user_id: userId,
  name,
  pepper_version: 1,
  privileges: '["list-accts"]',
  ip_rules: '["10.5.3.0/24"]',
  created_at: 1,
  expires_at: null,
  paused_at: null,
  pause_reason: '',
  revoked_at: null,
  revoke_reason: '',
  service: 'whm',
  is_readonly: 0,
})

export const auditRow = (target: string): Insertable<AuditTable> => ({
  at_ms: 1,
  request_id: 'request',
  caller: 'root',
  credential: 'local',
  token_id: null,
  token_name: null,
  address: null,
  function: 'api_token_create',
  target,
  outcome: 'done',
  reason: 'line one\nline two\u2028é',
  details: '{}',
})

/** The hosting account of a user; its folder has the user's number in its name. */
export const accountRow = (userId: number, domain: string): Insertable<AccountTable> => ({
  user_id: userId,
  domain,
  is_temporary_domain: 0,
  contact_email: 'a@example.com',
  owner_id: 1,
  plan: 'default',
  ip: '192.0.2.1',
  theme: 'jupiter',
  shell: '/bin/false',
  locale: 'en',
  home: `home${userId}`,
  disk_limit_mb: null,
  bandwidth_limit_mb: 5,
  limits: '{}',
  uid: 1000,
  created_at: 1,
  suspended_at: null,
  suspend_reason: '',
  suspend_locked: 0,
})

/** The one user that the tokens of these tests belong to. */
export async function addRoot(storage: Storage): Promise<void> {
  await storage.write((trx) => trx.insertInto('users').values(userRow('root')).execute())
}

/** A change and its entry in the trail, as every change of Postern is made. */
export async function addToken(storage: Storage, name: string): Promise<void> {
  await storage.write(async (trx) => {
    await trx.insertInto('tokens').values(tokenRowOf(name)).execute()
    await trx.insertInto('audit_entries').values(auditRow(name)).execute()
  })
}

/** Revokes the token, urgently. */
export async function revokeToken(storage: Storage, name: string): Promise<void> {
  const work: Parameters<Storage['write']>[0] = async (trx) => {
    await trx.updateTable('tokens').set({ revoked_at: 2 }).where('name', '=', name).execute()
    await trx.insertInto('audit_entries').values(auditRow(name)).execute()
  }
  await storage.write(work, { urgent: true })
}

export async function tokenNames(storage: Storage): Promise<readonly string[]> {
  const rows = await storage.read.selectFrom('tokens').select('name').orderBy('name').execute()
  return rows.map((row) => row.name)
}

export async function auditTargets(storage: Storage): Promise<readonly string[]> {
  const rows = await storage.read.selectFrom('audit_entries').select('target').orderBy('target').execute()
  return rows.map((row) => row.target)
}
