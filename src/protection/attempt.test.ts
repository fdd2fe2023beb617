import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAddress } from '../ip-rules/address.ts'
import { countedUser, networkOf } from './attempt.ts'

const network = (text: string): string => {
  const address = parseAddress(text)
  assert.ok(address)
  return networkOf(address)
}

test('T7: an IPv6 /64 is counted as one address, and a v4-mapped address as the IPv4 one', () => {
  assert.equal(network('192.0.2.7'), '192.0.2.7')
  assert.equal(network('::ffff:192.0.2.7'), '192.0.2.7')
  assert.equal(network('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64')
  assert.equal(network('2001:db8:1:2:ffff::1'), '2001:db8:1:2::/64')
  assert.notEqual(network('2001:db8:1:3::1'), network('2001:db8:1:2::1'))
})

test('T7: one user, however the name is spelt; names in other letters stay others', () => {
  for (const name of ['root', 'ROOT', ' root', 'ro ot\t', 'root\u0000', 'r\u00a0oot', '\rRoot\n'])
    assert.equal(countedUser(name), 'root')
  assert.notEqual(countedUser('r\u00f6ot'), 'root')
  assert.notEqual(countedUser('\u0440oot'), 'root')
  assert.ok(countedUser('x'.repeat(1000)).length <= 64)
})
