import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Address, parseAddress } from './address.ts'
import { compileIpRules, coversEveryAddress, distinctRules, rulesWithin } from './match.ts'
import { type IpRule, parseListedRule } from './rule.ts'

function rule(text: string): IpRule {
  const parsed = parseListedRule(text)
  assert.ok(parsed.ok, text)
  return parsed.rule
}

function address(text: string): Address {
  const parsed = parseAddress(text)
  assert.ok(parsed, text)
  return parsed
}

const rules = (...texts: readonly string[]) => texts.map(rule)
const allows = (texts: readonly string[], caller: string) => compileIpRules(rules(...texts))(address(caller))
const numberOf = (bytes: Uint8Array) => bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)

/** Few distinct addresses, so that random rules and random callers meet. */
const v4 = fc.tuple(fc.constantFrom(10, 128, 255), fc.constantFrom(0, 1), fc.constantFrom(0, 127, 128), fc.nat(255))
const v4Text = v4.map((bytes) => bytes.join('.'))
const group = fc.constantFrom('0', '1', '8000', 'ffff', '7fff')
const v6Text = fc.oneof(
  fc.array(group, { minLength: 8, maxLength: 8 }).map((groups) => groups.join(':')),
  v4Text.map((text) => `::${text}`),
)
const v4RuleText = fc.tuple(v4Text, fc.nat(32)).map(([text, prefix]) => `${text}/${prefix}`)
const v6RuleText = fc.tuple(v6Text, fc.nat(128)).map(([text, prefix]) => `${text}/${prefix}`)
const mark = fc.constantFrom('', '', '!')
const ruleList = fc.array(
  fc.tuple(mark, fc.oneof(v4RuleText, v6RuleText)).map(([before, text]) => rule(before + text)),
  {
    maxLength: 12,
  },
)

function naivelyAllows(list: readonly IpRule[], { family, bytes }: Address): boolean {
  const matching = list.filter((one) => {
    if (one.family !== family) return false
    const shift = BigInt(bytes.length * 8 - one.prefix)
    return numberOf(bytes) >> shift === numberOf(one.network) >> shift
  })
  return matching.length > 0 && matching.every((one) => !one.isException)
}

test('I1: the first and the last address of a range are allowed, their neighbours are not', () => {
  for (const [range, before, first, last, after] of [
    ['10.5.3.0/24', '10.5.2.255', '10.5.3.0', '10.5.3.255', '10.5.4.0'],
    ['10.5.3.6/31', '10.5.3.5', '10.5.3.6', '10.5.3.7', '10.5.3.8'],
    ['10.5.3.33', '10.5.3.32', '10.5.3.33', '10.5.3.33', '10.5.3.34'],
    ['128.0.0.0/1', '127.255.255.255', '128.0.0.0', '255.255.255.255', '0.0.0.0'],
    [
      '12ab:0:0:cd30::/60',
      '12ab::cd2f:ffff:ffff:ffff:ffff',
      '12ab:0:0:cd30::',
      '12ab::cd3f:ffff:ffff:ffff:ffff',
      '12ab:0:0:cd40::',
    ],
    ['2001:db8::6/127', '2001:db8::5', '2001:db8::6', '2001:db8::7', '2001:db8::8'],
    [
      '2001:db8::/32',
      '2001:db7:ffff:ffff:ffff:ffff:ffff:ffff',
      '2001:db8::',
      '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff',
      '2001:db9::',
    ],
    ['2001:db8::1', '2001:db8::', '2001:db8::1', '2001:db8::1', '2001:db8::2'],
  ] as const) {
    assert.deepEqual(
      [before, first, last, after].map((caller) => allows([range], caller)),
      [false, true, true, false],
      range,
    )
  }
})

test('I4: a v4-mapped caller is an IPv4 caller; v4-compatible and NAT64 callers are not', () => {
  assert.ok(allows(['10.0.0.0/8'], '::ffff:10.1.2.3'))
  assert.ok(allows(['::ffff:10.0.0.0/104'], '10.1.2.3'))
  assert.ok(!allows(['10.0.0.0/8'], '::10.1.2.3'))
  assert.ok(!allows(['10.0.0.0/8'], '64:ff9b::10.1.2.3'))
})

test('I5: everything of one family is nothing of the other', () => {
  for (const all of [['0.0.0.0/0'], ['::ffff:0:0/96'], ['0.0.0.0/1', '128.0.0.0/1']]) {
    for (const caller of ['0.0.0.0', '10.1.2.3', '255.255.255.255', '::ffff:10.1.2.3']) assert.ok(allows(all, caller))
    for (const caller of ['::', '::10.1.2.3', '2001:db8::1']) assert.ok(!allows(all, caller))
  }
  for (const caller of ['::', '::10.1.2.3', 'ffff::']) assert.ok(allows(['::/0'], caller))
  for (const caller of ['0.0.0.0', '10.1.2.3', '::ffff:10.1.2.3']) assert.ok(!allows(['::/0'], caller))
})

test('I5: a list that leaves no address out is recognised, also when several rules do it together', () => {
  assert.equal(coversEveryAddress(rules('0.0.0.0/0')), 'v4')
  assert.equal(coversEveryAddress(rules('128.0.0.0/1', '10.0.0.0/8', '0.0.0.0/1')), 'v4')
  assert.equal(coversEveryAddress(rules('128.0.0.0/2', '0.0.0.0/1', '192.0.0.0/2')), 'v4')
  assert.equal(coversEveryAddress(rules('::/0')), 'v6')
  assert.equal(coversEveryAddress(rules('8000::/1', '::/1')), 'v6')
  assert.equal(coversEveryAddress(rules('::/0', '::ffff:0:0/96')), 'both')
  assert.equal(coversEveryAddress(rules('0.0.0.0/1', '128.0.0.0/2')), undefined)
  assert.equal(coversEveryAddress(rules('::/1', '0.0.0.0/1', '128.0.0.0/2')), undefined)
  assert.equal(coversEveryAddress([]), undefined)
})

test('an exception is taken out of all other rules, wherever it stands, and allows nothing itself', () => {
  for (const list of [
    ['10.0.0.0/8', '!10.5.3.0/24'],
    ['!10.5.3.0/24', '10.0.0.0/8', '10.5.3.7'],
  ]) {
    assert.ok(allows(list, '10.5.2.255') && allows(list, '10.5.4.0') && allows(list, '::ffff:10.9.9.9'))
    assert.ok(!allows(list, '10.5.3.0') && !allows(list, '10.5.3.7') && !allows(list, '::ffff:10.5.3.255'))
    assert.ok(!allows(list, '11.0.0.1') && !allows(list, '::1'))
  }
  assert.ok(!allows(['!10.5.3.7'], '10.5.3.8'))
  assert.equal(coversEveryAddress(rules('0.0.0.0/0', '!10.5.3.7')), undefined)
  assert.equal(coversEveryAddress(rules('0.0.0.0/0', '::/0', '!10.5.3.7')), 'v6')
  assert.ok(rulesWithin(rules('10.0.0.0/8', '!10.5.3.0/24'), rules('10.0.0.0/8', '!10.5.3.7')))
  assert.ok(!rulesWithin(rules('10.0.0.0/8', '!10.5.3.7'), rules('10.0.0.0/8', '!10.5.3.0/24')))
  assert.ok(!rulesWithin(rules('10.0.0.0/8'), rules('10.0.0.0/8', '!10.5.3.7')))
  assert.ok(rulesWithin(rules('!10.5.3.7', '10.5.3.7'), []))
  assert.deepEqual(
    distinctRules(rules('!10.5.3.7', '10.5.3.7', '!::ffff:10.5.3.7')).map(({ text }) => text),
    ['!10.5.3.7', '10.5.3.7'],
  )
})

test('an empty list allows nothing, and bytes of a wrong length match nothing', () => {
  assert.ok(!compileIpRules([])(address('10.0.0.1')))
  const everything = compileIpRules(rules('0.0.0.0/0', '::/0'))
  for (const family of [4, 6] as const) {
    for (const length of [0, 1, 3, 5, 15, 17, family === 4 ? 16 : 4]) {
      assert.ok(!everything({ family, bytes: new Uint8Array(length) }))
    }
  }
})

test('I6: each of 100 rules allows its own addresses and no others', () => {
  const texts = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? `10.${i}.0.0/16` : `2001:db8:${i}::/48`))
  const check = compileIpRules(rules(...texts))
  for (let i = 0; i < 100; i++) {
    assert.equal(check(address(`10.${i}.200.7`)), i % 2 === 0)
    assert.equal(check(address(`2001:db8:${i}::7`)), i % 2 === 1)
  }
})

test('I6: rules that mean the same network count once, where the first of them stood', () => {
  const list = rules(
    '10.5.3.7/24',
    '::1',
    '10.5.3.0/24',
    '::ffff:10.5.3.0/120',
    '10.5.3.0',
    '0:0::1/128',
    '10.5.3.0/25',
  )
  const texts = distinctRules(list).map(({ text }) => text)
  assert.deepEqual(texts, ['10.5.3.0/24', '0000:0000:0000:0000:0000:0000:0000:0001', '10.5.3.0', '10.5.3.0/25'])
})

test('matching agrees with plain arithmetic on big numbers', () => {
  fc.assert(
    fc.property(ruleList, fc.oneof(v4Text, v6Text), (list, caller) => {
      assert.equal(compileIpRules(list)(address(caller)), naivelyAllows(list, address(caller)))
    }),
    { numRuns: 5000 },
  )
})

test('I4: an IPv4 caller and its v4-mapped form are always judged alike, and so are rules', () => {
  fc.assert(
    fc.property(ruleList, v4Text, fc.nat(32), (list, text, prefix) => {
      const check = compileIpRules(list)
      assert.equal(check(address(text)), check(address(`::ffff:${text}`)))
      assert.deepEqual(rule(`${text}/${prefix}`), rule(`::ffff:${text}/${prefix + 96}`))
    }),
    { numRuns: 2000 },
  )
})

test('one list lies within another exactly when no address of a small network is left out', () => {
  const v4Rule = fc.tuple(fc.nat(15), fc.integer({ min: 28, max: 32 })).map(([n, prefix]) => `10.0.0.${n}/${prefix}`)
  const v6Rule = fc.tuple(fc.nat(15), fc.integer({ min: 124, max: 128 })).map(([n, p]) => `::${n.toString(16)}/${p}`)
  const listed = fc.tuple(mark, fc.oneof(v4Rule, v6Rule)).map(([before, text]) => rule(before + text))
  const smallList = fc.array(listed, { maxLength: 8 })
  const every = Array.from({ length: 16 }, (_, n) => [address(`10.0.0.${n}`), address(`::${n.toString(16)}`)]).flat()
  fc.assert(
    fc.property(smallList, smallList, (inner, outer) => {
      const left = every.filter((caller) => naivelyAllows(inner, caller) && !naivelyAllows(outer, caller))
      assert.equal(rulesWithin(inner, outer), left.length === 0)
    }),
    { numRuns: 5000 },
  )
})

test('a list that lies within another allows nobody whom the other refuses', () => {
  fc.assert(
    fc.property(ruleList, ruleList, fc.oneof(v4Text, v6Text), (inner, outer, caller) => {
      fc.pre(rulesWithin(inner, outer))
      assert.ok(!naivelyAllows(inner, address(caller)) || naivelyAllows(outer, address(caller)))
    }),
  )
})

test('a family cut into pieces is still every address, and is not once a piece is missing', () => {
  const cut = fc.array(fc.nat(), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(fc.constantFrom<4 | 6>(4, 6), cut, fc.nat(), (family, cuts, missing) => {
      const pieces = piecesOf(family, cuts)
      assert.equal(coversEveryAddress(pieces), family === 4 ? 'v4' : 'v6')
      assert.equal(coversEveryAddress(pieces.toSpliced(missing % pieces.length, 1)), undefined)
    }),
  )
})

/** Halves a random piece again and again; the pieces never overlap and together are the whole family. */
function piecesOf(family: 4 | 6, cuts: readonly number[]): IpRule[] {
  const pieces = [rule(family === 4 ? '0.0.0.0/0' : '::/0')]
  for (const cut of cuts) {
    const at = cut % pieces.length
    const { network, prefix, text } = pieces[at]!
    if (prefix === network.length * 8) continue
    const upper = network.map((byte, index) => (index === prefix >> 3 ? byte | (0x80 >> (prefix & 7)) : byte))
    pieces.splice(
      at,
      1,
      { text, family, network, prefix: prefix + 1, isException: false },
      { text, family, network: upper, prefix: prefix + 1, isException: false },
    )
  }
  return pieces
}
