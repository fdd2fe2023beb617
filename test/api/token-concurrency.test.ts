/**
 * Many calls at once. The numbers are small enough for every run of the tests; the full ones belong to the bench. Limits of use, bans and
 * budgets (the rest of C6) come with the parts that have them.
 */
import assert from 'node:assert/strict'
import type { Agent } from 'node:https'
import { describe, test } from 'node:test'
import { times } from '../sizes.ts'
import { done, type Reply, type TestServer } from '../start-server.ts'
import {
  assertDenied,
  assertFailed,
  assertRefused,
  freshName,
  listed,
  make,
  onEachDatabase,
  oneConnection,
  signIn,
} from './token-servers.ts'

const OWNER = ['basic-whm-functions', 'list-accts', 'manage-api-tokens']
const VERSION = '/json-api/version?api.version=1'
const HAMMERS = 32

const isDone = (reply: Reply): boolean => reply.status === 200 && reply.json.metadata.result === 1

/** One call over each connection, all at the same time. */
function allAtOnce<T>(connections: readonly Agent[], call: (agent: Agent, index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(connections.map(call))
}

const connectionsFor = (count: number): readonly Agent[] => Array.from({ length: count }, oneConnection)
const closeAll = (connections: readonly Agent[]): void => {
  for (const agent of connections) agent.destroy()
}

type Hammered = { readonly beganMs: number; readonly accepted: boolean }

/** 32 connections call without a pause; stops when each has begun a call after `end` was done. Gives the calls begun after that. */
async function hammerThrough(server: TestServer, credential: string, end: () => Promise<void>): Promise<Hammered[]> {
  const connections = connectionsFor(HAMMERS)
  const calls: Hammered[] = []
  let endedMs = Number.POSITIVE_INFINITY
  let warm = 0
  let whenWarm = () => {}
  const allWarm = new Promise<void>((resolve) => {
    whenWarm = resolve
  })
  const hammer = async (agent: Agent): Promise<void> => {
    for (let beganMs = 0, count = 0; beganMs <= endedMs; count += 1) {
      beganMs = performance.now()
      const reply = await server.send(VERSION, { agent, headers: { authorization: `whm ${credential}` } })
      calls.push({ beganMs, accepted: isDone(reply) })
      if (count === 1 && ++warm === HAMMERS) whenWarm()
    }
  }
  const hammers = connections.map(hammer)
  await allWarm
  await end()
  endedMs = performance.now()
  await Promise.all(hammers)
  closeAll(connections)
  assert.ok(
    calls.some(({ accepted }) => accepted),
    'the token was in use',
  )
  return calls.filter(({ beganMs }) => beganMs > endedMs)
}

onEachDatabase({}, ({ server, admin, name: database, startNode }) => {
  const idOf = async (name: string): Promise<string> => (await listed(server(), admin()))[name].postern_id

  /** What takes a token's access away, each with one call. */
  const endings: Readonly<Record<string, (name: string) => Promise<void>>> = {
    revoke: async (name) => void done(await server().call(admin(), 'api_token_revoke', { token_name: name })),
    pause: async (name) => {
      const token_id = await idOf(name)
      done(await server().call(admin(), 'postern_token_pause', { token_id }))
    },
    'narrow to another address': async (name) =>
      void done(await server().call(admin(), 'api_token_update', { token_name: name, whitelist_ip: '192.0.2.1' })),
    'narrow to another privilege': async (name) =>
      void done(await server().call(admin(), 'api_token_update', { token_name: name, acl: 'list-accts' })),
  }

  const oneWinner = async (nodes: readonly TestServer[], rounds: number): Promise<void> => {
    const connections = connectionsFor(100)
    for (let round = 0; round < rounds; round += 1) {
      const token_name = freshName('contested')
      const path = `/json-api/api_token_create?api.version=1&token_name=${token_name}&acl=list-accts`
      const replies = await allAtOnce(connections, (agent, index) =>
        (nodes[index % nodes.length] ?? server()).send(path, { agent, headers: { authorization: `whm ${admin()}` } }),
      )
      const [winners, losers] = [replies.filter(isDone), replies.filter((reply) => !isDone(reply))]
      assert.equal(winners.length, 1)
      for (const loser of losers) assertFailed(loser, /^You already have an API token named/)
      done(await server().call(`root:${winners[0]?.json.data.token}`, 'listaccts'))
      for (const node of nodes) await node.server.runtime.flushUsage()
      const entries = await server().audit({ target: token_name, limit: 200 })
      const outcomes = entries.map(({ outcome }) => outcome)
      assert.equal(outcomes.filter((outcome) => outcome === 'done').length, 1)
      assert.equal(outcomes.filter((outcome) => outcome === 'failed').length, 99)
    }
    closeAll(connections)
  }

  test('C1, N14: of a hundred creations of one name at once one wins, and the trail has one success', async () => {
    await oneWinner([server()], times(4, 100))
  })

  for (const [ending, end] of Object.entries(endings)) {
    test(`C2, N3: the next call after the answer to “${ending}” is not let in`, async () => {
      const agent = oneConnection()
      for (let round = 0; round < 40; round += 1) {
        const made = await make(server(), admin())
        const options = { agent, headers: { authorization: `whm ${made.credential}` } }
        done(await server().send(VERSION, options))
        await end(made.name)
        assert.equal(isDone(await server().send(VERSION, options)), false)
      }
      agent.destroy()
    })

    test(`C2, N4: under fire of 32 connections no call begun after the answer to “${ending}” is let in`, async () => {
      for (let round = 0; round < 2; round += 1) {
        const made = await make(server(), admin())
        const late = await hammerThrough(server(), made.credential, () => end(made.name))
        assert.ok(late.length >= HAMMERS)
        assert.equal(late.filter(({ accepted }) => accepted).length, 0)
      }
    })
  }

  test('C2: what happens to the owner reaches a token under fire at once as well', async () => {
    await server().account('c2owner', OWNER)
    const credential = await server().tokenOf('c2owner', OWNER)
    for (const [take, give] of [
      [
        () => server().call(admin(), 'suspendacct', { user: 'c2owner' }),
        () => server().call(admin(), 'unsuspendacct', { user: 'c2owner' }),
      ],
      [
        () => server().call(admin(), 'setacls', { reseller: 'c2owner', 'acl-list-accts': 1 }),
        () => server().call(admin(), 'setacls', { reseller: 'c2owner', 'acl-basic-whm-functions': 1 }),
      ],
    ] as const) {
      const late = await hammerThrough(server(), credential, async () => void done(await take()))
      assert.equal(late.filter(({ accepted }) => accepted).length, 0)
      done(await give())
    }
  })

  test('C3: of two updates at once the last in the trail stands, whole', async () => {
    const sides = [
      { acl: ['list-accts', 'kill-acct'], whitelist_ip: ['192.0.2.1', '192.0.2.2'] },
      { acl: ['passwd', 'list-pkgs'], whitelist_ip: ['198.51.100.0/24', '203.0.113.1'] },
    ]
    for (let round = 0; round < 15; round += 1) {
      const { name } = await make(server(), admin(), { acl: ['clustering'] })
      const update = (side: object) => server().call(admin(), 'api_token_update', { token_name: name, ...side })
      const replies = await Promise.all(sides.map(update))
      for (const [index, reply] of replies.entries()) {
        assert.deepEqual(done(reply).json.data.whitelist_ips, sides[index]?.whitelist_ip)
        assert.deepEqual([...reply.json.data.acls].sort(), [...(sides[index]?.acl ?? [])].sort())
      }
      const [last, first] = await server().audit({ target: name, function: 'api_token_update' })
      const { acls, whitelist_ips } = (await listed(server(), admin()))[name]
      const held = Object.keys(acls).filter((acl) => acls[acl] === 1)
      assert.deepEqual(last.details.ip_rules_added, whitelist_ips)
      assert.deepEqual([...last.details.privileges_added].sort(), held.sort())
      assert.deepEqual(last.details.ip_rules_removed, first.details.ip_rules_added)
    }
  })

  test('C4: a token made while all are revoked is dead or alive as the order of the trail says', async () => {
    await server().account('c4owner', OWNER)
    const session = await signIn(server(), 'c4owner')
    for (let round = 0; round < 10; round += 1) {
      const names = Array.from({ length: 12 }, () => freshName('c4'))
      const create = (token_name: string) =>
        session.call('api_token_create', { token_name, acl: 'basic-whm-functions' })
      const [revoked, ...made] = await Promise.all([session.call('postern_token_revoke_all'), ...names.map(create)])
      const [end] = await server().audit({ function: 'postern_token_revoke_all' })
      const creations = await server().audit({ function: 'api_token_create', caller: 'c4owner', limit: 12 })
      const seqOf = new Map(creations.map(({ target, seq }) => [target, seq]))
      const alive = Object.keys(done(await session.call('api_token_list')).json.data.tokens)
      for (const reply of made) {
        const { name, token } = done(reply).json.data
        const isLater = seqOf.get(name) > end.seq
        assert.equal(alive.includes(name), isLater, name)
        const used = await server().call(`c4owner:${token}`, 'version')
        if (isLater) done(used)
        else assertRefused(used)
      }
      const before = creations.filter(({ seq }) => seq < end.seq).length
      assert.ok(done(revoked).json.data.revoked >= before)
    }
  })

  describe('C5: what ends a token or takes a name wins for good', () => {
    test('C5: a token that is changed while it is revoked stays revoked', async () => {
      for (let round = 0; round < 15; round += 1) {
        const made = await make(server(), admin())
        const new_name = freshName('c5')
        const asked = [
          () => server().call(admin(), 'api_token_update', { token_name: made.name, acl: 'all', expires_at: 0 }),
          () => server().call(admin(), 'api_token_revoke', { token_name: made.name }),
          () => server().call(admin(), 'api_token_update', { token_name: made.name, new_name }),
        ]
        const [, revoke] = await Promise.all(asked.map((ask) => ask()))
        // Renamed first, it is not found under its old name, and lives; else it is dead and no change brings it back.
        const used = await server().call(made.credential, 'version')
        if (revoke !== undefined && isDone(revoke)) assertRefused(used)
        else assertFailed(revoke as Reply, /You have no API token named/)
        const again = await server().call(admin(), 'api_token_update', { token_name: made.name, acl: 'all' })
        assertFailed(again, /You have no API token named/)
      }
    })

    test('C5: of two renames to one name one wins', async () => {
      for (let round = 0; round < 10; round += 1) {
        const [a, b] = [await make(server(), admin()), await make(server(), admin())]
        const new_name = freshName('c5')
        const replies = await Promise.all(
          [a, b].map(({ name }) => server().call(admin(), 'api_token_update', { token_name: name, new_name })),
        )
        assert.equal(replies.filter(isDone).length, 1)
        const [loser] = replies.filter((reply) => !isDone(reply))
        assertFailed(loser as Reply, /already have an API token named/)
        for (const { credential } of [a, b]) done(await server().call(credential, 'version'))
      }
    })

    test('C5: after its owner is renamed under fire, a token works under the new name at once and not under the old', async () => {
      await server().account('c5owner', OWNER)
      const credential = await server().tokenOf('c5owner', OWNER)
      const renamed = credential.replace('c5owner', 'c5other')
      const late = await hammerThrough(server(), credential, async () => {
        done(await server().call(admin(), 'modifyacct', { user: 'c5owner', newuser: 'c5other' }))
        done(await server().call(renamed, 'version'))
      })
      assert.equal(late.filter(({ accepted }) => accepted).length, 0)
      done(await server().call(renamed, 'version'))
    })
  })

  test('C6: a privilege that is taken while a token is made with it is never in its hands', async () => {
    await server().account('c6owner', OWNER)
    const session = await signIn(server(), 'c6owner')
    for (let round = 0; round < 8; round += 1) {
      const names = Array.from({ length: 6 }, () => freshName('c6'))
      const [taken, ...made] = await Promise.all([
        server().call(admin(), 'setacls', { reseller: 'c6owner', 'acl-manage-api-tokens': 1 }),
        ...names.map((token_name) => session.call('api_token_create', { token_name, acl: 'list-accts' })),
      ])
      done(taken)
      for (const reply of made) {
        if (isDone(reply)) assertDenied(await server().call(`c6owner:${reply.json.data.token}`, 'listaccts'))
        else assertFailed(reply, /^You do not hold the privilege “list-accts”/)
      }
      const flags = Object.fromEntries(OWNER.map((acl) => [`acl-${acl}`, 1]))
      done(await server().call(admin(), 'setacls', { reseller: 'c6owner', ...flags }))
    }
  })

  test('C6: a hundred calls at once are counted as a hundred', async () => {
    const made = await make(server(), admin())
    const connections = connectionsFor(100)
    const options = { headers: { authorization: `whm ${made.credential}` } }
    for (const reply of await allAtOnce(connections, (agent) => server().send(VERSION, { agent, ...options })))
      done(reply)
    closeAll(connections)
    await server().server.runtime.flushUsage()
    assert.equal((await listed(server(), admin()))[made.name].postern_calls, 100)
  })

  if (database === 'postgres') {
    describe('two nodes on one database', () => {
      let second: TestServer | undefined
      const node = async (): Promise<TestServer> => {
        second ??= await startNode()
        return second
      }

      test('C1, N14: of a hundred creations of one name over two nodes one wins', async () => {
        await oneWinner([server(), await node()], times(2, 100))
      })

      test('C2, N3: the next call on the other node after a token was ended or narrowed is not let in', async () => {
        const other = await node()
        const agent = oneConnection()
        for (const end of Object.values(endings)) {
          for (let round = 0; round < 25; round += 1) {
            const made = await make(server(), admin())
            const options = { agent, headers: { authorization: `whm ${made.credential}` } }
            done(await other.send(VERSION, options))
            await end(made.name)
            assert.equal(isDone(await other.send(VERSION, options)), false)
          }
        }
        agent.destroy()
      })

      test('C2, N4: under fire on the other node no call begun after the revoke is let in', async () => {
        const other = await node()
        const made = await make(server(), admin())
        const late = await hammerThrough(other, made.credential, () => endings.revoke?.(made.name) ?? Promise.reject())
        assert.ok(late.length >= HAMMERS)
        assert.equal(late.filter(({ accepted }) => accepted).length, 0)
      })

      test('C3: two updates on two nodes leave one of them whole, the last in the trail', async () => {
        const other = await node()
        for (let round = 0; round < 10; round += 1) {
          const { name } = await make(server(), admin(), { acl: ['clustering'] })
          const rules = ['192.0.2.1', '192.0.2.2']
          const replies = await Promise.all(
            [server(), other].map((one, index) =>
              one.call(admin(), 'api_token_update', { token_name: name, whitelist_ip: rules[index] ?? '' }),
            ),
          )
          for (const reply of replies) done(reply)
          const [last] = await server().audit({ target: name, function: 'api_token_update' })
          assert.deepEqual((await listed(other, admin()))[name].whitelist_ips, last.details.ip_rules_added)
        }
      })
    })
  }
})
