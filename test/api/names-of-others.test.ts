/** Names that lie in, below or above what others hold: root may divide them, nobody else takes them. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { loadSettings } from '../../src/config/settings.ts'
import { vhostsOfAccount } from '../../src/functions/ssl/vhosts.ts'
import { solveForSite } from '../../src/server/autossl/solvers.ts'
import { type Arguments, done, type Reply, startTestServer, type TestServer } from '../start-server.ts'
import { assertFailed } from './replies.ts'
import { accountState } from './stored.ts'

let server: TestServer
let seller = ''
before(async () => {
  server = await startTestServer({ settings: { cpanelListen: '127.0.0.1:0', accountIp: '192.0.2.10' } })
  const privileges = ['create-acct', 'edit-account', 'create-dns', 'kill-dns', 'manage-api-tokens']
  await server.account('seller', privileges)
  seller = await server.tokenOf('seller', privileges)
})
after(() => server.close())

const asRoot = (command: string, args: Arguments): Promise<Reply> => server.root(command, args)
const make = (token: string, username: string, domain: string): Promise<Reply> =>
  server.call(token, 'createacct', { username, domain, password: `pass-of-${username}-1` })

/** Whoever asks learns no more than that the name is taken, and nothing changed. */
async function assertTaken(token: string, command: string, args: Arguments & { readonly domain: string }) {
  const before = accountState(server)
  const reply = await server.call(token, command, args)
  assertFailed(reply, command, `The domain “${args.domain}” is already in use on this server.`)
  assert.deepEqual(accountState(server), before)
}

async function addSubdomain(token: string, domain: string, rootdomain: string): Promise<Reply> {
  return server.uapi(token, 'SubDomain::addsubdomain', { domain, rootdomain })
}

test('a new main domain lies in no zone of others, also where the account has none of its own', async () => {
  done(await asRoot('adddns', { domain: 'provider.test', ip: '192.0.2.1' }))
  done(await make(seller, 'mover', 'mover.test'))
  await assertTaken(seller, 'modifyacct', { user: 'mover', domain: 'billing.provider.test' })
  done(await server.call(seller, 'killdns', { domain: 'mover.test' }))
  await assertTaken(seller, 'modifyacct', { user: 'mover', domain: 'billing.provider.test' })
  await assertTaken(seller, 'modifyacct', { user: 'mover', domain: 'provider.test' })
  // Nor does a subdomain come to lie in one that was made for it.
  assert.equal((await addSubdomain(await server.accountToken('mover'), 'shop', 'mover.test')).json.status, 1)
  done(await asRoot('adddns', { domain: 'shop.elsewhere.test', ip: '192.0.2.1' }))
  const reply = await server.call(seller, 'modifyacct', { user: 'mover', domain: 'elsewhere.test' })
  assertFailed(reply, 'modifyacct', 'The domain “shop.elsewhere.test” is already in use on this server.')
  done(await server.call(seller, 'modifyacct', { user: 'mover', domain: 'moved.test' }))
  done(await asRoot('modifyacct', { user: 'mover', domain: 'billing.provider.test' }))
})

test('an automatic certificate is answered for in a zone of root’s for root’s own accounts alone', async () => {
  const { door } = server.server.runtime
  const { settings } = loadSettings({ flags: {}, env: {}, packageRoot: server.folder })
  const answer = async (user: string): Promise<unknown> => {
    const account = (await door.stores.accounts.findAccount(user)) ?? assert.fail()
    const [site] = await vhostsOfAccount(door.stores, account)
    const parts = { door, now: () => new Date(), settings: { ...settings, acmeChallenge: 'dns-01' as const } }
    // It is ended while the name servers have time to show the record.
    const solve = solveForSite(parts, site ?? assert.fail())
    return solve(account.domain, 'token', 'value', AbortSignal.abort('shown')).catch((error: unknown) => error)
  }
  done(await make(await server.rootToken(['all']), 'ours', 'ours.provider.test'))
  done(await asRoot('killdns', { domain: 'ours.provider.test' }))
  const name = (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error))
  assert.match(name(await answer('ours')), /^AbortError/)
  assert.equal(name(await answer('mover')), 'Error: no zone here answers for billing.provider.test')
})
