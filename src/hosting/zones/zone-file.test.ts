import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatName, type Labels } from './names.ts'
import { dataOf, parseZone, type RecordEntry, shownName, soaOf } from './zone-file.ts'

const ZONE: Labels = ['example', 'com']
const HEAD = '$TTL 3600\n@ IN SOA ns1.example.net. host.example.com. 1 2 3 4 5\n'

function read(text: string) {
  const parsed = parseZone(text, ZONE)
  if (!parsed.ok) assert.fail(`line ${parsed.line}: ${parsed.problem}`)
  return parsed.file
}
const recordsIn = (text: string): readonly RecordEntry[] =>
  read(text).entries.filter((entry) => entry.kind === 'record')
function problemIn(text: string): string {
  const parsed = parseZone(HEAD + text, ZONE)
  assert.ok(!parsed.ok, text)
  return `${parsed.line}: ${parsed.problem}`
}

test('names, times to live and classes are read in every order and form', () => {
  const forms = [
    'www 300 IN A 192.0.2.1',
    'www IN 300 A 192.0.2.1',
    'www 5m A 192.0.2.1',
    'www\tin\ta\t192.0.2.1',
    'WWW A 192.0.2.1 ; a comment',
    'www.example.com. 300 A ( 192.0.2.1 )',
  ]
  for (const [index, ttl] of [300, 300, 300, 3600, 3600, 300].entries()) {
    const [, record] = recordsIn(`${HEAD}${forms[index]}`)
    assert.deepEqual(
      record && [record.key, record.ttl, record.type, dataOf(record)],
      ['www.example.com.', ttl, 'A', ['192.0.2.1']],
      String(forms[index]),
    )
  }
})

test('a record that begins with a blank belongs to the name before, also across $ORIGIN', () => {
  const file = read(
    `${HEAD}www A 192.0.2.1\n  AAAA 2001:db8::1\n$ORIGIN sub.example.com.\n\tTXT "x"\nwww A 192.0.2.2\n@ A 192.0.2.3\n`,
  )
  const records = file.entries.filter((entry) => entry.kind === 'record')
  assert.deepEqual(
    records.map((record) => [record.key, shownName(record.written, record.owner, file, record.ownerOrigin)]),
    [
      ['example.com.', 'example.com.'],
      ['www.example.com.', 'www'],
      ['www.example.com.', 'www'],
      ['www.example.com.', 'www'],
      ['www.sub.example.com.', 'www.sub.example.com.'],
      ['sub.example.com.', 'sub.example.com.'],
    ],
  )
})

test('without $TTL a record lives as long as the one before, and the SOA as long as its minimum', () => {
  const records = recordsIn('@ SOA a. b. 1 2 3 4 50\n@ NS a.\n@ 7 NS b.\n@ NS c.\n$TTL 9\n@ NS d.')
  assert.deepEqual(
    records.map(({ ttl }) => ttl),
    [50, 50, 7, 7, 9],
  )
})

test('strings keep blanks, semicolons, parentheses and quotes, and escapes stand for bytes', () => {
  for (const [written, ...meant] of [
    ['"v=spf1 ; -all"', 'v=spf1 ; -all'],
    ['"a" "b\\"c"', 'a', 'b"c'],
    ['bare\\;word', 'bare;word'],
    ['"\\195\\164\\010"', '\u00c3\u00a4\n'],
    ['"(not a group)"', '(not a group)'],
    ['( "on"\n ; between\n "two lines" )', 'on', 'two lines'],
    ['""', ''],
  ] as const)
    assert.deepEqual(dataOf(recordsIn(`${HEAD}@ TXT ${written}`)[1] ?? assert.fail()), meant, written)
})

test('lines are counted from 0, over comments, blank lines and records on several', () => {
  const file = read('; one\n\n$TTL 60\n@ SOA ns. host. ( 1 ; serial\n 2 3\n 4 5 )\nwww A 192.0.2.1')
  assert.deepEqual(
    file.entries.map(({ kind, line, lines }) => [kind, line, lines]),
    [
      ['comment', 0, 1],
      ['comment', 1, 1],
      ['control', 2, 1],
      ['record', 3, 3],
      ['record', 6, 1],
    ],
  )
  assert.deepEqual(dataOf(soaOf(file)), ['ns.', 'host.', '1', '2', '3', '4', '5'])
})

test('names may hold any byte as an escape, and a dot in a part is no border', () => {
  const [, record] = recordsIn(`${HEAD}a\\.b\\032c.x A 192.0.2.1`)
  assert.deepEqual(record?.owner, ['a.b c', 'x', 'example', 'com'])
  assert.equal(formatName(record?.owner ?? []), 'a\\.b\\032c.x.example.com.')
})

test('$INCLUDE and $GENERATE are refused, like every other directive', () => {
  for (const line of [
    '$INCLUDE /etc/passwd',
    '$include x',
    '$GENERATE 1-9 a$ A 192.0.2.$',
    '$FOO x',
    '$TTL',
    '$TTL 1 2',
    '$TTL x',
    '$ORIGIN a..b',
  ])
    assert.match(problemIn(line), /^2: (\$|“)/, line)
})

test('what is no record is refused, with its line', () => {
  for (const [text, problem] of [
    ['www A "192.0.2.1', /^2: a quotation mark/],
    ['www A (\n192.0.2.1', /^2: a parenthesis is not closed/],
    ['www A 192.0.2.1 )', /^2: a parenthesis is closed/],
    ['a\nwww', /^2: a record has no type/],
    ['www CH A 192.0.2.1', /^2: the class CH/],
    ['a..b A 192.0.2.1', /^2: “a\.\.b” has an empty part/],
    [`${'a'.repeat(64)} A 192.0.2.1`, /more than 63 bytes/],
    [`${'abcdefg.'.repeat(31)}x A 192.0.2.1`, /longer than 255 bytes/],
    ['a\\25 A 192.0.2.1', /broken escape/],
    ['a\\256 A 192.0.2.1', /broken escape/],
    ['münchen A 192.0.2.1', /ASCII/],
    ['www 99999999999 A 192.0.2.1', /type/],
  ] as const)
    assert.match(problemIn(text), problem, text)
  assert.deepEqual(parseZone(' A 192.0.2.1', ZONE), { ok: false, line: 0, problem: 'the first record has no name' })
  assert.deepEqual(parseZone('www A 192.0.2.1', ZONE), { ok: false, line: 0, problem: 'a record has no time to live' })
})
