/** Mailboxes and forwarders: UAPI's functions, and what the mail servers are told of each change. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { hostTaskStoreOn } from '../../src/storage/other-stores.ts'
import { type Arguments, done, type Reply, startTestServer, type TestServer } from '../start-server.ts'
import { storedRows, trailMark, trailSince } from './stored.ts'

const PASSWORD = 'the box is locked 7'

let server: TestServer
let admin = ''
let alice = ''
before(async () => {
  server = await startTestServer({ settings: { cpanelListen: '127.0.0.1:0' } })
  admin = await server.rootToken(['all'])
  await server.account('seller', ['cpanel-api', 'list-accts', 'manage-api-tokens'])
  await server.account('alice', undefined, { owner: 'seller' })
  await server.account('bob')
  alice = await server.accountToken('alice')
})
after(() => server.close())

type UapiName = `${string}::${string}`
const uapi = (name: UapiName, args: Arguments = {}): Promise<Reply> => server.uapi(alice, name, args)

/** The data of a call that must have succeeded. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
async function dataOf(reply: Promise<Reply>): Promise<any> {
  const { status, json, body } = await reply
  assert.deepEqual([status, json.status, json.errors, json.warnings], [200, 1, null, null], body)
  return json.data
}

async function assertRefused(reply: Promise<Reply>, error: RegExp): Promise<void> {
  const { status, json, body } = await reply
  assert.deepEqual([status, json.status, json.data], [200, 0, null], body)
  assert.match(json.errors.join(), error)
}

const addPop = (email: string, more: Arguments = {}) => uapi('Email::add_pop', { email, password: PASSWORD, ...more })
const file = (path: string): string | undefined => {
  const whole = join(server.folder, 'mail', path)
  return existsSync(whole) ? readFileSync(whole, 'utf8') : undefined
}
const passwd = (domain = 'alice.example.com'): string | undefined => file(`passwd/${domain}`)
const map = (name: string) => file(`postfix/${name}`) ?? ''
const inHome = (user: string, path: string) => join(server.folder, 'home', user, path)
const mailboxRows = (user: string) =>
  storedRows(
    server,
    `select local_part, m.domain from mailboxes m join accounts a using (user_id) where a.home = ? order by m.domain, local_part`,
    user,
  )

describe('Email::add_pop', () => {
  test('makes a mailbox with its Maildir, and tells the mail servers of it', async () => {
    const mark = await trailMark(server)
    assert.equal(await dataOf(addPop('anna', { quota: 250 })), 'anna+alice.example.com')
    assert.equal(await dataOf(addPop('Ben.C@Alice.example.com')), 'ben.c+alice.example.com')
    for (const part of ['cur', 'new', 'tmp']) {
      const folder = statSync(inHome('alice', `mail/alice.example.com/anna/${part}`))
      assert.deepEqual([folder.isDirectory(), folder.mode & 0o777], [true, 0o700])
    }
    const [anna, ben] = (passwd() ?? '').trimEnd().split('\n')
    const home = inHome('alice', 'mail/alice.example.com/anna')
    const owner = `${process.getuid?.()}:${process.getgid?.()}`
    assert.match(anna ?? '', /^anna@alice\.example\.com:\{ARGON2ID\}\$argon2id\$v=19\$m=19456,t=2,p=1\$[^:]+:/)
    assert.ok(anna?.endsWith(`:${owner}::${home}::userdb_quota_rule=*:storage=250M`), anna ?? 'none')
    assert.match(ben ?? '', /^ben\.c@alice\.example\.com:.*::$/)
    assert.equal(map('domains'), 'alice.example.com OK\n')
    assert.equal(map('mailboxes'), 'anna@alice.example.com OK\nben.c@alice.example.com OK\n')
    for (const path of ['', 'passwd', 'postfix'])
      assert.equal(statSync(join(server.folder, 'mail', path)).mode & 0o777, 0o700)
    assert.equal(statSync(join(server.folder, 'mail/passwd/alice.example.com')).mode & 0o777, 0o600)
    const [entry] = await trailSince(server, mark)
    assert.deepEqual(
      [entry?.function, entry?.target, entry?.outcome, entry?.details],
      ['Email::add_pop', 'anna', 'done', { mailbox: 'anna@alice.example.com', quota_mb: 250 }],
    )
  })

  test('takes a hash instead of a password, in the forms that Dovecot knows, and never both', async () => {
    const hash =
      '$6$lwW/g2waKM1q7j4L$S0fPEYWx9mt6wde7q8IFPKQiaQh/bKG5eSkGD61HyaUVTMrNoBBz6ehPJkz/EcBFUQxL8Ptoh.UPpdFIb0XYI/'
    const add = (more: Arguments) => uapi('Email::add_pop', { email: 'hashed', ...more })
    await assertRefused(add({ password_hash: hash, password: PASSWORD }), /not both/)
    await assertRefused(add({ password_hash: '{PLAIN}open sesame' }), /password_hash.*\(not shown\)/)
    await assertRefused(add({}), /“password” is required/)
    await dataOf(add({ password_hash: hash }))
    assert.ok(passwd()?.includes(`hashed@alice.example.com:{SHA512-CRYPT}${hash}:`))
    await dataOf(uapi('Email::delete_pop', { email: 'hashed' }))
  })

  test('send_welcome_email makes the mailbox and says that no message was sent', async () => {
    const { json } = await addPop('welcome', { send_welcome_email: 1 })
    assert.deepEqual([json.status, json.warnings.length], [1, 1])
    assert.match(json.warnings[0], /No welcome message was sent/)
    await dataOf(uapi('Email::delete_pop', { email: 'welcome', flags: 'passwd' }))
  })

  test('refuses names, domains and passwords that cannot be, and a mailbox that there is, and makes nothing', async () => {
    const before = [mailboxRows('alice'), passwd(), readdirSync(inHome('alice', 'mail/alice.example.com'))]
    await assertRefused(addPop('anna'), /“anna@alice.example.com” already/)
    await assertRefused(addPop('../../etc'), /“email” is not valid/)
    await assertRefused(addPop('cpanel'), /reserved/)
    await assertRefused(addPop('x', { domain: 'bob.example.com' }), /no account with the domain “bob.example.com”/)
    await assertRefused(addPop('x@nowhere.example'), /no account with the domain/)
    await assertRefused(addPop('x@bob.example.com', { domain: 'alice.example.com' }), /do not fit together/)
    await assertRefused(addPop('x', { password: 'short' }), /fewer than 8/)
    await assertRefused(addPop('monkeyman', { password: 'monkeyman-2026' }), /password is not accepted/)
    await assertRefused(addPop('x', { quota: '-1' }), /“quota” is not valid/)
    await assertRefused(uapi('Email::add_pop', { password: PASSWORD }), /“email” is required/)
    assert.deepEqual([mailboxRows('alice'), passwd(), readdirSync(inHome('alice', 'mail/alice.example.com'))], before)
  })

  test('makes no mailbox where the customer put a link in the place of a folder', async () => {
    await server.account('linker')
    const token = await server.accountToken('linker')
    rmSync(inHome('linker', 'mail'), { recursive: true })
    mkdirSync(join(server.folder, 'outside'))
    symlinkSync(join(server.folder, 'outside'), inHome('linker', 'mail'))
    await assertRefused(server.uapi(token, 'Email::add_pop', { email: 'x', password: PASSWORD }), /could not make/)
    assert.deepEqual([mailboxRows('linker'), readdirSync(join(server.folder, 'outside'))], [[], []])
  })

  test('holds to the number of mailboxes and their size that the account may have', async () => {
    await server.account('small', undefined, { maxpop: 1, max_emailacct_quota: 100 })
    const small = await server.accountToken('small')
    const add = (more: Arguments) => server.uapi(small, 'Email::add_pop', { email: 'a', password: PASSWORD, ...more })
    await assertRefused(add({ quota: 101 }), /largest mailbox in MB: 100/)
    await assertRefused(add({ quota: 0 }), /largest mailbox in MB: 100/)
    await assertRefused(add({ quota: 'unlimited' }), /largest mailbox in MB: 100/)
    await dataOf(add({}))
    assert.equal(await dataOf(server.uapi(small, 'Email::get_pop_quota', { email: 'a' })), 100)
    await assertRefused(add({ email: 'b' }), /limit of the account is reached: mailboxes: 1/)
    await assertRefused(
      server.uapi(small, 'Email::edit_pop_quota', { email: 'a', domain: 'small.example.com', quota: 0 }),
      /largest mailbox/,
    )
    assert.equal(mailboxRows('small').length, 1)
  })

  test('of two at once for the same mailbox one makes it', async () => {
    const replies = await Promise.all([1, 2, 3].map(() => addPop('race')))
    assert.deepEqual(replies.map(({ json }) => json.status).sort(), [0, 0, 1])
    assert.equal(passwd()?.match(/^race@/gm)?.length, 1)
    await dataOf(uapi('Email::delete_pop', { email: 'race' }))
  })

  test('is open only with the feature popaccts', async () => {
    done(
      await server.call(admin, 'create_featurelist', {
        featurelist: 'nomail',
        popaccts: 0,
        forwarders: 0,
        apitokens: 1,
      }),
    )
    await server.account('nomail', undefined, { featurelist: 'nomail' })
    const token = await server.accountToken('nomail')
    for (const name of ['add_pop', 'list_pops', 'suspend_login'] as const)
      await assertRefused(
        server.uapi(token, `Email::${name}`, { email: 'a', password: PASSWORD }),
        /do not have the feature “popaccts”/,
      )
    const forward = { domain: 'nomail.example.com', email: 'a', fwdopt: 'blackhole' }
    await assertRefused(server.uapi(token, 'Email::add_forwarder', forward), /do not have the feature “forwarders”/)
    assert.deepEqual(mailboxRows('nomail'), [])
  })
})

describe('passwords', () => {
  test('passwd_pop sets another one, and no trail, log or reply has either', async () => {
    const before = passwd()
    const changed = 'another box key 8'
    const reply = await uapi('Email::passwd_pop', { email: 'anna', domain: 'alice.example.com', password: changed })
    assert.equal(reply.json.status, 1, reply.body)
    assert.notEqual(passwd(), before)
    await assertRefused(uapi('Email::passwd_pop', { email: 'anna', password: 'short' }), /fewer than 8/)
    await assertRefused(
      uapi('Email::passwd_pop', { email: 'nobody', password: changed }),
      /no mailbox with the address/,
    )
    const said = JSON.stringify([await server.audit({ limit: 1000 }), server.logged, reply.body])
    for (const secret of [PASSWORD, changed, '$argon2id', '$6$']) assert.ok(!said.includes(secret), secret)
  })

  test('more hashes at once than the queue holds are turned away, and made are as many mailboxes as were answered so', async () => {
    await server.account('many')
    const token = await server.accountToken('many')
    const replies = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        server.uapi(token, 'Email::add_pop', { email: `box${n}`, password: PASSWORD }),
      ),
    )
    const made = replies.filter(({ json }) => json.status === 1)
    const busy = replies.filter(({ status }) => status === 503)
    assert.equal(made.length + busy.length, 60)
    assert.ok(made.length > 0)
    assert.equal(mailboxRows('many').length, made.length)
    assert.equal(passwd('many.example.com')?.trimEnd().split('\n').length, made.length)
    done(await server.call(admin, 'removeacct', { username: 'many' }))
    assert.equal(passwd('many.example.com'), undefined)
  })
})

describe('lists and quotas', () => {
  test('list_pops lists the account itself and its mailboxes, those alone that match', async () => {
    const main = { email: 'alice', login: 'Main Account', suspended_login: 0, suspended_incoming: 0 }
    const row = (email: string) => ({ email, login: email, suspended_login: 0, suspended_incoming: 0 })
    const both = [row('anna@alice.example.com'), row('ben.c@alice.example.com')]
    assert.deepEqual(await dataOf(uapi('Email::list_pops')), [main, ...both])
    assert.deepEqual(await dataOf(uapi('Email::list_pops', { skip_main: 1 })), both)
    assert.deepEqual(await dataOf(uapi('Email::list_pops', { regex: '^ben' })), [both[1]])
    assert.deepEqual(await dataOf(uapi('Email::list_pops', { regex: '/^ANNA/', no_validate: 1 })), [both[0]])
    await assertRefused(uapi('Email::list_pops', { regex: '(' }), /not a regular expression/)
  })

  test('R11: a hostile expression takes no long time', async () => {
    const started = performance.now()
    await dataOf(uapi('Email::list_pops', { regex: '(a+)+$' }))
    assert.ok(performance.now() - started < 1_000)
  })

  test('list_pops_with_disk tells what each holds and may hold, in the documented types', async () => {
    writeFileSync(inHome('alice', 'mail/alice.example.com/ben.c/new/1.M1.host'), Buffer.alloc(3 * 1024 ** 2, 1))
    await dataOf(uapi('Email::edit_pop_quota', { email: 'ben.c', domain: 'alice.example.com', quota: 12 }))
    const [ben, ...others] = await dataOf(uapi('Email::list_pops_with_disk', { email: 'ben.c', get_restrictions: 1 }))
    assert.deepEqual(others, [])
    const { _diskused, mtime, diskused, diskusedpercent_float, humandiskused, ...rest } = ben
    assert.ok(_diskused >= 3 * 1024 ** 2 && _diskused < 3.2 * 1024 ** 2, String(_diskused))
    assert.ok(Number.isInteger(mtime))
    assert.ok(diskused >= 3 && diskused < 3.2)
    assert.ok(diskusedpercent_float >= 25 && diskusedpercent_float < 27)
    assert.match(humandiskused, /^3(\.\d+)?\u00a0MB$/)
    assert.deepEqual(rest, {
      email: 'ben.c@alice.example.com',
      login: 'ben.c@alice.example.com',
      user: 'ben.c',
      domain: 'alice.example.com',
      _diskquota: 12 * 1024 ** 2,
      diskquota: 12,
      diskusedpercent: Math.floor(diskusedpercent_float),
      diskusedpercent20: 20,
      humandiskquota: '12\u00a0MB',
      txtdiskquota: 12,
      suspended_login: 0,
      suspended_incoming: 0,
      suspended_outgoing: 0,
      hold_outgoing: 0,
      has_suspended: 0,
    })
  })

  test('list_pops_with_disk picks by domain, name and expression, as many as are asked for, and can leave the disk alone', async () => {
    const emails = async (args: Arguments) =>
      (await dataOf(uapi('Email::list_pops_with_disk', args))).map(({ user }: { user: string }) => user)
    assert.deepEqual(await emails({}), ['anna', 'ben.c'])
    assert.deepEqual(await emails({ domain: 'alice.example.com', maxaccounts: 1 }), ['anna'])
    assert.deepEqual(await emails({ regex: '^[a-z.]+@' }), ['anna', 'ben.c'])
    assert.deepEqual(await emails({ email: 'anna@alice.example.com' }), ['anna'])
    await assertRefused(uapi('Email::list_pops_with_disk', { domain: 'bob.example.com' }), /no account with the domain/)
    const edit = { email: 'anna', domain: 'alice.example.com', quota: 'unlimited' }
    await dataOf(uapi('Email::edit_pop_quota', edit))
    const [anna] = await dataOf(uapi('Email::list_pops_with_disk', { email: 'anna', no_disk: 1, infinitylang: 1 }))
    assert.deepEqual(
      [anna._diskused, anna._diskquota, anna.diskquota, anna.txtdiskquota, anna.humandiskquota],
      [0, 0, '∞', 'unlimited', 'None'],
    )
  })

  test('edit_pop_quota changes the rule that Dovecot is told, and get_pop_quota tells it in MB or bytes', async () => {
    const edit = (quota: string | number) =>
      uapi('Email::edit_pop_quota', { email: 'anna@alice.example.com', domain: 'alice.example.com', quota })
    await dataOf(edit(77))
    assert.match(passwd() ?? '', /^anna@.*storage=77M$/m)
    assert.equal(await dataOf(uapi('Email::get_pop_quota', { email: 'anna' })), 77)
    assert.equal(await dataOf(uapi('Email::get_pop_quota', { email: 'anna', as_bytes: 1 })), 77 * 1024 ** 2)
    await dataOf(edit(0))
    assert.match(passwd() ?? '', /^anna@.*::$/m)
    assert.equal(await dataOf(uapi('Email::get_pop_quota', { email: 'anna', as_bytes: 1 })), 'unlimited')
    await assertRefused(uapi('Email::edit_pop_quota', { email: 'anna', quota: 1 }), /“domain” is required/)
    await assertRefused(uapi('Email::get_pop_quota', { email: 'nobody' }), /no mailbox with the address/)
  })

  test('list_pops_for and the stats bar count what there is', async () => {
    const seller = await server.tokenOf('seller', ['list-accts'])
    assert.deepEqual(done(await server.call(seller, 'list_pops_for', { user: 'alice' })).json.data, {
      pops: ['anna@alice.example.com', 'ben.c@alice.example.com'],
    })
    await dataOf(
      uapi('Email::add_forwarder', {
        domain: 'alice.example.com',
        email: 'counted',
        fwdopt: 'fwd',
        fwdemail: 'x@far.example',
      }),
    )
    const rows = await dataOf(uapi('StatsBar::get_stats', { display: 'emailaccounts|emailforwarders' }))
    const counts = rows.map(({ id, _count, _max }: Record<string, unknown>) => [id, _count, _max])
    assert.deepEqual(counts, [
      ['emailaccounts', '2', 'unlimited'],
      ['emailforwarders', '1', 'unlimited'],
    ])
    await dataOf(uapi('Email::delete_forwarder', { address: 'counted@alice.example.com', forwarder: 'x@far.example' }))
  })
})

describe('suspensions', () => {
  test('of a mailbox: sign-in, incoming and outgoing mail are taken and given back, and shown', async () => {
    const shown = async () => {
      const [anna] = await dataOf(uapi('Email::list_pops_with_disk', { email: 'anna', no_disk: 1 }))
      return [anna.suspended_login, anna.suspended_incoming, anna.suspended_outgoing, anna.has_suspended]
    }
    const email = 'anna@alice.example.com'
    for (const what of ['login', 'login', 'incoming', 'outgoing'] as const)
      await dataOf(uapi(`Email::suspend_${what}`, { email }))
    assert.deepEqual(await shown(), [1, 1, 1, 1])
    assert.match(passwd() ?? '', /^anna@alice\.example\.com:\{CRYPT\}!:.*nologin=y$/m)
    assert.equal(map('transports'), `${email} retry:4.2.1 The mailbox takes no mail at the moment\n`)
    assert.equal(map('senders'), `${email} REJECT Sending is suspended\n`)
    for (const what of ['incoming', 'outgoing', 'login', 'login'] as const)
      await dataOf(uapi(`Email::unsuspend_${what}`, { email }))
    assert.deepEqual(await shown(), [0, 0, 0, 0])
    assert.match(passwd() ?? '', /^anna@alice\.example\.com:\{ARGON2ID\}/m)
    assert.deepEqual([map('transports'), map('senders')], ['', ''])
  })

  test('of the account close every mailbox, and their end opens those that are not suspended themselves', async () => {
    await dataOf(uapi('Email::suspend_login', { email: 'ben.c@alice.example.com' }))
    done(await server.call(admin, 'suspendacct', { user: 'alice', reason: 'unpaid' }))
    assert.equal(passwd()?.match(/:\{CRYPT\}!:/g)?.length, 2)
    assert.equal(map('senders').match(/REJECT/g)?.length, 2)
    const into = { 'cpanel.user': 'alice', 'cpanel.module': 'Email', 'cpanel.function': 'list_pops', skip_main: 1 }
    const { uapi: listed } = done(await server.call(admin, 'uapi_cpanel', into)).json.data
    assert.deepEqual(
      listed.data.map((row: { suspended_login: number }) => row.suspended_login),
      [1, 1],
    )
    done(await server.call(admin, 'unsuspendacct', { user: 'alice' }))
    assert.match(passwd() ?? '', /^anna@alice\.example\.com:\{ARGON2ID\}.*\nben\.c@alice\.example\.com:\{CRYPT\}!:/)
    await dataOf(uapi('Email::unsuspend_login', { email: 'ben.c@alice.example.com' }))
  })

  test('modifyacct keeps every mailbox of the account from sending, and lets them again', async () => {
    done(await server.call(admin, 'modifyacct', { user: 'alice', OUTGOING_EMAIL_SUSPENDED: 1 }))
    assert.equal(map('senders').match(/REJECT/g)?.length, 2)
    const [anna] = await dataOf(uapi('Email::list_pops_with_disk', { email: 'anna', no_disk: 1 }))
    assert.deepEqual([anna.suspended_outgoing, anna.suspended_login, anna.has_suspended], [1, 0, 1])
    done(await server.call(admin, 'modifyacct', { user: 'alice', OUTGOING_EMAIL_SUSPENDED: 0 }))
    assert.equal(map('senders'), '')
  })
})

describe('forwarders', () => {
  const add = (email: string, more: Arguments) =>
    uapi('Email::add_forwarder', { domain: 'alice.example.com', email, ...more })
  const list = async (more: Arguments = {}) =>
    (await dataOf(uapi('Email::list_forwarders', { domain: 'alice.example.com', ...more }))) as readonly {
      readonly dest: string
      readonly forward: string
    }[]

  test('forward to several addresses, send back or throw away, and a mailbox keeps its mail', async () => {
    const made = await dataOf(add('info', { fwdopt: 'fwd', fwdemail: 'anna@alice.example.com, Bob@Far.example' }))
    const email = 'info@alice.example.com'
    const domain = 'alice.example.com'
    assert.deepEqual(made, [
      { domain, email, forward: 'anna@alice.example.com' },
      { domain, email, forward: 'Bob@far.example' },
    ])
    await dataOf(add('anna@alice.example.com', { fwdopt: 'fwd', fwdemail: 'copy@far.example' }))
    const failed = await dataOf(add('gone', { fwdopt: 'fail', failmsgs: 'Moved  to <x> & "y"' }))
    assert.equal(failed[0].forward, ':fail: Moved to <x> & "y"')
    await dataOf(add('nowhere', { fwdopt: 'blackhole' }))
    assert.equal(
      map('forwarders'),
      'anna@alice.example.com anna@alice.example.com, copy@far.example\n' +
        'info@alice.example.com anna@alice.example.com, Bob@far.example\n',
    )
    assert.equal(
      map('transports'),
      'gone@alice.example.com error:5.1.1 Moved to <x> & "y"\nnowhere@alice.example.com discard:silently\n',
    )
    assert.match(map('mailboxes'), /^gone@alice\.example\.com OK\nnowhere@alice\.example\.com OK$/m)
  })

  test('are listed with each destination, in every spelling, those alone that match', async () => {
    const [, gone] = await list({ regex: 'gone|copy' })
    assert.deepEqual(gone, {
      dest: 'gone@alice.example.com',
      forward: ':fail: Moved to <x> & "y"',
      html_dest: 'gone@alice.example.com',
      html_forward: ':fail: Moved to &lt;x&gt; &amp; &quot;y&quot;',
      uri_dest: 'gone%40alice.example.com',
      uri_forward: '%3Afail%3A%20Moved%20to%20%3Cx%3E%20%26%20%22y%22',
    })
    assert.deepEqual(
      (await list()).map(({ dest, forward }) => `${dest.split('@')[0]} ${forward}`),
      [
        'anna copy@far.example',
        'gone :fail: Moved to <x> & "y"',
        'info anna@alice.example.com',
        'info Bob@far.example',
        'nowhere :blackhole:',
      ],
    )
    await assertRefused(uapi('Email::list_forwarders'), /“domain” is required/)
    await assertRefused(uapi('Email::list_forwarders', { domain: 'bob.example.com' }), /no account with the domain/)
  })

  test('start no program, and take no destination that is none', async () => {
    const before = [await list(), map('forwarders'), map('transports')]
    const pipe = { fwdopt: 'pipe', pipefwd: '/home/alice/run.sh' }
    await assertRefused(add('x', pipe), /“pipe” is not served here: mail is never handed to programs/)
    await assertRefused(add('x', { fwdopt: 'system', fwdsystem: 'alice' }), /“system” is not served here/)
    for (const fwdemail of [
      '|/bin/sh',
      '/etc/passwd',
      'bob',
      'a@b@c',
      'x@far.example\ny@far.example',
      ':include:/etc/x',
    ])
      await assertRefused(add('x', { fwdopt: 'fwd', fwdemail }), /“fwdemail” is not valid/)
    await assertRefused(add('x', { fwdopt: 'fwd' }), /“fwdemail” is required/)
    await assertRefused(add('x', { fwdopt: 'fwd', fwdemail: ' , ' }), /“fwdemail” is required/)
    await assertRefused(add('x', { fwdopt: 'fwd', fwdemail: 'X@alice.example.com' }), /address that is to be forwarded/)
    await assertRefused(add('x', { fwdopt: 'other' }), /“fwdopt” is not valid/)
    await assertRefused(add('x y', { fwdopt: 'blackhole' }), /“email” is not valid/)
    await assertRefused(
      uapi('Email::add_forwarder', { domain: 'bob.example.com', email: 'x', fwdopt: 'blackhole' }),
      /no account with the domain/,
    )
    const many = Array.from({ length: 101 }, (_, n) => `a${n}@far.example`).join()
    await assertRefused(add('x', { fwdopt: 'fwd', fwdemail: many }), /more than the 100/)
    assert.deepEqual([await list(), map('forwarders'), map('transports')], before)
  })

  test('are the same after a second call, have at most a hundred destinations, and go one by one', async () => {
    const before = await list()
    await dataOf(add('info', { fwdopt: 'fwd', fwdemail: 'Bob@far.example' }))
    assert.deepEqual(await list(), before)
    const many = Array.from({ length: 99 }, (_, n) => `a${n}@far.example`).join()
    await assertRefused(add('info', { fwdopt: 'fwd', fwdemail: many }), /destinations of one address: 100/)
    const remove = (address: string, forwarder: string) => uapi('Email::delete_forwarder', { address, forwarder })
    await dataOf(remove('info@alice.example.com', 'bob@FAR.example'))
    await assertRefused(remove('info@alice.example.com', 'bob@far.example'), /is not forwarded to/)
    await assertRefused(remove('x@bob.example.com', 'bob@far.example'), /no account with the domain/)
    await dataOf(remove('gone@alice.example.com', ':fail: Moved to <x> & "y"'))
    await dataOf(remove('nowhere@alice.example.com', ':blackhole:'))
    await dataOf(remove('anna@alice.example.com', 'copy@far.example'))
    assert.equal(map('forwarders'), 'info@alice.example.com anna@alice.example.com\n')
    assert.equal(map('transports'), '')
  })
})

describe('Email::list_mail_domains', () => {
  test('lists the main domain first, with the spellings that are asked for, and marks the one that is named', async () => {
    await dataOf(uapi('SubDomain::addsubdomain', { domain: 'a', rootdomain: 'alice.example.com' }))
    assert.deepEqual(await dataOf(uapi('Email::list_mail_domains')), [
      { domain: 'alice.example.com' },
      { domain: 'a.alice.example.com' },
    ])
    assert.deepEqual(
      await dataOf(
        uapi('Email::list_mail_domains', { add_www: 1, include_wildcard: 1, select: 'a.alice.example.com' }),
      ),
      [
        { domain: 'alice.example.com' },
        { domain: 'www.alice.example.com' },
        { domain: '*.alice.example.com' },
        { domain: 'a.alice.example.com', select: 1 },
        { domain: 'www.a.alice.example.com' },
        { domain: '*.a.alice.example.com' },
      ],
    )
  })
})

describe('from WHM', () => {
  const execute = (credential: string, name: string, args: Arguments) =>
    server.send(`/execute/Email/${name}?${new URLSearchParams(args as Record<string, string>)}`, {
      headers: { authorization: `whm ${credential}` },
    })

  test('a token acts on the account whose domain is named, beside it or in the address', async () => {
    const seller = await server.tokenOf('seller', ['cpanel-api'])
    const made = { domain: 'alice.example.com', email: 'newuser', password: PASSWORD }
    assert.equal(await dataOf(execute(seller, 'add_pop', made)), 'newuser+alice.example.com')
    await dataOf(execute(seller, 'suspend_login', { email: 'newuser@alice.example.com' }))
    assert.match(passwd() ?? '', /^newuser@alice\.example\.com:\{CRYPT\}!:/m)
    await dataOf(execute(seller, 'delete_pop', { email: 'newuser@alice.example.com' }))
  })

  test('P8: for the account of another, a domain of another and none at all the answer is the same, and nothing is changed', async () => {
    const seller = await server.tokenOf('seller', ['cpanel-api'])
    const rows = storedRows(server, 'select * from mailboxes order by id')
    for (const domain of ['bob.example.com', 'nowhere.example.com'])
      await assertRefused(
        execute(seller, 'add_pop', { domain, email: 'x', password: PASSWORD }),
        new RegExp(`You have no account with the domain “${domain}”`),
      )
    // An account of one's own beside a domain of another.
    const both = { 'cpanel.user': 'alice', domain: 'bob.example.com', email: 'x', password: PASSWORD }
    await assertRefused(execute(seller, 'add_pop', both), /no account with the domain “bob.example.com”/)
    const narrow = await server.tokenOf('seller', ['list-accts'])
    const denied = await execute(narrow, 'add_pop', { domain: 'alice.example.com', email: 'x', password: PASSWORD })
    assert.equal(denied.status, 403)
    assert.deepEqual(storedRows(server, 'select * from mailboxes order by id'), rows)
  })

  test('a token that may only read lists mailboxes and makes none', async () => {
    const reader = await server.accountToken('alice', { readonly: 1 })
    await dataOf(server.uapi(reader, 'Email::list_pops'))
    const refused = await server.uapi(reader, 'Email::add_pop', { email: 'x', password: PASSWORD })
    assert.equal(refused.status, 403)
  })
})

describe('API 2', () => {
  const api2 = async (func: string, args: Arguments = {}) => {
    const call = { cpanel_jsonapi_module: 'Email', cpanel_jsonapi_func: func, cpanel_jsonapi_apiversion: 2, ...args }
    const path = `/json-api/cpanel?${new URLSearchParams(call as unknown as Record<string, string>)}`
    const { json } = await server.sendToCpanel(path, { headers: { authorization: `cpanel ${alice}` } })
    return json.cpanelresult
  }

  test('addpop, listpops and delpop do what UAPI does, and say OK and 1', async () => {
    const made = await api2('addpop', { domain: 'alice.example.com', email: 'old', password: PASSWORD, quota: 10 })
    assert.deepEqual([made.event.result, made.data, made.error], [1, [{ reason: 'OK', result: 1 }], undefined])
    assert.match(passwd() ?? '', /^old@alice\.example\.com:\{ARGON2ID\}.*storage=10M$/m)
    const login = 'old@alice.example.com'
    assert.deepEqual((await api2('listpops', { regex: 'old' })).data, [{ email: login, login }])
    assert.deepEqual((await api2('listpops')).data[0], { email: 'alice', login: 'Main Account' })
    const gone = await api2('delpop', { domain: 'alice.example.com', email: 'old' })
    assert.deepEqual([gone.event.result, gone.data], [1, [{ reason: 'OK', result: 1 }]])
    assert.doesNotMatch(passwd() ?? '', /^old@/m)
  })

  test('what fails says so in error and in the data, and changes nothing', async () => {
    for (const [func, args, error] of [
      ['addpop', { email: 'anna', password: PASSWORD }, /“anna@alice.example.com” already/],
      ['addpop', { email: 'x', password: 'short' }, /fewer than 8/],
      ['addpop', { email: 'x', domain: 'bob.example.com', password: PASSWORD }, /no account with the domain/],
      ['delpop', { email: 'nobody' }, /no mailbox with the address/],
    ] as const) {
      const { event, data, error: said } = await api2(func, args)
      assert.match(said, error)
      assert.deepEqual([event.result, data], [0, [{ reason: said, result: 0 }]])
    }
    assert.equal(mailboxRows('alice').length, 2)
  })

  test('listpopswithdisk lists as UAPI does, those near their quota alone if asked for', async () => {
    const { data } = await api2('listpopswithdisk', { domain: 'alice.example.com', no_validate: 1 })
    assert.deepEqual(data, await dataOf(uapi('Email::list_pops_with_disk')))
    assert.equal(data.length, 2)
    assert.deepEqual((await api2('listpopswithdisk', { nearquotaonly: 1 })).data, [])
    await dataOf(uapi('Email::edit_pop_quota', { email: 'ben.c', domain: 'alice.example.com', quota: 3 }))
    const near = (await api2('listpopswithdisk', { nearquotaonly: 1 })).data
    assert.deepEqual(
      near.map(({ user }: { user: string }) => user),
      ['ben.c'],
    )
  })
})

describe('removing a mailbox', () => {
  test('puts its mail away, or leaves it for a next mailbox of that name', async () => {
    const message = (path = '') => inHome('alice', `mail/alice.example.com/temp/new/${path}`)
    await dataOf(addPop('temp'))
    writeFileSync(message('one'), 'first')
    await dataOf(uapi('Email::delete_pop', { email: 'temp', flags: 'passwd' }))
    assert.ok(!passwd()?.includes('temp@'))
    assert.ok(existsSync(message('one')))
    await dataOf(addPop('temp'))
    assert.ok(existsSync(message('one')))
    await dataOf(uapi('Email::delete_pop', { email: 'temp', domain: 'alice.example.com', skip_quota: 1 }))
    assert.ok(!existsSync(inHome('alice', 'mail/alice.example.com/temp')))
    const away = readdirSync(inHome('alice', 'mail/.removed')).filter((name) =>
      /^temp@alice\.example\.com-\d+-[0-9a-f]{8}$/.test(name),
    )
    assert.equal(away.length, 1)
    assert.equal(readFileSync(inHome('alice', `mail/.removed/${away[0]}/new/one`), 'utf8'), 'first')
    await dataOf(addPop('temp'))
    assert.deepEqual(readdirSync(message()), [])
    await dataOf(uapi('Email::delete_pop', { email: 'temp' }))
    await assertRefused(uapi('Email::delete_pop', { email: 'temp' }), /no mailbox with the address/)
  })

  test('with a long name puts its mail away under a shorter one, and leaves nothing to be done', async () => {
    const domain = `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(40)}.alice.example.com`
    const name = 'n'.repeat(64)
    const long = domain.replace(/\.alice\.example\.com$/, '')
    await dataOf(
      uapi('SubDomain::addsubdomain', { domain: long, rootdomain: 'alice.example.com', dir: 'public_html/long' }),
    )
    await dataOf(addPop(name, { domain }))
    await dataOf(uapi('Email::delete_pop', { email: name, domain }))
    const away = readdirSync(inHome('alice', 'mail/.removed')).find((found) => found.startsWith(name)) ?? ''
    assert.match(away, /^n{64}@a{60}\.b{60}\.c+-\d+-[0-9a-f]{8}$/)
    assert.deepEqual(storedRows(server, 'select kind from host_tasks'), [])
  })

  test('of the last one of a domain takes the password file and the domain away', async () => {
    await dataOf(addPop('x', { domain: 'a.alice.example.com' }))
    assert.ok(passwd('a.alice.example.com')?.startsWith('x@a.alice.example.com:'))
    assert.match(map('domains'), /^a\.alice\.example\.com OK$/m)
    await dataOf(uapi('Email::delete_pop', { email: 'x', domain: 'a.alice.example.com' }))
    assert.equal(passwd('a.alice.example.com'), undefined)
    assert.doesNotMatch(map('domains'), /^a\.alice/m)
  })
})

test('an account has at most a thousand forwarders, and what it has already counts once', async () => {
  await server.account('fwd')
  const fwd = await server.accountToken('fwd')
  const add = (email: string, count: number) =>
    server.uapi(fwd, 'Email::add_forwarder', {
      email,
      domain: 'fwd.example.com',
      fwdopt: 'fwd',
      fwdemail: Array.from({ length: count }, (_, index) => `to${index}@far.example`).join(),
    })
  for (let index = 0; index < 9; index += 1) await dataOf(add(`from${index}`, 100))
  await dataOf(add('last', 99))
  await assertRefused(add('more', 2), /The limit of the account is reached: forwarders: 1000\./)
  await dataOf(add('more', 1))
  await dataOf(add('from0', 100))
  await assertRefused(add('another', 1), /forwarders: 1000/)
  done(await server.call(admin, 'removeacct', { username: 'fwd' }))
})

describe('the life of the account', () => {
  test('a new name and a new main domain take mail, addresses and what is forwarded to them along', async () => {
    await server.account('carl')
    const carl = await server.accountToken('carl')
    const call = (name: UapiName, args: Arguments = {}) => dataOf(server.uapi(carl, name, args))
    await call('SubDomain::addsubdomain', { domain: 'shop', rootdomain: 'carl.example.com' })
    await call('Email::add_pop', { email: 'one', password: PASSWORD })
    await call('Email::add_pop', { email: 'two', password: PASSWORD, domain: 'shop.carl.example.com' })
    const forward = { fwdopt: 'fwd', fwdemail: 'one@carl.example.com,x@far.example', domain: 'carl.example.com' }
    await call('Email::add_forwarder', { email: 'info', ...forward })
    writeFileSync(inHome('carl', 'mail/carl.example.com/one/new/m'), 'hello')
    done(await server.call(admin, 'modifyacct', { user: 'carl', newuser: 'carla', domain: 'carla.example.org' }))
    assert.equal(readFileSync(inHome('carla', 'mail/carla.example.org/one/new/m'), 'utf8'), 'hello')
    assert.ok(existsSync(inHome('carla', 'mail/shop.carla.example.org/two/cur')))
    assert.deepEqual(
      ['carl.example.com', 'shop.carl.example.com'].map((domain) => passwd(domain)),
      [undefined, undefined],
    )
    const home = inHome('carla', 'mail/carla.example.org/one')
    assert.match(passwd('carla.example.org') ?? '', new RegExp(`^one@carla\\.example\\.org:.*::${home}::$`, 'm'))
    assert.match(passwd('shop.carla.example.org') ?? '', /^two@shop\.carla\.example\.org:/)
    assert.match(map('forwarders'), /^info@carla\.example\.org one@carla\.example\.org, x@far\.example$/m)
    assert.ok(!JSON.stringify([map('domains'), map('mailboxes')]).includes('carl.example.com'))
  })

  test('a folder that waits where the mail of a renamed domain goes is put out of the way', async () => {
    mkdirSync(inHome('carla', 'mail/carlo.example.net'))
    writeFileSync(inHome('carla', 'mail/carlo.example.net/old'), 'old')
    done(await server.call(admin, 'modifyacct', { user: 'carla', domain: 'carlo.example.net' }))
    assert.ok(existsSync(inHome('carla', 'mail/carlo.example.net/one/new/m')))
    const [away = ''] = readdirSync(inHome('carla', 'mail/.removed'))
    assert.equal(readFileSync(inHome('carla', `mail/.removed/${away}/old`), 'utf8'), 'old')
  })

  test('a new main domain under which a subdomain or an address would be too long is refused, and nothing is changed', async () => {
    await server.account('evan')
    const evan = await server.accountToken('evan')
    const below = ['a', 'b', 'c'].map((letter) => letter.repeat(60)).join('.')
    const subdomain = { domain: below, rootdomain: 'evan.example.com' }
    await dataOf(server.uapi(evan, 'SubDomain::addsubdomain', subdomain))
    const box = { email: 'one', domain: `${below}.evan.example.com` }
    await dataOf(server.uapi(evan, 'Email::add_pop', { ...box, password: PASSWORD }))
    done(await server.call(admin, 'killdns', { domain: 'evan.example.com' }))
    const everything = () =>
      ['accounts', 'domains', 'mailboxes', 'host_tasks'].map((table) => storedRows(server, `select * from ${table}`))
    const before = everything()
    const refused = async (domain: string, reason: RegExp) => {
      const { metadata } = (await server.call(admin, 'modifyacct', { user: 'evan', domain })).json
      assert.equal(metadata.result, 0)
      assert.match(metadata.reason, reason)
      assert.deepEqual(everything(), before)
    }
    await refused(`${'x'.repeat(60)}.${'y'.repeat(60)}`, /The argument “domain” is not valid: .* is longer than 253/)
    const long = `${'x'.repeat(50)}.example`
    await refused(long, /The argument “domain” is not valid: .* is too long for the address one@aaa/)
    // It is the mail that has not enough room.
    await dataOf(server.uapi(evan, 'Email::delete_pop', box))
    done(await server.call(admin, 'modifyacct', { user: 'evan', domain: long }))
    done(await server.call(admin, 'removeacct', { username: 'evan' }))
    assert.deepEqual(storedRows(server, 'select kind from host_tasks'), [])
  })

  test('an archive of the account holds its mail and says which mailboxes and forwarders it has, without hashes', async () => {
    const { path } = done(await server.call(admin, 'postern_backup_account', { user: 'carla' })).json.data
    const { execFileSync } = await import('node:child_process')
    const record = JSON.parse(execFileSync('tar', ['xzOf', path, 'carla/account.json'], { encoding: 'utf8' }))
    assert.deepEqual(
      record.mailboxes.map(({ domain, localPart }: Record<string, string>) => `${localPart}@${domain}`),
      ['one@carlo.example.net', 'two@shop.carlo.example.net'],
    )
    assert.equal(record.forwarders.length, 2)
    assert.ok(!JSON.stringify(record).includes('argon2id'))
  })

  test('its removal ends mailboxes and forwarders at once, and a next account of that name has none', async () => {
    done(await server.call(admin, 'removeacct', { username: 'carla' }))
    assert.equal(passwd('carlo.example.net'), undefined)
    assert.ok(!map('domains').includes('carlo.example.net'))
    assert.deepEqual(storedRows(server, "select 1 from forwarders where domain like 'carl%'"), [])
    await server.account('carla')
    assert.deepEqual(mailboxRows('carla'), [])
  })

  test('terminatereseller ends the mail of all accounts, and suspendreseller closes it', async () => {
    done(await server.call(admin, 'suspendreseller', { user: 'seller' }))
    assert.equal(passwd()?.match(/:\{CRYPT\}!:/g)?.length, 2)
    done(await server.call(admin, 'unsuspendreseller', { user: 'seller' }))
    assert.equal(passwd()?.match(/:\{CRYPT\}!:/g), null)
    done(await server.call(admin, 'terminatereseller', { user: 'seller' }))
    assert.equal(passwd(), undefined)
  })
})

/** A server of its own with the account `dora`, and the same started again. */
async function withDora(
  work: (first: TestServer, dora: string, again: () => Promise<TestServer>) => Promise<void>,
): Promise<void> {
  const settings = { cpanelListen: '127.0.0.1:0' }
  const first = await startTestServer({ settings })
  const started = [first]
  try {
    await first.account('dora')
    await work(first, await first.accountToken('dora'), async () => {
      await first.stop()
      const second = await startTestServer({ folder: dirname(first.folder), settings })
      started.unshift(second)
      return second
    })
  } finally {
    for (const one of started) await one.close()
  }
}

test('a start writes what is missing, and tells that it did', () =>
  withDora(async (first, dora, again) => {
    await dataOf(first.uapi(dora, 'Email::add_pop', { email: 'one', password: PASSWORD }))
    const path = join(first.folder, 'mail/passwd/dora.example.com')
    const before = readFileSync(path, 'utf8')
    await first.stop()
    rmSync(join(first.folder, 'mail'), { recursive: true })
    rmSync(join(first.folder, 'home/dora/mail'), { recursive: true })
    const second = await again()
    assert.equal(readFileSync(path, 'utf8'), before)
    assert.deepEqual(readdirSync(join(first.folder, 'home/dora/mail/dora.example.com/one')), ['cur', 'new', 'tmp'])
    const told = 'files of mail servers were brought in line with the database'
    assert.ok(second.logged.some(({ message }) => message === told))
  }))

test('while the folder of one account waits for earlier work, all others and their files are brought in line', () =>
  withDora(async (first, dora, again) => {
    await dataOf(first.uapi(dora, 'Email::add_pop', { email: 'one', password: PASSWORD }))
    await first.account('stuck')
    const stuck = await first.accountToken('stuck')
    await dataOf(first.uapi(stuck, 'Email::add_pop', { email: 'one', password: PASSWORD }))
    // A task that can never succeed.
    mkdirSync(join(first.folder, 'home/stuck/mail/from.example'))
    const to = `${'t'.repeat(60)}.`.repeat(5)
    await first.server.runtime.storage.write((trx) =>
      hostTaskStoreOn(trx).add(
        { kind: 'move-mail', home: 'stuck', from: 'from.example', to: `${to}example` },
        new Date(0),
      ),
    )
    await first.stop()
    for (const path of ['mail', 'home/dora', 'zones']) rmSync(join(first.folder, path), { recursive: true })
    rmSync(join(first.folder, 'home/stuck/mail/stuck.example.com'), { recursive: true })
    const second = await again()
    assert.deepEqual(storedRows(second, 'select kind from host_tasks'), [{ kind: 'move-mail' }])
    for (const path of [
      'mail/passwd/dora.example.com',
      'mail/passwd/stuck.example.com',
      'home/dora/mail/dora.example.com/one/cur',
      'zones/dora.example.com.db',
      'home/stuck/mail/from.example',
    ])
      assert.ok(existsSync(join(first.folder, path)), path)
    assert.ok(!existsSync(join(first.folder, 'home/stuck/mail/stuck.example.com')))
  }))

test('what cannot be written now is told in a warning, and written at the next start', () =>
  withDora(async (first, dora, again) => {
    writeFileSync(join(first.folder, 'mail'), 'in the way')
    const { json } = await first.uapi(dora, 'Email::add_pop', { email: 'one', password: PASSWORD })
    assert.deepEqual([json.status, json.data], [1, 'one+dora.example.com'])
    assert.match(json.warnings.join(), /not carried out “write-mail” yet; it will be tried again/)
    await first.stop()
    rmSync(join(first.folder, 'mail'))
    const second = await again()
    assert.match(readFileSync(join(first.folder, 'mail/passwd/dora.example.com'), 'utf8'), /^one@dora\.example\.com:/)
    assert.deepEqual(storedRows(second, 'select kind from host_tasks'), [])
  }))
