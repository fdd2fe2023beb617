/** `postern token rotate` against a running server. */
import assert from 'node:assert/strict'
import { Readable, Writable } from 'node:stream'
import { after, before, test } from 'node:test'
import { run } from '../../src/cli/command.ts'
import { posternCommand } from '../../src/cli/postern.ts'
import { done, startTestServer, type TestServer } from '../start-server.ts'

const SECRET = /PSW[0-9A-Z]{29}/

let server: TestServer
before(async () => {
  server = await startTestServer()
})
after(() => server.close())

async function rotate(...args: string[]) {
  const heard = { out: '', err: '' }
  const into = (name: 'out' | 'err') =>
    new Writable({
      write(piece, _encoding, done) {
        heard[name] += String(piece)
        done()
      },
    })
  const io = { stdin: Readable.from([]), stdout: into('out'), stderr: into('err'), env: {}, exitCode: 0 }
  const status = await run(posternCommand(io), ['token', 'rotate', ...args, '--data', server.folder], io)
  return { status, ...heard }
}

const isTaken = async (credential: string): Promise<boolean> =>
  (await server.call(credential, 'version')).status === 200

async function make(token_name: string): Promise<{ readonly credential: string; readonly id: string }> {
  const { data } = done(await server.root('api_token_create', { token_name, acl: 'basic-whm-functions' })).json
  const { tokens } = done(await server.root('postern_token_list', { short: 1 })).json.data
  const id = tokens.find(
    ({ name, owner }: Record<string, string>) => name === token_name && owner === 'root',
  ).postern_id
  return { credential: `root:${data.token}`, id }
}

test('a token is rotated by its name: the new secret alone is printed, once, and the one before works on for a day', async () => {
  const { credential, id } = await make('backup')
  const { status, out, err } = await rotate('backup')
  assert.equal(status, 0)
  assert.match(out, /^PSW[0-9A-Z]{29}\n$/)
  assert.match(err, new RegExp(`^backup \\(${id}\\): the secret before works until \\d{4}-.*Z\\.\n$`))
  assert.doesNotMatch(err, SECRET)
  assert.deepEqual([await isTaken(credential), await isTaken(`root:${out.trim()}`)], [true, true])
  const [entry] = await server.audit({ function: 'postern_token_rotate', limit: '1' })
  assert.deepEqual([entry.caller, entry.credential, entry.target], ['root', 'local', id])
})

test('--ends says when: now, with the first use of the new one, or at a date', async () => {
  const { credential, id } = await make('ends')
  const first = await rotate(id, '--ends', 'first-use')
  assert.match(first.err, /ends when the new one is first used/)
  assert.equal(await isTaken(credential), true)
  assert.equal(await isTaken(`root:${first.out.trim()}`), true)
  assert.equal(await isTaken(credential), false)
  const now = await rotate(id, '--ends', 'now')
  assert.match(now.err, /has ended/)
  assert.deepEqual([await isTaken(`root:${first.out.trim()}`), await isTaken(`root:${now.out.trim()}`)], [false, true])
  const year = new Date().getUTCFullYear() + 1
  const dated = await rotate(id, '--ends', `${year}-01-31T12:00:00Z`, '--output', 'json')
  assert.equal(dated.err, '')
  assert.equal(JSON.parse(dated.out).old_secret_ends_at, Date.UTC(year, 0, 31, 12) / 1000)
  assert.match(JSON.parse(dated.out).token, SECRET)
})

test('with the same key it may be repeated: the secret that no reply brought is ended, and the one before still works', async () => {
  const { credential, id } = await make('again')
  const lost = await rotate(id, '--key', 'k1')
  const repeated = await rotate(id, '--key', 'k1')
  assert.deepEqual([lost.status, repeated.status], [0, 0])
  assert.notEqual(lost.out, repeated.out)
  const works = await Promise.all([credential, `root:${lost.out.trim()}`, `root:${repeated.out.trim()}`].map(isTaken))
  assert.deepEqual(works, [true, false, true])
})

test('a token that is not there, a name that several have, and what is no time change nothing', async () => {
  const { credential } = await make('shared')
  await server.account('resa', ['manage-api-tokens', 'basic-whm-functions'])
  const theirs = await server.tokenOf('resa', ['basic-whm-functions'], { token_name: 'shared' })
  for (const [args, status, words] of [
    [['nothing'], 1, /there is no token nothing/],
    [['shared'], 1, /several tokens are named shared\n.*tok_\w+ \((root|resa), whm\), tok_\w+ \((root|resa), whm\)/],
    [['shared', '--owner', 'nobody'], 1, /there is no token shared/],
    [['shared', '--owner', 'root', '--ends', 'soon'], 2, /--ends is not a time/],
    [['shared', '--owner', 'root', '--ends', '2020-01-01'], 1, /./],
    [['shared', '--output', 'xml'], 2, /output form/],
  ] as const) {
    const ran = await rotate(...args)
    assert.deepEqual([ran.status, ran.out], [status, ''], args.join(' '))
    assert.match(ran.err, words)
  }
  assert.deepEqual([await isTaken(credential), await isTaken(theirs)], [true, true])
  const { status, out } = await rotate('shared', '--owner', 'resa', '--ends', 'now')
  assert.equal(status, 0)
  assert.deepEqual(
    [await isTaken(theirs), await isTaken(`resa:${out.trim()}`), await isTaken(credential)],
    [false, true, true],
  )
})
