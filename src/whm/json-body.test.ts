import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../failures.ts'
import { decodeJsonObject } from './json-body.ts'

const decode = (text: string) => decodeJsonObject(text, 20_000)
const isMalformed = (error: unknown) => error instanceof Failure && error.code === 'request-malformed'

test('text, numbers as they were written, and true and false as 1 and 0 become values', () => {
  const { values, unreadable } = decode(
    ' {"api.version":1,"label":"unit","big":12345678901234567890,"e":1e10,"neg":-0,"f":1.50,"on":true,"off":false,"":"x"} ',
  )
  assert.deepEqual(Object.fromEntries(values), {
    'api.version': ['1'],
    label: ['unit'],
    big: ['12345678901234567890'],
    e: ['1e10'],
    neg: ['-0'],
    f: ['1.50'],
    on: ['1'],
    off: ['0'],
    '': ['x'],
  })
  assert.equal(unreadable.size, 0)
})

test('P3: a list of plain values is one argument with several values', () => {
  assert.deepEqual(decode('{"acl":["a",2,true]}').values.get('acl'), ['a', '2', '1'])
})

test('null, objects, and empty, nested or mixed lists are noted as unreadable', () => {
  const { values, unreadable } = decode('{"a":null,"b":{},"c":[],"d":[["x"]],"e":["x",null],"f":[{}],"g":"ok"}')
  assert.deepEqual([...values], [['g', ['ok']]])
  assert.deepEqual(
    [...unreadable],
    [
      ['a', 'null'],
      ['b', 'an object'],
      ['c', 'an empty list'],
      ['d', 'a list within a list'],
      ['e', 'a list with null'],
      ['f', 'a list with an object'],
    ],
  )
})

const doubled = [
  '{"acl":"list-accts","acl":"all"}',
  '{"acl":"a","\\u0061cl":"b"}',
  '{"x":{"k":1,"k":1}}',
  '{"x":[{"k":1,"k" \n:1}]}',
  '{"__proto__":1,"__proto__":2}',
  '{"":1,"":2}',
]
for (const text of doubled) {
  test(`P4: a doubled key is refused, as in ${text}`, () => assert.throws(() => decode(text), isMalformed))
}

test('equal keys in different objects, and values that look like keys, are no doubles', () => {
  assert.equal(decode('{"a":{"k":1},"b":{"k":1},"k":"a","v":["k","k"],"s":"\\"k\\":\\"k\\":"}').values.size, 3)
})

const broken = [
  ...['', ' ', '\ufeff{}', '[]', '["a"]', '"a"', '1', 'null', 'true', '{', '}', '{}}', '{"a":1,}', "{'a':1}", '{a:1}'],
  ...[
    '{"a":01}',
    '{"a":1 "b":2}',
    '{"a":"\n"}',
    '{"a":"\\x"}',
    '{"\\x":1}',
    '{"a"',
    '{"a',
    '{"a\\',
    '{"a":NaN}',
    '[{}',
  ],
]
for (const text of broken) {
  test(`R4: ${JSON.stringify(text)} is refused as malformed`, () => assert.throws(() => decode(text), isMalformed))
}

test('R4: 100,000 levels, 100,000 keys and 100,000 doubled keys are refused within 50 ms', () => {
  const keys = Array.from({ length: 100_000 }, (_, i) => `"k${i}":${i}`).join(',')
  const inputs = [
    '['.repeat(100_000),
    `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    '{"a":'.repeat(100_000),
    `{${keys}}`,
    `{"a":[${'1,'.repeat(100_000)}1]}`,
    `{${'"a":1,'.repeat(100_000)}"a":1}`,
    `{"a":"${'\\'.repeat(100_001)}`,
  ]
  for (const text of inputs) {
    const before = process.cpuUsage()
    assert.throws(() => decode(text), isMalformed)
    const { user, system } = process.cpuUsage(before)
    assert.ok((user + system) / 1000 <= 50, `${text.slice(0, 20)} took ${(user + system) / 1000} ms`)
  }
})

test('32 levels are read, 33 are not', () => {
  const nested = (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`
  assert.equal(decode(nested(32)).unreadable.get('a'), 'a list within a list')
  assert.throws(() => decode(nested(33)), isMalformed)
})

test('R4: __proto__, constructor and toString are ordinary names, and prototypes stay clean', () => {
  const { values } = decode('{"__proto__":"a","constructor":"b","toString":"c","x":{"__proto__":{"polluted":1}}}')
  assert.deepEqual(
    [...values],
    [
      ['__proto__', ['a']],
      ['constructor', ['b']],
      ['toString', ['c']],
    ],
  )
  assert.equal('polluted' in {}, false)
})

test('R4: lone surrogates, NULs and a 400-digit number are read as they are', () => {
  const digits = '9'.repeat(400)
  const { values } = decode(`{"a":"\\ud800","b":"x\\u0000y","c":${digits},"\\udfff":"d"}`)
  assert.deepEqual([...values.values()], [['\ud800'], ['x\0y'], [digits], ['d']])
})

test('a malformed body is never quoted', () => {
  const secret = 'PSWAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
  for (const text of [`{"token":"${secret}"`, `{"${secret}":1,"${secret}":2}`, `${secret}`, `{"a":${secret}}`]) {
    assert.throws(
      () => decode(text),
      (error) => isMalformed(error) && error instanceof Error && !String(error.stack).includes(secret) && !error.cause,
    )
  }
})

test('any JSON text is read or refused as malformed, and reading agrees with JSON.parse on plain values', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), (text) => {
      try {
        const { values, unreadable } = decode(text)
        const parsed: unknown = JSON.parse(text)
        assert.ok(typeof parsed === 'object' && parsed !== null)
        assert.deepEqual([...values.keys(), ...unreadable.keys()].sort(), Object.keys(parsed).sort())
        for (const [name, value] of Object.entries(parsed)) {
          if (typeof value === 'string') assert.deepEqual(values.get(name), [value])
          if (typeof value === 'number') assert.equal(Number(values.get(name)?.[0]), value)
        }
      } catch (error) {
        if (!isMalformed(error)) throw error
      }
    }),
  )
})

test('any bytes at all are read or refused as malformed', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '"a"',
    '1',
    'null',
    ' ',
    '\\u',
    '\ufeff',
    '\ud800',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      try {
        decode(pieces.join(''))
      } catch (error) {
        if (!isMalformed(error)) throw error
      }
    }),
    { numRuns: 2_000 },
  )
})
