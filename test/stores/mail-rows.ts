/** Accounts and mailboxes for tests that keep mail in a database without a server. */
import type { Storage } from '../../src/storage/database.ts'
import { userRow } from './rows.ts'

const account = (user: number, more: object = {}) => ({
  user_id: user,
  domain: `user${user}.example`,
  is_temporary_domain: 0,
  contact_email: '',
  owner_id: 1,
  plan: 'default',
  ip: '192.0.2.1',
  theme: 'x',
  shell: '/bin/false',
  locale: 'en',
  home: `user${user}`,
  disk_limit_mb: null,
  bandwidth_limit_mb: null,
  limits: '{}',
  uid: 1000 + user,
  created_at: 1,
  suspended_at: null,
  suspend_reason: '',
  suspend_locked: 0,
  ...more,
})

/** Three users; the second (who may not send) and the third (who is suspended) have accounts, `user2` and `user3`. */
export async function fillAccounts(storage: Storage): Promise<void> {
  await storage.write(async (trx) => {
    for (const name of ['root', 'anna', 'bob'])
      await trx
        .insertInto('users')
        .values({ ...userRow(name), kind: name === 'root' ? 'root' : 'account' })
        .execute()
    await trx
      .insertInto('accounts')
      .values([account(2, { limits: '{"OUTGOING_EMAIL_SUSPENDED":"1"}' }), account(3, { suspended_at: 5 })])
      .execute()
  })
}

/** What a store takes for a new mailbox. */
export const mailbox = (userId: number, address: string, quotaMb?: number) => {
  const [localPart = '', domain = ''] = address.split('@')
  return { userId, localPart, domain, passwordHash: `{ARGON2ID}${address}`, quotaMb }
}
