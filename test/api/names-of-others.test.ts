/** Names that lie in, below or above what others hold: root may divide them, nobody else takes them. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { loadSettings } from '../../src/config/settings.ts'
import { vhostsOfAccount } from '../../src/functions/ssl/vhosts.ts'
import { solveForSite } from '../../src/server/autossl/solvers.ts'
import { type Arguments, done, type Reply, startTestServer, type TestServer } from '../start-server.ts'
import { assertFailed } from './replies.ts'
import { accountState, storedRows } from './stored.ts'

let server: TestServer
let seller = ''
let rival = ''
before(async () => {
  server = await startTestServer({ settings: { cpanelListen: '127.0.0.1:0', accountIp: '192.0.2.10' } })
  const privileges = ['create-acct', 'edit-account', 'create-dns', 'kill-dns', 'manage-api-tokens']
  for (const user of ['seller', 'rival']) await server.account(user, privileges)
  seller = await server.tokenOf('seller', privileges)
  rival = await server.tokenOf('rival', privileges)
})
after(() => server.close())

const asRoot = (command: string, args: Arguments): Promise<Reply> => server.root(command, args)
const make = (token: string, username: string, domain: string): Promise<Reply> =>
  server.call(token, 'createacct', { username, domain, password: `pass-of-${username}-1` })

const everyName = (): readonly object[] => [
  accountState(server),
  storedRows(server, 'select name, user_id from domains order by name'),
  storedRows(server, 'select name, user_id from zones order by name'),
]

/** Whoever asks learns no more than that the name is taken, and nothing changed. */
async function assertTaken(token: string, command: string, args: Arguments & { readonly domain: string }) {
  const before = everyName()
  const reply = await server.call(token, command, args)
  assertFailed(reply, command, `The domain “${args.domain}” is already in use on this server.`)
  assert.deepEqual(everyName(), before)
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
  await assertTaken(seller, 'modifyacct', { user: 'mover', domain: 'elsewhere.test' })
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

test('no name below a domain of others is made, whether their zone is on this server or not', async () => {
  done(await make(rival, 'victim', 'victim.test'))
  done(await server.call(rival, 'killdns', { domain: 'victim.test' }))
  for (const domain of ['www.victim.test', 'mail.victim.test', 'login.victim.test', 'a.b.victim.test']) {
    await assertTaken(seller, 'createacct', { username: 'thief', domain, password: 'pass-of-thief-1' })
    await assertTaken(seller, 'modifyacct', { user: 'mover', domain })
    await assertTaken(seller, 'adddns', { domain, ip: '192.0.2.66' })
  }
  // Naming an account of one's own as the owner of the zone does not help.
  for (const domain of ['victim.test', 'www.victim.test'])
    await assertTaken(seller, 'adddns', { domain, ip: '192.0.2.66', trueowner: 'mover' })
  // What is theirs they divide, in an account of its own too; and root divides everything.
  done(await make(rival, 'part', 'part.victim.test'))
  done(await make(rival, 'below', 'shop.rival.example.com'))
  done(await asRoot('createacct', { username: 'given', domain: 'www.victim.test', owner: 'seller' }))
  // Below the nearest domain it is its holder who decides.
  done(await make(seller, 'deeper', 'deeper.www.victim.test'))
  await assertTaken(rival, 'modifyacct', { user: 'part', domain: 'x.www.victim.test' })
})

test('an account makes no subdomain below a domain of another one, nor one with a name of its services in front', async () => {
  done(await make(rival, 'uni', 'uni.test'))
  done(await make(rival, 'dept', 'dept.uni.test'))
  const [uni, dept] = [await server.accountToken('uni'), await server.accountToken('dept')]
  const before = everyName()
  const refused = ['www.dept', 'login.dept', 'a.b.dept', 'dept', 'www.shop', 'autodiscover.shop', 'MAIL.shop', 'mail']
  for (const domain of refused) {
    const { json } = await addSubdomain(uni, domain, 'uni.test')
    const name = `${domain.toLowerCase()}.uni.test`
    assert.deepEqual(json.errors, [`The domain “${name}” is already in use on this server.`], domain)
  }
  assert.deepEqual(everyName(), before)
  for (const domain of ['login', 'dept2', 'a.dept3', 'shop.www2'])
    assert.equal((await addSubdomain(uni, domain, 'uni.test')).json.status, 1, domain)
  assert.equal((await addSubdomain(dept, 'login', 'dept.uni.test')).json.status, 1)
})

test('an account makes no subdomain at or below a zone of root’s or of its reseller’s; in one above its domain it does', async () => {
  done(await make(rival, 'zoned', 'zoned.test'))
  done(await asRoot('adddns', { domain: 'intra.zoned.test', ip: '192.0.2.1' }))
  done(await asRoot('adddns', { domain: 'shop.zoned.test', ip: '192.0.2.1', trueowner: 'rival' }))
  done(await asRoot('adddns', { domain: 'mine.zoned.test', ip: '192.0.2.1', trueowner: 'zoned' }))
  const zoned = await server.accountToken('zoned')
  const before = everyName()
  for (const domain of ['intra', 'a.intra', 'shop', 'a.shop']) {
    const { json } = await addSubdomain(zoned, domain, 'zoned.test')
    assert.deepEqual(json.errors, [`The domain “${domain}.zoned.test” is already in use on this server.`])
  }
  assert.deepEqual(everyName(), before)
  for (const domain of ['mine', 'intranet'])
    assert.equal((await addSubdomain(zoned, domain, 'zoned.test')).json.status, 1, domain)
  done(await asRoot('killdns', { domain: 'zoned.test' }))
  done(await asRoot('adddns', { domain: 'zoned.test', ip: '192.0.2.1' }))
  assert.equal((await addSubdomain(zoned, 'late', 'zoned.test')).json.status, 1)
})

test('nobody but root makes a name above those of others, or one under which strangers register theirs', async () => {
  done(await make(rival, 'deep', 'shop.deep.test'))
  done(await make(seller, 'high', 'high.test'))
  const all = async (domain: string): Promise<void> => {
    await assertTaken(seller, 'adddns', { domain, ip: '192.0.2.66' })
    await assertTaken(seller, 'adddns', { domain, ip: '192.0.2.66', trueowner: 'high' })
    await assertTaken(seller, 'createacct', { username: 'thief', domain, password: 'pass-of-thief-1' })
    await assertTaken(seller, 'modifyacct', { user: 'high', domain })
  }
  await all('deep.test')
  // The same by their zone, by a zone of root's, and by a subdomain.
  done(await asRoot('adddns', { domain: 'a.roots.test', ip: '192.0.2.1' }))
  await all('roots.test')
  done(await make(rival, 'sub', 'sub.test'))
  assert.equal((await addSubdomain(await server.accountToken('sub'), 'c.b', 'sub.test')).json.status, 1)
  await all('b.sub.test')
  for (const domain of ['co.uk', 'github.io']) await all(domain)
  done(await make(rival, 'british', 'shop.co.uk'))
  // An account puts no subdomain over one that lies deeper and is another’s.
  done(await make(seller, 'deepest', 'x.y.high.test'))
  const { json } = await addSubdomain(await server.accountToken('high'), 'y', 'high.test')
  assert.deepEqual(json.errors, ['The domain “y.high.test” is already in use on this server.'])
  // Over what is theirs they may; names that only look alike are in nobody’s way; and root may do all.
  done(await make(rival, 'over', 'deep.test'))
  done(await make(seller, 'alike', 'ots.test'))
  done(await server.call(seller, 'adddns', { domain: 'y.high.test', ip: '192.0.2.1' }))
  done(await asRoot('adddns', { domain: 'co.uk', ip: '192.0.2.1' }))
  done(await asRoot('createacct', { username: 'roots', domain: 'roots.test', owner: 'seller' }))
})

test('a domain that is theirs gets its zone again, also above one of others', async () => {
  done(await make(seller, 'held', 'held.test'))
  done(await asRoot('createacct', { username: 'inside', domain: 'inside.held.test' }))
  done(await server.call(seller, 'killdns', { domain: 'held.test' }))
  done(await server.call(seller, 'adddns', { domain: 'held.test', ip: '192.0.2.1' }))
})
