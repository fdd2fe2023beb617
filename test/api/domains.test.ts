/** Domains of accounts, and facts about accounts and the machine: WHM's functions and UAPI's. */
import assert from 'node:assert/strict'
import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { FEATURE_IDS } from '../../src/hosting/features.ts'
import { type Arguments, done, type Reply, startTestServer, type TestServer } from '../start-server.ts'
import { assertDenied, assertFailed } from './replies.ts'
import { accountState, homesOf, storedRows } from './stored.ts'

let server: TestServer
let admin = ''
let narrow = ''
let alice = ''
before(async () => {
  server = await startTestServer({ settings: { cpanelListen: '127.0.0.1:0', accountIp: '192.0.2.10' } })
  admin = await server.rootToken(['all'])
  narrow = await server.rootToken(['basic-whm-functions'])
  await server.account('seller', ['acct-summary', 'list-accts', 'show-bandwidth', 'edit-account', 'manage-api-tokens'])
  await server.account('alice', undefined, {
    owner: 'seller',
    quota: 100,
    bwlimit: 2000,
    maxsub: 50,
    contactemail: 'a@x.example',
  })
  await server.account('bob')
  alice = await server.accountToken('alice')
})
after(() => server.close())

const asRoot = (command: string, args: Arguments = {}): Promise<Reply> => server.call(admin, command, args)
const uapi = (name: `${string}::${string}`, args: Readonly<Record<string, string>> = {}): Promise<Reply> =>
  server.uapi(alice, name, args)
const add = (domain: string, more: Readonly<Record<string, string>> = {}): Promise<Reply> =>
  uapi('SubDomain::addsubdomain', { domain, rootdomain: 'alice.example.com', ...more })
const inHome = (path = ''): string => join(server.folder, 'home/alice', path)
const domains = (): readonly object[] =>
  storedRows(server, 'select name, type, parent, document_root from domains order by name')

/** What UAPI says when it failed. */
function assertUapiFailed(reply: Reply, error: RegExp): void {
  assert.deepEqual([reply.status, reply.json.status, reply.json.data], [200, 0, null], reply.body)
  assert.match(reply.json.errors.join(), error)
}

describe('SubDomain::addsubdomain', () => {
  test('makes the subdomain with the folder of its pages, where it is named and where it is not', async () => {
    assert.equal((await add('blog')).json.status, 1)
    assert.equal((await add('Shop', { dir: '/public_html/shop/' })).json.status, 1)
    assert.equal((await add('a.b', { disallowdot: '1' })).json.status, 1)
    assert.equal(
      (await uapi('SubDomain::addsubdomain', { domain: 'deep', rootdomain: 'blog.alice.example.com' })).json.status,
      1,
    )
    const row = (name: string, document_root: string, parent = 'alice.example.com') => ({
      name,
      type: 'sub_domain',
      parent,
      document_root,
    })
    assert.deepEqual(domains(), [
      row('ab.alice.example.com', 'ab.alice.example.com'),
      row('blog.alice.example.com', 'blog.alice.example.com'),
      row('deep.blog.alice.example.com', 'deep.blog.alice.example.com', 'blog.alice.example.com'),
      row('shop.alice.example.com', 'public_html/shop'),
    ])
    for (const path of ['blog.alice.example.com', 'public_html/shop']) assert.ok(lstatSync(inHome(path)).isDirectory())
    const [entry] = await server.audit({ function: 'SubDomain::addsubdomain', target: 'blog.alice.example.com' })
    assert.equal(entry.details.document_root, 'blog.alice.example.com')
  })

  test('what is taken, not the account’s own, or too much is refused and makes nothing', async () => {
    const before = [domains(), readdirSync(inHome()), accountState(server)]
    const taken = /^The domain “[\w.]+” is already in use on this server\.$/
    assertUapiFailed(await add('blog'), taken)
    assertUapiFailed(await add('www'), taken)
    const foreign = { domain: 'x', rootdomain: 'bob.example.com' }
    assertUapiFailed(await uapi('SubDomain::addsubdomain', foreign), /^You have no account with the domain/)
    assertUapiFailed(await uapi('SubDomain::addsubdomain', { domain: 'x' }), /“rootdomain” is required/)
    for (const dir of [
      'mail/x',
      'etc',
      '../bob',
      'public_html/../../bob',
      '.ssh',
      'a//../b',
      'a/.',
      'x y',
      'a\\b',
      'é',
    ])
      assertUapiFailed(await add('fresh', { dir }), /“dir” is not valid/)
    assert.deepEqual([domains(), readdirSync(inHome()), accountState(server)], before)
    done(await asRoot('modifyacct', { user: 'alice', MAXSUB: 4 }))
    assertUapiFailed(await add('fresh'), /^The limit of the account is reached: subdomains: 4\.$/)
    done(await asRoot('modifyacct', { user: 'alice', MAXSUB: 500 }))
  })

  test('nobody else’s new domain may be a subdomain that there is', async () => {
    const args = { username: 'thief', domain: 'blog.alice.example.com' }
    assertFailed(
      await asRoot('createacct', args),
      'createacct',
      'The domain “blog.alice.example.com” is already in use on this server.',
    )
  })

  test('a link that was planted in the home leads nowhere: it is refused, and what it points to stays as it was', async () => {
    const outside = join(server.folder, 'outside')
    mkdirSync(outside)
    for (const [index, target] of [outside, '..', '../bob', '/etc', 'public_html', 'nowhere'].entries()) {
      const link = `link${index}`
      symlinkSync(target, inHome(link))
      const before = domains()
      assertUapiFailed(await add(`via${index}`, { dir: `${link}/pages` }), /^The machine could not make the folder/)
      assertUapiFailed(await add(`via${index}`, { dir: link }), /^The machine could not make the folder/)
      assert.deepEqual(domains(), before)
      rmSync(inHome(link))
    }
    writeFileSync(inHome('file'), '')
    assertUapiFailed(await add('viafile', { dir: 'file/pages' }), /^The machine could not make the folder/)
    assert.deepEqual(readdirSync(outside), [])
    assert.ok(!existsSync(inHome('public_html/pages')))
    assert.ok(!readdirSync(join(server.folder, 'home/bob')).includes('pages'))
  })

  test('whatever a caller sends as a name stays a name: no folder outside the home, no row that is no domain', async () => {
    const nasty = fc.oneof(
      fc.constantFrom(
        '..',
        '../../x',
        '/etc/passwd',
        'a\u0000b',
        'a\nb',
        '"a"',
        "'; drop table domains; --",
        'é'.repeat(300),
      ),
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.stringMatching(/^[./\\a-z]{1,20}$/),
      fc.string({ unit: 'grapheme', minLength: 300, maxLength: 310 }),
    )
    const outside = (): object => [
      homesOf(server),
      readdirSync(server.folder).sort(),
      readdirSync(join(server.folder, 'home/bob')).sort(),
    ]
    const before = outside()
    await fc.assert(
      fc.asyncProperty(nasty, nasty, async (domain, dir) => {
        const reply = await add(domain, { dir })
        assert.ok([200, 400].includes(reply.status), `${reply.status}`)
      }),
      { numRuns: 150, seed: 5 },
    )
    assert.deepEqual(outside(), before)
    for (const { name, document_root } of domains() as { name: string; document_root: string }[]) {
      assert.match(name, /^[a-z0-9.-]+\.alice\.example\.com$/)
      assert.match(document_root, /^[A-Za-z0-9_@][A-Za-z0-9_.@+/-]*$/)
      assert.ok(!`/${document_root}/`.includes('/../'))
    }
  })
})

describe('domainuserdata and get_domain_info', () => {
  test('domainuserdata tells of the main domain and of a subdomain', async () => {
    const { json } = done(await asRoot('domainuserdata', { domain: 'ALICE.example.com' }))
    assert.equal(json.metadata.reason, 'Obtained userdata.')
    const home = inHome()
    assert.deepEqual(json.data.userdata, {
      documentroot: join(home, 'public_html'),
      group: 'alice',
      hascgi: 1,
      homedir: home.replace(/\/$/, ''),
      ip: '192.0.2.10',
      owner: 'seller',
      phpopenbasedirprotect: 1,
      port: '80',
      scriptalias: [{ path: join(home, 'public_html/cgi-bin'), url: '/cgi-bin/' }],
      serveradmin: 'webmaster@alice.example.com',
      serveralias: 'www.alice.example.com mail.alice.example.com',
      servername: 'alice.example.com',
      usecanonicalname: 'Off',
      user: 'alice',
      userdirprotect: '',
      customlog: [{ format: 'combined', target: join(home, 'logs/alice.example.com') }],
      domain: 'alice.example.com',
    })
    const sub = done(await asRoot('domainuserdata', { domain: 'shop.alice.example.com' })).json.data.userdata
    assert.deepEqual([sub.documentroot, sub.user], [join(home, 'public_html/shop'), 'alice'])
  })

  test('the old shape has userdata beside one result', async () => {
    const path = '/json-api/domainuserdata?domain=alice.example.com'
    const { json } = await server.send(path, { headers: { authorization: `whm ${admin}` } })
    assert.deepEqual(Object.keys(json), ['userdata', 'result'])
    assert.deepEqual(json.result, [{ status: 1, statusmsg: 'Obtained userdata.' }])
  })

  test('a reseller sees the domains of own accounts and no others, and the privilege is needed', async () => {
    const seller = await server.tokenOf('seller', ['acct-summary'])
    const names = async (credential: string) =>
      done(await server.call(credential, 'get_domain_info')).json.data.domains.map(
        (row: { domain: string }) => row.domain,
      )
    assert.ok((await names(admin)).includes('bob.example.com'))
    const own = await names(seller)
    assert.ok(own.includes('alice.example.com') && own.includes('blog.alice.example.com'))
    assert.ok(!own.includes('bob.example.com'))
    for (const domain of ['bob.example.com', 'nowhere.example.com'])
      assertFailed(
        await server.call(seller, 'domainuserdata', { domain }),
        'domainuserdata',
        `You have no account with the domain “${domain}”.`,
      )
    assertFailed(await server.call(seller, 'domainuserdata'), 'domainuserdata', 'The argument “domain” is required.')
    for (const command of ['domainuserdata', 'get_domain_info'])
      assertDenied(await server.call(narrow, command, { domain: 'alice.example.com' }), command, 'acct-summary')
  })

  test('get_domain_info tells of each domain where it lies and whose it is', async () => {
    const { data } = done(await asRoot('get_domain_info')).json
    const found = data.domains.find((row: { domain: string }) => row.domain === 'shop.alice.example.com')
    assert.deepEqual(found, {
      docroot: inHome('public_html/shop'),
      domain: 'shop.alice.example.com',
      domain_type: 'sub',
      ipv4: '192.0.2.10',
      ipv4_ssl: '192.0.2.10',
      ipv6: null,
      ipv6_is_dedicated: 0,
      parent_domain: 'alice.example.com',
      php_version: null,
      port: '80',
      port_ssl: '443',
      user: 'alice',
      user_owner: 'seller',
    })
  })

  test('subdomains follow when the main domain gets another name, and go with the account', async () => {
    await server.account('mover')
    const token = await server.accountToken('mover')
    const args = { domain: 'sub', rootdomain: 'mover.example.com' }
    assert.equal((await server.uapi(token, 'SubDomain::addsubdomain', args)).json.status, 1)
    done(await asRoot('modifyacct', { user: 'mover', domain: 'moved.example.org' }))
    const listed = (await server.uapi(token, 'DomainInfo::list_domains')).json.data
    assert.deepEqual([listed.main_domain, listed.sub_domains], ['moved.example.org', ['sub.moved.example.org']])
    const via = await server.send('/execute/DomainInfo/list_domains?domain=sub.moved.example.org', {
      headers: { authorization: `whm ${admin}` },
    })
    assert.equal(via.json.data.main_domain, 'moved.example.org')
    done(await asRoot('removeacct', { username: 'mover' }))
    assert.deepEqual(storedRows(server, "select name from domains where name like '%moved%'"), [])
  })
})

describe('DomainInfo', () => {
  test('list_domains names the main domain as a text, the others in lists', async () => {
    const { data } = (await uapi('DomainInfo::list_domains')).json
    assert.deepEqual([data.main_domain, data.addon_domains, data.parked_domains], ['alice.example.com', [], []])
    assert.ok(data.sub_domains.includes('blog.alice.example.com'))
  })

  test('domains_data tells of every domain by kind, or in one list', async () => {
    const hash = (await uapi('DomainInfo::domains_data')).json.data
    assert.equal(hash.main_domain.documentroot, inHome('public_html'))
    assert.equal(hash.main_domain.type, 'main_domain')
    assert.ok(
      hash.sub_domains.some(
        ({ domain, type }: { domain: string; type: string }) =>
          domain === 'shop.alice.example.com' && type === 'sub_domain',
      ),
    )
    assert.deepEqual([hash.addon_domains, hash.parked_domains], [[], []])
    const list = (await uapi('DomainInfo::domains_data', { format: 'list', return_https_redirects_status: '1' })).json
      .data
    assert.equal(list.length, 1 + hash.sub_domains.length)
    assert.deepEqual([list[0].domain, list[0].can_https_redirect], ['alice.example.com', 0])
    assertUapiFailed(await uapi('DomainInfo::domains_data', { format: 'x' }), /“format” is not valid/)
  })

  test('single_domain_data tells of one domain of the account', async () => {
    const { data } = (await uapi('DomainInfo::single_domain_data', { domain: 'blog.alice.example.com' })).json
    assert.deepEqual(
      [data.domain, data.documentroot, data.port],
      ['blog.alice.example.com', inHome('blog.alice.example.com'), '80'],
    )
    assertUapiFailed(
      await uapi('DomainInfo::single_domain_data', { domain: 'bob.example.com' }),
      /^You have no account with the domain/,
    )
    assertUapiFailed(await uapi('DomainInfo::single_domain_data'), /“domain” is required/)
  })
})

describe('facts about the account', () => {
  test('Variables::get_user_information tells everything, or what is named', async () => {
    const { data } = (await uapi('Variables::get_user_information')).json
    const { feature, created, last_modified, domains: further, mxcheck, uid, gid, home, ...rest } = data
    assert.deepEqual(Object.keys(feature), FEATURE_IDS)
    assert.deepEqual([created, uid, home], [last_modified, gid, inHome().replace(/\/$/, '')])
    assert.equal(mxcheck['alice.example.com'], 'local')
    assert.ok(further.includes('blog.alice.example.com'))
    assert.deepEqual(rest, {
      backup_enabled: 0,
      bandwidth_limit: 2000 * 1024 ** 2,
      cgi_enabled: 1,
      contact_email: 'a@x.example',
      contact_email_2: '',
      created_in_version: '11.138.0.6',
      database_owner: 'alice',
      dead_domains: [],
      demo_mode: 0,
      disk_block_limit: 102_400,
      dkim_enabled: 0,
      domain: 'alice.example.com',
      feature_list: 'default',
      home_directory_links: [],
      ip: '192.0.2.10',
      lang: 'en',
      legacy_backup_enabled: 0,
      locale: 'en',
      mailbox_format: 'maildir',
      maximum_addon_domains: 'unlimited',
      maximum_databases: 'unlimited',
      maximum_defer_fail_percentage: 'unlimited',
      maximum_email_account_disk_quota: 'unlimited',
      maximum_emails_per_hour: 'unlimited',
      maximum_ftp_accounts: 'unlimited',
      maximum_mail_accounts: 'unlimited',
      maximum_mailing_lists: 'unlimited',
      maximum_parked_domains: 'unlimited',
      maximum_passenger_apps: 'unlimited',
      maximum_subdomains: 500,
      owner: 'seller',
      package_extensions: [],
      plan: 'default',
      shell: '/usr/sbin/nologin',
      spf_enabled: 1,
      ssl_default_key_type: 'system',
      theme: 'jupiter',
      user: 'alice',
      utf8_mailbox: 1,
    })
    const some = await uapi('Variables::get_user_information', {
      name: 'user',
      'name-1': 'plan',
      'name-2': '__proto__',
    })
    assert.deepEqual(some.json.data, { plan: 'default', user: 'alice' })
  })

  test('Quota::get_quota_info tells what is used, and that 0 is no limit', async () => {
    const { data } = (await uapi('Quota::get_quota_info')).json
    assert.deepEqual([data.megabyte_limit, data.under_quota_overall, data.inode_limit], [100, 1, 0])
    assert.ok(data.inodes_used > 6 && data.megabytes_used > 0 && data.megabytes_remain < 100)
    assert.equal(Math.round(data.megabytes_used + data.megabytes_remain), 100)
    const free = await server.uapi(await server.accountToken('bob'), 'Quota::get_quota_info')
    assert.deepEqual([free.json.data.megabyte_limit, free.json.data.under_megabyte_limit], [0, 1])
  })

  test('StatsBar::get_stats answers the rows asked for, in their order, with raw and human figures', async () => {
    const display = 'subdomains|diskusage|hostname|nosuch|__proto__|sharedip'
    const { data } = (await uapi('StatsBar::get_stats', { display })).json
    assert.deepEqual(
      data.map(({ id }: { id: string }) => id),
      ['subdomains', 'diskusage', 'hostname', 'sharedip'],
    )
    const [sub, disk, host] = data
    assert.deepEqual([sub._max, sub.max, sub.is_maxed, sub.units, sub.rowtype], ['500', '500', 0, '', 'even'])
    assert.deepEqual([disk._max, disk.max, disk.units, disk.rowtype], ['100', '100 MB', 'MB', 'odd'])
    assert.deepEqual([host.value, host.item], ['panel.example.com', 'Server Name'])
    assertUapiFailed(await uapi('StatsBar::get_stats'), /“display” is required/)
    const near = await uapi('StatsBar::get_stats', {
      display: 'subdomains|hostname',
      warnings: '1',
      warninglevel: '99',
    })
    assert.deepEqual(near.json.data, [])
  })

  test('StatsBar::get_stats takes what scripts send with it: a word for no limit, “high”, and whether what is full is a warning', async () => {
    await server.account('dora', undefined, { maxsub: 1 })
    const token = await server.accountToken('dora')
    const stats = async (args: Record<string, string>) =>
      (await server.uapi(token, 'StatsBar::get_stats', { display: 'subdomains|fileusage', ...args })).json
    const added = await server.uapi(token, 'SubDomain::addsubdomain', { domain: 'one', rootdomain: 'dora.example.com' })
    assert.equal(added.json.status, 1)
    const maxima = ({ data }: { data: { max: string }[] }) => data.map(({ max }) => max)
    assert.deepEqual(maxima(await stats({})), ['1', '∞'])
    const observed = { warnings: '0', warninglevel: 'high', warnout: '0', infinityimg: '/i.png', rowcounter: 'even' }
    assert.deepEqual(maxima(await stats({ ...observed, infinitylang: 'infinity' })), ['1', 'infinity'])
    for (const [warnout, rows] of [
      ['1', 1],
      ['0', 0],
    ] as const)
      assert.equal((await stats({ warnings: '1', warnout })).data.length, rows)
    for (const warninglevel of ['0', '101', 'low', ''])
      assert.match((await stats({ warninglevel })).errors[0], /is not a whole number from 1 to 100/)
  })

  test('Features::list_features follows the feature list, and so does what may be called', async () => {
    done(await asRoot('create_featurelist', { featurelist: 'nosub', mysql: 1 }))
    done(await asRoot('addpkg', { name: 'nosub', featurelist: 'nosub' }))
    await server.account('carol', undefined, { plan: 'nosub' })
    const headers = { authorization: `Basic ${Buffer.from('carol:pass-of-carol-1').toString('base64')}` }
    const { json } = await server.sendToCpanel('/execute/Features/list_features', { headers })
    assert.deepEqual([json.data.mysql, json.data.subdomains, json.data.apitokens], [1, 0, 0])
    const path = '/execute/SubDomain/addsubdomain?domain=x&rootdomain=carol.example.com'
    assertUapiFailed(await server.sendToCpanel(path, { headers }), /^You do not have the feature “subdomains”\.$/)
    done(await asRoot('editpkg', { name: 'nosub', featurelist: 'default' }))
    assert.equal((await server.sendToCpanel(path, { headers })).json.status, 1)
  })
})

describe('facts for monitors', () => {
  test('get_disk_usage tells KiB and files, of own accounts alone', async () => {
    const { accounts } = done(await asRoot('get_disk_usage', { cache_mode: 'off' })).json.data
    const found = accounts.find(({ user }: { user: string }) => user === 'alice')
    assert.deepEqual([found.blocks_limit, found.inodes_limit], [102_400, null])
    assert.ok(found.blocks_used >= 4 && found.inodes_used > 6)
    writeFileSync(inHome('tmp/big'), Buffer.alloc(3_000_000, 1))
    const measured = async (cache_mode: string) =>
      done(await asRoot('get_disk_usage', { cache_mode })).json.data.accounts.find(
        ({ user }: { user: string }) => user === 'alice',
      ).blocks_used
    assert.equal(await measured('on'), found.blocks_used)
    assert.ok((await measured('off')) > found.blocks_used + 2900)
    assert.ok((await measured('on')) > found.blocks_used + 2900)
    const seller = await server.tokenOf('seller', ['list-accts'])
    const own = done(await server.call(seller, 'get_disk_usage')).json.data.accounts
    assert.deepEqual(
      own.map(({ user }: { user: string }) => user),
      ['alice'],
    )
    assertDenied(await server.call(narrow, 'get_disk_usage'), 'get_disk_usage', 'list-accts')
    const bad = 'The argument “cache_mode” is not valid: “maybe” is none of on, off.'
    assertFailed(await asRoot('get_disk_usage', { cache_mode: 'maybe' }), 'get_disk_usage', bad)
  })

  test('getdiskusage tells of the disk that the data folder lies on', async () => {
    const { partition } = done(await asRoot('getdiskusage')).json.data
    assert.ok(partition.length > 0)
    for (const disk of partition) {
      assert.ok(disk.total > 0 && disk.used >= 0 && disk.available >= 0 && disk.percentage <= 100, JSON.stringify(disk))
      assert.deepEqual(disk.inodes_total, disk.inodes_used + disk.inodes_available)
    }
    const old = await server.send('/json-api/getdiskusage', { headers: { authorization: `whm ${admin}` } })
    assert.deepEqual(Object.keys(old.json), ['partition'])
    assertDenied(await server.call(narrow, 'getdiskusage'), 'getdiskusage', 'stats')
  })

  test('showbw shows limits and no traffic, searched and of own accounts alone', async () => {
    const { data } = done(await asRoot('showbw', { search: '^alice', searchtype: 'user', month: 2, year: 2026 })).json
    assert.deepEqual(data, {
      acct: [
        {
          user: 'alice',
          maindomain: 'alice.example.com',
          owner: 'seller',
          reseller: 0,
          deleted: 0,
          limit: 2000 * 1024 ** 2,
          totalbytes: 0,
          bwusage: [{ domain: 'alice.example.com', usage: 0, deleted: 0 }],
        },
      ],
      month: 2,
      year: 2026,
      reseller: 'root',
      totalused: 0,
    })
    const seller = await server.tokenOf('seller', ['show-bandwidth'])
    assert.equal(done(await server.call(seller, 'showbw')).json.data.acct.length, 1)
    const old = await server.send('/json-api/showbw', { headers: { authorization: `whm ${seller}` } })
    assert.equal(old.json.bandwidth[0].acct[0].user, 'alice')
    assertDenied(await server.call(narrow, 'showbw'), 'showbw', 'show-bandwidth')
    assert.match((await asRoot('showbw', { search: '(' })).json.metadata.reason, /is not a regular expression/)
  })

  test('servicestatus tells of the services of this server', async () => {
    const { service } = done(await asRoot('servicestatus')).json.data
    const row = (name: string, display_name: string) => ({
      display_name,
      enabled: 1,
      installed: 1,
      monitored: 1,
      name,
      running: 1,
    })
    assert.deepEqual(service, [row('whostmgrd', 'WHM Service'), row('cpaneld', 'cPanel Service')])
    assert.deepEqual(done(await asRoot('servicestatus', { service: 'cpaneld' })).json.data.service.length, 1)
    assert.deepEqual(done(await asRoot('servicestatus', { service: 'httpd' })).json.data.service, [])
    assertDenied(await server.call(narrow, 'servicestatus'), 'servicestatus', 'status')
  })

  test('list_pops_for is empty without mailboxes, and says nothing of others’ accounts', async () => {
    const seller = await server.tokenOf('seller', ['list-accts'])
    assert.deepEqual(done(await server.call(seller, 'list_pops_for', { user: 'alice' })).json.data, { pops: [] })
    assertFailed(
      await server.call(seller, 'list_pops_for', { user: 'bob' }),
      'list_pops_for',
      'You have no account named “bob”.',
    )
    assertFailed(await server.call(seller, 'list_pops_for'), 'list_pops_for', 'The argument “user” is required.')
    assertDenied(await server.call(narrow, 'list_pops_for', { user: 'alice' }), 'list_pops_for', 'list-accts')
  })
})
