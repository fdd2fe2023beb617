import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../../failures.ts'
import { parseAnyAddress, parseOwnAddress } from './address.ts'

const MAIN = { given: undefined, main: 'example.com' }

function refusal(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    assert.ok(error instanceof Failure)
    return error.code
  }
  return 'none'
}

test('an own address is a local part or a whole one, in lower case, in the domain that is given, or the main one', () => {
  assert.deepEqual(parseOwnAddress('Anna.B', MAIN), { localPart: 'anna.b', domain: 'example.com' })
  assert.deepEqual(parseOwnAddress('anna', { given: 'b.example', main: 'example.com' }).domain, 'b.example')
  assert.deepEqual(parseOwnAddress('a+b-c_d@B.example', MAIN), { localPart: 'a+b-c_d', domain: 'b.example' })
  const elsewhere = () => parseOwnAddress('anna@c.example', { given: 'b.example', main: 'example.com' })
  assert.equal(refusal(elsewhere), 'arguments-disagree')
  const long = `${'a'.repeat(50)}.`.repeat(4)
  assert.equal(
    refusal(() => parseOwnAddress('a', { given: `${long}${'b'.repeat(27)}`, main: '' })),
    'argument-invalid',
  )
  assert.equal(parseOwnAddress('a', { given: `${long}${'b'.repeat(26)}`, main: '' }).domain.length, 230)
  assert.equal(parseOwnAddress(`${'a'.repeat(64)}`, MAIN).localPart.length, 64)
})

test('what could become something else as a folder, a line or a key is no own address', () => {
  const refused = [
    ...['', '.', '..', '.a', 'a.', 'a..b', '../x', 'a/b', 'a\\b', 'a b', 'a\tb', 'a\nb', 'a:b', 'a,b', 'a|b', '"a b"'],
    ...[
      '#a',
      '-a',
      '+a',
      'a+',
      'é',
      'ａ',
      'a\u200b',
      'a\u0000',
      'cpanel',
      'CPANEL@example.com',
      `${'a'.repeat(65)}`,
      '*',
    ],
    ...[
      'a@',
      '@example.com',
      'a@b',
      'a@@example.com',
      'a@exa mple.com',
      'a@../etc',
      'a@[127.0.0.1]',
      'a@example.com/x',
    ],
  ]
  for (const text of refused)
    assert.equal(
      refusal(() => parseOwnAddress(text, MAIN)),
      'argument-invalid',
      text,
    )
})

test('whatever is taken for an own address is one plain word in one plain domain', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 30 }), fc.emailAddress()), (text) => {
      let address: ReturnType<typeof parseOwnAddress>
      try {
        address = parseOwnAddress(text, MAIN)
      } catch (error) {
        assert.ok(error instanceof Failure)
        return
      }
      assert.match(address.localPart, /^[a-z0-9_][a-z0-9._+-]*$/)
      assert.match(address.domain, /^[a-z0-9-]+(\.[a-z0-9-]+)+$/)
      assert.deepEqual(parseOwnAddress(`${address.localPart}@${address.domain}`, MAIN), address)
    }),
  )
})

test('a destination is any unquoted address that starts no program and names no file', () => {
  for (const text of ['bob@example.org', "o'brien@example.org", 'Bob+x@example.org', 'a!b#c$d@example.org'])
    assert.equal(parseAnyAddress(text, 'fwdemail'), text)
  assert.equal(parseAnyAddress('bob@EXAMPLE.org', 'fwdemail'), 'bob@example.org')
  assert.equal(parseAnyAddress('bob@bücher.example', 'fwdemail'), 'bob@xn--bcher-kva.example')
  const refused = [
    ...[
      '|/bin/sh@example.org',
      '/etc/passwd@example.org',
      ':include:/x@example.org',
      'a b@example.org',
      'a,b@example.org',
    ],
    ...['a\n@example.org', '"a"@example.org', 'a@b@', 'bob', '@example.org', '.a@example.org', 'a..b@example.org', ''],
    ...[`${'a'.repeat(65)}@example.org`, 'a`id`@example.org', 'a<b>@example.org', 'a@example.org,b@example.org'],
  ]
  for (const text of refused)
    assert.equal(
      refusal(() => parseAnyAddress(text, 'fwdemail')),
      'argument-invalid',
      text,
    )
})
