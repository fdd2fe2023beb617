/** Changing accounts and ending them: modifyacct, passwd, suspendacct, unsuspendacct, listsuspended, removeacct. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { done, type Reply, startTestServer, type TestServer } from '../start-server.ts'
import { assertDenied, assertDone, assertFailed } from './replies.ts'
import { accountState, homesOf, storedRows, trailMark, trailSince } from './stored.ts'

const STARTED = Date.parse('2026-11-23T12:00:00Z') / 1000
const PRIVILEGES = ['acct-summary', 'edit-account', 'passwd', 'suspend-acct', 'kill-acct', 'manage-api-tokens']

let server: TestServer
let narrow = ''
let seller = ''
before(async () => {
  server = await startTestServer({ wallMs: () => STARTED * 1000 })
  narrow = await server.rootToken(['basic-whm-functions'])
  await server.account('seller', PRIVILEGES)
  await server.account('rival', PRIVILEGES)
  await server.account('notmine', undefined, { owner: 'rival' })
  seller = await server.tokenOf('seller', PRIVILEGES)
})
after(() => server.close())

/** Runs a call that must fail, and proves that it changed nothing. */
async function fails(call: () => Promise<Reply>, command: string, reason: string): Promise<void> {
  const state = accountState(server)
  assertFailed(await call(), command, reason)
  assert.deepEqual(accountState(server), state)
}

/** Each of these functions, asked for what nobody may have from it. */
async function refusesAsEver(command: string, acl: string, args: Readonly<Record<string, string | number>>) {
  const [name = ''] = Object.keys(args)
  const { [name]: _, ...rest } = args
  await fails(() => server.root(command, rest), command, `The argument “${name}” is required.`)
  const missing = 'You have no account named “ghost”.'
  await fails(() => server.root(command, { ...args, [name]: 'ghost' }), command, missing)
  const foreign = missing.replace('ghost', 'notmine')
  await fails(() => server.call(seller, command, { ...args, [name]: 'notmine' }), command, foreign)
  const state = accountState(server)
  assertDenied(await server.call(narrow, command, { ...args, [name]: 'notmine' }), command, acl)
  assert.deepEqual(accountState(server), state)
}

const signsIn = async (user: string, password: string): Promise<boolean> => {
  const body = new URLSearchParams({ user, pass: password }).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return (await server.send('/login/?login_only=1', { method: 'POST', headers, body })).status === 200
}

const summary = async (user: string) => done(await server.root('accountsummary', { user })).json.data.acct[0]

describe('modifyacct', () => {
  test('changes what is given and keeps what is left out', async () => {
    await server.account('plain', undefined, { contactemail: 'a@example.com', maxpop: 5, maxftp: 7, quota: 100 })
    const mark = await trailMark(server)
    const change = { MAXPOP: 9, QUOTA: 'unlimited', LANG: 'de', CPTHEME: 'paper', HASCGI: 0 }
    assertDone(await server.root('modifyacct', { user: 'plain', ...change }), 'modifyacct', {})
    const after = await summary('plain')
    assert.equal(after.maxpop, '9')
    assert.equal(after.maxftp, '7')
    assert.equal(after.disklimit, 'unlimited')
    assert.equal(after.theme, 'paper')
    assert.equal(after.email, 'a@example.com')
    const [row] = storedRows(server, 'select locale, limits from accounts where domain = ?', 'plain.example.com')
    assert.deepEqual(row, { locale: 'de', limits: '{"MAXFTP":"7","MAXPOP":"9","HASCGI":"0"}' })
    const details = { changed: ['theme', 'locale', 'diskLimitMb', 'limits'] }
    const entry = { function: 'modifyacct', target: 'plain', outcome: 'done', reason: 'OK', details }
    assert.deepEqual(await trailSince(server, mark), [entry])
  })

  test('a rename keeps tokens, password and files, and frees the old name', async () => {
    await server.account('oldname', ['basic-whm-functions', 'manage-api-tokens'])
    const token = await server.tokenOf('oldname', ['basic-whm-functions'])
    writeFileSync(join(server.folder, 'home/oldname/public_html/index.html'), 'hello')
    done(await server.root('modifyacct', { user: 'oldname', newuser: 'NewName' }))
    const secret = token.slice('oldname:'.length)
    assert.equal((await server.call(`oldname:${secret}`, 'version')).status, 403)
    done(await server.call(`newname:${secret}`, 'version'))
    assert.ok(await signsIn('newname', 'pass-of-oldname-1'))
    assert.ok(!(await signsIn('oldname', 'pass-of-oldname-1')))
    assert.ok(existsSync(join(server.folder, 'home/newname/public_html/index.html')))
    assert.ok(!homesOf(server).includes('oldname'))
    await server.account('oldname', undefined, { domain: 'another.example.com' })
  })

  test('C5: of two renames to one name at once, one wins, and both accounts keep their files', async () => {
    for (const user of ['left', 'right']) {
      await server.account(user)
      writeFileSync(join(server.folder, 'home', user, 'public_html/of'), user)
    }
    const rename = (user: string) => server.root('modifyacct', { user, newuser: 'middle' })
    const replies = await Promise.all([rename('left'), rename('right')])
    const [left, right] = replies.map(({ json }) => json.metadata.result)
    assert.equal(left + right, 1)
    const [winner, loser] = left === 1 ? ['left', 'right'] : ['right', 'left']
    const fileIn = (home: string) => readFileSync(join(server.folder, 'home', home, 'public_html/of'), 'utf8')
    assert.deepEqual([fileIn('middle'), fileIn(loser ?? '')], [winner, loser])
  })

  test('a name or domain that is taken or bad is refused, and nothing changes', async () => {
    await server.account('stays')
    const modify = (args: object) => () => server.root('modifyacct', { user: 'stays', ...args })
    const taken = 'The username “rival” is not available: an account has it.'
    await fails(modify({ newuser: 'rival' }), 'modifyacct', taken)
    await fails(modify({ newuser: 'root' }), 'modifyacct', '“root” is a reserved username.')
    const domain = 'The domain “rival.example.com” is already in use on this server.'
    await fails(modify({ domain: 'rival.example.com', MAXPOP: 1 }), 'modifyacct', domain)
    const pop = 'is neither a whole number below 1000000000 nor “unlimited”.'
    await fails(modify({ MAXPOP: 'many' }), 'modifyacct', `The argument “MAXPOP” is not valid: “many” ${pop}`)
    await fails(modify({ owner: 'plain' }), 'modifyacct', 'There is no reseller named “plain”.')
    await refusesAsEver('modifyacct', 'edit-account', { user: 'notmine', MAXPOP: 1 })
  })

  test('a reseller changes neither owner nor backup, and gives no shell that it may not give', async () => {
    await server.account('shelled', undefined, { owner: 'seller' })
    const modify = (args: object) => () => server.call(seller, 'modifyacct', { user: 'shelled', ...args })
    const root = (what: string) => `Permission denied: only root may ${what}.`
    await fails(modify({ owner: 'rival' }), 'modifyacct', root('choose the owner of an account'))
    await fails(modify({ BACKUP: 1 }), 'modifyacct', root('choose which accounts are backed up'))
    const shell = 'You do not hold the privilege “allow-shell”, so you cannot give it.'
    for (const args of [{ HASSHELL: 1 }, { shell: '/bin/bash' }, { shell: 1 }, { shell: '/home/shelled/nologin' }])
      await fails(modify(args), 'modifyacct', shell)
    const differ = 'The arguments do not fit together: “HASSHELL” and “shell” differ.'
    await fails(modify({ HASSHELL: 0, shell: 'y' }), 'modifyacct', differ)
    for (const args of [{ HASSHELL: 0 }, { shell: 0 }, { shell: '' }, { shell: '/sbin/nologin' }])
      assertDone(await modify(args)(), 'modifyacct', {})
    assert.equal((await summary('shelled')).shell, '/sbin/nologin')
  })
})

describe('passwd', () => {
  test('sets the password letter for letter, ends sessions, keeps tokens, and the trail has no password', async () => {
    await server.account('signer', ['basic-whm-functions', 'manage-api-tokens'])
    const token = await server.tokenOf('signer', ['basic-whm-functions'])
    assert.ok(await signsIn('signer', 'pass-of-signer-1'))
    const mark = await trailMark(server)
    const password = 'p=a&s+s %41 “é”'
    assertDone(await server.root('passwd', { user: 'signer', password, db_pass_update: 1 }), 'passwd', {})
    const sessions = 'select digest from sessions join users on users.id = user_id where name = ?'
    assert.deepEqual(storedRows(server, sessions, 'signer'), [])
    assert.ok(!(await signsIn('signer', 'pass-of-signer-1')))
    assert.ok(await signsIn('signer', password))
    done(await server.call(token, 'version'))
    const [entry, ...rest] = await trailSince(server, mark)
    assert.deepEqual(entry, { function: 'passwd', target: 'signer', outcome: 'done', reason: 'OK', details: {} })
    assert.doesNotMatch(JSON.stringify(rest), /p=a&s/)
  })

  test('a password that cannot be one, or an account out of reach, is refused without quoting the password', async () => {
    const of = (password: string, problem: string) =>
      fails(
        () => server.root('passwd', { user: 'notmine', password }),
        'passwd',
        `The password is not accepted: it ${problem}.`,
      )
    await of('short-7', 'has fewer than 8 characters')
    await of('tab\tinside', 'holds a control character')
    const nul = 'The argument “password” is not valid: “(not shown)” holds a control character.'
    await fails(() => server.root('passwd', { user: 'notmine', password: 'nul\u0000inside' }), 'passwd', nul)
    await refusesAsEver('passwd', 'passwd', { user: 'notmine', password: 'long enough' })
  })

  test("a token sets root's password only when it holds everything", async () => {
    const token = await server.rootToken(['passwd'])
    const reason = 'Permission denied: only root may change the password of root, with every privilege.'
    const password = 'taken over 99'
    await fails(() => server.call(token, 'passwd', { user: 'root', password }), 'passwd', reason)
    await fails(() => server.call(seller, 'passwd', { user: 'root', password }), 'passwd', reason)
  })
})

describe('suspendacct, unsuspendacct and listsuspended', () => {
  test('a suspension blocks tokens and sign-in, and its end gives all back', async () => {
    await server.account('paused', ['basic-whm-functions', 'manage-api-tokens'])
    const token = await server.tokenOf('paused', ['basic-whm-functions', 'manage-api-tokens'])
    const mark = await trailMark(server)
    assertDone(await server.root('suspendacct', { user: 'paused', reason: 'late: “é” & #1' }), 'suspendacct', {})
    assert.equal((await server.call(token, 'version')).status, 403)
    assert.ok(!(await signsIn('paused', 'pass-of-paused-1')))
    await assert.rejects(server.tokenOf('paused', []), /403/)
    const { suspended, suspendreason, suspendtime, is_locked } = await summary('paused')
    assert.deepEqual([suspended, suspendreason, is_locked], [1, 'late: “é” & #1', 0])
    assert.ok(suspendtime >= STARTED && suspendtime < STARTED + 60)
    assertDone(await server.root('unsuspendacct', { user: 'paused' }), 'unsuspendacct', {})
    done(await server.call(token, 'version'))
    assert.deepEqual((await summary('paused')).suspendreason, 'not suspended')
    const seen = (await trailSince(server, mark)).map((entry) => `${entry.function} ${entry.outcome} ${entry.reason}`)
    for (const line of ['suspendacct done OK', 'version refused owner-suspended', 'unsuspendacct done OK'])
      assert.ok(seen.includes(line), line)
  })

  test('a locked suspension is undone by root alone', async () => {
    await server.account('locked', undefined, { owner: 'seller' })
    done(await server.root('suspendacct', { user: 'locked', reason: 'abuse', disallowun: 1 }))
    const reason = 'The suspension of “locked” is locked; only root may undo it.'
    await fails(() => server.call(seller, 'unsuspendacct', { user: 'locked' }), 'unsuspendacct', reason)
    const weaker = { user: 'locked', reason: 'mine', disallowun: 0 }
    await fails(() => server.call(seller, 'suspendacct', weaker), 'suspendacct', reason)
    done(await server.root('unsuspendacct', { user: 'locked' }))
    assert.equal((await summary('locked')).suspended, 0)
  })

  test('repeated calls are no failure, and keep the time of the first suspension', async () => {
    await server.account('twice')
    done(await server.root('suspendacct', { user: 'twice', reason: 'one' }))
    done(await server.root('suspendacct', { user: 'twice' }))
    assert.equal((await summary('twice')).suspendreason, 'one')
    done(await server.root('unsuspendacct', { user: 'twice' }))
    assertDone(await server.root('unsuspendacct', { user: 'twice' }), 'unsuspendacct', {})
  })

  test('bad parameters, strangers and foreign accounts are refused', async () => {
    await refusesAsEver('suspendacct', 'suspend-acct', { user: 'notmine' })
    await refusesAsEver('unsuspendacct', 'suspend-acct', { user: 'notmine' })
    const reason = 'The argument “disallowun” is not valid: “yes” is neither 1 nor 0.'
    await fails(() => server.root('suspendacct', { user: 'notmine', disallowun: 'yes' }), 'suspendacct', reason)
  })

  test('listsuspended shows reason, time and lock of the accounts in reach', async () => {
    await server.account('listed', undefined, { owner: 'seller' })
    done(await server.root('suspendacct', { user: 'listed', reason: 'unpaid', disallowun: 1 }))
    done(await server.root('suspendacct', { user: 'notmine', reason: 'other' }))
    const reply = await server.call(seller, 'listsuspended')
    const { unixtime, time } = reply.json.data.account[0]
    assert.ok(unixtime >= STARTED && unixtime < STARTED + 60)
    assert.equal(time, `Mon Nov 23 ${new Date(unixtime * 1000).toISOString().slice(11, 19)} 2026`)
    const listed = { is_locked: 1, owner: 'seller', reason: 'unpaid', time, unixtime, user: 'listed' }
    assertDone(reply, 'listsuspended', { account: [listed] })
    const all = done(await server.root('listsuspended')).json.data.account
    assert.deepEqual(
      all.map(({ user }: { user: string }) => user),
      ['listed', 'notmine'],
    )
    assertDenied(await server.call(narrow, 'listsuspended'), 'listsuspended', 'suspend-acct')
  })
})

describe('removeacct', () => {
  test('ends tokens and sessions, takes row and folder away, and frees name and domain', async () => {
    await server.account('doomed', ['basic-whm-functions', 'manage-api-tokens'])
    const token = await server.tokenOf('doomed', ['basic-whm-functions'])
    assert.ok(await signsIn('doomed', 'pass-of-doomed-1'))
    const mark = await trailMark(server)
    const reply = done(await server.root('removeacct', { username: 'doomed', keepdns: 0 }))
    assert.deepEqual(reply.json.data, {})
    assert.equal(reply.json.metadata.reason, 'doomed account removed')
    assert.match(reply.json.metadata.output.raw, /Ended API tokens: 1\n/)
    assert.equal((await server.call(token, 'version')).status, 403)
    assert.ok(!homesOf(server).includes('doomed'))
    assert.deepEqual(storedRows(server, 'select * from accounts where domain = ?', 'doomed.example.com'), [])
    const left = 'select revoke_reason from tokens join users on users.id = user_id where users.name = ?'
    assert.deepEqual(storedRows(server, left, 'doomed'), [{ revoke_reason: 'account-removed' }])
    const [entry] = await trailSince(server, mark)
    const details = { domain: 'doomed.example.com', tokens_revoked: 1, accounts_given_to_root: 0 }
    const reason = 'doomed account removed'
    assert.deepEqual(entry, { function: 'removeacct', target: 'doomed', outcome: 'done', reason, details })
    await server.account('doomed')
    assert.equal((await server.call(token, 'version')).status, 403)
  })

  test('the accounts of a removed reseller become those of root, with a warning', async () => {
    await server.account('leaving', ['create-acct'])
    await server.account('orphan', undefined, { owner: 'leaving' })
    const { metadata } = done(await server.root('removeacct', { user: 'leaving' })).json
    assert.deepEqual(metadata.output.warnings, ['root now owns the accounts that leaving owned: 1.'])
    assert.equal((await summary('orphan')).owner, 'root')
  })

  test('a missing, foreign or unknown account is refused, and the privilege is needed', async () => {
    await refusesAsEver('removeacct', 'kill-acct', { username: 'notmine' })
    const differ = 'The arguments do not fit together: “username” and “user” differ.'
    await fails(() => server.root('removeacct', { username: 'notmine', user: 'rival' }), 'removeacct', differ)
  })
})
