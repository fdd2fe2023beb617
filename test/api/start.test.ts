/** The start of the real program: what it needs, what it prints, what scripts rely on, and what it refuses. */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, test } from 'node:test'
import { launch, runProgram } from '../faults/program.ts'
import { sendTo } from '../start-server.ts'

type Program = ReturnType<typeof launch>
type Options = Parameters<typeof launch>[1]

let base = ''
let data = ''
let running: Program[] = []

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'postern-start-'))
  data = join(base, 'data')
})
afterEach(async () => {
  for (const { child } of running) child.kill('SIGKILL')
  await Promise.all(running.map(({ ended }) => ended))
  running = []
  rmSync(base, { recursive: true, force: true })
})

function start(args: readonly string[] = [], options: Options = {}): Program {
  return run(['--data', data, '--listen', '127.0.0.1:0', ...args], options)
}

function run(flags: readonly string[], options: Options): Program {
  const program = launch(flags, options)
  running = [...running, program]
  return program
}

async function stop(program: Program): Promise<void> {
  program.child.kill('SIGTERM')
  assert.equal(await program.ended, 0)
}

const basic = (password: string) => ({ authorization: `Basic ${Buffer.from(`root:${password}`).toString('base64')}` })

async function assertPassword(url: string, password: string, status = 200): Promise<void> {
  const reply = await sendTo(url, '/json-api/version?api.version=1', { headers: basic(password) })
  assert.equal(reply.status, status)
}

function passwordIn(text: string): string {
  const found = /^Password of root, shown this once: (\S{20,})$/m.exec(text)?.[1]
  assert.ok(found, text)
  return found
}

/** Exit status other than 0, one clear line and a hint, no stack, and never the ready line. */
function assertRefused(result: Awaited<ReturnType<typeof runProgram>>, error: RegExp): void {
  assert.ok(!/^ready /m.test(result.stdout), 'it started')
  assert.ok(typeof result.status === 'number' && result.status !== 0, String(result.status))
  assert.match(result.stderr, error)
  assert.match(result.stderr, /^postern: error: \S/m)
  assert.ok(!/\n\s+at /.test(result.stderr), result.stderr)
}

/** A start that must not succeed; one that does is ended, and shows its ready line. */
async function refusedStart(args: readonly string[] = [], options: Options = {}) {
  const program = start(args, options)
  program.ready.then(() => program.child.kill('SIGKILL')).catch(() => {})
  return { status: await program.ended, ...program.heard }
}

test('the first start makes everything, prints the password once, and is ready when it says so', async () => {
  const program = run([], { env: { POSTERN_DATA: data, POSTERN_LISTEN: '127.0.0.1:0' } })
  const url = await program.ready
  assert.match(url, /^https:\/\/127\.0\.0\.1:\d+$/)
  const password = passwordIn(program.heard.stdout)
  assert.equal(program.heard.stdout.match(/^ready /gm)?.length, 1)
  assert.match(program.heard.stdout, new RegExp(`curl -k -u root '${url}/json-api/api_token_create\\?`))
  await assertPassword(url, password)
  await assertPassword(url, `${password}x`, 403)
  const health = await sendTo(url, '/healthz')
  assert.deepEqual([health.status, health.json], [200, { status: 'ok' }])
  for (const [file, mode] of [
    ['.', 0o700],
    ['postern.db', 0o600],
    ['pepper', 0o600],
    ['postern.sock', 0o600],
    ['tls/key.pem', 0o600],
  ] as const)
    assert.equal(statSync(join(data, file)).mode & 0o777, mode, file)
  await stop(program)
  assert.ok(!existsSync(join(data, 'postern.sock')))

  const second = start()
  await assertPassword(await second.ready, password)
  assert.ok(!second.heard.stdout.includes('Password of root'))
  await stop(second)
})

test('the self-signed certificate names localhost, 127.0.0.1, ::1 and the host', async () => {
  const program = start()
  await program.ready
  const certificate = new X509Certificate(readFileSync(join(data, 'tls/cert.pem')))
  for (const address of ['127.0.0.1', '::1']) assert.equal(certificate.checkIP(address), address)
  for (const name of ['localhost', hostname()]) assert.ok(certificate.checkHost(name), name)
  assert.ok(program.heard.stdout.includes(certificate.fingerprint256))
  await stop(program)
})

test('passwd reads one line from standard input, with a running server and without', async () => {
  const program = start()
  const url = await program.ready
  const first = passwordIn(program.heard.stdout)
  const passwd = (input: string) => runProgram('postern', ['passwd', 'root', '--data', data], input)
  assert.equal((await passwd('the second gate is 2\nnot this line\n')).status, 0)
  await assertPassword(url, 'the second gate is 2')
  await assertPassword(url, first, 403)
  assert.notEqual((await passwd('\n')).status, 0)
  await stop(program)
  assert.equal((await passwd('the third gate is 33')).status, 0)
  const second = start()
  await assertPassword(await second.ready, 'the third gate is 33')
  await stop(second)
})

test('whmapi1 calls as root through the socket; its exit status is 0 only when the function did what was asked', async () => {
  const program = start(['--cpanel-listen', '127.0.0.1:0'])
  await program.ready
  const whmapi1 = (...args: string[]) => runProgram('whmapi1', ['--data', data, ...args])
  const yaml = await whmapi1('version')
  assert.deepEqual([yaml.status, yaml.stderr], [0, ''])
  assert.match(yaml.stdout, /^---\ndata:\n {2}version: /)
  const json = await whmapi1('--output=json', 'api_token_create', 'token_name=made-here', 'acl=list-accts', 'acl=all')
  assert.equal(json.status, 0)
  assert.match(JSON.parse(json.stdout).data.token, /^PSW[0-9A-Z]{29}$/)
  const again = await whmapi1('--output=json', 'api_token_create', 'token_name=made-here')
  assert.deepEqual([again.status, JSON.parse(again.stdout).metadata.result], [1, 0])
  const unknown = await whmapi1('--output=json', 'no_such_function')
  assert.deepEqual([unknown.status, JSON.parse(unknown.stdout).metadata.result], [1, 0])
  assert.equal((await whmapi1()).status, 2)
  assert.equal((await whmapi1('--output=nonsense', 'version')).status, 2)
  const nobody = await whmapi1('--user=nobody-here', 'version')
  assert.deepEqual([nobody.status === 0, nobody.stdout], [false, ''])
  await stop(program)
  const gone = await whmapi1('version')
  assert.deepEqual([gone.status, gone.stdout], [1, ''])
  assert.match(gone.stderr, /^whmapi1: error: no server runs on .*\nwhmapi1: hint: start it with: postern serve/)
})

test('B2: a port that is taken stops the start with a clear line; the password of a first start is not lost', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  // Listening on a port, so the address is an object.
  const listen = `127.0.0.1:${(other.address() as AddressInfo).port}`
  try {
    const refused = await refusedStart(['--listen', listen])
    assertRefused(refused, /Nothing can listen at 127\.0\.0\.1:\d+: .*address already in use/)
    const cpanel = await refusedStart(['--cpanel-listen', listen])
    assertRefused(cpanel, /address already in use/)
    const elsewhere = await refusedStart(['--listen', '192.0.2.1:0'])
    assertRefused(elsewhere, /Nothing can listen at 192\.0\.2\.1:0: /)
    const program = start()
    await assertPassword(await program.ready, passwordIn(refused.stdout))
    await stop(program)
  } finally {
    other.close()
  }
})

test('B2: a second server on the same folder is refused, and names the first', async () => {
  const program = start()
  const url = await program.ready
  assertRefused(await refusedStart(), new RegExp(`process ${program.child.pid}\\)`))
  assert.equal((await sendTo(url, '/healthz')).status, 200)
  await stop(program)
})

test('B2: an unknown setting, or one that makes no sense, is refused wherever it stands, before anything is made', async () => {
  for (const [args, env, error] of [
    [['--nonsense', '1'], {}, /--nonsense/],
    [['--listen', 'nonsense'], {}, /listen/],
    [['--trusted-proxies', 'true'], {}, /trusted/],
    [[], { POSTERN_MAX_CONNECTIONS: 'many' }, /max_connections|MAX_CONNECTIONS/],
  ] as const) {
    assertRefused(await refusedStart(args, { env }), error)
    assert.ok(!existsSync(join(data, 'postern.db')))
  }
  mkdirSync(data, { mode: 0o700 })
  for (const [text, error] of [
    ['nonsense = 1\n', /nonsense/],
    ['max_connections = "many"\n', /max_connections/],
    ['listen = \n', /postern\.toml/],
  ] as const) {
    writeFileSync(join(data, 'postern.toml'), text, { mode: 0o600 })
    assertRefused(await refusedStart(), error)
    assert.ok(!existsSync(join(data, 'postern.db')))
  }
})

test('B2: a database with a newer schema is refused and left as it was', async () => {
  const program = start()
  await program.ready
  await stop(program)
  const path = join(data, 'postern.db')
  const database = new DatabaseSync(path)
  database.prepare("insert into kysely_migration (name, timestamp) values ('9999-later', '2099-01-01')").run()
  database.exec('pragma wal_checkpoint(truncate)')
  database.close()
  const bytes = readFileSync(path)
  assertRefused(await refusedStart(), /newer Postern.*9999-later/)
  assert.deepEqual(readFileSync(path), bytes)
})

test('B2: a first start that is killed on its way leaves nothing half-made: the next one is whole', async () => {
  for (const mark of ['pepper', 'postern.db.new-wal', 'postern.db', 'instance.json']) {
    data = join(base, `killed-at-${mark}`)
    const killed = start()
    await existing(join(data, mark), killed)
    killed.child.kill('SIGKILL')
    await killed.ended
    const program = start()
    const url = await program.ready
    assert.equal((await sendTo(url, '/healthz')).status, 200)
    // After the set-up was committed, the password is the one that was shown, or is to be set anew; never a second one.
    const shown = [killed, program].filter(({ heard }) => heard.stdout.includes('Password of root'))
    assert.ok(shown.length <= 1, mark)
    if (shown[0] === undefined) {
      const passwd = await runProgram('postern', ['passwd', 'root', '--data', data], 'a new gate is 2\n')
      assert.equal(passwd.status, 0, passwd.stderr)
      await assertPassword(url, 'a new gate is 2')
    } else {
      await assertPassword(url, passwordIn(shown[0].heard.stdout))
    }
    await stop(program)
    const database = new DatabaseSync(join(data, 'postern.db'), { readOnly: true })
    assert.deepEqual(
      database
        .prepare('pragma integrity_check')
        .all()
        .map((row) => row.integrity_check),
      ['ok'],
    )
    assert.equal(database.prepare('select count(*) as roots from users').get()?.roots, 1)
    database.close()
  }
})

/** The moment a file appears, or the program is ready before it was seen. */
async function existing(path: string, program: Program): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!existsSync(path) && !/^ready /m.test(program.heard.stdout) && performance.now() < deadline)
    await new Promise((resolve) => setImmediate(resolve))
}
