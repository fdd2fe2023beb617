/**
 * The disk fails at each step of what the host does for a change: the n-th call of the file system for every n. Whatever fails, the change
 * is whole, with its folder, or absent without one, and the next attempt succeeds.
 */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { homesOf, storedRows } from '../api/stored.ts'
import { type Arguments, done, type Reply, startTestServer, type TestServer } from '../start-server.ts'

const STEPS = ['mkdir', 'chmod', 'rename', 'lstat', 'rm', 'rmdir', 'readdir'] as const
const CODES = ['EIO', 'ENOSPC', 'EROFS', 'EDQUOT']

let server: TestServer
let admin = ''
let token = ''
let failsAt = 0
let steps = 0
const original = Object.fromEntries(STEPS.map((step) => [step, fs[step]]))

before(async () => {
  server = await startTestServer({ settings: { cpanelListen: '127.0.0.1:0' } })
  admin = await server.rootToken(['all'])
  await server.account('holder')
  token = await server.accountToken('holder')
  for (const step of STEPS) {
    // biome-ignore lint/suspicious/noExplicitAny: stands in for a function of many forms, and hands on whatever it is given
    ;(fs as any)[step] = (path: unknown, ...rest: readonly unknown[]) => {
      if (String(path).startsWith(join(server.folder, 'home'))) {
        steps += 1
        if (steps === failsAt)
          return Promise.reject(
            Object.assign(new Error('injected'), { code: CODES[failsAt % CODES.length], syscall: step }),
          )
      }
      // biome-ignore lint/suspicious/noExplicitAny: as above
      return (original[step] as any)(path, ...rest)
    }
  }
  syncBuiltinESMExports()
})
after(async () => {
  Object.assign(fs, original)
  syncBuiltinESMExports()
  await server.close()
})

/** The accounts that the database has, and those that the disk has. */
function both(): readonly [readonly string[], readonly string[]] {
  const rows = storedRows(server, 'select home from accounts order by home') as { home: string }[]
  return [rows.map(({ home }) => home), homesOf(server)]
}

const call = (name: string, args: Arguments): Promise<Reply> => server.call(admin, name, args)
const isDone = (reply: Reply): boolean => reply.status === 200 && reply.json.metadata?.result === 1
const settled = async (): Promise<void> => {
  const tasks = () => storedRows(server, 'select id from host_tasks').length
  // What could not be carried out is listed and tried again, as the server does by itself now and then.
  if (tasks() > 0) await server.server.runtime.door.runHostTasks(await server.server.runtime.stores.hostTasks.list())
  assert.equal(tasks(), 0)
}

/** Tries with the disk failing at the first step, then the second, …, until no step is left that could fail. Gives how many failed. */
async function atEachStep(
  attempt: (n: number) => Promise<Reply>,
  check: (reply: Reply, n: number) => void,
): Promise<number> {
  for (let n = 1; n < 60; n += 1) {
    steps = 0
    failsAt = n
    const reply = await attempt(n)
    const reached = steps
    failsAt = 0
    await settled()
    check(reply, n)
    assert.doesNotMatch(reply.body, /injected|EIO|ENOSPC|EROFS|EDQUOT|\/home\//)
    if (reached < n) return n - 1
  }
  throw new Error('there is no end of steps')
}

test('createacct: account and folder are both there or both not, and the name stays free', async () => {
  const tried = await atEachStep(
    (n) => call('createacct', { username: `made${n}x`, domain: `made${n}.example.com` }),
    (reply, n) => {
      const [rows, homes] = both()
      assert.deepEqual(homes, rows)
      assert.equal(rows.includes(`made${n}x`), isDone(reply), reply.body)
    },
  )
  assert.ok(tried > 10, `${tried} steps`)
  assert.deepEqual(readdirSync(join(server.folder, 'home/.staging')), [])
  done(await call('createacct', { username: 'made1x', domain: 'made1.example.com' }))
})

test('removeacct: the account is gone at once, and its folder at the latest with the next try', async () => {
  const tried = await atEachStep(
    async (n) => {
      const [user, at] = [`gone${n}x`, failsAt]
      failsAt = 0
      done(await call('createacct', { username: user, domain: `${user}.example.com` }))
      steps = 0
      failsAt = at
      return call('removeacct', { username: user })
    },
    (reply) => {
      assert.ok(isDone(reply), reply.body)
      const [rows, homes] = both()
      assert.deepEqual(homes, rows)
    },
  )
  assert.ok(tried > 2, `${tried} steps`)
})

test('modifyacct: a rename carries the folder, at the latest with the next try', async () => {
  const tried = await atEachStep(
    async (n) => {
      const [user, at] = [`old${n}x`, failsAt]
      failsAt = 0
      done(await call('createacct', { username: user, domain: `${user}.example.com` }))
      steps = 0
      failsAt = at
      return call('modifyacct', { user, newuser: `new${n}x` })
    },
    (reply, n) => {
      assert.ok(isDone(reply), reply.body)
      const [rows, homes] = both()
      assert.deepEqual(homes, rows)
      assert.ok(homes.includes(`new${n}x`))
    },
  )
  assert.ok(tried > 2, `${tried} steps`)
})

test('SubDomain::addsubdomain: the subdomain and its folder are both there or both not', async () => {
  const tried = await atEachStep(
    (n) =>
      server.uapi(token, 'SubDomain::addsubdomain', {
        domain: `sub${n}`,
        rootdomain: 'holder.example.com',
        dir: `sites${n}/deep/sub`,
      }),
    (reply, n) => {
      const rows = storedRows(server, 'select name from domains where name like ?', `sub${n}.%`)
      const folders = readdirSync(join(server.folder, 'home/holder')).filter((name) => name === `sites${n}`)
      assert.equal(rows.length === 1, reply.json.status === 1, reply.body)
      assert.equal(folders.length, rows.length)
    },
  )
  assert.ok(tried > 5, `${tried} steps`)
})
