/** Making accounts and looking at them: createacct, verify_new_username, accountsummary, listaccts, list_users, acctcounts. */
import assert from 'node:assert/strict'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { done, startTestServer, type TestServer } from '../start-server.ts'
import { assertDenied, assertDone, assertFailed } from './replies.ts'
import { accountState, homesOf, storedRows, trailMark, trailSince } from './stored.ts'

const STARTED = Date.parse('2026-11-23T12:00:10Z') / 1000

let server: TestServer
/** Holds nothing but what every WHM user has. */
let narrow = ''
before(async () => {
  server = await startTestServer({
    wallMs: () => STARTED * 1000,
    settings: { nameservers: ['ns1.example.net', 'ns2.example.net'], accountIp: '192.0.2.10' },
  })
  narrow = await server.rootToken(['basic-whm-functions'])
  await server.account('seller', ['create-acct', 'acct-summary', 'list-accts', 'kill-acct', 'manage-api-tokens'])
  await server.account('rival', ['create-acct', 'acct-summary', 'list-accts', 'manage-api-tokens'])
})
after(() => server.close())

/** Runs a call that must fail, and proves that it changed nothing. */
async function fails(command: string, args: Parameters<TestServer['root']>[1], reason: string): Promise<void> {
  const state = accountState(server)
  assertFailed(await server.root(command, args), command, reason)
  assert.deepEqual(accountState(server), state)
}

describe('createacct', () => {
  test('makes the account, its folder and one audit entry, and answers where the account lives', async () => {
    done(await server.root('addpkg', { name: 'root_basic', quota: 300, maxpop: 5, maxaddon: 'unlimited', maxpark: 2 }))
    const mark = await trailMark(server)
    const reply = await server.root('createacct', {
      username: 'MixedCaseName016',
      domain: 'Shop.Example.com',
      password: 'letters & signs %41+',
      plan: 'root_basic',
      contactemail: 'owner@example.com',
      quota: 500,
      maxpop: 10,
      hasshell: 1,
    })
    const { data, metadata } = done(reply).json
    assert.deepEqual(data, {
      ip: '192.0.2.10',
      package: 'root_basic',
      nameserver: 'ns1.example.net',
      nameservera: '',
      nameserverentry: '',
      nameserver2: 'ns2.example.net',
      nameservera2: '',
      nameserverentry2: '',
      nameserver3: '',
      nameservera3: '',
      nameserverentry3: '',
      nameserver4: '',
      nameservera4: '',
      nameserverentry4: '',
    })
    assert.equal(metadata.reason, 'Account Creation Ok')
    assert.match(metadata.output.raw, /^New Account Info\nDomain: shop\.example\.com\n.*\nAccount Creation Ok$/s)
    assert.doesNotMatch(reply.body, /letters & signs/)
    const [row] = storedRows(
      server,
      `select name, kind, is_reseller, domain, plan, shell, disk_limit_mb, limits from users
       join accounts on user_id = id where name = ?`,
      'mixedcasename016',
    )
    assert.deepEqual(row, {
      name: 'mixedcasename016',
      kind: 'account',
      is_reseller: 0,
      domain: 'shop.example.com',
      plan: 'root_basic',
      shell: '/bin/bash',
      disk_limit_mb: 500,
      limits: '{"MAXPARK":"2","MAXPOP":"10"}',
    })
    const home = join(server.folder, 'home/mixedcasename016')
    assert.deepEqual(readdirSync(home).sort(), ['etc', 'logs', 'mail', 'public_html', 'ssl', 'tmp'])
    assert.equal(statSync(home).mode & 0o777, 0o711)
    assert.deepEqual(await trailSince(server, mark), [
      {
        function: 'createacct',
        target: 'mixedcasename016',
        outcome: 'done',
        reason: 'Account Creation Ok',
        details: { domain: 'shop.example.com', package: 'root_basic' },
      },
    ])
  })

  test('without a password one is made up, and shown only when showpass asks for it', async () => {
    const hidden = done(await server.root('createacct', { username: 'nopass', domain: 'nopass.example.com' }))
    assert.match(hidden.json.metadata.output.raw, /PassWord: \(not shown\)/)
    const shown = done(await server.root('createacct', { username: 'withpass', domain: 'wp.example.com', showpass: 1 }))
    assert.match(shown.json.metadata.output.raw, /PassWord: [\w-]{24}\n/)
  })

  test('without a domain the account gets a temporary one below the name of the server', async () => {
    done(await server.root('createacct', { username: 'homeless' }))
    const { acct } = done(await server.root('accountsummary', { user: 'homeless' })).json.data
    assert.equal(acct[0].domain, 'homeless.panel.example.com')
    assert.equal(acct[0].is_temporary_domain, 1)
  })

  test('arguments for what is not hosted yet are taken and have no effect', async () => {
    const ignored = { uid: 5, gid: 5, homedir: '/etc', forcedns: 1, mxcheck: 'local', useregns: 0 }
    const more = { account_enhancements: 'x', spambox: 1, spamassassin: 1, mail_node_alias: 'x' }
    done(await server.root('createacct', { username: 'ignorant', domain: 'ig.example.com', ...ignored, ...more }))
    const [acct] = done(await server.root('accountsummary', { user: 'ignorant' })).json.data.acct
    assert.equal(acct.ip, '192.0.2.10')
    assert.ok(acct.uid >= 1000)
    assert.ok(homesOf(server).includes('ignorant'))
    const summary = async () => (await server.root('accountsummary', { user: 'ignorant' })).json.data
    const before = await summary()
    const ignorant = { user: 'ignorant' }
    const unheard = {
      'MXCHECK-ig.example.com': 'remote',
      DBOWNER: 'x',
      notify_disk_limit: 1,
      rename_database_objects: 1,
    }
    done(await server.root('modifyacct', { ...ignorant, ...unheard }))
    done(await server.root('passwd', { ...ignorant, password: 'a gate of iron 9', db_pass_update: 1, digestauth: 1 }))
    done(await server.root('suspendacct', { ...ignorant, 'leave-ftp-accts-enabled': 1 }))
    done(await server.root('unsuspendacct', { ...ignorant, 'retain-service-proxies': 1 }))
    assert.deepEqual(await summary(), before)
  })

  test('a bad parameter is refused with its name and value, and makes nothing', async () => {
    const of = (user: string, problem: string) => `The username “${user}” is not valid: it ${problem}.`
    const domain = 'new.example.com'
    await fails('createacct', { domain }, 'The argument “username” is required.')
    await fails('createacct', { username: 'a'.repeat(17), domain }, of('a'.repeat(17), 'is longer than 16 characters'))
    await fails('createacct', { username: '9lives', domain }, of('9lives', 'does not begin with a letter'))
    await fails('createacct', { username: 'tester', domain }, of('tester', 'begins with “test”'))
    await fails('createacct', { username: 'a-b', domain }, of('a-b', 'holds something other than letters and digits'))
    await fails('createacct', { username: 'mysql', domain }, '“mysql” is a reserved username.')
    const short = { username: 'shorty', domain, password: 'seven77' }
    await fails('createacct', short, 'The password is not accepted: it has fewer than 8 characters.')
    const local = 'The argument “domain” is not valid: “localhost” needs at least two parts, such as example.com.'
    await fails('createacct', { username: 'shorty', domain: 'localhost' }, local)
    const quota = 'The argument “quota” is not valid: “-1” is neither a whole number below 1000000000 nor “unlimited”.'
    await fails('createacct', { username: 'shorty', domain, quota: -1 }, quota)
    const ip = 'The argument “ip” is not valid: “maybe” is none of 1, 0, y, n.'
    await fails('createacct', { username: 'shorty', domain, ip: 'maybe' }, ip)
  })

  test('a name, its first eight letters or a domain that is taken is refused, and no folder is left', async () => {
    await server.account('shopkeep')
    const eight = 'The username “shopkeeper” is not available: another account begins with the same eight letters.'
    const same = 'The username “shopkeep” is not available: an account has it.'
    await fails('createacct', { username: 'shopkeep', domain: 'a.example.com' }, same)
    await fails('createacct', { username: 'shopkeeper', domain: 'a.example.com' }, eight)
    const taken = (domain: string) => `The domain “${domain}” is already in use on this server.`
    await fails('createacct', { username: 'other', domain: 'SHOPKEEP.example.com' }, taken('shopkeep.example.com'))
    await fails('createacct', { username: 'other', domain: 'panel.example.com' }, taken('panel.example.com'))
  })

  test('C1: of ten that want one name at once, or one beginning of eight letters, one gets it whole', async () => {
    const names = Array.from({ length: 10 }, (_, i) => `contested${i % 2 === 0 ? '' : i}`)
    const calls = names.map((username, i) => server.root('createacct', { username, domain: `race${i}.example.com` }))
    const results = (await Promise.all(calls)).map(({ json }) => json.metadata.result)
    assert.equal(results.filter((result) => result === 1).length, 1)
    assert.equal(homesOf(server).filter((home) => home.startsWith('contested')).length, 1)
    const rows = storedRows(server, "select domain from accounts where domain like 'race%.example.com'")
    assert.deepEqual(rows, [{ domain: `race${results.indexOf(1)}.example.com` }])
  })

  test('P9: without the privilege it is denied, and the trail says so', async () => {
    const state = accountState(server)
    const mark = await trailMark(server)
    const reply = await server.call(narrow, 'createacct', { username: 'sneaky', domain: 'sneaky.example.com' })
    assertDenied(reply, 'createacct', 'create-acct')
    assert.deepEqual(accountState(server), state)
    const [entry] = await trailSince(server, mark)
    assert.equal(entry?.outcome, 'refused')
    assert.equal(entry?.target, 'sneaky')
  })

  test('a reseller owns what it makes, and can choose neither another owner nor a reseller nor a shell', async () => {
    const token = await server.tokenOf('seller', ['create-acct'])
    const args = { username: 'sold', domain: 'sold.example.com' }
    const owner = 'Permission denied: only root may choose the owner of an account.'
    assertFailed(await server.call(token, 'createacct', { ...args, owner: 'rival' }), 'createacct', owner)
    assertFailed(await server.call(token, 'createacct', { ...args, ownerself: 1 }), 'createacct', owner)
    const reseller = 'Permission denied: only root may make resellers, with every privilege.'
    assertFailed(await server.call(token, 'createacct', { ...args, reseller: 1 }), 'createacct', reseller)
    const shell = 'You do not hold the privilege “allow-shell”, so you cannot give it.'
    assertFailed(await server.call(token, 'createacct', { ...args, hasshell: 1 }), 'createacct', shell)
    assert.ok(!homesOf(server).includes('sold'))
    done(await server.call(token, 'createacct', args))
    const [acct] = done(await server.root('accountsummary', { user: 'sold' })).json.data.acct
    assert.equal(acct.owner, 'seller')
  })

  test('root chooses the owner, the account itself included, and makes a reseller at once', async () => {
    done(await server.root('createacct', { username: 'given', domain: 'given.example.com', owner: 'Seller' }))
    done(await server.root('createacct', { username: 'itself', domain: 'it.example.com', ownerself: 1, reseller: 1 }))
    const owner = async (user: string) => done(await server.root('accountsummary', { user })).json.data.acct[0].owner
    assert.equal(await owner('given'), 'seller')
    assert.equal(await owner('itself'), 'itself')
    assert.ok(done(await server.root('listresellers')).json.data.reseller.includes('itself'))
    await fails('createacct', { username: 'orphan', owner: 'nobody1' }, 'There is no reseller named “nobody1”.')
  })
})

describe('verify_new_username', () => {
  test('says that a name is free, and why another is not, and makes nothing', async () => {
    const state = accountState(server)
    assertDone(await server.root('verify_new_username', { user: 'brandnew' }), 'verify_new_username', {})
    assert.deepEqual(accountState(server), state)
    const taken = 'The username “seller” is not available: an account has it.'
    await fails('verify_new_username', { user: 'seller' }, taken)
    await fails('verify_new_username', { user: 'nobody' }, '“nobody” is a reserved username.')
    await fails('verify_new_username', {}, 'The argument “user” is required.')
    const denied = await server.call(narrow, 'verify_new_username', { user: 'brandnew' })
    assertDenied(denied, 'verify_new_username', 'create-acct')
  })
})

describe('accountsummary', () => {
  test('answers every documented key of one account, by name and by domain', async () => {
    const reply = await server.root('accountsummary', { user: 'Rival' })
    const { unix_startdate, diskused } = reply.json.data.acct[0]
    assert.match(diskused, /^\d+M$/)
    assert.ok(unix_startdate >= STARTED && unix_startdate < STARTED + 50)
    const expected = {
      backup: 0,
      child_nodes: [],
      disklimit: 'unlimited',
      diskused,
      domain: 'rival.example.com',
      email: '',
      has_backup: 0,
      inodeslimit: 'unlimited',
      inodesused: 7,
      ip: '192.0.2.10',
      ipv6: [],
      is_locked: 0,
      is_temporary_domain: 0,
      legacy_backup: 0,
      mailbox_format: 'maildir',
      max_defer_fail_percentage: 'unlimited',
      max_email_per_hour: 'unlimited',
      max_emailacct_quota: 'unlimited',
      maxaddons: 'unlimited',
      maxftp: 'unlimited',
      maxlst: 'unlimited',
      maxparked: 'unlimited',
      maxpop: 'unlimited',
      maxsql: 'unlimited',
      maxsub: 'unlimited',
      min_defer_fail_to_trigger_protection: '5',
      outgoing_mail_hold: 0,
      outgoing_mail_suspended: 0,
      owner: 'root',
      partition: 'home',
      plan: 'default',
      shell: '/usr/sbin/nologin',
      startdate: '26 Nov 23 12:00',
      suspended: 0,
      suspendreason: 'not suspended',
      suspendtime: null,
      temporary: 0,
      theme: 'jupiter',
      uid: 1003,
      unix_startdate,
      user: 'rival',
    }
    assertDone(reply, 'accountsummary', { acct: [expected] })
    const byDomain = await server.root('accountsummary', { domain: 'RIVAL.example.com' })
    assertDone(byDomain, 'accountsummary', { acct: [expected] })
  })

  test('a missing, contradicting or unknown name is refused, and a token without the privilege denied', async () => {
    await fails('accountsummary', {}, 'The argument “user” or “domain” is required.')
    await fails('accountsummary', { user: 'ghost' }, 'You have no account named “ghost”.')
    const differ = 'The arguments do not fit together: “domain” is not the main domain of “user”.'
    await fails('accountsummary', { user: 'rival', domain: 'seller.example.com' }, differ)
    assertDenied(await server.call(narrow, 'accountsummary', { user: 'rival' }), 'accountsummary', 'acct-summary')
  })
})

describe('listaccts, list_users and acctcounts', () => {
  const users = async (args: object) =>
    done(await server.root('listaccts', { want: 'user', ...args })).json.data.acct.map((a: { user: string }) => a.user)

  test('listaccts finds by expression or exact text, and want picks the keys', async () => {
    assert.deepEqual(await users({ search: '^(seller|rival)\\.' }), ['rival', 'seller'])
    assert.deepEqual(await users({ search: 'RIVAL', searchtype: 'user', searchmethod: 'exact' }), ['rival'])
    assert.deepEqual(await users({ search: 'riva', searchtype: 'user', searchmethod: 'exact' }), [])
    assert.deepEqual(await users({ search: 'root_basic', searchtype: 'package' }), ['mixedcasename016'])
    const picked = await server.root('listaccts', { search: '^rival', want: 'user, suspended,no_such_key' })
    assertDone(picked, 'listaccts', { acct: [{ suspended: 0, user: 'rival' }] })
  })

  test('a search that is no expression or of no known kind is refused, and the privilege is needed', async () => {
    const broken = 'The argument “search” is not valid: “(” is not a regular expression that RE2 takes.'
    await fails('listaccts', { search: '(' }, broken)
    await fails('listaccts', { search: '(?=a)b' }, broken.replace('“(”', '“(?=a)b”'))
    const kind = 'The argument “searchtype” is not valid: “colour” is none of domain, owner, user, ip, package.'
    await fails('listaccts', { search: 'a', searchtype: 'colour' }, kind)
    assertDenied(await server.call(narrow, 'listaccts'), 'listaccts', 'list-accts')
    assertDenied(await server.call(narrow, 'list_users'), 'list_users', 'list-accts')
  })

  test('list_users names the caller and the accounts in reach', async () => {
    const all = done(await server.root('list_users')).json.data.users
    assert.equal(all[0], 'root')
    assert.ok(all.includes('seller') && all.includes('rival'))
    const token = await server.tokenOf('rival', ['list-accts'])
    assertDone(await server.call(token, 'list_users'), 'list_users', { users: ['rival'] })
  })

  test('acctcounts counts active and suspended accounts, of others for root alone', async () => {
    await server.account('busy', ['acct-summary', 'manage-api-tokens'])
    await server.account('first', undefined, { owner: 'busy' })
    await server.account('second', undefined, { owner: 'busy' })
    done(await server.root('suspendacct', { user: 'second' }))
    const counts = { reseller: { user: 'busy', active: 1, suspended: 1, limit: null } }
    assertDone(await server.root('acctcounts', { user: 'busy' }), 'acctcounts', counts)
    const token = await server.tokenOf('busy', ['acct-summary'])
    assertDone(await server.call(token, 'acctcounts'), 'acctcounts', counts)
    const others = await server.call(token, 'acctcounts', { user: 'seller' })
    assertFailed(others, 'acctcounts', 'There is no reseller named “seller”.')
    await fails('acctcounts', { user: 'first' }, 'There is no reseller named “first”.')
    assertDenied(await server.call(narrow, 'acctcounts'), 'acctcounts', 'acct-summary')
  })
})
