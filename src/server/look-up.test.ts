import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeLookUp } from './look-up.ts'

type Answers = {
  readonly v4?: string[]
  readonly v6?: string[]
  readonly mx?: { priority: number; exchange: string }[]
}

/** Looks up at name servers that answer everything in this way; `asked` holds each name that they were asked for. */
function answering({ v4 = [], v6 = [], mx = [] }: Answers) {
  const asked: string[] = []
  const lookUp = makeLookUp(['192.168.1.1', 'FD00:0::1'], () => ({
    resolve4: (async (name: string) => {
      asked.push(name)
      return v4
    }) as never,
    resolve6: (async () => v6) as never,
    resolveMx: async () => mx,
    cancel() {},
  }))
  return { asked, lookUp }
}
const stranger = { userId: 1, isOurs: false }

test('names that public DNS does not have are asked of nobody', async () => {
  const { asked, lookUp } = answering({ v4: ['8.8.8.8'] })
  for (const name of [
    'intranet',
    'printer.local',
    'db.internal',
    'db.prod.INTERNAL',
    'router.home.arpa',
    'x.localhost',
    '1.0.0.10.in-addr.arpa',
    '10.in-addr.arpa',
    '1.0.0.0.d.f.ip6.arpa',
  ])
    assert.deepEqual(await lookUp(name, stranger), [], name)
  assert.deepEqual(asked, [])
  for (const name of ['example.com', 'local.example.com', 'mylocal.example', 'internal.org'])
    assert.deepEqual(await lookUp(name, stranger), [`${name} has address 8.8.8.8`])
})

test('private addresses and servers are left out, but for addresses that accounts of this server have', async () => {
  const { lookUp } = answering({
    v4: ['10.1.2.3', '172.16.0.1', '192.168.1.1', '127.0.0.1', '169.254.1.1', '100.64.0.1', '0.0.0.0', '8.8.8.8'],
    v6: ['::1', 'fe80::1', 'fd00::1', '::ffff:10.0.0.1', '64:ff9b::a00:1', '2606:4700::1111'],
    mx: [
      { priority: 5, exchange: 'mail.internal' },
      { priority: 10, exchange: 'mx.example.net' },
      { priority: 0, exchange: '' },
    ],
  })
  assert.deepEqual(await lookUp('example.com', stranger), [
    'example.com has address 192.168.1.1',
    'example.com has address 8.8.8.8',
    'example.com has IPv6 address fd00::1',
    'example.com has IPv6 address 2606:4700::1111',
    'example.com mail is handled by 10 mx.example.net.',
    'example.com mail is handled by 0 .',
  ])
  // A domain of an account may be an alias for a name of the private network.
  assert.equal((await lookUp('shop.internal', { ...stranger, isOurs: true })).length, 6)
})

test('few look-ups run at once, the surplus is refused, and each ends in time', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let running = 0
  let most = 0
  const lookUp = makeLookUp([], () => {
    running += 1
    most = Math.max(most, running)
    const { promise, reject } = Promise.withResolvers<never>()
    return {
      resolve4: () => promise,
      resolve6: () => promise,
      resolveMx: () => promise,
      cancel() {
        running -= 1
        reject(new Error('cancelled'))
      },
    }
  })
  const asked = Array.from({ length: 30 }, (_, n) => lookUp('example.com', { userId: n, isOurs: false }))
  const ended = Promise.allSettled(asked)
  for (let round = 0; round < 10; round += 1) {
    t.mock.timers.tick(5_000)
    // Lets those that waited begin.
    await new Promise((resolve) => setImmediate(resolve))
  }
  const results = await ended
  assert.equal(most, 4)
  assert.equal(running, 0)
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 20)
  for (const result of results)
    if (result.status === 'rejected') assert.equal(result.reason.code, 'overloaded')
    else assert.deepEqual(result.value, [])
})
