/** The programs in `examples/`, run as their readers run them. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { makeAuthority } from '../made-certificates.ts'
import { startTestServer, type TestServer } from '../start-server.ts'
import { startMariadb, withoutMariadb } from './mariadb.ts'

const EXAMPLES = resolve(import.meta.dirname, '../../examples')
let server: TestServer
let url = ''
let certificate = ''

before(async () => {
  server = await startTestServer()
  url = `https://localhost:${server.port}`
  certificate = join(server.folder, 'tls/cert.pem')
  await server.account('anna')
})
after(() => server.close())

type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string }

function runs(
  command: string,
  file: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<Ran> {
  const options = { env: { PATH: process.env.PATH ?? '', URL: url, ...env }, timeout: 20_000 }
  return new Promise((done) => {
    execFile(command, [join(EXAMPLES, file), ...args], options, (error, stdout, stderr) => {
      done({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr })
    })
  })
}

test('examples/curl.sh makes a narrow token, calls with it, is refused, and revokes it', async () => {
  const token = await server.rootToken(['all'])
  const { code, stdout, stderr } = await runs('sh', 'curl.sh', { TOKEN: token, CA: certificate })
  assert.deepEqual([code, stderr], [0, ''])
  const [, , listed, , refused, , revoked] = stdout.trim().split('\n')
  assert.equal(JSON.parse(listed ?? '').data.acct[0].user, 'anna')
  assert.match(JSON.parse(refused ?? '').metadata.reason, /removeacct requires the privilege “kill-acct”/)
  assert.equal(JSON.parse(revoked ?? '').cpanelresult.error, 'Access denied')
  const tokens = Object.keys((await server.root('api_token_list')).json.data.tokens)
  assert.deepEqual(
    tokens.filter((name) => name.startsWith('example-')),
    [],
  )
  assert.ok(!stdout.includes(token.slice(5)))
})

test('examples/curl.sh says what it needs, and what the server said when no token was made', async () => {
  const missing = await runs('sh', 'curl.sh', {})
  assert.notEqual(missing.code, 0)
  assert.match(missing.stderr, /TOKEN/)
  const refused = await runs('sh', 'curl.sh', { TOKEN: 'root:nothing', CA: certificate })
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /^not made: .*Access denied/)
})

test('examples/node-client.ts lists accounts with a token that can do nothing else', async () => {
  const token = await server.rootToken(['list-accts'])
  const { code, stdout, stderr } = await runs(process.execPath, 'node-client.ts', {
    TOKEN: token,
    NODE_EXTRA_CA_CERTS: certificate,
  })
  assert.deepEqual([code, stdout, stderr], [0, 'anna\tanna.example.com\n1 accounts\n', ''])
})

test('examples/node-client.ts shows the reason of a refusal and ends with 1', async () => {
  const token = await server.rootToken(['create-acct'])
  for (const [credential, reason] of [
    [token, /^listaccts: Permission denied: listaccts requires the privilege/],
    ['root:nothing', /^listaccts: Access denied$/m],
  ] as const) {
    const env = { TOKEN: credential, NODE_EXTRA_CA_CERTS: certificate }
    const { code, stderr } = await runs(process.execPath, 'node-client.ts', env)
    assert.equal(code, 1)
    assert.match(stderr, reason)
  }
})

test('examples/install-certificate.sh installs with a token that holds only ssl, and examples/certificate-dashboard.sh tells with one that holds only ssl-info', async () => {
  const authority = await makeAuthority('Example')
  const folder = await mkdtemp(join(tmpdir(), 'postern-example-'))
  try {
    const file = async (name: string, text: string): Promise<string> => {
      await writeFile(join(folder, name), text, { mode: 0o600 })
      return join(folder, name)
    }
    const chain = await file('chain.pem', authority.between.crt)
    const install = async (to: number, env: Readonly<Record<string, string>>, chained: readonly string[]) => {
      const { crt, key } = await authority.issue(['anna.example.com'], { to })
      const args = ['anna.example.com', await file('crt.pem', crt), await file('key.pem', key), ...chained]
      return runs('sh', 'install-certificate.sh', { CA: certificate, ...env }, args)
    }
    const show = async (env: Readonly<Record<string, string>> = {}) =>
      runs('sh', 'certificate-dashboard.sh', { CA: certificate, TOKEN: info, ...env })
    const ssl = await server.rootToken(['ssl'])
    const info = await server.rootToken(['ssl-info'])
    assert.deepEqual(await show(), { code: 0, stdout: '', stderr: '' })
    const installed = { code: 0, stdout: 'installed on anna.example.com\n', stderr: '' }
    assert.deepEqual(await install(60.5, { TOKEN: ssl }, [chain]), installed)
    assert.deepEqual(await show(), {
      code: 0,
      stdout: 'ok      60 days  anna.example.com  anna  (Example Between)\n',
      stderr: '',
    })
    assert.deepEqual(await install(10.5, { TOKEN: ssl }, []), installed)
    const soon = await show()
    assert.deepEqual([soon.code, soon.stdout], [1, 'SOON    10 days  anna.example.com  anna  (Example Between)\n'])
    assert.equal((await show({ WARN_DAYS: '5' })).code, 0)
    // Each is refused with the token of the other.
    const refused = await install(60, { TOKEN: info }, [])
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /installssl requires the privilege “ssl”/)
    assert.doesNotMatch(refused.stderr, /PRIVATE KEY/)
    const blind = await show({ TOKEN: ssl })
    assert.equal(blind.code, 2)
    assert.match(blind.stderr, /fetch_ssl_vhosts requires the privilege “ssl-info”/)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('examples/postern.service is hardened, and runs the server as a user of its own', () => {
  const unit = readFileSync(join(EXAMPLES, 'postern.service'), 'utf8')
  for (const line of ['User=postern', 'NoNewPrivileges=yes', 'ProtectSystem=strict', 'ProtectHome=yes', 'UMask=0077'])
    assert.match(unit, new RegExp(`^${line}$`, 'm'))
  // Node.js could not start with it.
  assert.doesNotMatch(unit, /^MemoryDenyWriteExecute/m)
  assert.match(unit, /^ExecStart=\/opt\/postern\/bin\/postern serve$/m)
})

test('examples/site-database.ts makes a database for a site with an account’s token, and takes it away', {
  skip: withoutMariadb,
}, async () => {
  const mariadb = await startMariadb()
  const settings = { cpanelListen: '127.0.0.1:0', mysqlSocket: mariadb.socket, mysqlPasswordFile: mariadb.passwordFile }
  const own = await startTestServer({ settings })
  try {
    await own.account('anna', undefined, { maxsql: '1' })
    const env = {
      URL: String(own.server.cpanelUrl).replace('127.0.0.1', 'localhost'),
      NODE_EXTRA_CA_CERTS: join(own.folder, 'tls/cert.pem'),
      TOKEN: await own.accountToken('anna'),
      SITE: 'shop',
    }
    const run = (more: Readonly<Record<string, string>> = {}) =>
      runs(process.execPath, 'site-database.ts', { ...env, ...more })
    const readOnly = await run({ TOKEN: await own.accountToken('anna', { readonly: 1 }) })
    assert.deepEqual([readOnly.code, readOnly.stdout], [1, ''])
    assert.match(readOnly.stderr, /this token may only read/)
    const made = await run()
    assert.deepEqual([made.code, made.stderr], [0, ''])
    const [, password = ''] = /^DB_NAME=anna_shop\nDB_USER=anna_shop\nDB_PASSWORD=(\S+)\n$/.exec(made.stdout) ?? []
    const site = await mariadb.connect('anna_shop', password)
    await site.query('CREATE TABLE anna_shop.goods (name TEXT)')
    await site.end()
    const second = await run({ SITE: 'blog' })
    assert.equal(second.code, 1)
    assert.match(second.stderr, /create_database: The limit of the account is reached/)
    assert.deepEqual(await run({ REMOVE: '1' }), { code: 0, stdout: '', stderr: '' })
    await assert.rejects(mariadb.connect('anna_shop', password), /denied/)
  } finally {
    await own.close()
    await mariadb.close()
  }
})
