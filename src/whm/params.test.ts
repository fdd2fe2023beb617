import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { form, json, NOW_MS, parse, refuses, values } from '../../test/arguments.ts'
import { Failure } from '../failures.ts'
import { decodeBody, decodeForm } from './arguments.ts'
import { aclFlags } from './flags-param.ts'
import { ipRules } from './ip-rules-param.ts'
import { flag, list, optional, privilegeName, text, unixSeconds, wholeNumber } from './params.ts'

const doc = 'Something.'

const token = {
  token_name: text({ doc, min: 1, max: 50, only: /^[A-Za-z0-9_-]+$/, onlyProblem: 'may hold only letters' }),
  acl: optional(list(privilegeName({ doc }), { guarded: true })),
  expires_at: optional(unixSeconds({ doc })),
  whitelist_ip: optional(ipRules({ doc })),
}

test('what nobody declares is ignored, and absent optional arguments read as undefined', () => {
  assert.deepEqual(parse(token, form('token_name=a&api.version=1&extra=x&__proto__=y')), {
    token_name: 'a',
    acl: undefined,
    expires_at: undefined,
    whitelist_ip: undefined,
  })
})

test('a required argument that is missing is named', () => {
  refuses(token, form('acl=a'), 'argument-missing', /“token_name”/)
  refuses({ acl: list(privilegeName({ doc })) }, form(''), 'argument-missing', /“acl”/)
  refuses({ ip: ipRules({ doc }) }, form(''), 'argument-missing', /“ip”/)
})

test('one name twice is fine with equal values and refused with different ones', () => {
  assert.equal(parse({ user: text({ doc }) }, form('user=a&user=a')).user, 'a')
  refuses({ user: text({ doc }) }, form('user=a&user=b'), 'argument-repeated', /“user”/)
})

test('an alias is the same argument, and may not say something else', () => {
  const params = { password: text({ doc, secret: true, aliases: ['pass'] }) }
  assert.equal(parse(params, form('pass=x')).password, 'x')
  assert.equal(parse({ password: optional(params.password) }, form('pass=x')).password, 'x')
  assert.equal(parse(params, form('pass=x&password=x')).password, 'x')
  refuses(params, form('pass=x&password=y'), 'arguments-disagree', /“password” and “pass” differ/)
  refuses(params, json({ pass: null }), 'argument-invalid', /“password”.*“null”/)
})

test('N1, N2: text keeps to its length and its letters', () => {
  for (const name of ['a', 'x'.repeat(50), '-x', '_', '--help', '007', '__proto__', 'constructor']) {
    assert.equal(parse(token, values({ token_name: name })).token_name, name)
  }
  refuses(token, values({ token_name: '' }), 'argument-invalid', /“” is empty/)
  refuses(token, values({ token_name: 'x'.repeat(51) }), 'argument-invalid', /longer than 50/)
  for (const name of ['é'.repeat(50), 'a\n', 'a b', '..', '\u0430', 'a\u200b', 'a\u202e', '😀']) {
    refuses(token, values({ token_name: name }), 'argument-invalid', /“token_name”/)
  }
})

test('R5: NUL and other control characters are refused in text, tabs and line ends are not', () => {
  for (const value of ['a\0', '\x1b[0m', '\x7f', 'a\ud800'])
    refuses({ note: text({ doc }) }, values({ note: value }), 'argument-invalid')
  assert.equal(parse({ note: text({ doc }) }, values({ note: 'a\tb\r\nc é “”' })).note, 'a\tb\r\nc é “”')
})

test('a secret value is never quoted', () => {
  const params = {
    password: text({ doc, max: 3, secret: true }),
    tokens: optional(list(text({ doc, max: 3, secret: true }))),
  }
  for (const args of [form('password=hunter2'), form('password=a&tokens=hunter2'), form('password=hunter%002')]) {
    assert.throws(
      () => parse(params, args),
      (error) => error instanceof Error && !error.message.includes('hunter'),
    )
  }
})

test('what JSON cannot say as an argument is refused by whoever declares the name', () => {
  refuses(token, json({ token_name: {} }), 'argument-invalid', /“token_name”.*“an object”/)
  refuses(token, json({ token_name: 'a', acl: [] }), 'argument-invalid', /“acl”.*“an empty list”/)
  refuses(token, json({ token_name: 'a', 'acl-1': null }), 'argument-invalid', /“acl”.*“null”/)
  assert.equal(parse(token, json({ token_name: 'a', other: null })).token_name, 'a')
})

test('a flag is 1 or 0 and nothing else', () => {
  assert.deepEqual(parse({ a: flag({ doc }), b: flag({ doc }) }, form('a=1&b=0')), { a: true, b: false })
  assert.equal(parse({ a: flag({ doc }) }, json({ a: true })).a, true)
  for (const value of ['true', 'yes', '', '2', '01', ' 1'])
    refuses({ a: flag({ doc }) }, values({ a: value }), 'argument-invalid')
})

test('a whole number is plain decimal digits within its range', () => {
  const params = { n: wholeNumber({ doc, min: 1, max: 100 }) }
  assert.equal(parse(params, form('n=100')).n, 100)
  for (const n of ['0', '101', '01', '+1', '1.0', '1e1', '0x1', '', ' 1', '١', '-1']) {
    refuses(params, values({ n }), 'argument-invalid', /from 1 to 100/)
  }
  assert.equal(parse({ n: wholeNumber({ doc, min: -5 }) }, form('n=-5')).n, -5)
  refuses({ n: wholeNumber({ doc, min: -5 }) }, form('n=-0'), 'argument-invalid')
  refuses({ n: wholeNumber({ doc }) }, form('n=9007199254740993'), 'argument-invalid')
  refuses({ n: wholeNumber({ doc }) }, values({ n: '9'.repeat(400) }), 'argument-invalid')
})

test('E5: an expiry that is 0 or empty means never, and absent means absent', () => {
  for (const expires of ['0', ''])
    assert.equal(parse(token, values({ token_name: 'a', expires_at: expires })).expires_at, 'never')
  assert.equal(parse(token, form('token_name=a')).expires_at, undefined)
  assert.equal(parse(token, json({ token_name: 'a', expires_at: 0 })).expires_at, 'never')
})

test('E6: an expiry that is not plain whole seconds is refused', () => {
  const bad = [
    '-1',
    '-0',
    '1.5',
    '1e10',
    '0x10',
    ' 12',
    '12abc',
    'NaN',
    'Infinity',
    '١٢',
    '1_000',
    'true',
    '[1]',
    '{}',
    '00',
    '012',
    '+1',
  ]
  for (const value of bad)
    refuses(token, values({ token_name: 'a', expires_at: value }), 'argument-invalid', /“expires_at”/)
  for (const value of [-1, 1.5, [1, 2], {}, null]) {
    const code = Array.isArray(value) ? 'argument-repeated' : 'argument-invalid'
    refuses(token, json({ token_name: 'a', expires_at: value }), code, /“expires_at”/)
  }
  const bodies = ['1e10', '-0', '1.0', 'true'].map((number) => `{"token_name":"a","expires_at":${number}}`)
  for (const body of bodies.slice(0, 3)) {
    refuses(token, decodeBody(Buffer.from(body), 'application/json'), 'argument-invalid', /“expires_at”/)
  }
  refuses(token, form('token_name=a&expires_at=1798761599&expires_at=1798761600'), 'argument-repeated')
})

test('E6: where a moment must lie ahead, now and a second ago are refused', () => {
  const params = { at: unixSeconds({ doc, future: true }) }
  for (const seconds of [NOW_MS / 1000 - 1, NOW_MS / 1000])
    refuses(params, form(`at=${seconds}`), 'argument-invalid', /not in the future/)
  assert.deepEqual(parse(params, form(`at=${NOW_MS / 1000 + 1}`)).at, new Date(NOW_MS + 1000))
  assert.deepEqual(parse({ at: unixSeconds({ doc }) }, form('at=1')).at, new Date(1000))
})

test('E7: more than 100 years ahead is refused, and milliseconds are recognised', () => {
  for (const value of ['9007199254740993', '99999999999', '9'.repeat(400)]) {
    refuses(token, values({ token_name: 'a', expires_at: value }), 'argument-invalid', /more than 100 years ahead\.$/)
  }
  refuses(
    token,
    form('token_name=a&expires_at=1798761599000'),
    'argument-invalid',
    /ahead \(is it in milliseconds\?\)\.$/,
  )
  refuses(
    token,
    decodeBody(Buffer.from('{"token_name":"a","expires_at":1e21}'), 'application/json'),
    'argument-invalid',
  )
})

const sameAcl = [
  'acl=a&acl=b&acl=c',
  'acl-0=a&acl-1=b&acl-2=c',
  'acl=a&acl-1=b&acl-2=c',
  'acl-7=c&acl-3=b&acl=a',
  'acl-10=c&acl-9=b&acl-2=a',
  'acl-0=a&acl-0=b&acl-5=c&acl=a&acl-6=c',
]
for (const query of sameAcl) {
  test(`P3: ${query} is the list a, b, c`, () => {
    assert.deepEqual(parse(token, form(`token_name=x&${query}`)).acl, ['a', 'b', 'c'])
  })
}

test('P3: a list in JSON is the same list, also mixed with indexes', () => {
  assert.deepEqual(parse(token, json({ token_name: 'x', acl: ['a', 'b', 'c'] })).acl, ['a', 'b', 'c'])
  assert.deepEqual(parse(token, json({ token_name: 'x', 'acl-1': 'c', acl: ['a', 'b'] })).acl, ['a', 'b', 'c'])
})

const lookAlikes = [
  'acl[]',
  'acl_1',
  'acl.0',
  'acl-x',
  'acl-01',
  'acl-',
  'acl--1',
  'acl-1-1',
  'acls',
  'acl0',
  'ACL',
  'Acl-0',
  ' acl',
  '-acl',
  'ａｃｌ',
  'acl-9999999999',
  'privileges',
  'permission',
]
for (const name of lookAlikes) {
  test(`P3: ${JSON.stringify(name)} is refused as not understood`, () => {
    refuses(token, values({ token_name: 'x', acl: 'a', [name]: 'b' }), 'argument-not-understood', /Did you mean “acl”/)
    refuses(token, json({ token_name: 'x', [name]: null }), 'argument-not-understood')
  })
}

test('P2: an empty privilege, or one with a control character, is refused; other names are judged elsewhere', () => {
  for (const name of ['', 'a\n', 'a\0', 'x'.repeat(101)])
    refuses(token, values({ token_name: 'x', acl: name }), 'argument-invalid', /“acl”/)
  const acl = ['Create-Acct', 'all ', '*', 'list-accts,create-acct']
  assert.deepEqual(parse(token, values({ token_name: 'x', acl })).acl, acl)
})

test('a list that keeps doubles keeps them, and a list with a limit refuses more', () => {
  assert.deepEqual(parse({ c: list(text({ doc }), { keepsDoubles: true }) }, form('c=a&c=a')).c, ['a', 'a'])
  assert.deepEqual(parse({ c: list(text({ doc }), { max: 1 }) }, form('c=a&c=a')).c, ['a'])
  refuses({ c: list(text({ doc }), { max: 1 }) }, form('c=a&c=b'), 'argument-invalid', /more than the 1 /)
})

test('an unguarded list ignores what only resembles it', () => {
  assert.deepEqual(
    parse({ token_name: list(text({ doc })) }, form('token_name=a&token_name-1=b&token_name_2=c')).token_name,
    ['a', 'b'],
  )
})

test('every form describes itself as JSON Schema with its text', () => {
  const forms = [
    text({ doc, max: 5, only: /^a+$/ }),
    flag({ doc }),
    wholeNumber({ doc }),
    unixSeconds({ doc }),
    list(privilegeName({ doc }), { max: 3 }),
    ipRules({ doc }),
    aclFlags({ doc }),
    optional(flag({ doc })),
  ]
  for (const param of forms) assert.equal(z.toJSONSchema(param.schema).description, doc, param.kind)
})

test('R5: any arguments are read or refused with a failure, never an error', () => {
  const name = fc.constantFrom(
    'token_name',
    'acl',
    'acl-0',
    'acl[]',
    'whitelist_ip',
    'whitelist-ip-3',
    'expires_at',
    '__proto__',
    'x',
  )
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('', 'any', '10.0.0.1', '0', '1e10', 'list-accts'),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.array(value, { minLength: 1, maxLength: 3 }))), (entries) => {
      try {
        parse(token, { ...decodeForm(''), values: new Map(entries) })
      } catch (error) {
        assert.ok(error instanceof Failure && error.http < 500)
      }
    }),
    { numRuns: 500 },
  )
})

test('any split of a list over bare and numbered names reads as the same list', () => {
  const item = fc.string({ unit: fc.constantFrom('a', 'b', '-'), minLength: 1, maxLength: 6 })
  const sizes = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(fc.uniqueArray(item, { minLength: 1, maxLength: 10 }), sizes, fc.boolean(), (items, cuts, reversed) => {
      const sent: [string, string[]][] = [['acl', []]]
      items.forEach((value, i) => {
        if ((cuts[i % cuts.length] ?? 0) === 0) sent.push([`acl-${i}`, []])
        sent.at(-1)?.[1].push(value)
      })
      const entries = sent.filter(([, list]) => list.length > 0)
      const args = {
        ...decodeForm('token_name=x'),
        values: new Map([['token_name', ['x']], ...(reversed ? entries.reverse() : entries)]),
      }
      assert.deepEqual(parse(token, args).acl, items)
    }),
  )
})
