import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseAuthorization } from './authorization.ts'

const basic = (text: string | Uint8Array) => `Basic ${Buffer.from(text).toString('base64')}`
const MALFORMED = { refusal: 'malformed' }

test('H1: whm in any case, with blanks and tabs after it and at the end, is one credential', () => {
  for (const header of [
    'whm root:T',
    'WHM root:T',
    'wHm root:T',
    'whm  root:T',
    'whm\troot:T',
    'whm root:T \t ',
    ' whm root:T',
  ]) {
    assert.deepEqual(parseAuthorization(header), { scheme: 'whm', user: 'root', secret: 'T' }, JSON.stringify(header))
  }
})

test('H2: an empty header is none', () => {
  for (const header of ['', ' ', '\t ']) assert.deepEqual(parseAuthorization(header), { refusal: 'missing' })
})

test('H2: a header with a part missing is malformed, and a user is reported only before a colon', () => {
  for (const header of ['whm', 'whm ', 'whm root', 'whm :TOKEN', 'root:TOKEN', 'PSWSECRET', 'whm:root:T', 'basic']) {
    assert.deepEqual(parseAuthorization(header), MALFORMED, header)
  }
  assert.deepEqual(parseAuthorization('whm root:'), { refusal: 'malformed', claimedUser: 'root' })
})

test('H3: a scheme of another kind is named and never tried as whm or cpanel', () => {
  assert.deepEqual(parseAuthorization('Bearer TOKEN'), { refusal: 'wrong-scheme', sentScheme: 'bearer' })
  assert.deepEqual(parseAuthorization('Digest username="root"'), { refusal: 'wrong-scheme', sentScheme: 'digest' })
  const account = { scheme: 'cpanel', user: 'alice', secret: 'TOKEN' }
  assert.deepEqual(parseAuthorization('CPANEL alice:TOKEN'), account)
  assert.deepEqual(parseAuthorization('Unknown root:TOKEN'), MALFORMED)
})

test('H4: user and secret are split at the first colon only, and nothing is unquoted or cut', () => {
  const secrets = ['TOK:EN', 'T1, whm root:T2', 'TOKEN;x']
  for (const secret of secrets) {
    assert.deepEqual(parseAuthorization(`whm root:${secret}`), { scheme: 'whm', user: 'root', secret })
  }
  assert.deepEqual(parseAuthorization('whm "root:T"'), { scheme: 'whm', user: '"root', secret: 'T"' })
})

test('H6: control characters in the header are malformed', () => {
  for (const character of ['\0', '\r', '\n', '\x1b', '\x7f', '\r\n ']) {
    assert.deepEqual(parseAuthorization(`whm ro${character}ot:T`), MALFORMED)
    assert.deepEqual(parseAuthorization(`whm root:T${character}`), MALFORMED)
  }
  assert.deepEqual(parseAuthorization('whm ro\tot:T'), MALFORMED)
})

test('H6: Basic whose decoded bytes hold CR, LF, NUL, ESC or DEL is malformed', () => {
  for (const character of ['\r', '\n', '\0', '\x1b', '\x7f', '\r\nhasroot=1', '\x85']) {
    assert.deepEqual(parseAuthorization(basic(`root:pass${character}`)), MALFORMED)
    assert.deepEqual(parseAuthorization(basic(`ro${character}ot:pass`)), MALFORMED)
  }
})

test('Basic gives user and password letter for letter', () => {
  assert.deepEqual(parseAuthorization(basic('root:p:a s%é“')), { scheme: 'basic', user: 'root', password: 'p:a s%é“' })
  assert.deepEqual(parseAuthorization(`bAsIc  ${basic('a:b').slice(6)} `), {
    scheme: 'basic',
    user: 'a',
    password: 'b',
  })
})

test('H7: Basic that is not strictly base64 of UTF-8 with a user and a password is malformed', () => {
  const good = Buffer.from('root:pw').toString('base64') // cm9vdDpwdw==
  const encoded = [
    '!!!!',
    good.slice(0, -1),
    good.slice(0, -2),
    `${good}=`,
    'cm9vdDpwdx==',
    `${good} x`,
    'cm9v dDpwdw==',
    'YTpiPz8_',
  ]
  for (const text of encoded) assert.deepEqual(parseAuthorization(`Basic ${text}`), MALFORMED, text)
  assert.deepEqual(parseAuthorization(basic('nocolon')), MALFORMED)
  assert.deepEqual(parseAuthorization(basic(':password')), MALFORMED)
  assert.deepEqual(parseAuthorization(basic('root:')), { refusal: 'malformed', claimedUser: 'root' })
  assert.deepEqual(parseAuthorization(basic(Uint8Array.of(0x61, 0x3a, 0xff))), MALFORMED)
  assert.deepEqual(parseAuthorization(basic(Uint8Array.of(0x61, 0x3a, 0xc0, 0xaf))), MALFORMED)
})

test('H7: a Basic header of more than 8 KiB is malformed and costs next to nothing', () => {
  const header = basic(`root:${'x'.repeat(8_192)}`)
  const before = process.cpuUsage()
  assert.deepEqual(parseAuthorization(header), MALFORMED)
  assert.ok(process.cpuUsage(before).user < 5_000)
})

test('H8: bytes beyond ASCII are malformed, and names are handed on byte for byte', () => {
  assert.deepEqual(parseAuthorization('whm r\xf6\xf6t:T'), MALFORMED)
  assert.deepEqual(parseAuthorization('whm root:\xff'), MALFORMED)
  for (const user of ['ROOT', 'root ', 'x'.repeat(300)]) {
    assert.deepEqual(parseAuthorization(`whm ${user}:T`), { scheme: 'whm', user, secret: 'T' })
  }
})

test('any header is read or refused, and what was written comes back', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseAuthorization(text)))
  const printable = fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
    minLength: 1,
  })
  const user = printable.filter((text) => !text.includes(':'))
  fc.assert(
    fc.property(user, printable, (name, secret) => {
      assert.deepEqual(parseAuthorization(`whm ${name}:${secret}`), { scheme: 'whm', user: name, secret })
      assert.deepEqual(parseAuthorization(basic(`${name}:${secret}`)), {
        scheme: 'basic',
        user: name,
        password: secret,
      })
    }),
  )
})
