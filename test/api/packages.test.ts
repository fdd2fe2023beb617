/** Packages: listpkgs, getpkginfo, addpkg, editpkg, killpkg, changepackage, and what createacct makes of them. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Arguments, done, startTestServer, type TestServer } from '../start-server.ts'
import { assertDenied, assertDone, assertFailed } from './replies.ts'
import { accountState, storedRows, trailMark, trailSince } from './stored.ts'

const SELLER = ['list-pkgs', 'add-pkg', 'edit-pkg', 'create-acct', 'list-accts', 'acct-summary', 'upgrade-account']

let server: TestServer
/** Root with everything, by a token: a password costs a hash each time. */
let admin = ''
/** Holds nothing but what every WHM user has. */
let narrow = ''
let seller = ''
let rival = ''
before(async () => {
  server = await startTestServer({ settings: { dedicatedIps: ['192.0.2.71', '192.0.2.72'] } })
  admin = await server.rootToken(['all'])
  narrow = await server.rootToken(['basic-whm-functions'])
  await server.account('seller', [...SELLER, 'manage-api-tokens'])
  await server.account('rival', [...SELLER, 'viewglobalpackages', 'manage-api-tokens'])
  seller = await server.tokenOf('seller', SELLER)
  rival = await server.tokenOf('rival', [...SELLER, 'viewglobalpackages'])
})
after(() => server.close())

const packages = (): readonly object[] => storedRows(server, 'select * from packages order by name')
const state = (): object => ({ accounts: accountState(server), packages: packages() })

/** Runs a call that must fail, and proves that it changed nothing. */
async function fails(credential: string, command: string, args: Arguments, reason: string): Promise<void> {
  const before = state()
  assertFailed(await server.call(credential, command, args), command, reason)
  assert.deepEqual(state(), before)
}

async function names(credential: string, args: Arguments = {}): Promise<readonly string[]> {
  const { pkg } = done(await server.call(credential, 'listpkgs', args)).json.data
  return pkg.map(({ name }: { readonly name: string }) => name)
}

const summary = async (user: string) => done(await server.call(admin, 'accountsummary', { user })).json.data.acct[0]
const info = async (pkg: string) => done(await server.call(admin, 'getpkginfo', { pkg })).json.data.pkg
const refusal = (acl: string): string => `You do not hold the privilege “${acl}”, so you cannot give it.`

describe('addpkg', () => {
  test('makes a package with the values given and WHM’s for the rest, and one audit entry', async () => {
    const mark = await trailMark(server)
    assertDone(await server.call(admin, 'addpkg', { name: 'basic', quota: 500, maxpop: 10 }), 'addpkg', {
      pkg: 'basic',
    })
    assert.deepEqual(await info('basic'), {
      BWLIMIT: '1048576',
      CGI: 1,
      CPMOD: 'jupiter',
      DIGESTAUTH: 'n',
      FEATURELIST: 'default',
      HASSHELL: 'n',
      IP: 0,
      LANG: 'en',
      MAXADDON: '0',
      MAXFTP: 'unlimited',
      MAXLST: 'unlimited',
      MAXPARK: '0',
      MAXPASSENGERAPPS: 'unlimited',
      MAXPOP: '10',
      MAXSQL: 'unlimited',
      MAXSUB: 'unlimited',
      MAX_DEFER_FAIL_PERCENTAGE: 'unlimited',
      MAX_EMAILACCT_QUOTA: 'unlimited',
      MAX_EMAIL_PER_HOUR: 'unlimited',
      MAX_TEAM_USERS: 'unlimited',
      QUOTA: '500',
      _PACKAGE_EXTENSIONS: '',
      name: 'basic',
    })
    assert.deepEqual(await trailSince(server, mark), [
      { function: 'addpkg', target: 'basic', outcome: 'done', reason: 'OK', details: { package: 'basic' } },
    ])
  })

  test('0, “unlimited” and “null” are no limit; capitals and small letters name the same values', async () => {
    for (const [index, size] of ['0', 'unlimited', 'null'].entries()) {
      const name = `size${index}`
      done(await server.call(admin, 'addpkg', { name, QUOTA: size, bwlimit: size, MAXPOP: 3, max_email_per_hour: 7 }))
      const { QUOTA, BWLIMIT, MAXPOP, MAX_EMAIL_PER_HOUR } = await info(name)
      assert.deepEqual([QUOTA, BWLIMIT, MAXPOP, MAX_EMAIL_PER_HOUR], ['unlimited', 'unlimited', '3', '7'])
    }
  })

  test('a reseller’s package bears the reseller’s name in front, once', async () => {
    const args = { quota: 100, maxpop: 1 }
    assertDone(await server.call(seller, 'addpkg', { name: 'gold', ...args }), 'addpkg', { pkg: 'seller_gold' })
    assertDone(await server.call(seller, 'addpkg', { name: 'seller_blue', ...args }), 'addpkg', { pkg: 'seller_blue' })
    assert.deepEqual(await names(seller, { want: 'editable' }), ['seller_blue', 'seller_gold'])
  })

  test('root’s package that bears a reseller’s name is the reseller’s', async () => {
    done(await server.call(admin, 'addpkg', { name: 'seller_given', quota: 100 }))
    assert.ok((await names(seller, { want: 'editable' })).includes('seller_given'))
  })

  test('what is taken, and what is no name or value, is refused and makes nothing', async () => {
    await fails(admin, 'addpkg', {}, 'The argument “name” is required.')
    const taken = (name: string) => `There is a package named “${name}” already.`
    await fails(admin, 'addpkg', { name: 'basic' }, taken('basic'))
    await fails(admin, 'addpkg', { name: 'default' }, taken('default'))
    await fails(seller, 'addpkg', { name: 'gold' }, taken('seller_gold'))
    const bad = (value: string, problem: string) => `The argument “name” is not valid: “${value}” ${problem}.`
    await fails(admin, 'addpkg', { name: 'extensions' }, bad('extensions', 'is a name that no package may have'))
    await fails(admin, 'addpkg', { name: ' x' }, bad(' x', 'has blanks at its ends'))
    await fails(admin, 'addpkg', { name: '../x' }, bad('../x', 'cannot be the name of a package'))
    const number = '“many” is neither a whole number below 1000000000 nor “unlimited”'
    await fails(admin, 'addpkg', { name: 'x', maxpop: 'many' }, `The argument “maxpop” is not valid: ${number}.`)
    await fails(admin, 'addpkg', { name: 'x', featurelist: 'none' }, 'There is no feature list named “none”.')
  })

  test('each value that has a privilege of its own is refused without it, and taken with it', async () => {
    const plain = { quota: 10, bwlimit: 10, maxftp: 1, maxlst: 1, maxpop: 1, maxsql: 1, maxsub: 1 }
    const gates: readonly (readonly [string, Arguments])[] = [
      ['allow-unlimited-disk-pkgs', { quota: 0 }],
      ['allow-unlimited-bw-pkgs', { bwlimit: 'unlimited' }],
      ['add-pkg-ip', { ip: 'y' }],
      ['add-pkg-shell', { hasshell: 1 }],
      ['digest-auth', { digestauth: 1 }],
      ['allow-unlimited-pkgs', { maxpop: 'unlimited' }],
      ['allow-emaillimits-pkgs', { MAX_EMAIL_PER_HOUR: 5 }],
    ]
    await server.account('gated', [...SELLER, ...gates.map(([acl]) => acl), 'manage-api-tokens'])
    for (const [index, [acl, more]] of gates.entries()) {
      const args = { name: `g${index}`, ...plain, ...more }
      await fails(seller, 'addpkg', args, refusal(acl))
      const without = gates.map(([other]) => other).filter((other) => other !== acl)
      await fails(await server.tokenOf('gated', ['add-pkg', ...without]), 'addpkg', args, refusal(acl))
      done(await server.call(await server.tokenOf('gated', ['add-pkg', acl]), 'addpkg', args))
    }
  })

  test('without their privileges a package includes no addon domains and no aliases, and the reply says so', async () => {
    const args = { name: 'panel', quota: 10, maxaddon: 5, maxpark: 'unlimited' }
    const { warnings } = done(await server.call(seller, 'addpkg', args)).json.metadata.output
    assert.deepEqual(warnings, [
      'You do not hold the privilege “allow-addoncreate”, so the number of addon domains stays 0.',
      'You do not hold the privilege “allow-parkedcreate”, so the number of aliases stays 0.',
    ])
    const made = await info('seller_panel')
    assert.deepEqual([made.MAXADDON, made.MAXPARK], ['0', '0'])
    done(await server.call(seller, 'editpkg', { ...args, maxaddon: 6 }))
    assert.equal((await info('seller_panel')).MAXADDON, '0')
    done(await server.call(seller, 'createacct', { username: 'noaddons', plan: 'panel', maxaddon: 7, maxpark: 7 }))
    const [row] = storedRows(server, "select limits from accounts where home = 'noaddons'")
    assert.match(JSON.stringify(row), /MAXADDON\W+0\W.*MAXPARK\W+0\W/)
    await server.account('addons', [...SELLER, 'allow-addoncreate', 'allow-parkedcreate', 'manage-api-tokens'])
    const token = await server.tokenOf('addons', ['add-pkg', 'allow-addoncreate', 'allow-parkedcreate'])
    done(await server.call(token, 'addpkg', args))
    assert.deepEqual([(await info('addons_panel')).MAXADDON, (await info('addons_panel')).MAXPARK], ['5', 'unlimited'])
  })

  test('for whoever may not give unlimited numbers, what is left out is none at all', async () => {
    done(await server.call(seller, 'addpkg', { name: 'few', quota: 10, maxpop: 4 }))
    const { MAXPOP, MAXFTP, MAXSQL, MAXSUB, MAXLST } = await info('seller_few')
    assert.deepEqual([MAXPOP, MAXFTP, MAXSQL, MAXSUB, MAXLST], ['4', '0', '0', '0', '0'])
  })

  test('a token of root needs the privileges of sizes, shell and address too', async () => {
    const token = await server.rootToken(['add-pkg'])
    const name = 'oftoken'
    await fails(token, 'addpkg', { name, quota: 0 }, refusal('allow-unlimited-disk-pkgs'))
    await fails(token, 'addpkg', { name, bwlimit: 0 }, refusal('allow-unlimited-bw-pkgs'))
    await fails(token, 'addpkg', { name, ip: 'y' }, refusal('add-pkg-ip'))
    await fails(token, 'addpkg', { name, hasshell: 'y' }, refusal('add-pkg-shell'))
    done(await server.call(token, 'addpkg', { name, maxaddon: 5, maxpop: 'unlimited' }))
  })

  test('P9: without the privilege it is denied', async () => {
    const before = state()
    assertDenied(await server.call(narrow, 'addpkg', { name: 'sneaky' }), 'addpkg', 'add-pkg')
    assert.deepEqual(state(), before)
  })

  test('C1: of ten that make one package at once, one makes it', async () => {
    const calls = Array.from({ length: 10 }, () => server.call(admin, 'addpkg', { name: 'raced' }))
    const results = (await Promise.all(calls)).map(({ json }) => json.metadata.result)
    assert.equal(results.filter((result) => result === 1).length, 1)
  })
})

describe('listpkgs and getpkginfo', () => {
  test('root sees all packages; a reseller their own, and root’s with viewglobalpackages', async () => {
    done(await server.call(rival, 'addpkg', { name: 'own', quota: 5 }))
    const all = await names(await server.rootToken(['list-pkgs']), { want: 'all' })
    for (const name of ['basic', 'default', 'seller_gold', 'rival_own']) assert.ok(all.includes(name), name)
    const ofSeller = await names(seller)
    assert.ok(ofSeller.includes('default') && !ofSeller.includes('basic') && !ofSeller.includes('rival_own'))
    const ofRival = await names(rival)
    assert.ok(ofRival.includes('basic') && ofRival.includes('rival_own') && !ofRival.includes('seller_gold'))
    assert.deepEqual(await names(rival, { want: 'editable' }), ['rival_own'])
    assert.deepEqual(await names(rival, { want: 'viewable' }), ofRival)
  })

  test('old clients find the records under “package”, with IP and CGI as y and n', async () => {
    const { json } = await server.send('/json-api/listpkgs', { headers: { authorization: `whm ${narrow}` } })
    assert.equal(json.status, 0)
    const token = await server.rootToken(['list-pkgs'])
    const reply = await server.send('/json-api/listpkgs', { headers: { authorization: `whm ${token}` } })
    assert.deepEqual(Object.keys(reply.json), ['status', 'statusmsg', 'package'])
    const basic = reply.json.package.find(({ name }: { readonly name: string }) => name === 'basic')
    assert.deepEqual([basic.IP, basic.CGI, basic.QUOTA], ['n', 'y', '500'])
  })

  test('“not yours” and “does not exist” are one answer', async () => {
    for (const pkg of ['basic', 'rival_own', 'nosuch', '__proto__'])
      await fails(seller, 'getpkginfo', { pkg }, `The package “${pkg}” does not exist.`)
    assert.equal(done(await server.call(seller, 'getpkginfo', { pkg: 'gold' })).json.data.pkg.name, 'seller_gold')
    assertDenied(await server.call(narrow, 'getpkginfo', { pkg: 'basic' }), 'getpkginfo', 'list-pkgs')
    assertDenied(await server.call(narrow, 'listpkgs'), 'listpkgs', 'list-pkgs')
  })
})

describe('createacct on a package', () => {
  test('the account gets what the package says, and what the call says otherwise', async () => {
    done(
      await server.call(admin, 'addpkg', {
        name: 'full',
        quota: 700,
        bwlimit: 8000,
        maxpop: 3,
        cgi: 0,
        cpmod: 'other',
      }),
    )
    await server.account('onfull', undefined, { plan: 'full' })
    const made = await summary('onfull')
    assert.deepEqual(
      [made.plan, made.disklimit, made.maxpop, made.maxaddons, made.theme],
      ['full', '700M', '3', '0', 'other'],
    )
    await server.account('differs', undefined, { plan: 'full', quota: 10, maxpop: 'unlimited', cpmod: 'mine' })
    const other = await summary('differs')
    assert.deepEqual([other.plan, other.disklimit, other.maxpop, other.theme], ['full', '10M', 'unlimited', 'mine'])
  })

  test('a package that does not exist, or is out of reach, makes no account', async () => {
    const args = { username: 'nowhere', domain: 'nowhere.example.com' }
    for (const plan of ['nosuch', 'basic', 'rival_own'])
      await fails(seller, 'createacct', { ...args, plan }, `The package “${plan}” does not exist.`)
    done(await server.call(seller, 'createacct', { ...args, plan: 'gold' }))
    assert.equal((await summary('nowhere')).plan, 'seller_gold')
    done(await server.call(rival, 'createacct', { username: 'onglobal', plan: 'basic' }))
    assert.equal((await summary('onglobal')).plan, 'basic')
  })

  test('a reseller goes beyond the package only with the privileges for it', async () => {
    const args = { username: 'beyond', plan: 'gold' }
    await fails(seller, 'createacct', { ...args, quota: 0 }, refusal('allow-unlimited-disk-pkgs'))
    await fails(seller, 'createacct', { ...args, bwlimit: 0 }, refusal('allow-unlimited-bw-pkgs'))
    await fails(seller, 'createacct', { ...args, maxpop: 'unlimited' }, refusal('allow-unlimited-pkgs'))
    await fails(seller, 'createacct', { ...args, ip: 'y' }, refusal('add-pkg-ip'))
    await fails(seller, 'createacct', { ...args, hasshell: 1 }, refusal('allow-shell'))
    done(await server.call(admin, 'addpkg', { name: 'seller_shell', hasshell: 1, quota: 5 }))
    await fails(seller, 'createacct', { ...args, plan: 'shell' }, refusal('allow-shell'))
  })

  test('savepkg keeps the values as a package, which needs add-pkg', async () => {
    const args = { savepkg: 1, pkgname: 'saved', quota: 77, maxpop: 2, featurelist: 'default' }
    const plain = await server.tokenOf('seller', ['create-acct'])
    const more = { username: 'saver', plan: 'gold' }
    await fails(plain, 'createacct', { ...more, ...args }, refusal('add-pkg'))
    await fails(seller, 'createacct', { ...more, ...args, pkgname: '' }, 'The argument “pkgname” is required.')
    const slash = 'The argument “pkgname” is not valid: “../x” cannot be the name of a package.'
    await fails(seller, 'createacct', { ...more, ...args, pkgname: '../x' }, slash)
    done(await server.call(seller, 'createacct', { ...more, ...args }))
    assert.equal((await summary('saver')).plan, 'seller_saved')
    assert.deepEqual([(await info('seller_saved')).QUOTA, (await info('seller_saved')).MAXPOP], ['77', '2'])
  })

  test('an address of its own is one that nobody has, as long as there are any', async () => {
    await server.account('withip', undefined, { ip: 'y' })
    assert.equal((await summary('withip')).ip, '192.0.2.71')
    done(await server.call(admin, 'addpkg', { name: 'dedicated', ip: 'y' }))
    await server.account('alsoip', undefined, { plan: 'dedicated' })
    assert.equal((await summary('alsoip')).ip, '192.0.2.72')
    const none = 'The server has no free IP address for an account of its own.'
    await fails(admin, 'createacct', { username: 'noip', plan: 'dedicated' }, none)
    const taken = 'The IP address “192.0.2.71” cannot be given: another account has it.'
    await fails(admin, 'createacct', { username: 'noip', customip: '192.0.2.71' }, taken)
    const foreign = 'The IP address “198.51.100.1” cannot be given: the server does not have it.'
    await fails(admin, 'createacct', { username: 'noip', customip: '198.51.100.1' }, foreign)
    const chosen = 'Permission denied: only root may choose the IP address of an account.'
    await fails(seller, 'createacct', { username: 'noip', plan: 'gold', customip: '127.0.0.1' }, chosen)
  })
})

describe('editpkg', () => {
  test('what changes in the package changes in every account on it, and nothing else does', async () => {
    done(await server.call(admin, 'addpkg', { name: 'shared', quota: 100, maxpop: 5, maxsql: 5 }))
    await server.account('edited1', undefined, { plan: 'shared' })
    await server.account('edited2', undefined, { plan: 'shared', quota: 50, maxsql: 1, dkim: 1 })
    await server.account('unrelate', undefined, { plan: 'basic' })
    const before = await summary('unrelate')
    const mark = await trailMark(server)
    assertDone(await server.call(admin, 'editpkg', { name: 'shared', maxpop: 9, hasshell: 1 }), 'editpkg', {
      pkg: 'shared',
    })
    const [one, two] = [await summary('edited1'), await summary('edited2')]
    assert.deepEqual([one.disklimit, one.maxpop, one.maxsql, one.shell], ['100M', '9', '5', '/bin/bash'])
    assert.deepEqual([two.disklimit, two.maxpop, two.maxsql, two.shell], ['50M', '9', '1', '/bin/bash'])
    assert.deepEqual(await summary('unrelate'), before)
    done(await server.call(admin, 'editpkg', { name: 'shared', quota: 200, maxpop: 'unlimited', hasshell: 0 }))
    const after = await summary('edited2')
    assert.deepEqual(
      [after.disklimit, after.maxpop, after.maxsql, after.shell],
      ['200M', 'unlimited', '1', '/usr/sbin/nologin'],
    )
    const [entry] = await trailSince(server, mark)
    assert.deepEqual(entry?.details, { accounts_changed: 2 })
  })

  test('a package that does not exist is created; one that is not yours is neither seen nor changed', async () => {
    assertDone(await server.call(seller, 'editpkg', { name: 'fresh', quota: 3 }), 'editpkg', { pkg: 'seller_fresh' })
    const before = await info('basic')
    assertDone(await server.call(seller, 'editpkg', { name: 'basic', quota: 4 }), 'editpkg', { pkg: 'seller_basic' })
    done(await server.call(rival, 'editpkg', { name: 'seller_gold', quota: 5 }))
    assert.deepEqual(await info('basic'), before)
    assert.equal((await info('seller_gold')).QUOTA, '100')
    assert.equal((await info('rival_seller_gold')).QUOTA, '5')
  })

  test('the privileges of values hold, but not for what was there before', async () => {
    done(await server.call(admin, 'addpkg', { name: 'seller_wide', quota: 0, bwlimit: 0, hasshell: 1, maxaddon: 5 }))
    done(await server.call(seller, 'editpkg', { name: 'wide', maxpop: 6 }))
    await fails(seller, 'editpkg', { name: 'gold', quota: 0 }, refusal('allow-unlimited-disk-pkgs'))
    await fails(seller, 'editpkg', { name: 'gold', hasshell: 1 }, refusal('add-pkg-shell'))
    const before = state()
    assertDenied(await server.call(narrow, 'editpkg', { name: 'gold', quota: 1 }), 'editpkg', 'edit-pkg')
    assert.deepEqual(state(), before)
  })

  test('the package “default” can be edited, and goes back when it is removed', async () => {
    done(await server.call(admin, 'editpkg', { name: 'default', maxsub: 12 }))
    await server.account('ondeflt', undefined, {})
    assert.equal((await summary('ondeflt')).maxsub, '12')
    done(await server.call(admin, 'editpkg', { name: 'default', maxsub: 'unlimited' }))
    assert.equal((await summary('ondeflt')).maxsub, 'unlimited')
  })
})

describe('killpkg', () => {
  test('removes a package that nobody is on, and no other', async () => {
    const used = 'The package “shared” cannot be removed: accounts on it: 2.'
    await fails(admin, 'killpkg', { pkgname: 'shared' }, used)
    await fails(admin, 'killpkg', { pkgname: 'nosuch' }, 'The package “nosuch” does not exist.')
    await fails(seller, 'killpkg', { pkgname: 'basic_none' }, 'The package “basic_none” does not exist.')
    await fails(rival, 'killpkg', { pkgname: 'basic' }, 'The package “basic” does not exist.')
    assertDone(await server.call(seller, 'killpkg', { pkgname: 'fresh' }), 'killpkg', {})
    assert.ok(!(await names(seller)).includes('seller_fresh'))
    const before = state()
    assertDenied(await server.call(narrow, 'killpkg', { pkgname: 'size0' }), 'killpkg', 'add-pkg')
    assert.deepEqual(state(), before)
  })
})

describe('changepackage', () => {
  test('gives the account every value of the other package, and keeps what is its own', async () => {
    done(await server.call(admin, 'addpkg', { name: 'small', quota: 20, bwlimit: 30, maxpop: 1 }))
    await server.account('moved', undefined, { plan: 'full', quota: 9, maxsql: 8, dkim: 1, ip: 'n' })
    const reply = done(await server.call(admin, 'changepackage', { user: 'moved', pkg: 'small' }))
    assert.deepEqual(reply.json.data, {})
    assert.match(reply.json.metadata.output.raw, /^Changing Package to small\n/)
    const made = await summary('moved')
    assert.deepEqual([made.plan, made.disklimit, made.maxpop, made.maxsql], ['small', '20M', '1', 'unlimited'])
    const [row] = storedRows(server, "select limits from accounts where home = 'moved'")
    assert.deepEqual(row, { limits: '{"HASDKIM":"1","MAXADDON":"0","MAXPARK":"0","MAXPOP":"1"}' })
  })

  test('an address of its own comes and goes with the package', async () => {
    done(await server.call(admin, 'changepackage', { user: 'alsoip', pkg: 'small' }))
    assert.equal((await summary('alsoip')).ip, '127.0.0.1')
    done(await server.call(admin, 'changepackage', { user: 'moved', pkg: 'dedicated' }))
    assert.equal((await summary('moved')).ip, '192.0.2.72')
  })

  test('accounts and packages out of reach, a shell and a missing privilege are refused', async () => {
    await fails(seller, 'changepackage', { user: 'moved', pkg: 'gold' }, 'You have no account named “moved”.')
    await fails(seller, 'changepackage', { user: 'nowhere', pkg: 'full' }, 'The package “full” does not exist.')
    await fails(seller, 'changepackage', { user: 'nowhere', pkg: 'shell' }, refusal('allow-shell'))
    await fails(seller, 'changepackage', { user: 'nowhere' }, 'The argument “pkg” is required.')
    const before = state()
    const denied = await server.call(narrow, 'changepackage', { user: 'nowhere', pkg: 'gold' })
    assertDenied(denied, 'changepackage', 'upgrade-account')
    assert.deepEqual(state(), before)
    done(await server.call(seller, 'changepackage', { user: 'nowhere', pkg: 'blue' }))
    assert.equal((await summary('nowhere')).plan, 'seller_blue')
  })
})

test('the packages of a removed reseller are root’s', async () => {
  await server.account('leaver', [...SELLER, 'manage-api-tokens'])
  done(await server.call(await server.tokenOf('leaver', SELLER), 'addpkg', { name: 'left', quota: 1 }))
  done(await server.call(admin, 'removeacct', { username: 'leaver' }))
  assert.deepEqual(storedRows(server, "select owner_id from packages where name = 'leaver_left'"), [{ owner_id: null }])
})
