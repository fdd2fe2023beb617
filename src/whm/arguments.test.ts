import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure, type FailureCode } from '../failures.ts'
import {
  type Arguments,
  decodeBody,
  decodeForm,
  decodeQuery,
  encodeForm,
  MAX_VALUES,
  mergeArguments,
} from './arguments.ts'

const failsWith = (code: FailureCode) => (error: unknown) => error instanceof Failure && error.code === code
const valuesOf = (args: Arguments) => [...args.values]
const json = (text: string) => decodeBody(Buffer.from(text), 'application/json')

test('a form is split at & and the first =, and empty parts are skipped', () => {
  assert.deepEqual(valuesOf(decodeForm('')), [])
  assert.deepEqual(valuesOf(decodeForm('api.version=1')), [['api.version', ['1']]])
  assert.deepEqual(valuesOf(decodeForm('&a=1&&b=x=y&c&=v&')), [
    ['a', ['1']],
    ['b', ['x=y']],
    ['c', ['']],
    ['', ['v']],
  ])
})

test('the same name twice keeps both values in the order sent', () => {
  assert.deepEqual(decodeForm('acl=b&x=1&acl=a').values.get('acl'), ['b', 'a'])
})

test('blanks as + and as %20, and signs of every kind, arrive letter for letter', () => {
  const sent = 'password=p%3Da%26s%2Bs+%2541&reason=%3A%20%23+%26+%E2%80%9Ccurly%E2%80%9D+%C3%A9'
  assert.deepEqual(valuesOf(decodeForm(sent)), [
    ['password', ['p=a&s+s %41']],
    ['reason', [': # & “curly” é']],
  ])
})

test('R5: names like a[b][c], acl[__proto__] and __proto__ are plain names, and prototypes stay clean', () => {
  const args = decodeForm('a[b][c]=1&acl[__proto__]=2&__proto__=3&constructor=4&%00=5')
  assert.deepEqual([...args.values.keys()], ['a[b][c]', 'acl[__proto__]', '__proto__', 'constructor', '\0'])
  assert.deepEqual(Object.keys(Object.prototype), [])
})

for (const bad of ['%', 'a=%', 'a=%4', 'a=%zz', '%E0%A4%A', 'a=%C0%AF', 'a=%ED%A0%80', 'a=%FF', 'a=%F5%80%80%80']) {
  test(`R5: ${bad} is a request that cannot be read`, () => {
    assert.throws(() => decodeForm(bad), failsWith('request-malformed'))
  })
}

test('R5: 10,000 arguments are read, and one value more than the limit is refused', () => {
  assert.equal(decodeForm('a=1&'.repeat(10_000)).values.get('a')?.length, 10_000)
  assert.equal(decodeForm('a&'.repeat(MAX_VALUES)).values.size, 1)
  assert.throws(() => decodeForm('a&'.repeat(MAX_VALUES + 1)), failsWith('request-malformed'))
})

test('any text as a form is decoded or refused as malformed, and nothing else', () => {
  const piece = fc.constantFrom('%', '&', '=', '+', 'acl', '-0', '%C3', '%A9', '%00', '[', '__proto__', 'é', '\ud800')
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(piece).map((pieces) => pieces.join('')),
        fc.string({ unit: 'binary' }),
      ),
      (text) => {
        try {
          decodeForm(text)
        } catch (error) {
          assert.ok(failsWith('request-malformed')(error))
        }
      },
    ),
  )
})

test('decoding what was encoded gives the same arguments', () => {
  const word = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('acl', 'acl-0', 'a=b', 'x&y', ' ', '+', '%', '\0'),
  )
  const values = fc.dictionary(word, fc.array(word, { minLength: 1, maxLength: 3 }), { noNullPrototype: true })
  fc.assert(
    fc.property(values, (record) => {
      const map = new Map(Object.entries(record))
      assert.deepEqual(valuesOf(decodeForm(encodeForm({ values: map }))), [...map])
    }),
  )
})

test('numbered lists survive encoding with their order', () => {
  const list = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(list, (items) => {
      const values = new Map(items.map((item, i) => [`acl-${i}`, [item]]))
      assert.deepEqual(valuesOf(decodeForm(encodeForm({ values }))), [...values])
    }),
  )
})

test('a query with unescaped UTF-8 is read as such, and other bytes beyond ASCII are refused', () => {
  assert.deepEqual(decodeQuery(Buffer.from('a=é+x').toString('latin1')).values.get('a'), ['é x'])
  assert.throws(() => decodeQuery('a=\xff'), failsWith('request-malformed'))
})

test('R6: a form, JSON, application/octet-stream and no type at all are read', () => {
  const form = Buffer.from('a=%C3%A9&b=2')
  const types = [
    undefined,
    '',
    'application/x-www-form-urlencoded',
    'APPLICATION/X-WWW-FORM-URLENCODED; charset=UTF-8',
    'application/octet-stream',
    'application/x-www-form-urlencoded;charset="utf-8"',
    'application/x-www-form-urlencoded; charset=us-ascii',
  ]
  for (const type of types) assert.deepEqual(decodeBody(form, type).values.get('a'), ['é'], String(type))
  assert.deepEqual(json('{"a":"é"}').values.get('a'), ['é'])
  assert.equal(decodeBody(Buffer.alloc(0), undefined).values.size, 0)
})

test('R6: other types and other character sets are refused', () => {
  const types = [
    'text/plain',
    'text/xml',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
    'application/x-www-form-urlencoded; charset=iso-8859-1',
    'application/x-www-form-urlencoded; charset=utf-8; charset=utf-16',
    'application/json, text/plain',
    'application/jsonp',
    'charset=utf-8',
  ]
  for (const type of types) {
    assert.throws(() => decodeBody(Buffer.from('a=1'), type), failsWith('body-type-unsupported'), type)
  }
})

test('a body that is not UTF-8 is refused, whatever its type', () => {
  for (const type of [undefined, 'application/json']) {
    assert.throws(() => decodeBody(Buffer.from([0x61, 0x3d, 0xff]), type), failsWith('request-malformed'))
  }
})

test('P4: a name in the query and in the body has the values of the body, and is noted', () => {
  const merged = mergeArguments(decodeForm('acl=all&acl=x&user=a'), decodeForm('acl=list-accts&reason=r'))
  assert.deepEqual(valuesOf(merged), [
    ['user', ['a']],
    ['acl', ['list-accts']],
    ['reason', ['r']],
  ])
  assert.deepEqual(merged.clashes, ['acl'])
})

test('P4: a list in the body wins over the list of the query in whatever spelling', () => {
  for (const [query, body] of [
    ['acl=all', 'acl-0=list-accts'],
    ['acl-0=all', 'acl=list-accts'],
    ['acl-3=all&acl-7=all', 'acl-12=list-accts'],
  ] as const) {
    const merged = mergeArguments(decodeForm(query), decodeForm(body))
    assert.deepEqual([...merged.values.values()], [['list-accts']], query)
    assert.ok(merged.clashes.length > 0 && merged.clashes.every((name) => query.includes(`${name}=`)))
  }
  const misspelt = mergeArguments(decodeForm('whitelist-ip-1=10.0.0.1'), decodeForm('whitelist_ip=10.0.0.2'))
  assert.deepEqual(valuesOf(misspelt), [['whitelist_ip', ['10.0.0.2']]])
  const flags = mergeArguments(decodeForm('acl-list-accts=1&api.version=1'), decodeForm('acl-create-acct=1&user=a'))
  assert.deepEqual(flags.clashes, [])
  assert.equal(flags.values.size, 4)
})

test('P4: a value that cannot be read in the body does not let the value of the query through', () => {
  const merged = mergeArguments(decodeForm('acl=all&user=a'), json('{"acl":null}'))
  assert.equal(merged.values.has('acl'), false)
  assert.equal(merged.unreadable.get('acl'), 'null')
  assert.deepEqual(merged.clashes, ['acl'])
})

test('merging with nothing changes nothing', () => {
  const args = decodeForm('a=1&b=2')
  assert.equal(mergeArguments(args, decodeForm('')), args)
  assert.equal(mergeArguments(decodeForm(''), args), args)
})
