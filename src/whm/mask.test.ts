import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { escapeForLine, holdsSecret, maskQuery, maskSecrets } from './mask.ts'

const TOKEN = 'PSWABCDEFGHIJKLMNOPQRSTUVWXYZ012'

test('T4: a token is masked wherever it stands, in any case, percent-encoded, and with letters lost', () => {
  const encoded = [...TOKEN].map((character) => `%${character.charCodeAt(0).toString(16)}`).join('')
  const forms = [
    TOKEN,
    TOKEN.toLowerCase(),
    TOKEN.replace('PSW', 'PSC'),
    TOKEN.slice(0, -1),
    encoded,
    `%50${TOKEN.slice(1)}`,
  ]
  for (const form of forms) assert.equal(maskSecrets(`GET /x?token=${form}&a=1`), 'GET /x?token=[masked]&a=1', form)
  assert.equal(maskSecrets(`x${TOKEN}Y:${TOKEN}`), 'x[masked]:[masked]')
})

test('a token is a secret as a word, also with letters lost; within base64 its shape says nothing', () => {
  for (const text of [
    TOKEN,
    `root:${TOKEN.toLowerCase()}`,
    `late, ${TOKEN.slice(0, -3)}.`,
    `%50${TOKEN.slice(1)}`,
    `${TOKEN}Y`,
  ])
    assert.equal(holdsSecret(text), true, text)
  for (const text of [`x${TOKEN}`, `${TOKEN}/x`, `+${TOKEN}`, `MIIB\n${TOKEN}${TOKEN}\n`, TOKEN.slice(0, 26)])
    assert.equal(holdsSecret(text), false, text)
})

test('the number of a security token is masked', () => {
  assert.equal(maskSecrets('GET /cpsess1234567890/json-api/version'), 'GET /cpsess[masked]/json-api/version')
})

test('K2: a private key is masked whole, as PEM and percent-encoded, and as far as it is there when it is cut', () => {
  const body = 'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg'
  for (const kind of ['', 'RSA ', 'EC ', 'ENCRYPTED ']) {
    const pem = `-----BEGIN ${kind}PRIVATE KEY-----\n${body}\n-----END ${kind}PRIVATE KEY-----\n`
    for (const text of [pem, encodeURIComponent(pem), new URLSearchParams({ x: pem }).toString(), pem.slice(0, -30)]) {
      assert.ok(!maskSecrets(`crt=${text}&a=1`).includes(body), text)
      assert.ok(maskSecrets(`crt=${text}&a=1`).endsWith('&a=1') || !text.includes('%'), text)
      assert.equal(holdsSecret(text), true)
    }
    assert.equal(maskSecrets(`a ${pem}b`), 'a -----[masked]-----\nb')
  }
  const open = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n the PRIVATE KEY is elsewhere'
  assert.equal(maskSecrets(open), open)
  assert.equal(holdsSecret(open), false)
})

test('text without secrets stays as it is', () => {
  const text = 'GET /json-api/listaccts?search=psc-example.com&api.version=1 PSW'
  assert.equal(maskSecrets(text), text)
})

test('K2: values of arguments named like secrets are masked, however the name is written', () => {
  const query = 'user=bob&password=a&pass=b&token=c&key=d&password-0=e&p%61ss=f&PASSWORD=g&password=h&db_pass_update=1'
  assert.equal(
    maskQuery(query),
    'user=bob&password=[masked]&pass=[masked]&token=[masked]&key=[masked]&password-0=[masked]&p%61ss=[masked]&PASSWORD=[masked]&password=[masked]&db_pass_update=1',
  )
  assert.equal(maskQuery('token_name=backup&token_name-1=x&reason'), 'token_name=backup&token_name-1=x&reason')
  assert.equal(maskQuery(`user=${TOKEN}&%zz=1`), 'user=[masked]&%zz=1')
})

test('L1: line ends, controls, escape codes and direction marks are escaped', () => {
  const nasty = 'a\r\n\0\x1b[31m\x7f\x85\u2028\u2029\u202e\u200b\ufeff"\\\ud800'
  assert.equal(
    escapeForLine(nasty, 1_000),
    'a\\r\\n\\u0000\\u001b[31m\\u007f\\u0085\\u2028\\u2029\\u202e\\u200b\\ufeff\\"\\\\\\ud800',
  )
})

test('L1: plain text of any language stays readable', () => {
  assert.equal(escapeForLine('Größe “ok” 数 👍', 100), 'Größe “ok” 数 👍')
})

test('L1: long text is cut with a mark and never in the middle of an escape', () => {
  assert.equal(escapeForLine('abcdef', 6), 'abcdef')
  assert.equal(escapeForLine('abcdefg', 6), 'abcde…')
  assert.equal(escapeForLine('abc\0\0', 10), 'abc\\u0000…')
  assert.equal(escapeForLine('👍👍👍', 4), '👍…')
  assert.equal(escapeForLine('x'.repeat(10_000_000), 100).length, 100)
})

test('L1: any text is one line within the limit, and JSON reads it back when it was not cut', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 60 }), (text, max) => {
      const line = escapeForLine(text, max)
      assert.ok(line.length <= max)
      assert.doesNotMatch(line, /[\p{C}\p{Zl}\p{Zp}]/u)
      const whole = escapeForLine(text, 100_000)
      assert.equal(JSON.parse(`"${whole}"`), text)
      if (line !== whole) assert.ok(line.endsWith('…') && whole.startsWith(line.slice(0, -1)))
    }),
  )
})
