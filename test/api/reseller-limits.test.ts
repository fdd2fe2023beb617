/** What resellers may give away: setresellerlimits and its neighbours, also by calls at once, on each database. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { type Arguments, done, type Reply, type TestServer } from '../start-server.ts'
import { assertDenied, assertFailed, onEachDatabase } from './token-servers.ts'

const SELLER = [
  'list-pkgs',
  'add-pkg',
  'edit-pkg',
  'create-acct',
  'kill-acct',
  'list-accts',
  'acct-summary',
  'upgrade-account',
  'edit-account',
  'manage-api-tokens',
  'viewglobalpackages',
  'allow-unlimited-disk-pkgs',
  'allow-unlimited-bw-pkgs',
  'allow-unlimited-pkgs',
]

onEachDatabase({ settings: { dedicatedIps: ['192.0.2.81', '192.0.2.82'] } }, ({ server, admin, startNode, name }) => {
  const asRoot = (command: string, args: Arguments = {}): Promise<Reply> => server().call(admin(), command, args)
  const make = async (user: string, args: Arguments = {}, owner = 'root'): Promise<void> =>
    void done(await asRoot('createacct', { username: user, domain: `${user}.example.com`, owner, ...args }))
  /** A reseller with these limits, and a token. */
  const seller = async (user: string, limits: Arguments): Promise<string> => {
    await server().account(user, SELLER)
    if (Object.keys(limits).length > 0) done(await asRoot('setresellerlimits', { user, ...limits }))
    return server().tokenOf(user, SELLER)
  }
  const create = (credential: string, user: string, args: Arguments = {}, on: TestServer = server()): Promise<Reply> =>
    on.call(credential, 'createacct', { username: user, domain: `${user}.example.com`, ...args })
  const beyond = (user: string, limit: string): RegExp => new RegExp(`^The reseller “${user}” would go beyond ${limit}`)
  const summary = async (user: string) => done(await asRoot('accountsummary', { user })).json.data.acct[0]

  describe('setresellerlimits', () => {
    test('a reseller has no more accounts than the limit, and acctcounts shows it', async () => {
      const token = await seller('counted', { enable_account_limit: 1, account_limit: 2 })
      done(await create(token, 'counta'))
      done(await create(token, 'countb'))
      assertFailed(await create(token, 'countc'), beyond('counted', 'the limit of 2 accounts'))
      const { reseller } = done(await server().call(token, 'acctcounts')).json.data
      assert.deepEqual(reseller, { user: 'counted', active: 2, suspended: 0, limit: 2 })
      done(await server().call(token, 'removeacct', { username: 'countb' }))
      done(await create(token, 'countc'))
    })

    test('C6: of twenty accounts at once, on two nodes where there are two, no more are made than the limit', async () => {
      const token = await seller('raced', { enable_account_limit: 1, account_limit: 5 })
      const nodes = name === 'postgres' ? [server(), await startNode()] : [server()]
      const calls = Array.from({ length: 20 }, (_, i) =>
        create(token, `r${String.fromCharCode(97 + i)}acer`, {}, nodes[i % nodes.length]),
      )
      const replies = await Promise.all(calls)
      assert.equal(replies.filter(({ json }) => json.metadata.result === 1).length, 5)
      const { reseller } = done(await asRoot('acctcounts', { user: 'raced' })).json.data
      assert.equal(reseller.active, 5)
    })

    test('C6: of ten accounts at once that share a limit of space, no more is given away than there is', async () => {
      const token = await seller('spaced', { enable_resource_limits: 1, diskspace_limit: 1000, bandwidth_limit: 0 })
      const names = Array.from({ length: 10 }, (_, i) => `s${String.fromCharCode(97 + i)}pacer`)
      const replies = await Promise.all(names.map((user) => create(token, user, { quota: 300 })))
      assert.equal(replies.filter(({ json }) => json.metadata.result === 1).length, 3)
      const { reseller } = done(await asRoot('resellerstats', { user: 'spaced' })).json.data
      assert.deepEqual([reseller.totaldiskalloc, reseller.diskquota, reseller.diskoverselling], [900, 1000, 0])
    })

    test('without overselling every way of giving more is closed, and giving less is open', async () => {
      done(await asRoot('addpkg', { name: 'mb400', quota: 400, bwlimit: 100 }))
      done(await asRoot('addpkg', { name: 'mb100', quota: 100, bwlimit: 100 }))
      const token = await seller('sized', { enable_resource_limits: 1, diskspace_limit: 500, bandwidth_limit: 1000 })
      const call = (command: string, args: Arguments) => server().call(token, command, args)
      const disk = beyond('sized', 'the limit of 500 MB of disk space')
      done(await create(token, 'sizea', { plan: 'mb400' }))
      assertFailed(await create(token, 'sizeb', { quota: 101, bwlimit: 1 }), disk)
      assertFailed(await create(token, 'sizeb', { quota: 0, bwlimit: 1 }), disk)
      const traffic = beyond('sized', 'the limit of 1000 MB of monthly traffic')
      assertFailed(await create(token, 'sizeb', { quota: 1, bwlimit: 901 }), traffic)
      done(await create(token, 'sizeb', { plan: 'mb100' }))
      assertFailed(await call('modifyacct', { user: 'sizeb', QUOTA: 101 }), disk)
      assertFailed(await call('modifyacct', { user: 'sizeb', QUOTA: 'unlimited' }), disk)
      assertFailed(await call('changepackage', { user: 'sizeb', pkg: 'mb400' }), disk)
      done(await call('addpkg', { name: 'own', quota: 100, bwlimit: 100 }))
      done(await call('changepackage', { user: 'sizeb', pkg: 'own' }))
      assertFailed(await call('editpkg', { name: 'own', quota: 101 }), disk)
      assert.equal((await summary('sizeb')).disklimit, '100M')
      assert.equal(done(await asRoot('getpkginfo', { pkg: 'sized_own' })).json.data.pkg.QUOTA, '100')
      done(await asRoot('setresellerlimits', { user: 'sized', diskspace_limit: 50 }))
      done(await call('modifyacct', { user: 'sizeb', QUOTA: 60 }))
      assertFailed(await call('modifyacct', { user: 'sizeb', QUOTA: 61 }), beyond('sized', 'the limit of 50 MB'))
    })

    test('with overselling more may be given away, as long as no more is used', async () => {
      const limits = { enable_resource_limits: 1, diskspace_limit: 1, bandwidth_limit: 5, enable_overselling: 1 }
      const token = await seller('oversold', limits)
      done(await create(token, 'overa', { quota: 5000, bwlimit: 5000 }))
      done(await create(token, 'overb', { quota: 'unlimited' }))
      await writeFile(`${server().folder}/home/overa/tmp/big`, Buffer.alloc(1_500_000, 1))
      done(await asRoot('get_disk_usage', { cache_mode: 'off' }))
      assertFailed(await create(token, 'overc', { quota: 1 }), beyond('oversold', 'the limit of 1 MB .* in use'))
      done(await asRoot('setresellerlimits', { user: 'oversold', enable_overselling_diskspace: 0, diskspace_limit: 9 }))
      assertFailed(
        await create(token, 'overc', { quota: 10, bwlimit: 99 }),
        beyond('oversold', 'the limit of 9 MB of disk'),
      )
    })

    test('what a call leaves out stays as it was', async () => {
      const token = await seller('steady', { enable_account_limit: 1, account_limit: 1 })
      done(
        await asRoot('setresellerlimits', { user: 'steady', enable_resource_limits: 1, diskspace_limit: 900_000_000 }),
      )
      done(await create(token, 'steadya', { quota: 10 }))
      assertFailed(await create(token, 'steadyb', { quota: 10 }), beyond('steady', 'the limit of 1 accounts'))
      done(await asRoot('setresellerlimits', { user: 'steady', enable_account_limit: 0 }))
      done(await create(token, 'steadyb', { quota: 10 }))
    })

    test('root is not held to the limits of a reseller, but told', async () => {
      await seller('warned', { enable_account_limit: 1, account_limit: 1 })
      await make('warneda', {}, 'warned')
      const args = { username: 'warnedb', domain: 'warnedb.example.com', owner: 'warned' }
      const { warnings } = done(await asRoot('createacct', args)).json.metadata.output
      assert.deepEqual(warnings, [
        'The reseller “warned” would go beyond the limit of 1 accounts. Root is not held to it.',
      ])
    })

    test('a limit without a number, no reseller, and a missing privilege are refused', async () => {
      const token = await seller('plainer', {})
      const missing = /^The argument “account_limit” is required\.$/
      assertFailed(await asRoot('setresellerlimits', { user: 'plainer', enable_account_limit: 1 }), missing)
      assertFailed(await asRoot('setresellerlimits', { user: 'nobody9' }), /^There is no reseller named “nobody9”\.$/)
      const bad = { user: 'plainer', enable_account_limit: 1, account_limit: -1 }
      assertFailed(await asRoot('setresellerlimits', bad), /“account_limit” is not valid/)
      for (const command of [
        'setresellerlimits',
        'setresellerpackagelimit',
        'suspendreseller',
        'unsuspendreseller',
        'terminatereseller',
        'setresellernameservers',
        'setresellermainip',
        'setresellerips',
        'getresellerips',
        'setsiteip',
      ])
        assertDenied(await server().call(token, command, { user: 'plainer' }), command)
      assert.equal(done(await asRoot('acctcounts', { user: 'plainer' })).json.data.reseller.limit, null)
    })
  })

  describe('setresellerpackagelimit', () => {
    test('a reseller uses only the packages that are allowed, and no more often than their numbers', async () => {
      for (const pkg of ['small', 'large']) done(await asRoot('addpkg', { name: pkg, quota: 5 }))
      const token = await seller('packed', {})
      const limit = (args: Arguments) => asRoot('setresellerpackagelimit', { user: 'packed', ...args })
      done(await limit({ package: 'small', allowed: 1, number: 2 }))
      done(await asRoot('setresellerlimits', { user: 'packed', enable_package_limit_numbers: 1 }))
      const { pkg } = done(await server().call(token, 'listpkgs')).json.data
      assert.deepEqual(
        pkg.map((found: { readonly name: string }) => found.name),
        ['small'],
      )
      const none = beyond('packed', 'the packages that may be used')
      assertFailed(await create(token, 'packa', { plan: 'large' }), none)
      assertFailed(await create(token, 'packa'), none)
      assertFailed(await create(token, 'packa', { plan: 'small', quota: 6 }), none)
      done(await create(token, 'packa', { plan: 'small' }))
      done(await create(token, 'packb', { plan: 'small' }))
      const two = beyond('packed', 'the limit of 2 accounts on the package “small”')
      assertFailed(await create(token, 'packc', { plan: 'small' }), two)
      assertFailed(await server().call(token, 'changepackage', { user: 'packa', pkg: 'large' }), none)
      done(await limit({ package: 'large', allowed: 1 }))
      done(await server().call(token, 'changepackage', { user: 'packa', pkg: 'large' }))
      done(await limit({ package: 'large', allowed: 0 }))
      assertFailed(await create(token, 'packc', { plan: 'large' }), none)
      done(await limit({ no_limit: 1 }))
      done(await create(token, 'packc', { plan: 'large' }))
    })

    test('a package that does not exist and a call that says nothing are refused', async () => {
      const args = { user: 'packed', package: 'nosuch', allowed: 1 }
      assertFailed(await asRoot('setresellerpackagelimit', args), /^The package “nosuch” does not exist\.$/)
      assertFailed(await asRoot('setresellerpackagelimit', { user: 'packed' }), /“package” is required/)
      assertFailed(
        await asRoot('setresellerpackagelimit', { user: 'packed', package: 'small' }),
        /“allowed” is required/,
      )
    })
  })

  describe('resellerstats, suspendreseller, unsuspendreseller, terminatereseller', () => {
    test('resellerstats tells what accounts were given and use', async () => {
      await seller('statist', { enable_resource_limits: 1, diskspace_limit: 5000, bandwidth_limit: 9000 })
      await make('statone', { quota: 100, bwlimit: 200 }, 'statist')
      await make('stattwo', {}, 'statist')
      done(await asRoot('suspendacct', { user: 'stattwo' }))
      const { reseller } = done(await asRoot('resellerstats', { user: 'statist', month: 3, year: 2026 })).json.data
      const { acct, diskused, ...rest } = reseller
      assert.equal(diskused, acct[0].diskused + acct[1].diskused)
      assert.deepEqual(rest, {
        user: 'statist',
        month: 3,
        year: 2026,
        diskquota: 5000,
        totaldiskalloc: 100,
        diskoverselling: 0,
        bandwidthlimit: 9000,
        totalbwused: 0,
        totalbwalloc: 200,
        bwoverselling: 0,
      })
      assert.deepEqual(
        { ...acct[0], diskused: 0 },
        {
          user: 'statone',
          domain: 'statone.example.com',
          package: 'default',
          suspended: 0,
          deleted: 0,
          diskquota: 100,
          diskused: 0,
          bandwidthlimit: 200,
          bandwidthused: 0,
        },
      )
      const own = await server().tokenOf('statist', ['acct-summary'])
      const asked = (user: string) => server().call(own, 'resellerstats', { user })
      assert.equal(done(await asked('statist')).json.data.reseller.acct.length, 2)
      for (const user of ['spaced', 'root', 'nobody9'])
        assertFailed(await asked(user), new RegExp(`^There is no reseller named “${user}”`))
      const narrow = await server().tokenOf('statist', ['list-accts'])
      assertDenied(await server().call(narrow, 'resellerstats', { user: 'statist' }))
      const shown = done(await asRoot('resellerstats', { user: 'statist', filter_suspended: 1 })).json.data.reseller
      assert.deepEqual(
        shown.acct.map(({ user }: { readonly user: string }) => user),
        ['statone'],
      )
    })

    test('a suspension of a reseller reaches the accounts and ends tokens and sessions; its end gives all back', async () => {
      const token = await seller('pausing', {})
      done(await create(token, 'pauseda'))
      done(await create(token, 'pausedb'))
      done(await asRoot('suspendreseller', { user: 'pausing', reason: 'unpaid', disallow: 1 }))
      for (const user of ['pausing', 'pauseda', 'pausedb']) {
        const { suspended, suspendreason, is_locked } = await summary(user)
        assert.deepEqual([suspended, suspendreason, is_locked], [1, 'unpaid', 1])
      }
      assert.equal((await server().call(token, 'listaccts')).status, 403)
      done(await asRoot('unsuspendreseller', { user: 'pausing', 'reseller-only': 1 }))
      assert.deepEqual([(await summary('pausing')).suspended, (await summary('pauseda')).suspended], [0, 1])
      done(await server().call(token, 'listaccts'))
      done(await asRoot('unsuspendreseller', { user: 'pausing' }))
      assert.equal((await summary('pauseda')).suspended, 0)
      done(await asRoot('suspendreseller', { user: 'pausing', 'reseller-only': 1 }))
      assert.deepEqual([(await summary('pausing')).suspended, (await summary('pauseda')).suspended], [1, 0])
    })

    test('terminatereseller removes the accounts, and the reseller only when asked', async () => {
      const token = await seller('ending', {})
      done(await create(token, 'enda'))
      done(await create(token, 'endb'))
      await make('bystand')
      const { data } = done(await asRoot('terminatereseller', { user: 'ending' })).json
      assert.deepEqual(
        data.acct.map(({ user }: { readonly user: string }) => user),
        ['enda', 'endb'],
      )
      assert.match(data.acct[0].output.raw, /Removed the account enda$/)
      assertFailed(await asRoot('accountsummary', { user: 'enda' }), /no account named “enda”/)
      assert.equal((await summary('ending')).user, 'ending')
      done(await server().call(token, 'listaccts'))
      done(await create(token, 'enda'))
      done(await asRoot('terminatereseller', { reseller: 'ending', terminatereseller: 1, verify: 'I understand' }))
      for (const user of ['enda', 'ending'])
        assertFailed(await asRoot('accountsummary', { user }), /You have no account named/)
      assert.equal((await server().call(token, 'version')).status, 403)
      assert.equal((await summary('bystand')).user, 'bystand')
      assertFailed(await asRoot('terminatereseller', { user: 'bystand' }), /^There is no reseller named “bystand”\.$/)
    })
  })

  describe('name servers and addresses', () => {
    test('new accounts of a reseller get its name servers and its shared address', async () => {
      const token = await seller('placing', {})
      done(
        await asRoot('setresellernameservers', {
          user: 'placing',
          nameservers: 'NS1.seller.example, ns2.seller.example',
        }),
      )
      done(await asRoot('setresellermainip', { user: 'placing', ip: '192.0.2.82' }))
      const { data } = done(await create(token, 'placea')).json
      assert.deepEqual(
        [data.nameserver, data.nameserver2, data.nameserver3],
        ['ns1.seller.example', 'ns2.seller.example', ''],
      )
      assert.equal((await summary('placea')).ip, '192.0.2.82')
      done(await asRoot('setresellernameservers', { user: 'placing' }))
      assert.equal(done(await create(token, 'placeb')).json.data.nameserver, '')
      const bad = { user: 'placing', nameservers: 'not a name' }
      assertFailed(await asRoot('setresellernameservers', bad), /“nameservers” is not valid/)
      const foreign = /^The IP address “198\.51\.100\.9” cannot be given: the server does not have it\.$/
      assertFailed(await asRoot('setresellermainip', { user: 'placing', ip: '198.51.100.9' }), foreign)
    })

    test('a reseller gives the dedicated addresses that were delegated, and no others', async () => {
      await seller('delegat', {})
      const ips = async () => done(await asRoot('getresellerips', { user: 'delegat' })).json.data
      assert.deepEqual(await ips(), {
        reseller: 'delegat',
        delegated: 0,
        ip: ['127.0.0.1', '192.0.2.81', '192.0.2.82'],
      })
      done(await asRoot('setresellerips', { user: 'delegat', delegate: 1, ips: '192.0.2.81' }))
      assert.deepEqual(await ips(), { reseller: 'delegat', delegated: 1, ip: ['127.0.0.1', '192.0.2.81'] })
      done(await asRoot('setresellermainip', { user: 'delegat', ip: '192.0.2.81' }))
      assert.deepEqual((await ips()).ip, ['192.0.2.81'])
      done(await asRoot('setresellerips', { user: 'delegat', delegate: 1 }))
      const args = { username: 'delega', domain: 'delega.example.com', owner: 'delegat', ip: 'y' }
      assertFailed(await asRoot('createacct', args), /has no free IP address/)
      assertFailed(
        await asRoot('setresellerips', { user: 'delegat', delegate: 1, ips: '10.0.0.1' }),
        /does not have it/,
      )
    })

    test('setsiteip gives an account another address of the server, by user or by domain', async () => {
      await make('siteip')
      await make('siteipb')
      done(await asRoot('setsiteip', { user: 'siteip', ip: '192.0.2.81' }))
      assert.equal((await summary('siteip')).ip, '192.0.2.81')
      const taken = /^The IP address “192\.0\.2\.81” cannot be given: another account has it\.$/
      assertFailed(await asRoot('setsiteip', { domain: 'siteipb.example.com', ip: '192.0.2.81' }), taken)
      assertFailed(await asRoot('setsiteip', { user: 'siteipb', ip: '203.0.113.1' }), /does not have it/)
      assertFailed(await asRoot('setsiteip', { ip: '127.0.0.1' }), /“user” or “domain” is required/)
      assertFailed(await asRoot('setsiteip', { user: 'nobody9', ip: '127.0.0.1' }), /no account named/)
      const others = { user: 'siteip', domain: 'siteipb.example.com', ip: '127.0.0.1' }
      assertFailed(await asRoot('setsiteip', others), /do not fit together/)
      done(await asRoot('setsiteip', { domain: 'siteip.example.com', ip: '127.0.0.1' }))
      assert.equal((await summary('siteip')).ip, '127.0.0.1')
    })
  })
})
