/** WHM's functions for DNS zones, and UAPI's: whole replies, who may, and what must not have changed. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Arguments, done, queryOf, type Reply, startTestServer, type TestServer } from '../start-server.ts'
import { assertDenied, assertDone, assertFailed } from './replies.ts'
import { storedRows } from './stored.ts'

let server: TestServer
let editor = ''
let seller = ''
before(async () => {
  server = await startTestServer({
    settings: { cpanelListen: '127.0.0.1:0', accountIp: '192.0.2.10', nameservers: ['ns1.example.net'] },
  })
  await server.account('seller', ['create-dns', 'kill-dns', 'edit-dns', 'manage-api-tokens'])
  await server.account('alice', undefined, { owner: 'seller' })
  await server.account('bob')
  editor = await server.rootToken(['edit-dns'])
  seller = await server.tokenOf('seller', ['create-dns', 'kill-dns', 'edit-dns'])
})
after(() => server.close())

const edit = (command: string, args: Arguments = {}): Promise<Reply> => server.call(editor, command, args)
const textOf = (zone: string): string => {
  const [row] = storedRows(server, 'select text from zones where name = ?', zone) as readonly {
    readonly text: string
  }[]
  const text = row?.text ?? ''
  if (text !== '') assert.equal(readFileSync(join(server.folder, 'zones', `${zone}.db`), 'utf8'), text)
  return text
}
const serialOf = (zone: string): number => Number(/\t(\d+)\t; serial/.exec(textOf(zone))?.[1])
const record = (name: string, type: string, ...data: readonly string[]): string =>
  JSON.stringify({ dname: name, ttl: 300, record_type: type, data })
const massEdit = (zone: string, more: Arguments, serial = serialOf(zone)): Promise<Reply> =>
  edit('mass_edit_dns_zone', { zone, serial, ...more })
const notMine = (zone: string): string => `You do not control a DNS zone named ${zone}.`
const text64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64')
type Line = {
  readonly line_index: number
  readonly type: string
  readonly record_type?: string
  readonly dname_b64: string
}

describe('listzones, adddns and killdns', () => {
  test('listzones shows all to root, and to a reseller their own and those of their accounts', async () => {
    const zones = (...names: readonly string[]) => names.map((name) => ({ domain: name, zonefile: `${name}.db` }))
    const all = ['alice.example.com', 'bob.example.com', 'seller.example.com']
    assertDone(await edit('listzones'), 'listzones', { zone: zones(...all) })
    assertDone(await server.call(seller, 'listzones'), 'listzones', {
      zone: zones('alice.example.com', 'seller.example.com'),
    })
    const old = await server.send('/json-api/listzones', { headers: { authorization: `whm ${seller}` } })
    assert.deepEqual(old.json, { zone: zones('alice.example.com', 'seller.example.com') })
  })

  test('adddns makes a zone of the caller, or of the account that is named; killdns takes it away', async () => {
    const made = await server.call(seller, 'adddns', {
      domain: 'New.Example.org',
      ip: '192.0.2.20',
      ipv6: '2001:db8::20',
      template: 'simple',
    })
    assert.deepEqual(made.json.metadata, {
      version: 1,
      command: 'adddns',
      result: 1,
      reason: 'Added new.example.org ok',
      output: { raw: 'Made the zone new.example.org' },
    })
    assert.match(textOf('new.example.org'), /^new\.example\.org\.\t14400\tIN\tAAAA\t2001:db8::20$/m)
    done(await server.call(seller, 'adddns', { domain: 'more.example.org', ip: '192.0.2.20', trueowner: 'alice' }))
    const token = await server.accountToken('alice')
    assert.equal((await server.uapi(token, 'DNS::parse_zone', { zone: 'more.example.org' })).json.status, 1)
    assert.equal((await server.uapi(token, 'DNS::parse_zone', { zone: 'new.example.org' })).json.status, 0)
    for (const domain of ['new.example.org', 'more.example.org']) {
      const { metadata } = done(await server.call(seller, 'killdns', { domain })).json
      assert.equal(metadata.reason, 'Zones Removed')
      assert.equal(textOf(domain), '')
      assert.equal(existsSync(join(server.folder, 'zones', `${domain}.db`)), false)
    }
    const [entry] = await server.audit({ function: 'adddns', target: 'more.example.org' })
    assert.deepEqual([entry.outcome, entry.details.owner], ['done', 'alice'])
  })

  test('a name that is taken, somebody else’s or the server’s own makes no zone', async () => {
    const add = (domain: string, more: Arguments = {}) =>
      server.call(seller, 'adddns', { domain, ip: '192.0.2.20', ...more })
    const taken = (domain: string) => `The domain “${domain}” is already in use on this server.`
    for (const domain of ['bob.example.com', 'sub.bob.example.com', 'panel.example.com', 'example.com', 'example.net'])
      assertFailed(await add(domain), 'adddns', taken(domain))
    assertFailed(await add('alice.example.com'), 'adddns', 'There is a DNS zone named “alice.example.com” already.')
    assertFailed(await add('x.example.org', { trueowner: 'bob' }), 'adddns', 'You have no account named “bob”.')
    assertFailed(
      await add('x.example.org', { ip: 'x' }),
      'adddns',
      'The argument “ip” is not valid: “x” is not an IP address.',
    )
    assertFailed(
      await add('no_host.example.org'),
      'adddns',
      'The argument “domain” is not valid: “no_host.example.org” is not a domain name.',
    )
    assert.deepEqual(storedRows(server, 'select name from zones order by name').length, 3)
  })

  test('each needs its own privilege, and another reseller’s zone answers like none', async () => {
    const narrow = await server.rootToken(['list-accts'])
    for (const [command, acl] of [
      ['listzones', 'edit-dns'],
      ['adddns', 'create-dns'],
      ['killdns', 'kill-dns'],
      ['dumpzone', 'edit-dns'],
      ['getzonerecord', 'edit-dns'],
      ['addzonerecord', 'edit-dns'],
      ['editzonerecord', 'edit-dns'],
      ['removezonerecord', 'edit-dns'],
      ['resetzone', 'edit-dns'],
    ] as const)
      assertDenied(await server.call(narrow, command, { domain: 'bob.example.com' }), command, acl)
    for (const command of ['parse_dns_zone', 'mass_edit_dns_zone'])
      assertDenied(
        await server.call(narrow, command, { zone: 'bob.example.com' }),
        command,
        'edit-dns” or “manage-dns-records',
      )
    const before = textOf('bob.example.com')
    for (const zone of ['bob.example.com', 'ghost.example.com']) {
      const asked = {
        zone,
        line: 11,
        serial: serialOf('bob.example.com'),
        remove: 10,
        type: 'A',
        name: 'x',
        address: '192.0.2.1',
      }
      for (const command of [
        'killdns',
        'dumpzone',
        'getzonerecord',
        'addzonerecord',
        'editzonerecord',
        'removezonerecord',
        'resetzone',
        'parse_dns_zone',
        'mass_edit_dns_zone',
      ])
        assertFailed(await server.call(seller, command, asked), command, notMine(zone))
    }
    assert.equal(textOf('bob.example.com'), before)
    // The newer functions are opened by the newer privilege too.
    const newer = await server.rootToken(['manage-dns-records'])
    done(await server.call(newer, 'parse_dns_zone', { zone: 'bob.example.com' }))
    assertDenied(await server.call(newer, 'dumpzone', { domain: 'bob.example.com' }), 'dumpzone', 'edit-dns')
  })
})

describe('parse_dns_zone and mass_edit_dns_zone', () => {
  test('15: names come back as they were written, the SOA’s with its dot, texts in base64, and payload stands alone', async () => {
    const reply = done(await edit('parse_dns_zone', { zone: 'Alice.Example.com.' }))
    const { data, metadata } = reply.json
    assert.deepEqual([Object.keys(data), metadata.reason], [['payload'], 'OK'])
    assert.deepEqual(data.payload[0].type, 'comment')
    assert.match(Buffer.from(data.payload[0].text_b64, 'base64').toString(), /^; cPanel first/)
    assert.deepEqual(data.payload[2], { line_index: 2, type: 'control', text_b64: text64('$TTL 14400') })
    const serial = serialOf('alice.example.com')
    assert.deepEqual(data.payload[3], {
      line_index: 3,
      type: 'record',
      data_b64: [
        'ns1.example.net.',
        'hostmaster.alice.example.com.',
        String(serial),
        '3600',
        '1800',
        '1209600',
        '86400',
      ].map(text64),
      dname_b64: text64('alice.example.com.'),
      record_type: 'SOA',
      ttl: 86_400,
    })
    const www = data.payload.find(({ dname_b64 }: Line) => dname_b64 === text64('www'))
    assert.deepEqual(www, {
      line_index: 13,
      type: 'record',
      data_b64: [text64('alice.example.com.')],
      dname_b64: text64('www'),
      record_type: 'CNAME',
      ttl: 14_400,
    })
    assert.ok(reply.body.includes('"record_type":"TXT","ttl":14400}'))
    const narrow = await server.rootToken(['edit-dns'])
    done(await server.call(narrow, 'parse_dns_zone', { zone: 'alice.example.com' }))
  })

  test('adds, edits and removes in one step, by lines counted from 0; the new serial is a text', async () => {
    const before = textOf('alice.example.com').split('\n')
    const serial = serialOf('alice.example.com')
    const line = (part: string) => before.findIndex((one) => one.startsWith(part))
    const reply = await massEdit('alice.example.com', {
      add: [record('one', 'A', '192.0.2.31'), record('two.alice.example.com.', 'TXT', 'a b', 'c"d')],
      'edit-0': JSON.stringify({
        line_index: line('ftp'),
        dname: 'ftp',
        ttl: '60',
        record_type: 'A',
        data: ['192.0.2.32'],
      }),
      remove: line('mail'),
    })
    assertDone(reply, 'mass_edit_dns_zone', { new_serial: String(serial + 1) })
    assert.ok(reply.body.includes(`"new_serial":"${serial + 1}"`))
    const after = textOf('alice.example.com').split('\n')
    const expected = before
      .filter((one) => !one.startsWith('mail'))
      .map((one) => {
        if (one.startsWith('ftp')) return 'ftp\t60\tIN\tA\t192.0.2.32'
        return one.replace(`${serial}\t; serial`, `${serial + 1}\t; serial`)
      })
    assert.deepEqual(after, [
      ...expected.slice(0, -1),
      'one\t300\tIN\tA\t192.0.2.31',
      'two.alice.example.com.\t300\tIN\tTXT\t"a b" "c\\"d"',
      '',
    ])
    const [entry] = await server.audit({ function: 'mass_edit_dns_zone' })
    assert.deepEqual(
      [entry.target, entry.details.add, entry.details.edit, entry.details.remove, entry.details.serial],
      ['alice.example.com', 2, 1, 1, serial + 1],
    )
  })

  test('another serial than the zone’s changes nothing, and the reason says “serial”', async () => {
    const before = textOf('alice.example.com')
    const stale =
      'This is not the serial number of the zone “alice.example.com” any more: it was changed meanwhile. Read it again.'
    for (const serial of [serialOf('alice.example.com') - 1, 1])
      assertFailed(
        await massEdit('alice.example.com', { add: record('x', 'A', '192.0.2.1') }, serial),
        'mass_edit_dns_zone',
        stale,
      )
    assert.equal(textOf('alice.example.com'), before)
  })

  test('of two edits at once one wins, the other is told of the serial, and nothing is merged', async () => {
    const serial = serialOf('bob.example.com')
    const replies = await Promise.all(
      ['192.0.2.41', '192.0.2.42', '192.0.2.43'].map((ip) =>
        massEdit('bob.example.com', { add: record('race', 'A', ip) }, serial),
      ),
    )
    const results = replies.map(({ json }) => json.metadata)
    assert.equal(results.filter(({ result }) => result === 1).length, 1)
    for (const { result, reason } of results) if (result === 0) assert.match(reason, /serial/)
    assert.equal(textOf('bob.example.com').match(/^race\t/gm)?.length, 1)
  })

  test('one bad change among good ones makes none, and names what is wrong', async () => {
    const before = textOf('alice.example.com')
    const refused = (problem: string) => `The zone “alice.example.com” was not changed: ${problem}.`
    for (const [bad, reason] of [
      [{ 'add-1': record('y', 'A', 'nonsense') }, refused('“nonsense” is not an IPv4 address (A record of y)')],
      [{ 'add-1': record('y', 'HINFO', 'a', 'b') }, refused('“HINFO” is not a type of record that is written here')],
      [
        { 'add-1': record('ftp', 'CNAME', 'x.') },
        refused('ftp.alice.example.com. is an alias (CNAME), so that it has no other record'),
      ],
      [{ remove: 0 }, refused('no record begins on line 0 (counted from 0)')],
      [{ remove: 99_999 }, refused('no record begins on line 99999 (counted from 0)')],
      [
        { 'add-1': record('x\n$INCLUDE /etc/passwd', 'A', '192.0.2.1') },
        refused('“x\ufffd$INCLUDE /etc/passwd” holds characters that a domain name in ASCII has not'),
      ],
    ] as const)
      assertFailed(
        await massEdit('alice.example.com', { 'add-0': record('good', 'A', '192.0.2.1'), ...bad }),
        'mass_edit_dns_zone',
        reason,
      )
    for (const [bad, problem] of [
      ['{', 'is not a JSON object of this form'],
      ['[]', 'is not a JSON object of this form'],
      ['"x"', 'is not a JSON object of this form'],
      ['{"dname":"x"}', 'has no “ttl”'],
      ['{"dname":"x","ttl":{},"record_type":"A","data":["192.0.2.1"]}', 'has a “ttl” that does not fit'],
      ['{"dname":"x","ttl":1,"record_type":"A","data":[{}]}', 'has a “data.0” that does not fit'],
    ] as const)
      assertFailed(
        await massEdit('alice.example.com', { add: bad }),
        'mass_edit_dns_zone',
        `The argument “add” is not valid: “${bad}” ${problem}.`,
      )
    for (const bad of [
      '{"dname":"x","ttl":-1,"record_type":"A","data":["192.0.2.1"]}',
      '{"dname":"x","ttl":1,"record_type":"A","data":"192.0.2.1"}',
    ]) {
      const { metadata } = (await massEdit('alice.example.com', { add: bad })).json
      assert.equal(metadata.result, 0, bad)
      assert.match(metadata.reason, /^The argument “add” is not valid: .* has a “(ttl|data)” that does not fit: /)
    }
    assert.equal(textOf('alice.example.com'), before)
  })

  test('every type of record is added by its data and read back', async () => {
    const added: readonly (readonly [string, readonly string[]])[] = [
      ['A', ['192.0.2.1']],
      ['AAAA', ['2001:db8::1']],
      ['CNAME', ['x.example.org.']],
      ['MX', ['10', 'alice.example.com.']],
      ['TXT', ['é; "quoted" \\ \n']],
      ['SRV', ['1', '2', '3', 'alice.example.com.']],
      ['CAA', ['0', 'issue', 'ca.example.net; a=b']],
      ['NS', ['ns.example.org.']],
      ['PTR', ['host.example.org.']],
      ['TLSA', ['3', '1', '1', 'ab'.repeat(32)]],
      ['SSHFP', ['4', '2', 'cd'.repeat(32)]],
    ]
    const add = added.map(([type, data]) => record(`t-${type.toLowerCase()}`, type, ...data))
    done(await massEdit('alice.example.com', { add }))
    const { payload } = done(await edit('parse_dns_zone', { zone: 'alice.example.com' })).json.data
    for (const [type, data] of added) {
      const found = payload.find(({ dname_b64 }: Line) => dname_b64 === text64(`t-${type.toLowerCase()}`))
      assert.deepEqual([found.record_type, found.data_b64], [type, data.map(text64)])
    }
    const lines = payload.filter(({ dname_b64 }: Line) =>
      Buffer.from(dname_b64 ?? '', 'base64')
        .toString()
        .startsWith('t-'),
    )
    done(await massEdit('alice.example.com', { remove: lines.map(({ line_index }: Line) => String(line_index)) }))
    assert.doesNotMatch(textOf('alice.example.com'), /^t-/m)
  })
})

describe('single records', () => {
  test('dumpzone shows lines from 1, with the documented keys and reason, in both versions', async () => {
    const { data, metadata } = done(await edit('dumpzone', { domain: 'bob.example.com' })).json
    assert.deepEqual([Object.keys(data), data.zone.length, metadata.reason], [['zone'], 1, 'Zone Serialized'])
    const records = data.zone[0].record
    assert.deepEqual(records[2], { Line: 3, type: '$TTL', ttl: 14_400, raw: '$TTL 14400', name: '' })
    assert.deepEqual(records[3], {
      Line: 4,
      Lines: 6,
      name: 'bob.example.com.',
      class: 'IN',
      ttl: 86_400,
      type: 'SOA',
      mname: 'ns1.example.net',
      rname: 'hostmaster.bob.example.com',
      serial: String(serialOf('bob.example.com')),
      refresh: '3600',
      retry: '1800',
      expire: '1209600',
      minimum: '86400',
    })
    const about = { class: 'IN', ttl: 14_400 }
    const by = (type: string) => records.find((one: { type: string }) => one.type === type)
    assert.deepEqual(by('A'), { Line: 11, name: 'bob.example.com.', ...about, type: 'A', address: '192.0.2.10' })
    assert.deepEqual(by('MX'), {
      Line: 12,
      name: 'bob.example.com.',
      ...about,
      type: 'MX',
      preference: 0,
      exchange: 'bob.example.com',
    })
    assert.deepEqual(by('CNAME'), {
      Line: 13,
      name: 'mail.bob.example.com.',
      ...about,
      type: 'CNAME',
      cname: 'bob.example.com',
    })
    assert.deepEqual(by('TXT').txtdata, 'v=spf1 +a +mx +ip4:192.0.2.10 ~all')
    const old = await server.send('/json-api/dumpzone?zone=bob.example.com', {
      headers: { authorization: `whm ${editor}` },
    })
    const [{ status, statusmsg, record: listed }] = old.json.result
    assert.deepEqual([status, statusmsg, listed], [1, 'Zone Serialized', records])
  })

  test('a record is added, shown, edited and removed by its line, names with a dot in them in full', async () => {
    const add = (more: Arguments) => edit('addzonerecord', { zone: 'bob.example.com', type: 'A', ...more })
    const lines = (name: string) => textOf('bob.example.com').match(new RegExp(`^${name}\\b.*$`, 'gm'))
    for (const [args, line] of [
      [{ name: 'one', address: '192.0.2.51' }, 'one\t14400\tIN\tA\t192.0.2.51'],
      [
        { name: 'two.bob.example.com.', ttl: 60, class: 'IN', address: '192.0.2.52' },
        'two.bob.example.com.\t60\tIN\tA\t192.0.2.52',
      ],
      [
        { name: 'three.bob.example.com', type: 'cname', cname: 'x.example.org' },
        'three.bob.example.com.\t14400\tIN\tCNAME\tx.example.org.',
      ],
      [{ name: 'four', type: 'CNAME', cname: 'one' }, 'four\t14400\tIN\tCNAME\tone'],
      [{ name: 'five', type: 'MX', exchange: 'one', preference: 5 }, 'five\t14400\tIN\tMX\t5 one'],
      [{ name: '_six', type: 'TXT', txtdata: 'v=x; p="q"' }, '_six\t14400\tIN\tTXT\t"v=x; p=\\"q\\""'],
      [
        { name: '_x._tcp', type: 'SRV', priority: 1, weight: 2, port: 3, target: 'bob.example.com' },
        '_x._tcp\t14400\tIN\tSRV\t1 2 3 bob.example.com.',
      ],
      [{ name: 'seven', type: 'CAA', flag: 0, tag: 'issue', value: ';' }, 'seven\t14400\tIN\tCAA\t0 issue ";"'],
    ] as const) {
      const { metadata } = done(await add(args)).json
      assert.equal(metadata.reason, `Saved the zone bob.example.com with the serial ${serialOf('bob.example.com')}`)
      assert.ok(textOf('bob.example.com').endsWith(`${line}\n`), line)
    }
    const line = textOf('bob.example.com').split('\n').indexOf('one\t14400\tIN\tA\t192.0.2.51') + 1
    assertDone(
      await edit('getzonerecord', { domain: 'bob.example.com', line }),
      'getzonerecord',
      {
        record: [
          { Line: line, name: 'one.bob.example.com.', class: 'IN', ttl: 14_400, type: 'A', address: '192.0.2.51' },
        ],
      },
      'Record obtained.',
    )
    done(await edit('editzonerecord', { domain: 'bob.example.com', line, address: '192.0.2.61' }))
    assert.deepEqual(lines('one'), ['one.bob.example.com.\t14400\tIN\tA\t192.0.2.61'])
    const renamed = { Line: line, ttl: 5, name: 'uno', type: 'AAAA', address: '2001:db8::61' }
    const reason =
      'The zone “bob.example.com” was not changed: one.bob.example.com., which an MX record names, has no address (A or AAAA) in the zone.'
    assertFailed(await edit('editzonerecord', { domain: 'bob.example.com', ...renamed }), 'editzonerecord', reason)
    done(await edit('editzonerecord', { domain: 'bob.example.com', ...renamed, name: 'one' }))
    assert.deepEqual(lines('one'), ['one\t5\tIN\tAAAA\t2001:db8::61'])
  })

  test('what a record lacks, a line without one and a stale serial are refused and change nothing', async () => {
    const before = textOf('bob.example.com')
    const asked = { domain: 'bob.example.com' }
    const line = before.split('\n').findIndex((one) => one.startsWith('www')) + 1
    const missing = (argument: string) => `The argument “${argument}” is required.`
    assertFailed(await edit('addzonerecord', { ...asked, name: 'x' }), 'addzonerecord', missing('type'))
    assertFailed(
      await edit('addzonerecord', { ...asked, type: 'A', address: '192.0.2.1' }),
      'addzonerecord',
      missing('name'),
    )
    assertFailed(
      await edit('addzonerecord', { ...asked, name: 'x', type: 'MX', exchange: 'y.' }),
      'addzonerecord',
      missing('preference'),
    )
    assertFailed(
      await edit('addzonerecord', { ...asked, name: 'x', type: 'A', address: '192.0.2.1', class: 'CH' }),
      'addzonerecord',
      'The argument “class” is not valid: “CH” is not IN.',
    )
    assertFailed(await edit('editzonerecord', { ...asked, line, type: 'A' }), 'editzonerecord', missing('address'))
    for (const command of ['getzonerecord', 'editzonerecord', 'removezonerecord'])
      for (const none of [1, 3, 5, 999])
        assertFailed(
          await edit(command, { ...asked, line: none }),
          command,
          `The zone “bob.example.com” has no record that begins on line ${none}.`,
        )
    assertFailed(
      await edit('removezonerecord', { ...asked, line, serialnum: 1 }),
      'removezonerecord',
      'This is not the serial number of the zone “bob.example.com” any more: it was changed meanwhile. Read it again.',
    )
    assertFailed(
      await edit('removezonerecord', { ...asked, line: 4 }),
      'removezonerecord',
      'The zone “bob.example.com” was not changed: the first record of a zone must be its SOA.',
    )
    assert.equal(textOf('bob.example.com'), before)
    done(await edit('removezonerecord', { zone: 'bob.example.com', line, serialnum: serialOf('bob.example.com') }))
    assert.doesNotMatch(textOf('bob.example.com'), /^www/m)
    const old = await server.send(`/json-api/removezonerecord?${queryOf({ zone: 'bob.example.com', line: 999 })}`, {
      headers: { authorization: `whm ${editor}` },
    })
    assert.equal(old.json.result[0].status, 0)
  })

  test('resetzone makes the template anew; TXT records stay, other changes go', async () => {
    const serial = serialOf('alice.example.com')
    const texts = ['"v=spf1 -all"', '"kept"']
    const spf = textOf('alice.example.com')
      .split('\n')
      .findIndex((one) => one.includes('v=spf1'))
    done(
      await massEdit('alice.example.com', {
        remove: spf,
        add: [
          record('@', 'TXT', 'v=spf1 -all'),
          record('_dmarc.www2', 'TXT', 'kept'),
          record('own', 'A', '192.0.2.99'),
        ],
      }),
    )
    const token = await server.accountToken('alice')
    const sub = { domain: 'blog', rootdomain: 'alice.example.com' }
    assert.equal((await server.uapi(token, 'SubDomain::addsubdomain', sub)).json.status, 1)
    done(await edit('resetzone', { domain: 'alice.example.com', user: 'alice' }))
    const text = textOf('alice.example.com')
    assert.deepEqual(
      text.match(/\tTXT\t.*/g)?.filter((one) => !one.includes('a b')),
      texts.map((one) => `\tTXT\t${one}`),
    )
    assert.match(text, /^mail\t14400\tIN\tCNAME\talice\.example\.com\.$/m)
    assert.match(text, /^blog\.alice\.example\.com\.\t14400\tIN\tA\t192\.0\.2\.10$/m)
    assert.doesNotMatch(text, /^(own|one)\t/m)
    assert.ok(serialOf('alice.example.com') > serial + 1)
    assertFailed(
      await edit('resetzone', { domain: 'alice.example.com', user: 'bob' }),
      'resetzone',
      notMine('alice.example.com'),
    )
    assertFailed(await edit('resetzone'), 'resetzone', 'The argument “domain” is required.')
  })
})

describe('UAPI', () => {
  test('DNS::parse_zone and DNS::mass_edit_zone work on the account’s own zones, and say so of no other', async () => {
    const token = await server.accountToken('alice')
    const parsed = await server.uapi(token, 'DNS::parse_zone', { zone: 'alice.example.com' })
    assert.deepEqual([parsed.json.status, parsed.json.errors, parsed.json.data[3].record_type], [1, null, 'SOA'])
    const serial = serialOf('alice.example.com')
    const challenge = { zone: 'alice.example.com', serial, add: record('_acme-challenge', 'TXT', 'token') }
    const changed = await server.uapi(token, 'DNS::mass_edit_zone', challenge)
    assert.deepEqual([changed.json.status, changed.json.data], [1, { new_serial: String(serial + 1) }])
    const stale = await server.uapi(token, 'DNS::mass_edit_zone', challenge)
    assert.deepEqual([stale.json.status, stale.json.data], [0, null])
    assert.match(stale.json.errors[0], /serial/)
    for (const zone of ['bob.example.com', 'ghost.example.com', '', 'x'.repeat(300)])
      for (const name of ['DNS::parse_zone', 'DNS::mass_edit_zone'] as const) {
        const { json } = await server.uapi(token, name, { zone, serial: 1 })
        assert.deepEqual([json.status, json.data], [0, null])
        if (zone.endsWith('.com')) assert.deepEqual(json.errors, [notMine(zone)])
      }
  })

  test('a token that may only read changes no zone, and the feature list closes all', async () => {
    const reading = await server.accountToken('alice', { readonly: 1 })
    assert.equal((await server.uapi(reading, 'DNS::parse_zone', { zone: 'alice.example.com' })).json.status, 1)
    const change = { zone: 'alice.example.com', serial: serialOf('alice.example.com'), add: record('x', 'TXT', 'x') }
    assert.equal((await server.uapi(reading, 'DNS::mass_edit_zone', change)).status, 403)
    const token = await server.accountToken('bob')
    done(await server.root('create_featurelist', { featurelist: 'plain', zoneedit: 0 }))
    done(await server.root('addpkg', { name: 'plain', featurelist: 'plain' }))
    done(await server.root('changepackage', { user: 'bob', pkg: 'plain' }))
    for (const name of ['DNS::parse_zone', 'DNS::mass_edit_zone', 'DNS::lookup'] as const) {
      const { json } = await server.uapi(token, name, { zone: 'bob.example.com', serial: 1, domain: 'bob.example.com' })
      assert.deepEqual(json.errors, ['You do not have the feature “zoneedit”.'])
    }
  })

  test('DNS::lookup answers from the account’s own zones, as the program host would', async () => {
    const token = await server.accountToken('alice')
    const ask = async (domain: string) => (await server.uapi(token, 'DNS::lookup', { domain })).json.data
    assert.deepEqual(await ask('alice.example.com'), [
      'alice.example.com has address 192.0.2.10',
      'alice.example.com mail is handled by 0 alice.example.com.',
    ])
    assert.deepEqual(await ask('www.alice.example.com'), [
      'www.alice.example.com is an alias for alice.example.com.',
      'alice.example.com has address 192.0.2.10',
      'alice.example.com mail is handled by 0 alice.example.com.',
    ])
    assert.deepEqual(await ask('nothing.alice.example.com'), ['Host nothing.alice.example.com not found: 3(NXDOMAIN)'])
  })
})
