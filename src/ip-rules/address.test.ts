import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatAddress, parseAddress } from './address.ts'

const bytesOf = (text: string) => [...(parseAddress(text)?.bytes ?? [])]
const v6Text = fc.ipV6().map((text) => text.toLowerCase())

test('an address is printed in its one canonical form', () => {
  for (const [text, printed] of [
    ['10.5.3.33', '10.5.3.33'],
    ['255.255.255.255', '255.255.255.255'],
    ['0.0.0.0', '0.0.0.0'],
    ['::', '::'],
    ['1::', '1::'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
    ['12AB:0:0:CD30:123:4567:89AB:CDEF', '12ab::cd30:123:4567:89ab:cdef'],
    ['2001:0db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['0:0:0:0:0:FFFF:0a01:0203', '10.1.2.3'],
    ['0000:0000:0000:0000:0000:ffff:255.255.255.255', '255.255.255.255'],
  ] as const) {
    const address = parseAddress(text)
    assert.ok(address, text)
    assert.equal(formatAddress(address), printed)
  }
})

test('I4: a v4-mapped address is the IPv4 address; a v4-compatible and a NAT64 one are not', () => {
  assert.deepEqual(parseAddress('::ffff:10.1.2.3'), parseAddress('10.1.2.3'))
  assert.deepEqual(bytesOf('::10.1.2.3'), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 1, 2, 3])
  assert.deepEqual(bytesOf('64:ff9b::10.1.2.3'), [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 10, 1, 2, 3])
  for (const text of ['::10.1.2.3', '64:ff9b::10.1.2.3', '::fffe:10.1.2.3', '1::ffff:10.1.2.3', '::ffff:0:10.1.2.3']) {
    assert.equal(parseAddress(text)?.family, 6, text)
  }
})

test('I2: what a lenient library reads as an address is none', () => {
  for (const text of [
    ...['', ' ', '10', '10.1', '1.2.3', '1.2.3.4.', '.1.2.3.4', '1..2.3', '1.2.3.4.5', '256.1.1.1', '1.2.3.1000'],
    ...[
      '010.0.0.1',
      '10.0.0.01',
      '00.0.0.0',
      '0x0a000001',
      '0xa.0.0.1',
      '167772161',
      '+1.2.3.4',
      '-1.2.3.4',
      '1e1.0.0.1',
    ],
    ...[' 10.0.0.1', '10.0.0.1 ', '10.0.0.1\n', '10. 0.0.1', '10.0.0.1\0', '１0.0.0.1', '10。0。0。1', '٣.1.1.1'],
    ...[
      ':',
      ':::',
      '1',
      '1:2',
      '2001:db8:::1',
      '1::2::3',
      '1::2::3:4:5:6:7:8',
      ':1::2',
      '1::2:',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
    ],
    ...['::1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8::', '1:2:3:4::5:6:7:8', '12345::', '00001::', 'g::', '::0x1', '[::1]'],
    ...['fe80::1%eth0', 'fe80::1%1', '::1.2.3', '::010.0.0.1', '::256.1.1.1', '1.2.3.4::', '::1.2.3.4:5', '::1.2.3.4.'],
    ...['1:2:3:4:5:6:7:1.2.3.4', '1:2:3:4:5:6::1.2.3.4', ':1.2.3.4', '::1 ', ' ::1', '::1/128', '10.0.0.1/32'],
    ...['localhost', 'example.com', 'unknown', 'any', '10.0.0.1:443', '::ffff:1.2.3.4%1', '1.2.3.4'.repeat(1e5)],
  ]) {
    assert.equal(parseAddress(text), undefined, JSON.stringify(text.slice(0, 60)))
  }
})

test('reading what was printed gives the same address', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), v6Text), (text) => {
      const address = parseAddress(text)
      assert.ok(address, text)
      assert.deepEqual(parseAddress(formatAddress(address)), address)
    }),
    { numRuns: 2000 },
  )
})

test('IPv6 is read and printed as the URL parser of Node does it', () => {
  const anyText = fc.stringMatching(/^[0-9a-f:]{0,6}::?[0-9a-f:.]{0,24}$/)
  fc.assert(
    fc.property(fc.oneof(v6Text, anyText), (text) => {
      const host = URL.parse(`http://[${text}]/`)?.hostname.slice(1, -1)
      const address = parseAddress(text)
      assert.equal(address === undefined, host === undefined)
      if (address === undefined || host === undefined) return
      if (address.family === 6) assert.equal(formatAddress(address), host)
      else assert.match(host, /^::ffff:/)
    }),
    { numRuns: 5000 },
  )
})

test('no text makes reading an address throw', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseAddress(text)))
})
