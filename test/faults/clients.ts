/**
 * Clients that create, change and revoke over HTTPS until the server is gone, and remember what they sent and what they were told; and
 * the comparison of that with the database and the trail.
 */
import assert from 'node:assert/strict'
import type { Inside } from './look-inside.ts'
import type { Program } from './program.ts'
import type { Random } from './random.ts'

const CLIENTS = 8
const FIRST_EXPIRY = 4_000_000_000

/** What a client sent and what it was told. A change is `sent` until its answer is there. */
type Told = 'no' | 'sent' | 'done'
export type TokenStory = {
  readonly name: string
  secret: string
  created: Told
  updatesSent: number
  updatesDone: number
  revoked: Told
}
type AccountStory = { readonly user: string; created: Told; removed: Told }
export type Story = {
  readonly tokens: TokenStory[]
  readonly accounts: AccountStory[]
  calls: number
  problem: string | undefined
  isOver: boolean
}

export const acknowledgedIn = ({ tokens, accounts }: Story): number =>
  tokens.reduce((sum, t) => sum + Number(t.created === 'done') + t.updatesDone + Number(t.revoked === 'done'), 0) +
  accounts.reduce((sum, a) => sum + Number(a.created === 'done') + Number(a.removed === 'done'), 0)

/** They work until the server is gone, or `isOver` is set. */
export function startClients(
  server: Program,
  credential: string,
  round: number,
  random: Random,
): { story: Story; ended: Promise<unknown> } {
  const story: Story = { tokens: [], accounts: [], calls: 0, problem: undefined, isOver: false }
  const ask = async (name: string, args: Parameters<Program['call']>[2]) => {
    if (story.isOver) throw new Error('the client stops')
    const reply = await server.call(credential, name, args)
    story.calls += 1
    if (reply.json.metadata?.result === 1) return reply.json.data
    story.problem ??= `${name}: ${reply.status} ${reply.body}`
    throw new Error('the client stops')
  }
  const tokens = async (client: number): Promise<void> => {
    for (let n = 0; ; n++) {
      const token: TokenStory = {
        name: `r${round}c${client}n${n}`,
        secret: '',
        created: 'sent',
        updatesSent: 0,
        updatesDone: 0,
        revoked: 'no',
      }
      story.tokens.push(token)
      token.secret = (await ask('api_token_create', { token_name: token.name, acl: 'basic-whm-functions' })).token
      token.created = 'done'
      for (let k = random.below(3); k > 0; k--) {
        token.updatesSent += 1
        await ask('api_token_update', { token_name: token.name, expires_at: FIRST_EXPIRY - token.updatesSent })
        token.updatesDone += 1
      }
      if (random.below(2) === 0) continue
      token.revoked = 'sent'
      await ask('api_token_revoke', { token_name: token.name })
      token.revoked = 'done'
    }
  }
  const accounts = async (): Promise<void> => {
    for (let n = 0; ; n++) {
      const account: AccountStory = { user: `a${round}n${n}`, created: 'sent', removed: 'no' }
      story.accounts.push(account)
      await ask('createacct', {
        username: account.user,
        domain: `${account.user}.example.com`,
        password: 'the cat sat on 9 mats',
      })
      account.created = 'done'
      if (random.below(2) === 0) continue
      account.removed = 'sent'
      await ask('removeacct', { user: account.user })
      account.removed = 'done'
    }
  }
  // Hashing a password takes as long as ten other changes, so accounts are only made now and then.
  const clients = [
    ...(round % 3 === 1 ? [accounts()] : []),
    ...Array.from({ length: CLIENTS }, (_, client) => tokens(client)),
  ]
  return { story, ended: Promise.allSettled(clients) }
}

export type Seen = {
  readonly tokens: ReadonlyMap<string, TokenRow>
  readonly entries: ReadonlyMap<string, number>
  readonly users: ReadonlyMap<string, UserRow>
}
type TokenRow = { readonly expires_at: number | null; readonly revoked_at: number | null }
type UserRow = { readonly removed_at: number | null; readonly home: string | null }

/** `rounds`: a LIKE pattern for the part of a name that tells its round. */
export async function see(inside: Inside, rounds: string): Promise<Seen> {
  const tokens = await inside.rows(`select name, expires_at, revoked_at from tokens where name like 'r${rounds}c%'`)
  const entries = await inside.rows(
    `select function, target, count(*) as number from audit_entries where outcome = 'done'
     and (target like 'r${rounds}c%' or target like 'a${rounds}n%') group by function, target`,
  )
  const users = await inside.rows(
    `select u.name, u.removed_at, a.home from users u left join accounts a on a.user_id = u.id where u.name like 'a${rounds}n%'`,
  )
  return {
    tokens: new Map(tokens.map((row) => [row.name, row as unknown as TokenRow])),
    entries: new Map(entries.map((row) => [`${row.function} ${row.target}`, row.number])),
    users: new Map(users.map((row) => [row.name, row as unknown as UserRow])),
  }
}

/** Everything acknowledged is there; what was on its way is there whole, with its entry, or not at all. */
export function compare(story: Story, seen: Seen): void {
  const entries = (name: string, target: string): number => seen.entries.get(`${name} ${target}`) ?? 0
  for (const token of story.tokens) {
    const row = seen.tokens.get(token.name)
    const what = JSON.stringify({ ...token, secret: '', row })
    if (token.created === 'done') assert.ok(row, `lost: ${what}`)
    assert.equal(entries('api_token_create', token.name), row ? 1 : 0, `half: ${what}`)
    if (!row) continue
    const updates = row.expires_at === null ? 0 : FIRST_EXPIRY - row.expires_at
    assert.ok(updates >= token.updatesDone && updates <= token.updatesSent, `lost: ${what}`)
    assert.equal(entries('api_token_update', token.name), updates, `half: ${what}`)
    if (token.revoked !== 'sent') assert.equal(row.revoked_at !== null, token.revoked === 'done', `lost: ${what}`)
    assert.equal(entries('api_token_revoke', token.name), row.revoked_at === null ? 0 : 1, `half: ${what}`)
  }
  for (const account of story.accounts) {
    const row = seen.users.get(account.user)
    const what = JSON.stringify({ ...account, row })
    if (account.created === 'done') assert.ok(row, `lost: ${what}`)
    assert.equal(entries('createacct', account.user), row ? 1 : 0, `half: ${what}`)
    if (!row) continue
    if (account.removed !== 'sent') assert.equal(row.removed_at !== null, account.removed === 'done', `lost: ${what}`)
    assert.equal(entries('removeacct', account.user), row.removed_at === null ? 0 : 1, `half: ${what}`)
    assert.equal(row.home === null, row.removed_at !== null, `half: ${what}`)
  }
  const known = new Set([...story.tokens.map(({ name }) => name), ...story.accounts.map(({ user }) => user)])
  for (const name of [...seen.tokens.keys(), ...seen.users.keys()]) assert.ok(known.has(name), `nobody made ${name}`)
}
