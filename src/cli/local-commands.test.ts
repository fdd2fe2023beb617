/** whmapi1, uapi and postern against a listener on the socket that plays the server: what is sent, what is printed, how they end. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { afterEach, beforeEach, describe, test } from 'node:test'
import type { Command } from 'commander'
import { parse } from 'yaml'
import { run } from './command.ts'
import type { Io } from './io.ts'
import { posternCommand } from './postern.ts'
import { uapiCommand } from './uapi.ts'
import { whmapi1Command } from './whmapi1.ts'

type Seen = { readonly method: string; readonly path: string; readonly user: string | undefined; readonly body: string }
type Answer = (request: IncomingMessage, response: ServerResponse) => void

let data = ''
let server: Server | undefined
let seen: Seen[] = []
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'postern-local-'))
  seen = []
})
afterEach(async () => {
  if (server !== undefined) await new Promise((done) => server?.close(done).closeAllConnections())
  server = undefined
  rmSync(data, { recursive: true })
})

function answer(reply: Answer | object, status = 200): Promise<void> {
  server = createServer(async (request, response) => {
    const body = (await request.toArray()).join('')
    const user = request.headers['x-postern-user'] as string | undefined // Never sent twice.
    seen.push({ method: request.method ?? '', path: request.url ?? '', user, body })
    if (typeof reply === 'function') return reply(request, response)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(reply))
  })
  return new Promise((done) => server?.listen(join(data, 'postern.sock'), done))
}

type Ran = { readonly status: number; readonly out: string; readonly err: string }

async function ran(make: (io: Io) => Command, args: readonly string[], stdin = ''): Promise<Ran> {
  const heard = { out: '', err: '' }
  const into = (name: 'out' | 'err') =>
    new Writable({
      write(piece, _encoding, done) {
        heard[name] += String(piece)
        done()
      },
    })
  const io: Io = {
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout: into('out'),
    stderr: into('err'),
    env: { POSTERN_DATA: data },
    exitCode: 0,
  }
  const status = await run(make(io), args, io)
  return { status, ...heard }
}

const ok = (result: unknown) => ({ data: result, metadata: { version: 1, command: 'x', result: 1, reason: 'OK' } })
const failed = { data: null, metadata: { version: 1, command: 'x', result: 0, reason: 'No such thing.' } }

describe('whmapi1', () => {
  test('sends the arguments as JSON, prints the reply as YAML and exits with 0', async () => {
    await answer(ok({ name: 'x', serial: '2026112201' }))
    const { status, out, err } = await ran(whmapi1Command, ['api_token_create', 'token_name=x', 'acl=a%20b', 'acl=c'])
    const body = '{"api.version":1,"token_name":"x","acl":["a b","c"]}'
    assert.deepEqual(seen, [{ method: 'POST', path: '/json-api/api_token_create', user: undefined, body }])
    assert.match(out, /^---\ndata:\n/)
    assert.deepEqual(parse(out), ok({ name: 'x', serial: '2026112201' }))
    assert.deepEqual([status, err], [0, ''])
  })

  test('acts as --user, takes options before and after, and prints the form asked for', async () => {
    await answer(ok({ a: 1 }))
    const { out } = await ran(whmapi1Command, ['--user=alice', 'listaccts', 'a=1', '--output=json'])
    assert.equal(seen[0]?.user, 'alice')
    assert.equal(out, `${JSON.stringify(ok({ a: 1 }))}\n`)
  })

  test('prints the reply of a function that failed, and exits with 1', async () => {
    await answer(failed)
    const { status, out } = await ran(whmapi1Command, ['removeacct', 'user=x'])
    assert.deepEqual(parse(out), failed)
    assert.equal(status, 1)
  })

  test('reads arguments from standard input with --input=json, so that a password is in no process list', async () => {
    await answer(ok({}))
    await ran(whmapi1Command, ['--input=json', 'passwd'], '{"user":"alice","password":"hunter2"}')
    assert.equal(seen[0]?.body, '{"api.version":1,"user":"alice","password":"hunter2"}')
  })

  test('prints nothing but the reason when the call could not run, and exits with 1', async () => {
    await answer({ cpanelresult: { error: 'Access denied' } }, 403)
    const { status, out, err } = await ran(whmapi1Command, ['version'])
    assert.deepEqual([status, out, err], [1, '', 'whmapi1: error: Access denied\n'])
  })

  test('says that no server runs, also when a dead one left its socket', async () => {
    const expected = `whmapi1: error: no server runs on ${data}\nwhmapi1: hint: start it with: postern serve --data ${data}\n`
    assert.deepEqual(await ran(whmapi1Command, ['version']), { status: 1, out: '', err: expected })
    writeFileSync(join(data, 'postern.sock'), '')
    assert.equal((await ran(whmapi1Command, ['version'])).err, expected)
  })

  test('says when the server went away in the middle of its answer', async () => {
    await answer((_request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{"data"')
      setImmediate(() => response.destroy())
    })
    const { status, out, err } = await ran(whmapi1Command, ['createacct'])
    assert.deepEqual([status, out], [1, ''])
    assert.match(
      err,
      /closed the connection before its answer was complete\nwhmapi1: hint: look whether the change was made/,
    )
  })

  test('a usage error exits with 2, sends nothing, and repeats no value', async () => {
    await answer(ok({}))
    const calls = [
      [],
      ['f', '--password=hunter2'],
      ['f', 'password=hunter2%'],
      ['f', 'hunter2'],
      ['f', '--output=toml'],
      ['f', '--user=a\nb'],
      ['f', '--input=yaml'],
      ['f', 'a=1', '--input=json'],
    ]
    for (const args of calls) {
      const { status, out, err } = await ran(whmapi1Command, args)
      assert.deepEqual([status, out], [2, ''], args.join(' '))
      assert.match(err, /^whmapi1: error: .+\nwhmapi1: hint: .+\n$|^whmapi1: error: .+\n$/)
      assert.doesNotMatch(err, /hunter2/)
    }
    assert.deepEqual(seen, [])
  })
})

describe('uapi', () => {
  const flat = { status: 1, data: ['a'], errors: null, messages: null, warnings: null, metadata: {} }

  test('calls the module as the account and prints the wrapped form', async () => {
    await answer(flat)
    const { status, out } = await ran(uapiCommand, ['--user=alice', 'Email', 'list_pops', 'regex=a%2Bb'])
    assert.deepEqual(seen, [
      { method: 'POST', path: '/execute/Email/list_pops', user: 'alice', body: '{"regex":"a+b"}' },
    ])
    assert.deepEqual(parse(out), { apiversion: 3, module: 'Email', func: 'list_pops', result: flat })
    assert.equal(status, 0)
  })

  test('exits with 1 when the status is 0, and with 2 without --user', async () => {
    await answer({ ...flat, status: 0, data: null, errors: ['no'] })
    const { status, out } = await ran(uapiCommand, ['--user=alice', '--output=jsonpretty', 'Email', 'add_pop'])
    assert.equal(status, 1)
    assert.match(out, /"errors": \[/)
    assert.equal((await ran(uapiCommand, ['Email', 'add_pop'])).status, 2)
  })
})

describe('postern', () => {
  test('passwd sends the line from standard input to the running server, and shows its refusal', async () => {
    await answer(ok({}))
    const { status, out } = await ran(posternCommand, ['passwd', 'root'], 'correct horse\n')
    assert.deepEqual([status, out], [0, 'The password of root is changed.\n'])
    const call = seen.find(({ method }) => method === 'POST')
    assert.equal(call?.path, '/json-api/passwd')
    assert.equal(call?.body, '{"api.version":1,"user":"root","password":"correct horse"}')
  })

  test('passwd ends with the reason of a refusal, and takes no password as an argument', async () => {
    await answer(failed)
    const refused = await ran(posternCommand, ['passwd', 'root'], 'x\n')
    assert.deepEqual(refused, { status: 1, out: '', err: 'postern: error: No such thing.\n' })
    const wrong = await ran(posternCommand, ['passwd', 'root', 'hunter2'])
    assert.equal(wrong.status, 2)
    assert.doesNotMatch(wrong.err, /hunter2/)
  })

  test('B3: backup writes what the server sends into a file of its own, mode 0600, and refuses one that exists', async () => {
    await answer((_request, response) => void response.writeHead(200).end('whole'))
    const file = join(data, 'copy')
    const { status, out } = await ran(posternCommand, ['backup', file])
    assert.deepEqual([status, out], [0, `The backup is in ${file}.\n`])
    assert.equal(readFileSync(file, 'utf8'), 'whole')
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.ok(!existsSync(`${file}.partial`))
    const again = await ran(posternCommand, ['backup', file])
    assert.deepEqual([again.status, again.err.split('\n')[0]], [1, `postern: error: ${file} exists`])
    const lost = await ran(posternCommand, ['backup', join(data, 'nowhere', 'copy')])
    assert.deepEqual(
      [lost.status, lost.err],
      [
        1,
        `postern: error: no file can be made in ${join(data, 'nowhere')} (ENOENT)\npostern: hint: name a file in a folder that you may write\n`,
      ],
    )
  })

  test('a command that is called wrongly names its own help, and one without its own command prints it', async () => {
    const hint = async (...args: string[]) => (await ran(posternCommand, args)).err.split('\n')[1]
    assert.equal(await hint('audit', '--nonsense'), 'postern: hint: see postern audit --help')
    assert.equal(await hint('alert', 'acknowledge'), 'postern: hint: see postern alert acknowledge --help')
    assert.equal(await hint('nonsense'), 'postern: hint: see postern --help')
    const { status, err } = await ran(posternCommand, ['alert'])
    assert.deepEqual([status, err.split('\n')[0]], [2, 'Usage: postern alert [options] [command]'])
  })

  test('B3: a backup that is cut short, or refused, leaves no file at all', async () => {
    let cut = true
    await answer((_request, response) => {
      if (!cut) return void response.writeHead(503).end(JSON.stringify(failed))
      response.writeHead(200).write('half')
      setImmediate(() => response.destroy())
    })
    const first = await ran(posternCommand, ['backup', join(data, 'copy')])
    assert.equal(first.status, 1)
    assert.match(first.err, /closed the connection/)
    cut = false
    const second = await ran(posternCommand, ['backup', join(data, 'copy')])
    assert.deepEqual([second.status, second.err], [1, 'postern: error: No such thing.\n'])
    assert.deepEqual(readdirSync(data), ['postern.sock'])
  })

  test('restore is refused while a server runs on the folder', async () => {
    await answer(ok({}))
    const { status, err } = await ran(posternCommand, ['restore', join(data, 'copy')])
    assert.equal(status, 1)
    assert.match(err, /^postern: error: a server runs on /)
  })

  test('audit asks the running server and prints an entry a line', async () => {
    await answer(
      ok({
        entries: [{ time: 0, outcome: 'done', caller: 'root', credential: 'local', function: 'passwd', reason: 'OK' }],
      }),
    )
    const { out } = await ran(posternCommand, ['audit', '--function', 'passwd', '--limit=1'])
    assert.equal(out, '1970-01-01T00:00:00.000Z done root local - passwd - OK\n')
    assert.equal(seen[0]?.body, '{"api.version":1,"function":"passwd","limit":"1"}')
  })

  test('config prints a settings file with the source of each line and without the password', async () => {
    const { status, out } = await ran(posternCommand, [
      'config',
      '--listen=[::1]:1',
      '--database=postgres://u:hunter2@h/d',
    ])
    assert.equal(status, 0)
    assert.match(out, /^listen = "\[::1\]:1" {2}# flag --listen$/m)
    assert.match(out, /^database = "postgres:\/\/u:\*\*\*@h\/d" {2}# flag --database$/m)
    assert.match(out, /^data = ".*" {2}# environment POSTERN_DATA$/m)
    assert.match(out, /^trusted_proxies = \[\] {2}# default$/m)
    assert.doesNotMatch(out, /hunter2/)
  })

  test('the version and help exit with 0; no command, an unknown one and an unknown option with 2', async () => {
    assert.match((await ran(posternCommand, ['--version'])).out, /^postern \d+\.\d+\.\d+\n$/)
    const help = await ran(posternCommand, ['--help'])
    assert.deepEqual([help.status, help.err], [0, ''])
    for (const name of ['serve', 'passwd', 'config', 'backup', 'restore', 'doctor', 'audit']) {
      assert.match(help.out, new RegExp(`^ {2}${name} `, 'm'))
    }
    for (const args of [[], ['frobnicate'], ['serve', '--lisen=x']]) {
      assert.equal((await ran(posternCommand, args)).status, 2, args.join(' '))
    }
  })

  test('B2: a setting that is not known stops every command with its name', async () => {
    writeFileSync(join(data, 'postern.toml'), 'lisen = "x"')
    const { status, err } = await ran(posternCommand, ['serve'])
    assert.equal(status, 1)
    assert.match(err, /^postern: error: .*postern\.toml holds “lisen”, which is not a setting\npostern: hint: /)
  })
})
