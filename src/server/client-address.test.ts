import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Address, formatAddress, parseAddress } from '../ip-rules/address.ts'
import { compileIpRules } from '../ip-rules/match.ts'
import { parseIpRule } from '../ip-rules/rule.ts'
import { clientAddress } from './client-address.ts'

const PROXY = address('192.0.2.1')

function address(text: string): Address {
  return parseAddress(text) ?? assert.fail(text)
}

function trusting(...rules: readonly string[]) {
  return compileIpRules(
    rules.map((text) => {
      const parsed = parseIpRule(text)
      return parsed.ok ? parsed.rule : assert.fail(text)
    }),
  )
}

const trusted = trusting('192.0.2.0/24', '2001:db8:ffff::/48')

/** The address that decides, as text; undefined where there is none. */
function decided(forwardedFor: string | undefined, peer: Address | undefined = PROXY): string | undefined {
  const forwardingHeaders = forwardedFor === undefined ? [] : ['x-forwarded-for']
  const found = clientAddress(peer, { forwardedFor, forwardingHeaders }, trusted)
  return found.address && formatAddress(found.address)
}

test('I8: an untrusted peer is its own address whatever it writes, and the headers are named', () => {
  const peer = address('203.0.113.5')
  const forwardingHeaders = ['x-forwarded-for', 'x-real-ip']
  assert.deepEqual(clientAddress(peer, { forwardedFor: '198.51.100.7', forwardingHeaders }, trusted), {
    address: peer,
    ignoredHeaders: forwardingHeaders,
  })
})

test('I9: the rightmost address that is no trusted proxy decides, with or without a port', () => {
  for (const [forwardedFor, expected] of [
    ['198.51.100.7', '198.51.100.7'],
    ['203.0.113.1, 198.51.100.7', '198.51.100.7'],
    ['203.0.113.1,198.51.100.7 , 192.0.2.9', '198.51.100.7'],
    ['198.51.100.7:65535', '198.51.100.7'],
    ['[2001:DB8::7]:443', '2001:db8::7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['::ffff:198.51.100.7', '198.51.100.7'],
    ['unknown, 198.51.100.7', '198.51.100.7'],
    ['192.0.2.8, 192.0.2.9', '192.0.2.8'],
    ['::ffff:192.0.2.8', '192.0.2.8'],
  ] as const) {
    assert.equal(decided(forwardedFor), expected, forwardedFor)
  }
})

test('I9: without the header a proxy is its own address', () => {
  assert.equal(decided(undefined), '192.0.2.1')
})

test('I9: what cannot be read where an address should be is no address', () => {
  for (const forwardedFor of ['', ' ', ',', 'unknown', '198.51.100.7,', '198.51.100.7:', '[::1', '010.0.0.1', 'a b']) {
    assert.equal(decided(forwardedFor), undefined, forwardedFor)
  }
  assert.equal(clientAddress(undefined, { forwardedFor: undefined, forwardingHeaders: [] }, trusted).address, undefined)
})

test('I9: a hundred hops are followed, more are not', () => {
  const hops = (count: number) => Array(count).fill('192.0.2.7').join(',')
  assert.equal(decided(`198.51.100.7,${hops(99)}`), '198.51.100.7')
  assert.equal(decided(hops(100)), '192.0.2.7')
  assert.equal(decided(`198.51.100.7,${hops(100)}`), undefined)
})

test('what a client writes to the left of the proxies’ own entries never decides', () => {
  const anything = fc.oneof(fc.string(), fc.ipV4(), fc.ipV6(), fc.constantFrom('unknown', '', '192.0.2.5'))
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 20 }), fc.nat(3), (written, proxies) => {
      const own = ['198.51.100.7', ...Array(proxies).fill('192.0.2.9')]
      assert.equal(decided([...written, ...own].join(', ')), '198.51.100.7')
    }),
  )
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void decided(text)))
})
