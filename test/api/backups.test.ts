/** Archives of accounts: made by the command and the function, listed by WHM's functions. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { after, before, test } from 'node:test'
import { extract } from 'tar'
import { run } from '../../src/cli/command.ts'
import { posternCommand } from '../../src/cli/postern.ts'
import { type Arguments, done, type Reply, startTestServer, type TestServer } from '../start-server.ts'
import { assertDenied, assertFailed } from './replies.ts'

let server: TestServer
let admin = ''
before(async () => {
  server = await startTestServer({
    wallMs: () => Date.parse('2026-11-25T23:30:00Z'),
    settings: { timezone: 'Europe/Berlin', cpanelListen: '127.0.0.1:0' },
  })
  admin = await server.rootToken(['all'])
  await server.account('alice', undefined, { contactemail: 'a@x.example' })
  await server.account('bob')
})
after(() => server.close())

const asRoot = (command: string, args: Arguments = {}): Promise<Reply> => server.call(admin, command, args)

/** Runs `postern` in this process; gives its status and what it printed. */
async function postern(...args: readonly string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const io = { stdin: new PassThrough(), stdout, stderr, env: {}, exitCode: 0 }
  const status = await run(posternCommand(io), [...args, '--data', server.folder], io)
  return { status, out: String(stdout.read() ?? ''), error: String(stderr.read() ?? '') }
}

test('before the first archive there is none, and the configuration says that nothing is made by itself', async () => {
  assert.deepEqual(done(await asRoot('backup_date_list')).json.data, { backup_set: [] })
  assert.deepEqual(done(await asRoot('backup_set_list')).json.data, { backup_set: {} })
  const { backup_config } = done(await asRoot('backup_config_get')).json.data
  assert.deepEqual([backup_config.backupenable, backup_config.backupdir], [0, join(server.folder, 'backups')])
})

test('the command writes the folder and the record, without password or token, and the trail has it', async () => {
  const token = await server.accountToken('alice')
  const sub = { domain: 'blog', rootdomain: 'alice.example.com' }
  assert.equal((await server.uapi(token, 'SubDomain::addsubdomain', sub)).json.status, 1)
  writeFileSync(join(server.folder, 'home/alice/public_html/index.html'), 'hello')
  const path = join(server.folder, 'backups/2026-11-26/alice.tar.gz')
  assert.deepEqual(await postern('backup-account', 'alice'), {
    status: 0,
    out: `The archive is in ${path}.\n`,
    error: '',
  })
  const out = mkdtempSync(join(tmpdir(), 'postern-extract-'))
  try {
    await extract({ file: path, cwd: out })
    assert.equal(readFileSync(join(out, 'alice/home/public_html/index.html'), 'utf8'), 'hello')
    const text = readFileSync(join(out, 'alice/account.json'), 'utf8')
    const { account, domains, format } = JSON.parse(text)
    assert.deepEqual([format, account.user, account.contactEmail, account.owner], [1, 'alice', 'a@x.example', 'root'])
    assert.deepEqual(
      domains.map(({ name }: { name: string }) => name),
      ['blog.alice.example.com'],
    )
    for (const secret of ['argon2', 'PSC', token.slice(token.indexOf(':') + 1)])
      assert.ok(!text.includes(secret), secret)
  } finally {
    rmSync(out, { recursive: true })
  }
  const [entry] = await server.audit({ function: 'postern_backup_account' })
  assert.deepEqual([entry.caller, entry.credential, entry.target, entry.details.path], ['root', 'local', 'alice', path])
})

test('archives are listed by day and by account, of the day in the zone of the server', async () => {
  const made = done(await asRoot('postern_backup_account', { user: 'bob' })).json.data
  assert.deepEqual(made, {
    user: 'bob',
    date: '2026-11-26',
    path: join(server.folder, 'backups/2026-11-26/bob.tar.gz'),
  })
  assert.deepEqual(done(await asRoot('backup_date_list')).json.data, { backup_set: ['2026-11-26'] })
  const has = async (user: string) => done(await asRoot('accountsummary', { user })).json.data.acct[0].has_backup
  await server.account('carol')
  assert.deepEqual([await has('bob'), await has('carol')], [1, 0])
  const listed = done(await asRoot('listaccts', { want: 'user,has_backup' })).json.data.acct
  assert.deepEqual(
    listed.find(({ user }: { user: string }) => user === 'bob'),
    { has_backup: 1, user: 'bob' },
  )
  const set = { backup_date: ['2026-11-26'] }
  assert.deepEqual(done(await asRoot('backup_set_list')).json.data, { backup_set: { alice: set, bob: set } })
})

test('an account that does not exist, and a missing privilege, make no archive', async () => {
  const { status, out, error } = await postern('backup-account', 'ghost')
  assert.deepEqual([status, out], [1, ''])
  assert.match(
    error,
    /^backup-account: error: You have no account named “ghost”\.\n|^postern: error: You have no account named “ghost”\.\n/,
  )
  assertFailed(await asRoot('postern_backup_account'), 'postern_backup_account', 'The argument “user” is required.')
  const narrow = await server.rootToken(['list-accts'])
  for (const command of ['postern_backup_account', 'backup_date_list', 'backup_set_list', 'backup_config_get'])
    assertDenied(await server.call(narrow, command, { user: 'alice' }), command, 'all')
  assert.deepEqual(done(await asRoot('backup_date_list')).json.data, { backup_set: ['2026-11-26'] })
})
