/** What Postern writes for mail servers, read by Debian's Dovecot and Postfix: people sign in, and mail arrives. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createTransport } from 'nodemailer'
import { type Arguments, makePlace, type Place, type Program, startProgram } from '../faults/program.ts'
import { until } from '../faults/wait.ts'
import { done, queryOf, sendTo } from '../start-server.ts'
import {
  asOwner,
  asRoot,
  type Dovecot,
  imap,
  type Owner,
  ownerOfMail,
  type Postfix,
  startDovecot,
  startPostfix,
} from './mail-servers.ts'

const PASSWORD = 'the box is locked 7'
const SOON_MS = 30_000
const WITHOUT_DOVECOT = !existsSync('/usr/sbin/dovecot') && 'install dovecot-core dovecot-imapd dovecot-lmtpd'
const WITHOUT_POSTFIX =
  WITHOUT_DOVECOT || (!existsSync('/usr/sbin/postfix') && 'install postfix') || (asRoot() === undefined && 'needs root')

let base = ''
let place: Place
let program: Program
let token = ''
let owner: Owner
let dovecot: Dovecot

before(async () => {
  if (WITHOUT_DOVECOT) return
  owner = ownerOfMail()
  base = await mkdtemp(join(tmpdir(), 'postern-mail-'))
  place = await makePlace({ base })
  for (const path of [base, join(base, 'root-password')]) await chown(path, owner.uid, owner.gid)
  // The code may lie where its user would not get to.
  program = await startProgram([...place.flags, '--cpanel-listen', '127.0.0.1:0'], {
    command: asOwner(owner, '+dac_override'),
  })
  done(await program.root('createacct', { username: 'anna', domain: 'anna.example', password: 'pass-of-anna-1' }))
  token = await program.rootToken('mail', ['cpanel-api'])
  dovecot = await startDovecot(join(base, 'dovecot'), place.data, owner)
})
after(async () => {
  await dovecot?.stop()
  await program?.end('SIGTERM')
  if (base !== '') await rm(base, { recursive: true, force: true })
})

/** As a mail script calls it, with a WHM token. */
async function email(name: string, args: Arguments): Promise<void> {
  const path = `/execute/Email/${name}?${queryOf({ 'cpanel.user': 'anna', ...args })}`
  const reply = await program.send(path, { headers: { authorization: `whm ${token}` } })
  assert.deepEqual([reply.json.status, reply.json.warnings], [1, null], reply.body)
}

type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string }

/** `examples/mailbox.sh`, as its readers run it. */
function runExample(env: Readonly<Record<string, string>>): Promise<Ran> {
  const file = join(import.meta.dirname, '../../examples/mailbox.sh')
  const CA = join(place.data, 'tls/cert.pem')
  const options = { env: { PATH: process.env.PATH ?? '', PASSWORD, CA, ...env }, timeout: 60_000 }
  return new Promise((ran) => {
    execFile('sh', [file], options, (error, stdout, stderr) => {
      ran({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr })
    })
  })
}

const cpanelUrl = (): string => /^cPanel service at (https:\S+)$/m.exec(program.stdout())?.[1] ?? 'none'

/** A token that the account makes for itself. */
async function accountToken(user: string): Promise<string> {
  const authorization = `Basic ${Buffer.from(`${user}:pass-of-${user}-1`).toString('base64')}`
  const path = '/execute/Tokens/create_full_access?name=mail-script'
  const { json } = await sendTo(cpanelUrl(), path, { headers: { authorization } })
  return `${user}:${json.data.token}`
}

const signsIn = async (user: string, password = PASSWORD): Promise<boolean> =>
  (await imap(dovecot.imapPort, user, password, 'NOOP')) !== undefined
/** Dovecot looks at a file once a second, and drops who is let in meanwhile where there is no mailbox any more. */
const untilSignsIn = (wanted: boolean, user: string, password = PASSWORD) =>
  until(
    async () => (await signsIn(user, password).catch(() => undefined)) === wanted,
    SOON_MS,
    `${user} ${wanted ? 'in' : 'out'}`,
  )
const messages = async (user: string, password = PASSWORD): Promise<number> => {
  const status = await imap(dovecot.imapPort, user, password, 'STATUS INBOX (MESSAGES)')
  return Number(/MESSAGES (\d+)/.exec(status ?? '')?.[1] ?? '-1')
}

describe('Dovecot', { skip: WITHOUT_DOVECOT }, () => {
  test('lets the new mailbox sign in, with its password alone, and knows its quota', async () => {
    await email('add_pop', { email: 'one+list.x', password: PASSWORD, quota: 5 })
    assert.equal(await signsIn('one+list.x@anna.example'), true)
    assert.equal(await signsIn('one+list.x@anna.example', 'the box is locked 8'), false)
    assert.equal(await signsIn('two@anna.example'), false)
    assert.equal(await signsIn('one+list.x@other.example'), false)
    const quota = await imap(dovecot.imapPort, 'one+list.x@anna.example', PASSWORD, 'GETQUOTAROOT INBOX')
    assert.match(quota ?? '', /\(STORAGE 0 5120\)/)
    await email('edit_pop_quota', { email: 'one+list.x', domain: 'anna.example', quota: 7 })
    await until(
      async () => /STORAGE +0 +7168/.test(await dovecot.doveadm('quota', 'get', '-u', 'one+list.x@anna.example')),
      SOON_MS,
      'the new quota',
    )
  })

  test('verifies the hashes that callers bring', async () => {
    const hashes = {
      bcrypt: '$2b$12$ieqAqX7hTfhmtfQ472IVWOoxmQGw5axZlJe8CJi.6AhdYqz7xPgXq',
      sha512:
        '$6$lwW/g2waKM1q7j4L$S0fPEYWx9mt6wde7q8IFPKQiaQh/bKG5eSkGD61HyaUVTMrNoBBz6ehPJkz/EcBFUQxL8Ptoh.UPpdFIb0XYI/',
      yescrypt: '$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X9Rth8XX8wO9m9qeM.N.DvaryideLmVzonr2S7IsLoB',
      argon2id:
        '{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$3Iugsbldamevq35nBUqg4g$9vNHaiMQtZAds2ruLUFWqnNAcqx2GJvecv5rZnansgY',
    }
    for (const [name, password_hash] of Object.entries(hashes)) {
      await email('add_pop', { email: name, password_hash })
      await untilSignsIn(true, `${name}@anna.example`, 'pw 1 test')
      assert.equal(await signsIn(`${name}@anna.example`, 'pw 2 test'), false, name)
    }
  })

  test('takes the changed password and refuses the one before, also of two changes within a second', async () => {
    await email('add_pop', { email: 'changing', password: PASSWORD })
    await untilSignsIn(true, 'changing@anna.example')
    await email('passwd_pop', { email: 'changing', password: 'another box key 8' })
    await signsIn('changing@anna.example', 'another box key 8')
    await email('passwd_pop', { email: 'changing', password: 'a third box key 99' })
    await untilSignsIn(true, 'changing@anna.example', 'a third box key 99')
    for (const password of [PASSWORD, 'another box key 8'])
      assert.equal(await signsIn('changing@anna.example', password), false, password)
  })

  test('keeps the suspended mailbox out, and every mailbox of a suspended account, until that ends', async () => {
    for (const name of ['kept', 'other']) await email('add_pop', { email: name, password: PASSWORD })
    const [kept, other] = ['kept@anna.example', 'other@anna.example']
    await untilSignsIn(true, kept)
    await email('suspend_login', { email: kept })
    await untilSignsIn(false, kept)
    assert.equal(await signsIn(other), true)
    done(await program.root('suspendacct', { user: 'anna' }))
    await untilSignsIn(false, other)
    done(await program.root('unsuspendacct', { user: 'anna' }))
    await untilSignsIn(true, other)
    assert.equal(await signsIn(kept), false)
    await email('unsuspend_login', { email: kept })
    await untilSignsIn(true, kept)
    await email('delete_pop', { email: kept })
    await untilSignsIn(false, kept)
  })

  test('examples/mailbox.sh makes a mailbox with an account’s token and with a WHM token, and is refused without feature or privilege', async () => {
    const own = { URL: cpanelUrl(), TOKEN: await accountToken('anna') }
    const made = (address: string, forward: string) => ({
      code: 0,
      stdout: `mailbox ${address} made\n${forward} forwards to it\n`,
      stderr: '',
    })
    assert.deepEqual(
      await runExample({ ...own, ADDRESS: 'sales@anna.example' }),
      made('sales@anna.example', 'info@anna.example'),
    )
    const again = await runExample({ ...own, ADDRESS: 'sales@anna.example' })
    assert.equal(again.stdout, 'mailbox sales@anna.example was there\ninfo@anna.example forwards to it\n')
    const fromWhm = { URL: program.url, TOKEN: token, ADDRESS: 'shop@anna.example', FORWARD: 'orders@anna.example' }
    assert.deepEqual(await runExample(fromWhm), made('shop@anna.example', 'orders@anna.example'))
    for (const user of ['sales', 'shop']) await untilSignsIn(true, `${user}@anna.example`)

    const assertRefused = (ran: Ran, why: RegExp) => {
      assert.deepEqual([ran.code, ran.stdout], [1, ''])
      assert.match(ran.stderr, why)
      assert.ok(!ran.stderr.includes(PASSWORD))
    }
    const other = await program.rootToken('other', ['list-accts'])
    assertRefused(await runExample({ ...fromWhm, TOKEN: other, ADDRESS: 'x@anna.example' }), /“cpanel-api”/)
    assertRefused(await runExample({ ...own, ADDRESS: 'x@other.example' }), /no account with the domain/)
    done(await program.root('create_featurelist', { featurelist: 'nomail', apitokens: 1, popaccts: 0 }))
    const bob = { username: 'bob', domain: 'bob.example', password: 'pass-of-bob-1', featurelist: 'nomail' }
    done(await program.root('createacct', bob))
    const without = { URL: cpanelUrl(), TOKEN: await accountToken('bob'), ADDRESS: 'x@bob.example' }
    assertRefused(await runExample(without), /do not have the feature “popaccts”/)
    assert.equal(existsSync(join(place.data, 'mail/passwd/bob.example')), false)
  })

  test('serves a renamed account under its new names, with the mail that it had', async () => {
    await email('add_pop', { email: 'moving', password: PASSWORD })
    await untilSignsIn(true, 'moving@anna.example')
    await dovecot.doveadm('mailbox', 'create', '-u', 'moving@anna.example', 'Kept')
    done(await program.root('modifyacct', { user: 'anna', newuser: 'annabel', domain: 'annabel.example' }))
    await untilSignsIn(true, 'moving@annabel.example')
    await untilSignsIn(false, 'moving@anna.example')
    const folders = await imap(dovecot.imapPort, 'moving@annabel.example', PASSWORD, 'LIST "" "*"')
    assert.match(folders ?? '', /Kept/)
    done(await program.root('modifyacct', { user: 'annabel', newuser: 'anna', domain: 'anna.example' }))
    await untilSignsIn(true, 'moving@anna.example')
  })
})

describe('Postfix', { skip: WITHOUT_POSTFIX }, () => {
  let postfix: Postfix
  before(async () => {
    await email('add_pop', { email: 'box', password: PASSWORD, quota: 2 })
    postfix = await startPostfix(place.data, dovecot.lmtpPort)
  })
  after(async () => {
    await postfix?.stop()
  })

  /** What the server says to it: undefined when the mail was taken. */
  const send = async (to: string, text = 'Hello.', from = 'somebody@far.example'): Promise<string | undefined> => {
    const transport = createTransport({ host: '127.0.0.1', port: postfix.port, secure: false, ignoreTLS: true })
    try {
      await transport.sendMail({ from, to, subject: 'A test', text })
      return undefined
    } catch (error) {
      if (error instanceof Error && 'response' in error) return String(error.response)
      throw error
    } finally {
      transport.close()
    }
  }
  const untilHas = (user: string, number: number) =>
    until(async () => (await messages(user)) === number, SOON_MS, `${number} messages of ${user}`)

  test('delivers to a mailbox and through a forwarder, and to nobody else', async () => {
    await email('add_pop', { email: 'second', password: PASSWORD })
    const all = 'box@anna.example,second@anna.example'
    await email('add_forwarder', { domain: 'anna.example', email: 'both', fwdopt: 'fwd', fwdemail: all })
    await postfix.makeTables()
    assert.equal(await send('box@anna.example', 'To the box.'), undefined)
    await untilHas('box@anna.example', 1)
    await until(async () => (await send('both@anna.example')) === undefined, SOON_MS, 'the new map')
    await untilHas('second@anna.example', 1)
    await untilHas('box@anna.example', 2)
    const text = await imap(dovecot.imapPort, 'box@anna.example', PASSWORD, 'FETCH 1 BODY[TEXT]', 'INBOX')
    assert.match(text ?? '', /FETCH/)
    assert.match((await send('nobody@anna.example')) ?? '', /^550 5\.1\.1 .*User unknown/)
    assert.match((await send('somebody@elsewhere.example')) ?? '', /^554 5\.7\.1 .*Relay access denied/)
  })

  test('delivers to what examples/mailbox.sh made, through its forwarder too', async () => {
    const before = await messages('sales@anna.example')
    assert.equal(await send('sales@anna.example'), undefined)
    assert.equal(await send('info@anna.example'), undefined)
    await untilHas('sales@anna.example', before + 2)
  })

  test('keeps a copy where a mailbox forwards, sends back with the text, and throws away', async () => {
    const domain = 'anna.example'
    await email('add_forwarder', { domain, email: 'second', fwdopt: 'fwd', fwdemail: 'box@anna.example' })
    await email('add_forwarder', { domain, email: 'gone', fwdopt: 'fail', failmsgs: 'Moved away' })
    await email('add_forwarder', { domain, email: 'nowhere', fwdopt: 'blackhole' })
    await postfix.again()
    await until(
      async () => /^550 5\.1\.1 .*Moved away/.test((await send('gone@anna.example')) ?? ''),
      SOON_MS,
      'the refusal with its text',
    )
    const [box, second] = [await messages('box@anna.example'), await messages('second@anna.example')]
    assert.equal(await send('nowhere@anna.example'), undefined)
    await until(
      async () => /to=<nowhere@anna\.example>.*status=sent/.test(await postfix.log()),
      SOON_MS,
      'the end of it',
    )
    assert.equal(await send('second@anna.example'), undefined)
    await untilHas('second@anna.example', second + 1)
    await untilHas('box@anna.example', box + 1)
  })

  test('sends mail for a mailbox whose incoming mail is suspended away for now, and takes none from one that may not send', async () => {
    const [second, box] = ['second@anna.example', 'box@anna.example']
    await email('suspend_incoming', { email: second })
    await email('suspend_outgoing', { email: box })
    await postfix.again()
    await until(async () => /^450 4\.2\.1 /.test((await send(second)) ?? ''), SOON_MS, 'the refusal')
    await until(
      async () => /^554 5\.7\.1 .*Sending is suspended/.test((await send(box, 'Hello.', box)) ?? ''),
      SOON_MS,
      'the refusal of the sender',
    )
    const before = await messages(second)
    await email('unsuspend_incoming', { email: second })
    await postfix.again()
    await until(async () => (await send(second)) === undefined, SOON_MS, 'mail that is taken again')
    await untilHas(second, before + 1)
  })

  test('leaves a mailbox at its quota', async () => {
    const before = await messages('box@anna.example')
    assert.equal(await send('box@anna.example', 'x'.repeat(72).concat('\n').repeat(40_000)), undefined)
    await until(
      async () => /to=<box@anna\.example>.*[Qq]uota/.test(await postfix.log()),
      SOON_MS,
      'the refusal by quota',
    )
    assert.equal(await messages('box@anna.example'), before)
  })
})
