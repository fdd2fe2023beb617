import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { editZone, type NewRecord, renameZone, type ZoneEdits } from './edit.ts'
import { isWithin, keyOf, type Labels } from './names.ts'
import { RECORD_TYPES } from './record-types.ts'
import { newZoneText } from './template.ts'
import { dataOf, parseZone, type RecordEntry } from './zone-file.ts'

const ZONE: Labels = ['example', 'com']
const NOW = new Date('2026-11-26T12:00:00Z')
const FIRST = newZoneText(
  {
    name: 'example.com',
    template: 'standard',
    addresses: ['192.0.2.1'],
    nameservers: ['ns1.example.net'],
    serverAddress: '192.0.2.1',
    contact: undefined,
  },
  new Date('2026-11-25T12:00:00Z'),
).text

function read(text: string, zone = ZONE) {
  const parsed = parseZone(text, zone)
  if (!parsed.ok) assert.fail(`line ${parsed.line}: ${parsed.problem}\n${text}`)
  return parsed.file
}
const recordsIn = (text: string): readonly RecordEntry[] =>
  read(text).entries.filter((entry) => entry.kind === 'record')
const edited = (text: string, edits: ZoneEdits) => editZone(read(text), edits, NOW)
function done(text: string, edits: ZoneEdits): string {
  const result = edited(text, edits)
  if (!result.ok) assert.fail(result.problem)
  return result.text
}
function refused(edits: ZoneEdits, text = FIRST): string {
  const result = edited(text, edits)
  assert.ok(!result.ok, JSON.stringify(edits))
  return result.problem
}
const a = (name: string, address = '192.0.2.7'): NewRecord => ({ name, ttl: 300, type: 'A', data: [address] })
const txt = (...data: readonly string[]): NewRecord => ({ name: '_acme-challenge', ttl: 1, type: 'TXT', data })
/** But for the serial. */
const body = (text: string): string => text.replace(/\t\d+\t; serial/, '\tSERIAL\t; serial')
const lineOf = (text: string, part: string): number => text.split('\n').findIndex((line) => line.includes(part))

test('what is not changed keeps its bytes, its comments and its order; the serial grows', () => {
  const odd = `${FIRST}; a comment  \r\n\n  \nodd 1H in a(192.0.2.8);why\r\n ( AAAA ; here\n2001:db8::8 )\n`
  const result = edited(odd, {})
  assert.ok(result.ok)
  assert.equal(result.serial, 2_026_112_600)
  assert.equal(result.text, odd.replace('2026112500', '2026112600'))
  const added = done(odd, { add: [a('new')] })
  assert.equal(body(added), `${body(odd)}new\t300\tIN\tA\t192.0.2.7\n`)
  const changed = done(odd, { edit: [{ ...a('www', '192.0.2.9'), line: lineOf(odd, 'www') }] })
  assert.equal(body(changed), body(odd).replace(/www\t.*/, 'www\t300\tIN\tA\t192.0.2.9'))
  const removed = done(odd, { remove: [lineOf(odd, 'www')] })
  assert.equal(body(removed), body(odd).replace(/www\t.*\n/, ''))
})

test('lines are those of the zone before the change, and all changes are made or none', () => {
  const [www, mail, ftp] = ['www', 'mail', 'ftp'].map((label) => lineOf(FIRST, `${label}\t`))
  const text = done(FIRST, { add: [a('new')], edit: [{ ...a('ftp'), line: ftp ?? 0 }], remove: [www ?? 0, mail ?? 0] })
  assert.deepEqual(
    recordsIn(text).map(({ written }) => written),
    ['example.com.', 'example.com.', 'example.com.', 'example.com.', 'ftp', 'example.com.', 'new'],
  )
  assert.match(
    refused({ add: [a('good'), a('bad', 'no address')] }),
    /^“no address” is not an IPv4 address \(A record of bad\)$/,
  )
  assert.match(refused({ remove: [www ?? 0, 0] }), /^no record begins on line 0/)
  assert.match(refused({ remove: [www ?? 0, www ?? 0] }), /is changed twice/)
  assert.match(refused({ edit: [{ ...a('x'), line: 4 }] }), /^no record begins on line 4/)
  assert.match(refused({ remove: [2] }), /^no record begins on line 2/)
})

test('a record that goes leaves its name and time to live to those that took them from it', () => {
  const text = `${FIRST}box 60 A 192.0.2.5\n\tAAAA 2001:db8::5 ; kept\n TXT "x"\n`
  const without = done(text, { remove: [lineOf(text, 'box')] })
  assert.deepEqual(without.split('\n').slice(-4, -1), [
    FIRST.split('\n').at(-2),
    'box.example.com.\t14400\tIN\tAAAA\t2001:db8::5',
    ' TXT "x"',
  ])
  const bare = 'example.com. 9 IN SOA ns. host. 1 2 3 4 5\n@ NS ns.\nbox 60 A 192.0.2.5\nwww A 192.0.2.6\n'
  assert.match(done(bare, { remove: [2] }), /^www\.example\.com\.\t60\tIN\tA\t192\.0\.2\.6$/m)
})

test('below another $ORIGIN names are written in full', () => {
  const text = `${FIRST}$ORIGIN sub.example.com.\nwww A 192.0.2.4\n`
  const result = done(text, {
    add: [a('new'), { ...a('m'), type: 'MX', data: ['5', 'new'] }],
    edit: [{ ...a('box'), line: lineOf(text, 'www A') }],
  })
  assert.deepEqual(result.split('\n').slice(-4, -1), [
    'box.example.com.\t300\tIN\tA\t192.0.2.7',
    'new.example.com.\t300\tIN\tA\t192.0.2.7',
    'm.example.com.\t300\tIN\tMX\t5 new.example.com.',
  ])
})

test('a serial that is asked for is taken where it is later, and never one that is not', () => {
  const soa = (serial: string) => ({
    edit: [
      {
        line: 3,
        name: '@',
        ttl: 86_400,
        type: 'SOA',
        data: ['ns1.example.net.', 'h.example.com.', serial, '1', '2', '3', '4'],
      },
    ],
  })
  for (const [asked, got] of [
    ['2030000000', 2_030_000_000],
    ['1', 2_026_112_600],
    ['2026112500', 2_026_112_600],
  ] as const) {
    const result = edited(FIRST, soa(asked))
    assert.ok(result.ok)
    assert.equal(result.serial, got)
    assert.match(result.text, new RegExp(`h\\.example\\.com\\. ${got} 1 2 3 4\n`))
  }
})

test('every type is written with its fields checked', () => {
  const good: readonly (readonly [string, readonly string[], string])[] = [
    ['A', ['192.0.2.1'], '192.0.2.1'],
    ['AAAA', ['2001:db8::1'], '2001:db8::1'],
    ['CNAME', ['www.example.org.'], 'www.example.org.'],
    ['CNAME', ['@'], '@'],
    ['MX', ['10', 'example.com.'], '10 example.com.'],
    ['MX', ['0', '.'], '0 .'],
    ['TXT', ['a b', 'c"d\\e'], '"a b" "c\\"d\\\\e"'],
    ['TXT', [''], '""'],
    ['TXT', ['é\n'], '"\\195\\169\\010"'],
    ['SRV', ['1', '2', '443', 'example.com.'], '1 2 443 example.com.'],
    ['CAA', ['0', 'issue', 'ca.example.net; x=1'], '0 issue "ca.example.net; x=1"'],
    ['NS', ['ns.example.org.'], 'ns.example.org.'],
    ['PTR', ['host.example.org.'], 'host.example.org.'],
    ['TLSA', ['3', '1', '1', 'AB'.repeat(32)], `3 1 1 ${'ab'.repeat(32)}`],
    ['SSHFP', ['4', '2', 'ab'.repeat(16), 'cd'.repeat(16)], `4 2 ${'ab'.repeat(16)}${'cd'.repeat(16)}`],
  ]
  for (const [type, data, written] of good) {
    const line = done(FIRST, { add: [{ name: 'x', ttl: 5, type, data }] })
      .split('\n')
      .at(-2)
    assert.equal(line, `x\t5\tIN\t${type}\t${written}`)
  }
  const ns: NewRecord = { name: 'x', ttl: 5, type: 'NS', data: ['ns.example.org.'] }
  const ds: NewRecord = { name: 'x', ttl: 5, type: 'DS', data: ['1', '13', '2', 'ab'.repeat(32)] }
  assert.match(done(FIRST, { add: [ns, ds] }), /\nx\t5\tIN\tDS\t1 13 2 (ab){32}\n$/)
  const bad: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['A', [], /^“A” needs the value “address”/],
    ['A', ['192.0.2.1', 'x'], /^“x” is more than/],
    ['A', ['010.0.0.1'], /IPv4/],
    ['AAAA', ['fe80::1%eth0'], /IPv6/],
    ['CNAME', ['a b'], /ASCII/],
    ['MX', ['65536', 'example.com.'], /65535/],
    ['MX', ['1', '_x.example.org.'], /name of a host/],
    ['SRV', ['1', '2', 'x', '.'], /whole number/],
    ['CAA', ['0', 'is sue', 'x'], /tag/],
    ['NS', ['a_b.example.org.'], /name of a host/],
    ['TLSA', ['3', '1', '1', 'abc'], /hexadecimal/],
    ['TLSA', ['3', '1', '1', 'ab'], /32 bytes/],
    ['SSHFP', ['1', '1', 'zz'], /hexadecimal/],
    ['NAPTR', ['x'], /is not a type/],
    ['a', ['192.0.2.1'], /is not a type/],
    ['constructor', ['x'], /is not a type/],
    ['TXT', ['x'.repeat(66_000)], /longer than a record/],
  ]
  for (const [type, data, problem] of bad) assert.match(refused({ add: [{ name: 'x', ttl: 5, type, data }] }), problem)
  for (const ttl of [-1, 0.5, 2 ** 31, Number.NaN]) assert.match(refused({ add: [{ ...a('x'), ttl }] }), /time to live/)
})

test('long texts are cut into strings of 255 bytes, in UTF-8', () => {
  const text = `${'é'.repeat(200)}end`
  const record = recordsIn(done(FIRST, { add: [txt(text)] })).at(-1)
  const strings = record && dataOf(record)
  assert.deepEqual(
    strings?.map(({ length }) => length),
    [255, 148],
  )
  assert.equal(Buffer.from(strings?.join('') ?? '', 'latin1').toString('utf8'), text)
})

test('a zone that no name server would load is refused', () => {
  const line = (part: string): number => lineOf(FIRST, part)
  const rec = (name: string, type: string, ...data: readonly string[]): NewRecord => ({ name, ttl: 5, type, data })
  for (const [edits, problem] of [
    [{ remove: [line('SOA')] }, /must be its SOA/],
    [{ add: [rec('@', 'SOA', 'a.', 'b.', '1', '2', '3', '4', '5')] }, /one SOA/],
    [{ remove: [line('\tNS\t')] }, /needs an NS record/],
    [{ edit: [{ ...a('@'), line: line('SOA') }] }, /must be its SOA/],
    [{ add: [rec('www', 'A', '192.0.2.1')] }, /is an alias/],
    [{ add: [rec('WWW', 'CNAME', 'x.')] }, /is an alias/],
    [{ add: [rec('@', 'CNAME', 'x.')] }, /is an alias/],
    [{ add: [a('x.example.org.')] }, /^“x\.example\.org\.” does not lie in the zone$/],
    [{ add: [a('xexample.com.')] }, /does not lie in the zone/],
    [{ add: [a('x\\.example.com.')] }, /does not lie in the zone/],
    [{ add: [a('_x')] }, /not the name of a host/],
    [{ add: [a('*x')] }, /not the name of a host/],
    [{ add: [rec('sub', 'NS', 'ns.sub')] }, /^ns\.sub\.example\.com\., which an NS record names, has no address/],
    [{ add: [rec('sub', 'NS', 'ns.other')] }, /has no address/],
    [{ add: [rec('*.sub', 'NS', 'ns.example.org.')] }, /wildcard/],
    [{ add: [rec('@', 'MX', '5', 'nowhere')] }, /has no address/],
    [{ add: [rec('@', 'MX', '5', 'www')] }, /has no address/],
    [{ add: [rec('_x._tcp', 'SRV', '5', '1', '2', 'nowhere')] }, /has no address/],
    [{ add: [rec('x', 'DS', '1', '13', '2', 'ab'.repeat(32))] }, /needs NS records/],
    [{ add: [rec('@', 'DS', '1', '13', '2', 'ab'.repeat(32))] }, /zone above/],
    [{ remove: [line('\tA\t')] }, /has no address/],
  ] as const)
    assert.match(refused(edits), problem, JSON.stringify(edits))
  // And what is in order is not.
  done(FIRST, { add: [a('ns.sub'), rec('sub', 'NS', 'ns.sub')] })
  done(FIRST, { add: [a('*.w'), rec('@', 'MX', '5', 'any.w')] })
  done(FIRST, { add: [a('*'), rec('_x._tcp', 'TXT', 'x'), rec('*', 'MX', '5', 'example.com.')] })
  done(FIRST, { add: [rec('sub', 'NS', 'ns.example.org.'), rec('@', 'MX', '5', 'mail.sub')] })
})

test('a zone does not grow without end', () => {
  const large = `${FIRST}${'; filling\n'.repeat(209_000)}`
  assert.ok(large.length < 2 * 1024 * 1024)
  done(large, { add: [a('one')] })
  assert.match(
    refused({ add: Array.from({ length: 300 }, (_, n) => a(`n${n}.${'x'.repeat(60)}`)) }, large),
    /larger than 2 MiB/,
  )
})

test('a zone moves to another name with what lies in it', () => {
  const text = done(FIRST, {
    add: [a('box.example.com.'), { name: 'x', ttl: 5, type: 'CNAME', data: ['box.example.com.'] }, txt('example.com.')],
  })
  const result = renameZone(read(text), ['new', 'example', 'org'], NOW)
  assert.ok(result.ok)
  assert.equal(result.serial, 2_026_112_601)
  assert.equal(
    body(result.text).replace('"example.com."', '"KEPT"'),
    body(text).replace('"example.com."', '"KEPT"').replaceAll('example.com', 'new.example.org'),
  )
})

const byte = fc.oneof(
  fc.constantFrom(
    '\n',
    '\r',
    '"',
    ';',
    '(',
    ')',
    '\\',
    ' ',
    '\t',
    '\0',
    '$',
    '@',
    '.',
    '*',
    '\\"',
    '\\010',
    'é',
    '\u2028',
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
)
const hostile = fc.oneof(
  fc.array(byte, { maxLength: 30 }).map((parts) => parts.join('')),
  fc.constantFrom(
    'x\n$INCLUDE /etc/passwd',
    '$INCLUDE',
    'x IN A 192.0.2.66\nevil',
    '( ',
    '"',
    'a'.repeat(64),
    'a.'.repeat(127),
    '\\',
  ),
)

const FITTING: Readonly<Record<string, readonly string[]>> = {
  TXT: ['x'],
  CNAME: ['x.example.org.'],
  CAA: ['0', 'issue', 'x'],
  SRV: ['0', '1', '2', 'x.example.org.'],
}
/** Values that would be taken, one of them replaced. */
const hostileRecord = fc
  .tuple(fc.constantFrom(...Object.entries(FITTING)), fc.nat(3), fc.oneof(hostile, fc.constant('x')), hostile)
  .map(([[type, values], index, name, value]) => ({
    name,
    ttl: 7,
    type,
    data: values.map((fitting, at) => (at === index % values.length ? value : fitting)),
  }))
const anyRecord = fc.record({
  name: hostile,
  ttl: fc.constant(7),
  type: fc.constantFrom<string>(...RECORD_TYPES),
  data: fc.array(hostile, { maxLength: 4 }),
})

test('hostile names and values never break out of a record', () => {
  const before = recordsIn(FIRST)
  let written = 0
  fc.assert(
    fc.property(fc.oneof(hostileRecord, hostileRecord, anyRecord), (record) => {
      const result = edited(FIRST, { add: [record] })
      if (!result.ok) return
      written += 1
      assert.match(result.text, /^[\x09\x0a\x20-\x7e]*$/)
      assert.ok(body(result.text).startsWith(body(FIRST)))
      const records = recordsIn(result.text)
      assert.equal(records.length, before.length + 1)
      const added = records.at(-1)
      assert.deepEqual([added?.type, added?.ttl, added?.lines], [record.type, 7, 1])
      assert.ok(isWithin(added?.key ?? '', keyOf(ZONE)))
    }),
    { numRuns: 3000 },
  )
  assert.ok(written > 100, String(written))
})

test('any text is a TXT record of exactly these bytes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 700 })), { minLength: 1, maxLength: 3 }),
      (texts) => {
        const record = recordsIn(done(FIRST, { add: [txt(...texts)] })).at(-1)
        const bytes = Buffer.from(record === undefined ? '' : dataOf(record).join(''), 'latin1')
        assert.deepEqual(bytes, Buffer.from(texts.map((text) => text.toWellFormed()).join(''), 'utf8'))
      },
    ),
  )
})

test('parse and write are each other’s inverse: any zone keeps every byte but its serial', () => {
  const blank = fc.constantFrom(' ', '\t', '  \t ')
  const comment = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => `;${text.replaceAll('\n', '')}`)
  const name = fc.constantFrom('@', 'www2', 'a.b', 'x.example.com.', 'w\\.w', 'q\\032')
  const value = fc.constantFrom('"a ; b"', '"\\""', 'word', '( "x"\n\t; y\n"z" )', '"(" (")")', '"é"')
  const record = fc
    .tuple(fc.option(name), blank, fc.constantFrom('', '60 ', 'IN ', 'in 1h30m ', '5 IN '), value, fc.option(comment))
    .map(([owner, gap, middle, data, end]) => `${owner ?? ''}${gap}${middle}TXT${gap}${data}${gap}${end ?? ''}`)
  const line = fc.oneof(
    record,
    comment,
    fc.constantFrom('', ' ', '$TTL 77 ; x', '$ORIGIN sub.example.com.', '$ORIGIN @', '\r'),
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      const text = [FIRST.trimEnd(), ...lines].join('\n')
      const result = edited(`${text}\n`, {})
      assert.ok(result.ok, result.ok ? '' : result.problem)
      assert.equal(body(result.text), body(`${text}\n`))
    }),
  )
})

test('taking records away never changes what the others mean', () => {
  const owner = fc.constantFrom('', 'a', 'b', 'c.example.com.')
  const ttl = fc.constantFrom('', '60', '90')
  const record = fc.tuple(owner, ttl, fc.nat(9)).map(([name, seconds, n]) => `${name} ${seconds} TXT "${n}"`)
  const line = fc.oneof(record, record, fc.constantFrom('$ORIGIN s.example.com.', '; c'))
  const meaning = ({ key, ttl: seconds, type, data }: RecordEntry) => [key, seconds, type, data.map(({ raw }) => raw)]
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 12 }), fc.func(fc.boolean()), (lines, goes) => {
      const text = ['@ 5 SOA ns. host. 1 2 3 4 5', '@ NS ns.', ...lines, ''].join('\n')
      const records = recordsIn(text)
      const gone = records.slice(2).filter(({ line: at }) => goes(at))
      const kept = records.filter((one) => !gone.includes(one))
      const result = recordsIn(done(text, { remove: gone.map(({ line: at }) => at) }))
      assert.deepEqual(result.slice(1).map(meaning), kept.slice(1).map(meaning))
    }),
  )
})

test('how much work the names of servers make is bounded: one name however often, many long ones only so many', () => {
  const srv = (n: number, target: string) => `r${n} 60 SRV 0 0 0 ${target}`
  const zoneOf = (count: number, target: (n: number) => string) =>
    `${FIRST}* 60 A 192.0.2.7\n${Array.from({ length: count }, (_, n) => srv(n, target(n))).join('\n')}\n`
  const deep = (n: number) => `${'a.'.repeat(110)}t${n}`
  const added = { add: [a('new')] }
  assert.ok(
    edited(
      zoneOf(5_000, () => deep(0)),
      added,
    ).ok,
  )
  assert.ok(edited(zoneOf(1_000, deep), added).ok)
  assert.match(refused(added, zoneOf(5_000, deep)), /more parts/)
  // Plain hosts, as many as fit, stay far below the bound.
  const hosts = Array.from({ length: 40_000 }, (_, n) => `host${n} 60 A 192.0.2.7`).join('\n')
  assert.ok(edited(`${FIRST}${hosts}\n*.wild 60 A 192.0.2.7\n@ 60 MX 5 x.wild\n`, {}).ok)
})

test('a dot within a part of a name is no border on the way up to a wildcard or a delegation', () => {
  const wild = `${FIRST}*.sub 60 A 192.0.2.7\n`
  assert.match(done(wild, { add: [{ name: '@', ttl: 60, type: 'MX', data: ['5', 'x.y.sub'] }] }), /x\.y\.sub/)
  const target = (name: string) => `${FIRST}sub 60 NS ns.example.org.\nx 60 SRV 0 0 0 ${name}\n`
  assert.ok(edited(target('deep.in.sub'), {}).ok)
  assert.match(refused({}, target('deep\\.sub')), /has no address/)
  assert.ok(edited(target('deep\\\\.sub'), {}).ok)
})
