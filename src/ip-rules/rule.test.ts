import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseIpRule, parseListedRule, rulesOfRange } from './rule.ts'

function printed(text: string): string {
  const parsed = parseIpRule(text)
  return parsed.ok ? `${parsed.rule.text}${parsed.hadHostBits ? ' (host bits)' : ''}` : `“${text}” ${parsed.problem}`
}

const ruleText = fc.oneof(
  fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([address, prefix]) => `${address}/${prefix}`),
  fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })).map(([address, prefix]) => `${address}/${prefix}`),
  fc.ipV4(),
  fc.ipV6(),
)

test('I1: a rule is printed as WHM prints it, IPv6 in full and in lower case', () => {
  for (const [text, canonical] of [
    ['10.5.3.33', '10.5.3.33'],
    ['10.5.3.33/32', '10.5.3.33'],
    ['10.5.3.0/24', '10.5.3.0/24'],
    ['12AB:0:0:CD30:123:4567:89AB:CDEF', '12ab:0000:0000:cd30:0123:4567:89ab:cdef'],
    ['2001:db8::f/128', '2001:0db8:0000:0000:0000:0000:0000:000f'],
    ['12AB:0:0:CD30::/60', '12ab:0000:0000:cd30:0000:0000:0000:0000/60'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['::/0', '0000:0000:0000:0000:0000:0000:0000:0000/0'],
  ] as const) {
    assert.equal(printed(text), canonical)
  }
})

test('I2: each spelling that others read leniently is refused with a problem that says what is wrong', () => {
  for (const [text, problem] of [
    ['10.1', 'needs four numbers with a dot between them, as in “10.5.3.33”'],
    ['1.2.3', 'needs four numbers with a dot between them, as in “10.5.3.33”'],
    ['1.2.3.4.', 'needs four numbers with a dot between them, as in “10.5.3.33”'],
    ['1..2.3', 'needs four numbers with a dot between them, as in “10.5.3.33”'],
    ['167772161', 'needs four numbers with a dot between them, as in “10.5.3.33”'],
    ['10/8', 'needs four numbers with a dot between them, as in “10.5.3.33”'],
    ['010.0.0.1', 'has a leading zero in “010”'],
    ['10.0.0.00/8', 'has a leading zero in “00”'],
    ['::ffff:010.0.0.1', 'has a leading zero in “010”'],
    ['256.1.1.1', 'has “256” where at most 255 is possible'],
    ['::ffff:1.2.3.999/128', 'has “999” where at most 255 is possible'],
    ['0x0a000001', 'is not an IP address or a CIDR range'],
    ['10.0.0.0/', 'has no prefix length after the “/”'],
    ['2001:db8::/', 'has no prefix length after the “/”'],
    ['10.0.0.0/33', 'has the prefix length “33”, where at most 32 is possible'],
    ['10.0.0.0/128', 'has the prefix length “128”, where at most 32 is possible'],
    ['2001:db8::/129', 'has the prefix length “129”, where at most 128 is possible'],
    ['::1/99999999999999999999', 'has the prefix length “99999999999999999999”, where at most 128 is possible'],
    ['10.0.0.0/08', 'has a leading zero in the prefix length “08”'],
    ['10.0.0.0/00', 'has a leading zero in the prefix length “00”'],
    ['10.0.0.0/-1', 'has the prefix length “-1”, which is not a whole number'],
    ['10.0.0.0/+8', 'has the prefix length “+8”, which is not a whole number'],
    ['10.0.0.0/8e0', 'has the prefix length “8e0”, which is not a whole number'],
    ['10.0.0.0/0x8', 'has the prefix length “0x8”, which is not a whole number'],
    ['10.0.0.0/1.5', 'has the prefix length “1.5”, which is not a whole number'],
    ['10.0.0.0/255.0.0.0', 'has the prefix length “255.0.0.0”, which is not a whole number'],
    ['10.0.0.0/８', 'contains a character that no IP address has'],
    ['10.0.0.0/ 8', 'contains a blank'],
    ['10.0.0.0/8 ', 'contains a blank'],
    ['10.0.0.0/\n', 'contains a blank'],
    [' 10.0.0.0/8', 'contains a blank'],
    ['10.0. 0.1', 'contains a blank'],
    ['10.0.0.1\u00a0', 'contains a blank'],
    ['10.0.0.1 10.0.0.2', 'contains a blank'],
    ['10.0.0.0/8/8', 'has more than one “/”'],
    ['10.0.0.0//8', 'has more than one “/”'],
    ['１０.0.0.1', 'contains a character that no IP address has'],
    ['10.0.0.1\0', 'contains a character that no IP address has'],
    ['fe80::1%eth0', 'names a zone after “%”, which an address rule cannot have'],
    ['fe80::%eth0/10', 'names a zone after “%”, which an address rule cannot have'],
    ['2001:db8:::1', 'is not an IP address or a CIDR range'],
    ['1:2:3:4:5:6:7:1.2.3.4', 'is not an IP address or a CIDR range'],
    ['10.0.0.1-10.0.0.9', 'is not an IP address or a CIDR range'],
    ['10.0.0.1,10.0.0.2', 'is not an IP address or a CIDR range'],
    ['10.0.0.*', 'is not an IP address or a CIDR range'],
    ['[2001:db8::1]', 'is not an IP address or a CIDR range'],
    ['host.example.com', 'is not an IP address or a CIDR range'],
    ['any', 'is not an IP address or a CIDR range'],
    ['/8', 'is not an IP address or a CIDR range'],
    ['/', 'is not an IP address or a CIDR range'],
    ['', 'is empty'],
    [' ', 'contains a blank'],
    ['1'.repeat(1e6), 'is too long for an IP address or a CIDR range'],
  ] as const) {
    assert.deepEqual(parseIpRule(text), { ok: false, problem })
  }
})

test('I3: host bits are cut off and reported', () => {
  assert.equal(printed('10.5.3.7/24'), '10.5.3.0/24 (host bits)')
  assert.equal(printed('12AB:0:0:CD3F::1/60'), '12ab:0000:0000:cd30:0000:0000:0000:0000/60 (host bits)')
  assert.equal(printed('255.255.255.255/0'), '0.0.0.0/0 (host bits)')
  assert.equal(printed('10.5.3.7/31'), '10.5.3.6/31 (host bits)')
  assert.equal(printed('10.5.3.6/31'), '10.5.3.6/31')
})

test('an exception is read and printed as its rule with “!” before it, and only where a list may have exceptions', () => {
  for (const [text, printed] of [
    ['!10.5.3.7', '!10.5.3.7'],
    ['!10.5.3.7/24', '!10.5.3.0/24'],
    ['!::ffff:10.5.3.7', '!10.5.3.7'],
    ['10.5.3.7', '10.5.3.7'],
  ] as const) {
    const parsed = parseListedRule(text)
    assert.ok(parsed.ok)
    assert.deepEqual([parsed.rule.text, parsed.rule.isException], [printed, text.startsWith('!')])
    const again = parseListedRule(printed)
    assert.deepEqual(again.ok && again.rule, parsed.rule)
  }
  for (const text of ['!', '!!10.5.3.7', '! 10.5.3.7', '10.5.3.7!', '!any', '!10.1', '!*'])
    assert.ok(!parseListedRule(text).ok, text)
  assert.ok(!parseIpRule('!10.5.3.7').ok)
})

test('I4: a v4-mapped rule is the IPv4 rule, unless it is wider than IPv4', () => {
  assert.equal(printed('::ffff:10.0.0.0/104'), '10.0.0.0/8')
  assert.equal(printed('::FFFF:a00:0/104'), '10.0.0.0/8')
  assert.equal(printed('::ffff:10.1.2.3/104'), '10.0.0.0/8 (host bits)')
  assert.equal(printed('::ffff:10.1.2.3'), '10.1.2.3')
  assert.equal(printed('::ffff:10.1.2.3/128'), '10.1.2.3')
  assert.equal(printed('::ffff:0:0/96'), '0.0.0.0/0')
  assert.equal(printed('::ffff:0:0/95'), '0000:0000:0000:0000:0000:fffe:0000:0000/95 (host bits)')
  assert.equal(printed('::10.0.0.0/104'), '0000:0000:0000:0000:0000:0000:0a00:0000/104')
  assert.equal(printed('64:ff9b::10.1.2.3'), '0064:ff9b:0000:0000:0000:0000:0a01:0203')
})

test('reading a printed rule gives the same rule, without host bits', () => {
  fc.assert(
    fc.property(ruleText, (text) => {
      const parsed = parseIpRule(text)
      assert.ok(parsed.ok, text)
      assert.deepEqual(parseIpRule(parsed.rule.text), { ok: true, rule: parsed.rule, hadHostBits: false })
    }),
    { numRuns: 2000 },
  )
})

test('an odd character anywhere in a rule makes it refused', () => {
  const odd = fc.constantFrom(' ', '\t', '\n', '\0', '%', '+', '-', 'x', '１', '\u200b', ',', '*', '/ ', '::%', '[')
  fc.assert(
    fc.property(ruleText, odd, fc.nat(), (text, character, at) => {
      const index = at % (text.length + 1)
      const parsed = parseIpRule(text.slice(0, index) + character + text.slice(index))
      assert.ok(!parsed.ok && parsed.problem.length > 0)
    }),
  )
})

test('any text is a rule or has a problem, and a problem ends without a full stop', () => {
  const near = fc.stringMatching(/^[0-9a-f.:/ %x-]{0,50}$/)
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), near), (text) => {
      const parsed = parseIpRule(text)
      if (!parsed.ok) assert.match(parsed.problem, /^(is|has|contains|names|needs) .*[^.]$|^is empty$/)
    }),
    { numRuns: 2000 },
  )
})

test('a range from one address to another is the fewest networks that hold exactly its addresses', () => {
  const texts = (first: string, last: string) => rulesOfRange(first, last)?.map(({ text }) => text)
  assert.deepEqual(texts('10.0.0.0', '10.0.0.255'), ['10.0.0.0/24'])
  assert.deepEqual(texts('10.0.0.7', '10.0.0.9'), ['10.0.0.7', '10.0.0.8/31'])
  assert.deepEqual(texts('10.0.0.5', '10.0.0.5'), ['10.0.0.5'])
  assert.deepEqual(texts('0.0.0.0', '255.255.255.255'), ['0.0.0.0/0'])
  assert.deepEqual(texts('2001:db8::', '2001:db8::ffff'), ['2001:0db8:0000:0000:0000:0000:0000:0000/112'])
  for (const [first, last] of [
    ['10.0.0.2', '10.0.0.1'],
    ['10.0.0.0/24', '10.0.1.0'],
    ['10.0.0.1', '2001:db8::1'],
    ['10.0.0.1', ''],
    ['', '10.0.0.1'],
    ['10.1', '10.2'],
  ] as const)
    assert.equal(rulesOfRange(first, last), undefined)
})
