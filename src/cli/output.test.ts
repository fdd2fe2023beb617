import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parse } from 'yaml'
import { UsageProblem } from './command.ts'
import { formatReply, formatYaml, parseOutput } from './output.ts'

const reply = {
  data: { name: 'exampletoken', expires_at: null, create_time: 1701388800, acls: ['list-accts'], postern: {} },
  metadata: { version: 1, command: 'api_token_create', result: 1, reason: 'OK' },
}

test('a reply is printed as YAML with a document mark, without quotes where none are needed', () => {
  const expected = `---
data:
  name: exampletoken
  expires_at: null
  create_time: 1701388800
  acls:
    - list-accts
  postern: {}
metadata:
  version: 1
  command: api_token_create
  result: 1
  reason: OK
`
  assert.equal(formatReply(reply, 'yaml'), expected)
})

// What YAML 1.1 or 1.2 would take for a number, a flag, a date, nothing, or syntax.
const LOOK_ALIKES = [
  '1',
  '007',
  '-1',
  '1e5',
  '0x1f',
  '0o17',
  '0b1',
  '1_000',
  '1:30',
  '.5',
  '.inf',
  '.nan',
  'yes',
  'no',
  'On',
  'off',
  'y',
  'N',
  'true',
  'False',
  'null',
  '~',
  '',
  '2026-12-31',
  '=',
  '<<',
  '- a',
  'a: b',
  'a #b',
  '#',
  '*a',
  '&a',
  '!a',
  '%a',
  '@a',
  '`a',
  '---',
  '...',
  '{',
  '[',
  ' a',
  'a ',
  'a\nb\n',
  '\n',
  '\r\n',
  '\t',
  '\u0007',
  '\u0085',
  '\u2028',
  '\ufeff',
  '\u009b31m',
  '“é”',
  'x'.repeat(300),
]

test('texts that look like something else are quoted, and are read back as texts by readers of YAML 1.1 and 1.2', () => {
  for (const text of LOOK_ALIKES) {
    const value = { list: [text], [text]: text, deep: [[{ text }]] }
    const yaml = formatYaml(value)
    assert.deepEqual(parse(yaml, { version: '1.2' }), value, JSON.stringify(text))
    assert.deepEqual(parse(yaml, { version: '1.1' }), value, JSON.stringify(text))
  }
  assert.match(formatYaml({ new_serial: '2026112201' }), /^new_serial: "2026112201"$/m)
})

test('any JSON is read back equal from its YAML, and the terminal gets no control character', () => {
  // A lone surrogate cannot be written as UTF-8 at all; a server sends none.
  const text = fc.string({ unit: 'binary' })
  const json = fc.jsonValue({ stringUnit: 'binary', maxDepth: 4 })
  fc.assert(
    fc.property(fc.oneof(json, fc.array(text), fc.dictionary(text, text)), (value) => {
      const wire: unknown = JSON.parse(JSON.stringify(value))
      const yaml = formatYaml(wire)
      assert.deepEqual(parse(yaml), wire)
      assert.doesNotMatch(yaml, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
    }),
  )
})

test('N4: a name that JavaScript treats specially is printed like any other', () => {
  const data: unknown = JSON.parse('{"__proto__":{"name":"__proto__"},"constructor":1}')
  assert.match(formatYaml(data), /^__proto__:\n {2}name: __proto__$/m)
  assert.match(formatReply(data, 'json'), /^\{"__proto__":\{"name":"__proto__"\},"constructor":1\}\n$/)
})

test('json is one compact line and jsonpretty is indented', () => {
  assert.equal(formatReply(reply, 'json'), `${JSON.stringify(reply)}\n`)
  assert.match(formatReply(reply, 'jsonpretty'), /^\{\n {3}"data": \{\n/)
})

test('XML is the reply below one root, and ends with a line end', () => {
  const xml = formatReply({ data: { app: ['a', '<b>'] }, metadata: { result: 1 } }, parseOutput('xml'))
  const root = '<result><data><app>a</app><app>&lt;b&gt;</app></data><metadata><result>1</result></metadata></result>'
  assert.equal(xml, `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`)
})

test('an output form that is not served is a usage error', () => {
  assert.equal(parseOutput('jsonpretty'), 'jsonpretty')
  for (const form of ['XML', 'YAML', 'toml', '']) assert.throws(() => parseOutput(form), UsageProblem)
})
