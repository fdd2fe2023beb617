import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../failures.ts'
import { parseDomain } from './domains.ts'

const read = (text: string): string | undefined => {
  try {
    return parseDomain(text, 'domain')
  } catch (error) {
    assert.ok(error instanceof Failure && error.code === 'argument-invalid')
    return undefined
  }
}

test('a domain is kept in small letters and in its ASCII form', () => {
  assert.equal(read('Shop.Example.COM'), 'shop.example.com')
  assert.equal(read('bücher.example'), 'xn--bcher-kva.example')
  assert.equal(read('xn--bcher-kva.example'), 'xn--bcher-kva.example')
  assert.equal(read(`${'a'.repeat(63)}.example`), `${'a'.repeat(63)}.example`)
})

test('what is no host name of two parts is refused', () => {
  const bad = ['', 'localhost', '.', 'a.', '.com', 'a..com', 'example.com.', '-a.com', 'a-.com', 'a_b.com', '*.a.com']
  const worse = ['a b.com', 'a.com/x', 'a.com:80', 'a@b.com', '%61.com', 'a\u0000.com', '[::1]', 'a.com?x', 'a\\b.com']
  const addresses = ['127.0.0.1', '1.2.3', 'a.0x7f', '１２７.0.0.1', 'example.123']
  for (const text of [...bad, ...worse, ...addresses, `${'a'.repeat(64)}.com`, `${'a.'.repeat(126)}abc`])
    assert.equal(read(text), undefined, text)
})

test('whatever is kept reads as itself, and holds nothing but letters, digits, dashes and dots', () => {
  const part = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(part, fc.constantFrom('com', 'example.org', 'рф'), (label, rest) => {
      const domain = read(`${label}.${rest}`)
      if (domain === undefined) return
      assert.match(domain, /^[a-z0-9-]+(\.[a-z0-9-]+)+$/)
      assert.equal(read(domain), domain)
    }),
  )
})
