/**
 * The life of an account as billing platforms drive it: create, look, suspend, unsuspend, new password, change, terminate. One as
 * FOSSBilling sends it (forms by POST, no version, the old shapes), one as platforms do that speak version 1 and read its envelope.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { queryOf, startTestServer, type TestServer } from '../start-server.ts'
import { homesOf } from './stored.ts'

/** What a platform's token needs, of a reseller who has no more than that and may make tokens. */
const NEEDED = [
  'basic-whm-functions',
  'list-pkgs',
  'add-pkg',
  'create-acct',
  'list-accts',
  'acct-summary',
  'suspend-acct',
  'upgrade-account',
  'edit-account',
  'passwd',
  'kill-acct',
]

let server: TestServer
before(async () => {
  server = await startTestServer()
  await server.account('biller', [...NEEDED, 'manage-api-tokens'])
})
after(() => server.close())

// biome-ignore lint/suspicious/noExplicitAny: a client reads what it expects
type Read = any

describe('a platform that sends no version', () => {
  let credential = ''
  before(async () => {
    credential = await server.tokenOf('biller', NEEDED)
  })

  /** Sends as it does, and takes for a failure what it takes for one, in its order. */
  async function asked(action: string, form: Readonly<Record<string, string | number>> = {}): Promise<Read> {
    const { status, body } = await server.send(`/json-api/${action}`, {
      method: 'POST',
      headers: { authorization: `WHM ${credential}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: queryOf(form),
    })
    if (status >= 400) throw new Error(`HTTP ${status}`)
    const reply = JSON.parse(body)
    if (reply.cpanelresult?.error) throw new Error(reply.cpanelresult.error)
    if (reply.data?.result === '0') throw new Error(reply.data.reason)
    if (Array.isArray(reply.result) && reply.result[0].status === 0) throw new Error(reply.result[0].statusmsg)
    if (reply.status !== undefined && reply.status !== 1) throw new Error(reply.statusmsg)
    return reply
  }

  test('creates, reads, suspends, unsuspends, sets the password, renames, moves and ends an account', async () => {
    assert.equal((await asked('version')).version, '11.138.0.6')
    const account = {
      username: 'exampl7',
      domain: 'example.net',
      password: 'x9#K&m=2 p+q',
      contactemail: 'client@example.org',
      plan: 'biller_Starter',
      useregns: 0,
    }
    // It makes the package where it finds none of that name, with all that old panels know.
    const names = async () => (await asked('listpkgs')).package.map(({ name }: Read) => name)
    assert.ok(!(await names()).includes('biller_Starter'))
    const sizes = { quota: 1024, bwlimit: 10_240, maxsub: 1, maxpark: 1, maxaddon: 1, maxftp: 5, maxsql: 2, maxpop: 10 }
    const old = {
      cgi: 1,
      frontpage: 0,
      cpmod: 'jupiter',
      maxlst: 0,
      hasshell: '',
      ip: 'n',
      featurelist: '',
      language: '',
    }
    const packed = await asked('addpkg', { name: 'biller_Starter', ...sizes, ...old })
    assert.deepEqual([packed.result[0].status, packed.result[0].pkg], [1, 'biller_Starter'])
    await asked('addpkg', { name: 'Gold', ...sizes, quota: 4096 })
    assert.ok((await names()).includes('biller_Gold'))
    assert.equal((await asked('createacct', account)).result[0].status, 1)
    const user = 'exampl7'
    const summary = async () => (await asked('accountsummary', { user })).acct[0]
    const { suspended, domain, ip, plan } = await summary()
    assert.deepEqual([suspended, domain, ip, plan], [0, 'example.net', '127.0.0.1', 'biller_Starter'])
    await asked('suspendacct', { user, reason: 'Invoice #7: overdue & unpaid' })
    assert.equal((await summary()).suspended, 1)
    await asked('unsuspendacct', { user })
    assert.equal((await summary()).suspended, 0)
    assert.equal((await summary()).disklimit, '1024M')
    assert.equal((await asked('changepackage', { user, pkg: 'biller_Gold' })).result[0].status, 1)
    assert.deepEqual([(await summary()).plan, (await summary()).disklimit], ['biller_Gold', '4096M'])
    const changed = await asked('passwd', { user, pass: 'n3w & longer', db_pass_update: 1 })
    assert.equal(changed.passwd[0].status, 1)
    await asked('modifyacct', { user, domain: 'moved.example.net' })
    await asked('modifyacct', { user, newuser: 'renamed7' })
    assert.ok(homesOf(server).includes('renamed7'))
    await asked('removeacct', { user: 'renamed7', keepdns: 0 })
    assert.ok(!homesOf(server).includes('renamed7'))
    await assert.rejects(summary(), /You have no account named “exampl7”/)
  })

  test('sees a failure for what it is, and never takes it for success', async () => {
    await assert.rejects(asked('createacct', { username: 'testing', domain: 'a.example.net' }), /begins with “test”/)
    await assert.rejects(
      asked('passwd', { user: 'nobody9', pass: 'long enough' }).then(assertPasswd),
      /no account named/,
    )
    await assert.rejects(asked('changepackage', { user: 'biller', pkg: 'x' }), /no account named “biller”/)
    await assert.rejects(
      asked('createacct', { username: 'new1', plan: 'nosuch' }),
      /The package “nosuch” does not exist/,
    )
    await assert.rejects(asked('setacls', { reseller: 'biller', acllist: '' }), /HTTP 403/)
  })
})

function assertPasswd(reply: Read): void {
  if (reply.passwd[0].status === 0) throw new Error(reply.passwd[0].statusmsg)
}

describe('a platform that speaks version 1', () => {
  let credential = ''
  before(async () => {
    credential = await server.rootToken(NEEDED)
  })

  /** By GET for what only reads, by POST with the arguments in the body for what changes. */
  async function asked(name: string, args: Readonly<Record<string, string | number>>, method = 'POST'): Promise<Read> {
    const query = queryOf({ 'api.version': 1, ...args })
    const headers = { authorization: `whm ${credential}` }
    const { body } =
      method === 'GET'
        ? await server.send(`/json-api/${name}?${query}`, { headers })
        : await server.send(`/json-api/${name}`, { method, headers, body: query })
    const reply = JSON.parse(body)
    if (reply.metadata?.result !== 1) throw new Error(reply.metadata?.reason)
    return reply
  }

  test('drives the same life, with the whole form of an account', async () => {
    const form = {
      username: 'Customer01',
      domain: 'customer.example.net',
      password: 'p=a&s+s %41',
      contactemail: 'customer@example.org',
      plan: 'root_Gold',
      savepkg: 0,
      quota: 2000,
      bwlimit: 10_000,
      maxftp: 'unlimited',
      maxsql: 5,
      maxpop: 50,
      maxlst: 0,
      maxsub: '',
      maxpark: 1,
      maxaddon: 1,
      hasshell: 0,
      cgi: 'y',
      frontpage: 0,
      ip: 'n',
      cpmod: 'jupiter',
      language: 'en',
      dkim: 1,
      spf: 1,
      reseller: 0,
      forcedns: 0,
    }
    await asked('addpkg', { name: 'root_Gold', quota: 5000, bwlimit: 50_000, maxaddon: 5, maxpark: 5 })
    const { metadata } = await asked('createacct', form)
    assert.equal(metadata.reason, 'Account Creation Ok')
    const user = 'customer01'
    const summary = async () => (await asked('accountsummary', { user }, 'GET')).data.acct[0]
    const made = await summary()
    assert.deepEqual(
      [made.disklimit, made.maxsql, made.maxpop, made.maxlst, made.maxsub, made.maxftp],
      ['2000M', '5', '50', '0', 'unlimited', 'unlimited'],
    )
    await asked('suspendacct', { user, reason: 'Overdue', disallowun: 0 })
    assert.deepEqual([(await summary()).suspended, (await summary()).suspendreason], [1, 'Overdue'])
    await asked('unsuspendacct', { user })
    await asked('passwd', { user, password: 'another p=a&s', db_pass_update: 1 })
    await asked('modifyacct', { user, MAXPOP: 60, QUOTA: 3000, contactemail: 'new@example.org' })
    const { data } = await asked(
      'listaccts',
      { search: user, searchtype: 'user', want: 'user,disklimit,diskused' },
      'GET',
    )
    const [{ diskused, ...rest }] = data.acct
    assert.match(diskused, /^\d+M$/)
    assert.deepEqual(rest, { disklimit: '3000M', user })
    assert.equal((await asked('removeacct', { username: user })).metadata.reason, 'customer01 account removed')
    await assert.rejects(summary(), /You have no account named/)
  })

  test('sends every field it knows: an empty one is taken for an absent one', async () => {
    const user = 'blanks'
    const empty = (names: string) => Object.fromEntries(names.split(' ').map((name) => [name, '']))
    const names = 'savepkg ip customip contactemail quota bwlimit maxftp cgi hasshell cpmod language owner ownerself'
    const form = {
      ...empty(`${names} reseller showpass dkim spf forcedns`),
      username: user,
      domain: 'blank.example.net',
    }
    await asked('createacct', { ...form, password: 'p=a&s+s %41' })
    const summary = async () => {
      const { diskused, inodesused, ...rest } = (await asked('accountsummary', { user }, 'GET')).data.acct[0]
      return rest
    }
    const made = await summary()
    assert.deepEqual([made.owner, made.plan, made.disklimit], ['root', 'default', 'unlimited'])
    const changes = 'newuser domain owner QUOTA BWLIMIT HASSHELL shell CPTHEME LOCALE MAXPOP HASCGI MAILBOX_FORMAT'
    await asked('modifyacct', { ...empty(changes), user })
    assert.deepEqual(await summary(), made)
    await asked('removeacct', { username: user })
  })

  test('sees a failure in metadata, and a denial too', async () => {
    await assert.rejects(asked('createacct', { username: 'biller', domain: 'p.example.net' }), /is not available/)
    await assert.rejects(asked('create_user_session', { user: 'biller', service: 'cpaneld' }), /Permission denied/)
    await assert.rejects(asked('setupreseller', { user: 'biller' }), /Permission denied: setupreseller/)
  })
})
