/** Address rules end to end: stored by the token functions, held against the address that a trusted proxy names. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { done } from '../start-server.ts'
import {
  assertFailed,
  assertRefused,
  callFrom,
  freshName,
  listed,
  make,
  onEachDatabase,
  oneConnection,
  post,
  postJson,
  recordsOf,
} from './token-servers.ts'

const WHM_SAMPLE = '12AB:0:0:CD30:123:4567:89AB:CDEF'

type Case = {
  readonly rules: readonly string[]
  readonly printed: readonly string[]
  readonly inside: readonly string[]
  readonly outside: readonly string[]
  readonly warning?: RegExp
}

const KEPT: readonly Case[] = [
  {
    rules: ['10.5.3.33'],
    printed: ['10.5.3.33'],
    inside: ['10.5.3.33', '::ffff:10.5.3.33'],
    outside: ['10.5.3.32', '10.5.3.34', '::1'],
  },
  {
    rules: ['10.5.3.0/24'],
    printed: ['10.5.3.0/24'],
    inside: ['10.5.3.0', '10.5.3.255'],
    outside: ['10.5.2.255', '10.5.4.0'],
  },
  {
    rules: ['10.5.3.4/31'],
    printed: ['10.5.3.4/31'],
    inside: ['10.5.3.4', '10.5.3.5'],
    outside: ['10.5.3.3', '10.5.3.6'],
  },
  {
    rules: [WHM_SAMPLE],
    printed: ['12ab:0000:0000:cd30:0123:4567:89ab:cdef'],
    inside: [WHM_SAMPLE.toLowerCase()],
    outside: ['12ab::cd30:123:4567:89ab:cdee', '12ab::cd30:123:4567:89ab:cdf0'],
  },
  {
    rules: ['12AB:0:0:CD30::/60'],
    printed: ['12ab:0000:0000:cd30:0000:0000:0000:0000/60'],
    inside: ['12ab:0:0:cd30::', '12ab:0:0:cd3f:ffff:ffff:ffff:ffff'],
    outside: ['12ab:0:0:cd2f:ffff:ffff:ffff:ffff', '12ab:0:0:cd40::'],
  },
  {
    rules: ['2001:db8::2/127'],
    printed: ['2001:0db8:0000:0000:0000:0000:0000:0002/127'],
    inside: ['2001:db8::2', '2001:db8::3'],
    outside: ['2001:db8::1', '2001:db8::4'],
  },
]

const HOST_BITS: readonly Case[] = [
  {
    rules: ['10.5.3.7/24'],
    printed: ['10.5.3.0/24'],
    inside: ['10.5.3.0', '10.5.3.255'],
    outside: ['10.5.4.0'],
    warning: /^“10\.5\.3\.7\/24” is kept as the whole network it lies in\.$/,
  },
  {
    rules: ['12AB:0:0:CD3F::1/60'],
    printed: ['12ab:0000:0000:cd30:0000:0000:0000:0000/60'],
    inside: ['12ab:0:0:cd30::', '12ab:0:0:cd3f::1'],
    outside: ['12ab:0:0:cd40::'],
    warning: /^“12AB:0:0:CD3F::1\/60” is kept as the whole network/,
  },
]

const MAPPED: readonly Case[] = [
  {
    rules: ['10.0.0.0/8'],
    printed: ['10.0.0.0/8'],
    inside: ['10.1.2.3', '::ffff:10.1.2.3', '::ffff:a01:203'],
    outside: ['::10.1.2.3', '64:ff9b::10.1.2.3'],
  },
  {
    rules: ['::ffff:10.0.0.0/104'],
    printed: ['10.0.0.0/8'],
    inside: ['10.1.2.3', '::ffff:10.1.2.3'],
    outside: ['11.0.0.0', '::10.1.2.3', '64:ff9b::10.1.2.3'],
  },
]

const EVERY: readonly Case[] = [
  {
    rules: ['0.0.0.0/0'],
    printed: ['0.0.0.0/0'],
    inside: ['0.0.0.0', '203.0.113.9', '255.255.255.255', '::ffff:1.2.3.4'],
    outside: ['::1', '2001:db8::1', '::1.2.3.4'],
    warning: /allow every IPv4 address/,
  },
  {
    rules: ['::/0'],
    printed: ['0000:0000:0000:0000:0000:0000:0000:0000/0'],
    inside: ['::1', '2001:db8::1', '::1.2.3.4'],
    outside: ['203.0.113.9', '::ffff:1.2.3.4'],
    warning: /allow every IPv6 address/,
  },
  {
    rules: ['0.0.0.0/1', '128.0.0.0/1'],
    printed: ['0.0.0.0/1', '128.0.0.0/1'],
    inside: ['1.1.1.1', '203.0.113.9'],
    outside: ['2001:db8::1'],
    warning: /allow every IPv4 address/,
  },
]

const REFUSED_FORMS = [
  '10.1',
  '010.0.0.1',
  '0x0a000001',
  '167772161',
  '1.2.3',
  '256.1.1.1',
  '1.2.3.4.',
  '10/8',
  '10.0.0.0/',
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.0/08',
  '10.0.0.0/ 8',
  '10.0.0.0/8e0',
  '10.0.0.0/1.5',
  '10.0.0.0/255.0.0.0',
  '10.0.0.0/8/8',
  '2001:db8:::1',
  '2001:db8::/129',
  'fe80::1%eth0',
  '１０.0.0.1',
  '10.0. 0.1',
  'host.example.com',
]

onEachDatabase({ settings: { trustedProxies: ['127.0.0.1'] } }, ({ server, admin }) => {
  /** Made by create and, once more, by update: the two must agree. */
  const holds = async ({ rules, printed, inside, outside, warning }: Case): Promise<void> => {
    const args = { token_name: freshName(), acl: 'basic-whm-functions', whitelist_ip: rules }
    const created = done(await server().call(admin(), 'api_token_create', args)).json
    const credential = `root:${created.data.token}`
    const other = await make(server(), admin(), { whitelist_ip: '192.0.2.250' })
    const update = { token_name: other.name, whitelist_ip: rules }
    const updated = done(await server().call(admin(), 'api_token_update', update)).json
    for (const { data, metadata } of [created, updated]) {
      assert.deepEqual(data.whitelist_ips, printed)
      const warnings = metadata.output?.warnings ?? []
      if (warning === undefined) assert.deepEqual(warnings, [])
      else assert.match(warnings.join('\n'), warning)
    }
    assert.deepEqual((await listed(server(), admin()))[other.name].whitelist_ips, printed)
    for (const token of [credential, other.credential]) {
      for (const address of inside) done(await callFrom(server(), address, token))
      for (const address of outside) assertRefused(await callFrom(server(), address, token), `${rules} ${address}`)
    }
  }

  test('I1: single addresses and ranges are kept, printed as WHM does, and hold to the last address', async () => {
    for (const one of KEPT) await holds(one)
  })

  test('I2: what is no strict address or range fails with entry and position, alone and among good ones', async () => {
    const kept = await make(server(), admin(), { whitelist_ip: '192.0.2.1' })
    const before = await recordsOf(server(), admin())
    const failures = REFUSED_FORMS.map((form) => [form, form] as const)
    for (const [form, shown] of [...failures, [' 10.0.0.1', ' 10.0.0.1'], ['10.0.0.1\n', '10.0.0.1\n']] as const) {
      const alone = { token_name: freshName(), acl: 'list-accts', whitelist_ip: form }
      const reply = await post(server(), admin(), 'api_token_create', alone)
      assertFailed(reply, /“whitelist_ip” is not valid: .* \(entry 1\)\.$/s, form)
      assert.ok(reply.json.metadata.reason.includes(`“${shown}”`), reply.body)
      const among = { token_name: kept.name, whitelist_ip: ['192.0.2.1', form, '192.0.2.2'] }
      assertFailed(await post(server(), admin(), 'api_token_update', among), /\(entry 2\)\.$/, form)
    }
    const empty = { token_name: kept.name, whitelist_ip: ['192.0.2.1', ''] }
    assertFailed(await post(server(), admin(), 'api_token_update', empty), /“” .*\(entry 2\)\.$/)
    const first = { token_name: freshName(), acl: 'list-accts', 'whitelist_ip-0': '', 'whitelist_ip-1': '192.0.2.1' }
    assertFailed(await post(server(), admin(), 'api_token_create', first), /“” .*\(entry 1\)\.$/)
    assert.deepEqual(await recordsOf(server(), admin()), before)
  })

  test('I3: an address with host bits is kept as its network, with a warning', async () => {
    for (const one of HOST_BITS) await holds(one)
  })

  test('I4: IPv4 and its v4-mapped form are one address; v4-compatible and NAT64 are others', async () => {
    for (const one of MAPPED) await holds(one)
  })

  test('I5: “everything” of one family is nothing of the other, and is warned about however it is written', async () => {
    for (const one of EVERY) await holds(one)
  })

  test('I1: an exception takes addresses out of the others, and a list that lets nobody in is refused', async () => {
    await holds({
      rules: ['10.5.0.0/16', '!10.5.3.0/24', '!10.5.9.9'],
      printed: ['10.5.0.0/16', '!10.5.3.0/24', '!10.5.9.9'],
      inside: ['10.5.2.255', '10.5.4.0', '10.5.9.8'],
      outside: ['10.5.3.0', '10.5.3.255', '::ffff:10.5.3.7', '10.5.9.9', '10.6.0.1', '::1'],
    })
    await holds({
      rules: ['!10.5.3.7/24', '10.0.0.0/8'],
      printed: ['!10.5.3.0/24', '10.0.0.0/8'],
      inside: ['10.5.4.0'],
      outside: ['10.5.3.200'],
      warning: /“!10\.5\.3\.7\/24” is kept as the whole network/,
    })
    const kept = await make(server(), admin(), { whitelist_ip: '192.0.2.1' })
    const before = await recordsOf(server(), admin())
    for (const whitelist_ip of ['!10.5.3.7', ['10.5.3.7', '!10.5.0.0/16'], ['!any', '10.0.0.1'], ['!', '10.0.0.1']]) {
      const args = { token_name: kept.name, whitelist_ip }
      assertFailed(await post(server(), admin(), 'api_token_update', args), /“whitelist_ip” is not valid/)
    }
    assert.deepEqual(await recordsOf(server(), admin()), before)
  })

  test('a token with an exception makes and widens none that the excepted address could use', async () => {
    const limits = ['127.0.0.0/8', '!127.0.0.9']
    const acl = ['manage-api-tokens', 'list-accts']
    const maker = await make(server(), admin(), { whitelist_ip: limits, acl })
    const give = (whitelist_ip: readonly string[]) =>
      post(server(), maker.credential, 'api_token_create', { token_name: freshName(), acl: 'list-accts', whitelist_ip })
    for (const rules of [['127.0.0.0/8'], ['127.0.0.9'], ['127.0.0.8/30'], ['127.0.0.0/8', '!127.0.0.8']])
      assertFailed(await give(rules), /outside its own address rules/)
    for (const rules of [limits, ['127.0.0.8'], ['127.0.0.0/8', '!127.0.0.8/29'], ['127.1.0.0/16']])
      done(await give(rules))
    const narrow = await make(server(), admin(), { whitelist_ip: limits, acl: 'list-accts' })
    const widened = { token_name: narrow.name, whitelist_ip: ['127.0.0.0/8'] }
    assertFailed(await post(server(), maker.credential, 'api_token_update', widened), /address/)
    assert.deepEqual((await listed(server(), admin()))[narrow.name].whitelist_ips, limits)
  })

  test('I6: a hundred entries are kept, a hundred and one are not, and the same network twice counts once', async () => {
    const hundred = Array.from({ length: 100 }, (_, i) => `198.51.${i}.0/24`)
    const surplus = [...hundred, '203.0.113.1']
    const doubled = [...hundred, '198.51.7.9/24']
    const made = await make(server(), admin(), { whitelist_ip: hundred })
    done(await callFrom(server(), '198.51.99.255', made.credential))
    const before = await recordsOf(server(), admin())
    for (const [name, args] of [
      ['api_token_create', { token_name: freshName(), acl: 'list-accts' }],
      ['api_token_update', { token_name: made.name, acl: 'list-accts' }],
    ] as const) {
      assertFailed(await post(server(), admin(), name, { ...args, whitelist_ip: surplus }), /“101 entries” are more/)
    }
    assert.deepEqual(await recordsOf(server(), admin()), before)
    const collapsed = await make(server(), admin(), { whitelist_ip: doubled })
    done(await post(server(), admin(), 'api_token_update', { token_name: made.name, whitelist_ip: doubled }))
    const after = await listed(server(), admin())
    for (const { name } of [collapsed, made]) assert.deepEqual(after[name].whitelist_ips, hundred)
  })

  test('I7: all spellings of the list are one list', async () => {
    const [a, b, c] = ['192.0.2.1', '192.0.2.2', '192.0.2.3']
    const spellings = [
      { whitelist_ip: [a, b, c] },
      { 'whitelist_ip-0': a, 'whitelist_ip-1': b, 'whitelist_ip-2': c },
      { 'whitelist_ip-9': c, 'whitelist_ip-2': a, 'whitelist_ip-5': b },
      { whitelist_ip: a, 'whitelist_ip-1': b, 'whitelist_ip-7': c },
      { whitelist_ip: a, 'whitelist_ip-1': b, 'whitelist-ip-3': c },
      { whitelist_ip: [a, b, a], 'whitelist_ip-0': c },
    ]
    for (const spelling of spellings) {
      const made = await make(server(), admin(), spelling)
      const { whitelist_ips } = (await listed(server(), admin()))[made.name]
      assert.deepEqual([...whitelist_ips].sort(), [a, b, c], JSON.stringify(spelling))
      const update = await make(server(), admin())
      done(await server().call(admin(), 'api_token_update', { token_name: update.name, ...spelling }))
      assert.deepEqual((await listed(server(), admin()))[update.name].whitelist_ips, whitelist_ips)
    }
    for (const body of [
      { whitelist_ip: [a, b, c] },
      { 'whitelist_ip-0': a, whitelist_ip: [b], 'whitelist-ip-3': [c] },
    ]) {
      const reply = await postJson(server(), admin(), 'api_token_create', {
        token_name: freshName(),
        acl: 'all',
        ...body,
      })
      assert.deepEqual([...done(reply).json.data.whitelist_ips].sort(), [a, b, c])
    }
  })

  test('I7: “any” and empty clear the list on update; beside others “any” fails', async () => {
    for (const cleared of ['any', '', ['any', 'any'], ['', '']]) {
      const made = await make(server(), admin(), { whitelist_ip: '192.0.2.1' })
      assertRefused(await callFrom(server(), '192.0.2.9', made.credential))
      const args = { token_name: made.name, whitelist_ip: cleared }
      assert.equal(done(await server().call(admin(), 'api_token_update', args)).json.data.whitelist_ips, null)
      done(await callFrom(server(), '192.0.2.9', made.credential))
    }
    const made = await make(server(), admin(), { whitelist_ip: '192.0.2.1' })
    for (const mixed of [['any', '192.0.2.1'], ['192.0.2.1', 'any'], ['any', ''], ['', 'any'], 'ANY', 'any ', '*']) {
      const args = { token_name: made.name, whitelist_ip: mixed }
      assertFailed(await server().call(admin(), 'api_token_update', args), /“whitelist_ip” is not valid/, String(mixed))
    }
    assert.deepEqual((await listed(server(), admin()))[made.name].whitelist_ips, ['192.0.2.1'])
  })

  test('I7: look-alikes, which would widen the token if they were ignored, are not understood', async () => {
    const made = await make(server(), admin(), { whitelist_ip: '192.0.2.1' })
    const before = await recordsOf(server(), admin())
    for (const name of [
      'whitelist_ips',
      'whitelist_ip[]',
      'whitelist_ip[0]',
      'whitelist_ip_1',
      'whitelist_ip.0',
      'whitelist_ip-01',
      'whitelist_ip-x',
      'WHITELIST_IP',
      'whitelist',
      'whitelist-ips',
    ]) {
      const create = { token_name: freshName(), acl: 'list-accts', [name]: '192.0.2.1' }
      assertFailed(await post(server(), admin(), 'api_token_create', create), /is not understood/, name)
      const update = { token_name: made.name, acl: 'all', [name]: '192.0.2.2' }
      assertFailed(await post(server(), admin(), 'api_token_update', update), /is not understood/, name)
    }
    for (const value of [null, {}, [], [['192.0.2.1']], [null]]) {
      const body = { token_name: freshName(), acl: 'list-accts', whitelist_ip: value }
      assertFailed(await postJson(server(), admin(), 'api_token_create', body), /“whitelist_ip” is not valid/)
    }
    assert.deepEqual(await recordsOf(server(), admin()), before)
  })

  test('I10: on an open connection the next call after its address was taken away is refused', async () => {
    const agent = oneConnection()
    const made = await make(server(), admin(), { whitelist_ip: ['192.0.2.1', '192.0.2.2'] })
    const call = () => callFrom(server(), '192.0.2.1', made.credential, 'version', { agent })
    done(await call())
    done(await call())
    done(await server().call(admin(), 'api_token_update', { token_name: made.name, whitelist_ip: '192.0.2.2' }))
    assertRefused(await call())
    const [entry] = await server().audit({ outcome: 'refused', function: 'version' })
    assert.deepEqual([entry.reason, entry.address, entry.token_name], ['address-not-allowed', '192.0.2.1', made.name])
    done(await server().call(admin(), 'api_token_update', { token_name: made.name, whitelist_ip: '192.0.2.1' }))
    done(await call())
    agent.destroy()
  })

  test('I10: a call that runs while its address is taken away is whole or refused, never half', async () => {
    for (let round = 0; round < 10; round += 1) {
      const made = await make(server(), admin(), { acl: ['create-acct'], whitelist_ip: ['192.0.2.1', '192.0.2.2'] })
      const user = `half${round}`
      const body = { username: user, domain: `${user}.example.com`, password: 'long enough 9', 'api.version': 1 }
      const [reply] = await Promise.all([
        callFrom(server(), '192.0.2.1', made.credential, 'createacct', {
          method: 'POST',
          body: new URLSearchParams(Object.entries(body).map(([name, value]) => [name, String(value)])).toString(),
        }),
        server().call(admin(), 'api_token_update', { token_name: made.name, whitelist_ip: '192.0.2.2' }),
      ])
      const found = await server().call(admin(), 'accountsummary', { user })
      if (reply.status === 200) done(found)
      else {
        assertRefused(reply)
        assertFailed(found, /no account/)
        const [entry] = await server().audit({ outcome: 'refused', token: made.name })
        assert.equal(entry.reason, 'address-not-allowed')
      }
    }
  })
})
