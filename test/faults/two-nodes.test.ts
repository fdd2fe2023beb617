/**
 * A revoked, paused or narrowed token is refused on the next call, on the same process and on another node of the same PostgreSQL; and
 * what else two servers may do to each other.
 */
import assert from 'node:assert/strict'
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { Agent } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { times } from '../sizes.ts'
import { done, sendTo, startTestServer, type TestServer } from '../start-server.ts'
import { DATABASES, makeTestDatabase } from '../stores/databases.ts'
import { startProxy } from '../stores/tcp-proxy.ts'
import { launch, makePlace, pathOf, startProgram } from './program.ts'
import { until } from './wait.ts'

const ROUNDS = times(500, 3000)
const FIRES = times(20, 100)
const CONNECTIONS = 32

const undo: (() => unknown)[] = []
after(async () => {
  for (const step of undo.reverse()) await step()
})

async function makeBase(): Promise<string> {
  const base = await mkdtemp(join(tmpdir(), 'postern-test-'))
  undo.push(() => rm(base, { recursive: true, force: true }))
  return base
}

async function start(options: Parameters<typeof startTestServer>[0]): Promise<TestServer> {
  const server = await startTestServer(options)
  undo.push(() => server.close())
  return server
}

/** Where changes are made, and where tokens are used; the same server, or two nodes. */
type Nodes = { readonly changes: TestServer; readonly uses: TestServer; readonly secondUrl: string }

async function makeNodes(name: (typeof DATABASES)[number]): Promise<Nodes> {
  if (name === 'sqlite') {
    const server = await start({})
    return { changes: server, uses: server, secondUrl: '' }
  }
  const database = await makeTestDatabase('postgres')
  undo.push(() => database.remove())
  const settings = { database: database.url! }
  const bases = [await makeBase(), await makeBase()] as const
  const changes = await start({ folder: bases[0], settings })
  await mkdir(join(bases[1], 'data'), { mode: 0o700 })
  await copyFile(join(bases[0], 'data/pepper'), join(bases[1], 'data/pepper'))
  const uses = await start({ folder: bases[1], settings })
  return { changes, uses, secondUrl: database.url! }
}

for (const name of DATABASES) {
  const where = name === 'sqlite' ? 'the same process' : 'another node'
  describe(name, () => {
    test(`C2 N3: ${ROUNDS} tokens are refused on ${where} by the call that is sent as soon as their revoke is answered`, async () => {
      const { changes, uses } = await makeNodes(name)
      const manager = await changes.rootToken(['all'])
      let accepted = 0
      for (let round = 0; round < ROUNDS; round++) {
        const token = `t${round}`
        const made = done(
          await changes.call(manager, 'api_token_create', { token_name: token, acl: 'basic-whm-functions' }),
        )
        const credential = `root:${made.json.data.token}`
        assert.equal((await uses.call(credential, 'version')).status, 200)
        done(await changes.call(manager, 'api_token_revoke', { token_name: token }))
        if ((await uses.call(credential, 'version')).status !== 403) accepted += 1
      }
      console.log(`${name}: ${ROUNDS} revokes, ${accepted} calls accepted afterwards`)
      assert.equal(accepted, 0)
    })

    test(`C2 N4: while ${CONNECTIONS} connections hammer on ${where}, no call that begins after the answer is accepted`, async () => {
      const { changes, uses } = await makeNodes(name)
      const manager = await changes.rootToken(['all'])
      await changes.account('seller', ['basic-whm-functions', 'manage-api-tokens'])
      const ends: Record<string, (token: string, id: string) => ReturnType<TestServer['call']>> = {
        revoke: (token) => changes.call(manager, 'api_token_revoke', { token_name: token }),
        pause: (_token, id) => changes.root('postern_token_pause', { token_id: id }),
        narrow: (token) => changes.call(manager, 'api_token_update', { token_name: token, whitelist_ip: '10.9.8.7' }),
        'suspend the owner': () => changes.call(manager, 'suspendacct', { user: 'seller' }),
      }
      let calls = 0
      for (let round = 0; round < FIRES; round++) {
        for (const [what, end] of Object.entries(ends)) {
          const token = `h${round}-${what.replaceAll(' ', '-')}`
          const isOwners = what === 'suspend the owner'
          const credential = isOwners
            ? await changes.tokenOf('seller', ['basic-whm-functions'], { token_name: token })
            : `root:${done(await changes.call(manager, 'api_token_create', { token_name: token, acl: 'basic-whm-functions' })).json.data.token}`
          const { tokens } = done(await changes.root('postern_token_list', { owner: isOwners ? 'seller' : 'root' }))
            .json.data
          // biome-ignore lint/suspicious/noExplicitAny: as the function answers
          const id = tokens.find((listed: any) => listed.name === token).postern_id
          calls += await hammer(uses, credential, what, () => end(token, id))
          if (isOwners) done(await changes.call(manager, 'unsuspendacct', { user: 'seller' }))
        }
      }
      console.log(`${name}: ${calls} calls under fire`)
    })

    test(`C1: of 100 creates of one name at once over ${where} exactly one succeeds, and the trail has one`, async () => {
      const { changes, uses } = await makeNodes(name)
      const manager = await changes.rootToken(['all'])
      for (let round = 0; round < 5; round++) {
        const args = { token_name: `same-${round}`, acl: 'list-accts' }
        const replies = await Promise.all(
          Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? changes : uses).call(manager, 'api_token_create', args)),
        )
        assert.equal(replies.filter(({ status, json }) => status === 200 && json.metadata.result === 1).length, 1)
        for (const { status, json } of replies)
          assert.ok(status === 200 || (status === 503 && json.metadata.result === 0))
        assert.equal((await changes.audit({ target: `same-${round}`, outcome: 'done' })).length, 1)
      }
    })
  })
}

/** Calls without pause on many connections until each was refused; gives their number. */
async function hammer(
  server: TestServer,
  credential: string,
  what: string,
  end: () => ReturnType<TestServer['call']>,
): Promise<number> {
  const path = pathOf('version')
  let endedAt = Number.POSITIVE_INFINITY
  let calls = 0
  const connection = async (): Promise<void> => {
    const agent = new Agent({ keepAlive: true, rejectUnauthorized: false, maxSockets: 1 })
    try {
      for (;;) {
        const begunAt = performance.now()
        const { status } = await sendTo(server.url, path, { agent, headers: { authorization: `whm ${credential}` } })
        calls += 1
        if (status !== 200) {
          assert.equal(status, 403)
          return
        }
        assert.ok(
          begunAt <= endedAt,
          `${what}: a call that began ${begunAt - endedAt} ms after the answer was accepted`,
        )
      }
    } finally {
      agent.destroy()
    }
  }
  const connections = Array.from({ length: CONNECTIONS }, connection)
  const all = Promise.all(connections)
  await until(() => calls >= CONNECTIONS * 2, 10_000, 'the fire')
  done(await end())
  endedAt = performance.now()
  await all
  return calls
}

test('C7: a second server on one folder is refused and names the first, which goes on; after a kill the next one gets in at once', async () => {
  const place = await makePlace()
  undo.push(() => place.remove())
  const first = await startProgram(place.flags)
  const manager = await first.rootToken('manager', ['all'])
  const second = launch(place.flags)
  assert.equal(await second.ended, 1)
  assert.match(
    second.heard.stderr,
    new RegExp(`Another Postern server \\(process ${first.pid}\\) uses the data folder`),
  )
  assert.equal(second.heard.stdout, '')
  done(await first.call(manager, 'api_token_create', { token_name: 'x', acl: 'list-accts' }))
  await first.end('SIGKILL')
  const third = await startProgram(place.flags)
  assert.equal((await third.call(manager, 'version')).status, 200)
  assert.equal(await third.end('SIGTERM'), 0)
})

if (DATABASES.includes('postgres')) {
  describe('postgres', () => {
    test('C7: a second node with a pepper of its own is refused, is told what to copy, and starts with it', async () => {
      const database = await makeTestDatabase('postgres')
      const places = [await makePlace({ database: database.url }), await makePlace({ database: database.url })] as const
      undo.push(async () => {
        for (const place of places) await place.remove()
        await database.remove()
      })
      const first = await startProgram(places[0].flags)
      const manager = await first.rootToken('manager', ['all'])
      const refused = launch(places[1].flags)
      assert.equal(await refused.ended, 1)
      assert.match(refused.heard.stderr, /another pepper.*\n.*Copy the file “pepper”/)
      await copyFile(join(places[0].data, 'pepper'), join(places[1].data, 'pepper'))
      const second = await startProgram(places[1].flags)
      assert.equal((await second.call(manager, 'version')).status, 200)
      assert.doesNotMatch(second.stdout(), /Password/)
      for (const server of [first, second]) assert.equal(await server.end('SIGTERM'), 0)
    })

    test('D8 N18: with PostgreSQL away every call is told so, no good credential is refused, and it is served again within 5 s', async () => {
      const database = await makeTestDatabase('postgres')
      undo.push(() => database.remove())
      const proxy = await startProxy(database.url!)
      undo.push(() => proxy.stop())
      const server = await start({ settings: { database: proxy.url } })
      const manager = await server.rootToken(['all'])
      const signedIn = await server.send('/login/?login_only=1', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'user=root&pass=the+gate+is+narrow+7',
      })
      const cookie = String(signedIn.headers['set-cookie']).split(';', 1)[0] ?? ''
      const sessionPath = `${signedIn.json.security_token}${pathOf('version')}`
      const good = () =>
        Promise.all([
          server.call(manager, 'version'),
          server.call(manager, 'api_token_list'),
          server.call(manager, 'api_token_create', {
            token_name: `t${performance.now().toFixed(0)}`,
            acl: 'list-accts',
          }),
          server.root('version'),
          server.send(sessionPath, { headers: { cookie } }),
        ])
      for (const { status } of await good()) assert.equal(status, 200)
      let slowestMs = 0
      for (let outage = 0; outage < 3; outage++) {
        await proxy.stop()
        for (let i = 0; i < 3; i++) {
          for (const { status, headers, body } of await good()) {
            assert.equal(status, 503, body)
            assert.ok(headers['retry-after'])
          }
        }
        assert.equal((await server.send('/healthz')).status, 503)
        await pause(outage * 300)
        await proxy.start()
        const from = performance.now()
        await until(async () => (await good()).every(({ status }) => status === 200), 5000, 'service')
        slowestMs = Math.max(slowestMs, performance.now() - from)
        assert.equal((await server.send('/healthz')).status, 200)
      }
      console.log(`served again after ${Math.round(slowestMs)} ms at most`)
      // No strike: the trail has no refused credential.
      assert.deepEqual(await server.audit({ outcome: 'refused' }), [])
    })
  })
}
