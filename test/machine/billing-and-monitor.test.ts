/**
 * The programs of `examples/` that drive the life of an account and a monitor's round: with tokens that hold what they need and no
 * more, in the new and in the old shapes, and refused with any one of the privileges missing.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { PRIVILEGE_NAMES } from '../../src/acl/catalogue.ts'
import { everythingKept } from '../api/everything-kept.ts'
import { startTestServer, type TestServer } from '../start-server.ts'

const EXAMPLES = resolve(import.meta.dirname, '../../examples')
const VERSIONS = ['1', '0'] as const

let server: TestServer
let env: Readonly<Record<string, string>> = {}

before(async () => {
  server = await startTestServer({ settings: { cpanelListen: '127.0.0.1:0' } })
  const certificate = join(server.folder, 'tls/cert.pem')
  env = { URL: `https://localhost:${server.port}`, NODE_EXTRA_CA_CERTS: certificate, CA: certificate }
})
after(() => server.close())

/** The privileges that the program's own first lines name for its reader: the lines that hold nothing but such names. */
function privilegesNamedIn(file: string): readonly string[] {
  return readFileSync(join(EXAMPLES, file), 'utf8')
    .split('\n')
    .map((line) => line.replace(/^(?: \*|#) /, '').split(' '))
    .filter((words) => words.every((word) => PRIVILEGE_NAMES.includes(word)))
    .flat()
}

type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string }

function runs(command: string, file: string, more: Readonly<Record<string, string>>): Promise<Ran> {
  const options = { env: { PATH: process.env.PATH ?? '', ...env, ...more }, timeout: 60_000 }
  return new Promise((done) => {
    execFile(command, [join(EXAMPLES, file)], options, (error, stdout, stderr) => {
      done({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr })
    })
  })
}

const life = (token: string, account: string, version: string) =>
  runs(process.execPath, 'billing-life.ts', { TOKEN: token, ACCOUNT: account, API_VERSION: version })
const round = (token: string, version: string) => runs('sh', 'monitor.sh', { TOKEN: token, API_VERSION: version })

const rowsOf = () => everythingKept(server) as { readonly rows: Readonly<Record<string, readonly object[]>> }

for (const version of VERSIONS) {
  test(`a billing system drives the whole life of an account in the shapes of version ${version}, as root and as a reseller`, async () => {
    const acl = privilegesNamedIn('billing-life.ts')
    assert.equal(acl.length, 12)
    const name = `biller${version}`
    await server.account(name, [...acl, 'manage-api-tokens'])
    for (const [token, prefix] of [
      [await server.rootToken(acl), ''],
      [await server.tokenOf(name, acl), `${name}_`],
    ] as const) {
      const { accounts, packages } = rowsOf().rows
      const account = `life${version}${prefix === '' ? 'r' : 's'}`
      const { code, stdout, stderr } = await life(token, account, version)
      assert.deepEqual([code, stderr], [0, ''], stderr)
      const lines = stdout.trim().split('\n')
      assert.equal(lines[0], 'connected to 11.138.0.6')
      assert.match(lines[1] ?? '', new RegExp(`made ${prefix}${account}_small and ${prefix}${account}_large$`))
      assert.deepEqual(lines.slice(2, 5), [
        `created ${account}, listed 1`,
        `plan ${prefix}${account}_large, disk 4096M, contact client@example.org`,
        'suspended 1: unpaid: invoice #17 & reminder',
      ])
      assert.match(lines[5] ?? '', /^a link to sign in once: \/cpsess…\/login\/$/)
      assert.equal(lines[6], `removed ${account} and its packages`)
      assert.deepEqual([rowsOf().rows.accounts, rowsOf().rows.packages], [accounts, packages])
    }
  })

  test(`in version ${version} the life of an account ends early without any one of its privileges`, async () => {
    const acl = privilegesNamedIn('billing-life.ts')
    for (const [index, missing] of acl.entries()) {
      const others = acl.filter((one) => one !== missing)
      const { code, stderr } = await life(await server.rootToken(others), `miss${version}${index}`, version)
      assert.equal(code, 1, missing)
      assert.match(
        stderr,
        new RegExp(`^[a-z_]+: Permission denied: [a-z_]+ requires the privilege “[^”]*\\b${missing}\\b`),
      )
      assert.doesNotMatch(stderr, /PSW/)
    }
  })

  test(`a monitor reads its round in version ${version}, and changes nothing`, async () => {
    const acl = privilegesNamedIn('monitor.sh')
    await server.account(`watched${version}`)
    const token = await server.rootToken(acl)
    const before = everythingKept(server)
    const { code, stdout, stderr } = await round(token, version)
    assert.deepEqual([code, stderr], [0, ''])
    const asked = [...readFileSync(join(EXAMPLES, 'monitor.sh'), 'utf8').matchAll(/^check ([a-z_]+)/gm)].map(
      ([, name]) => name,
    )
    assert.deepEqual(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[1]),
      asked,
    )
    assert.deepEqual(everythingKept(server), before)
  })

  test(`in version ${version} the monitor fails, and says where, without any one of its privileges`, async () => {
    const acl = privilegesNamedIn('monitor.sh')
    for (const missing of acl) {
      const { code, stderr } = await round(await server.rootToken(acl.filter((one) => one !== missing)), version)
      assert.equal(code, 1, missing)
      assert.match(stderr, new RegExp(`^FAILED [a-z_]+: .*requires the privilege “${missing}”`, 'm'))
    }
  })
}

test('a monitor’s token does not drive the life of an account, nor a wrong one the round', async () => {
  const narrow = await server.rootToken(privilegesNamedIn('monitor.sh'))
  const { code, stderr } = await life(narrow, 'never', '1')
  assert.equal(code, 1)
  assert.match(stderr, /^addpkg: Permission denied: addpkg requires the privilege “add-pkg”\.$/m)
  const wrong = await round('root:nothing', '1')
  assert.equal(wrong.code, 1)
  assert.match(wrong.stderr, /^FAILED version: .*Access denied/)
})
