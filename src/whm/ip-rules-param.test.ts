import assert from 'node:assert/strict'
import { test } from 'node:test'
import { form, parse, refuses, values } from '../../test/arguments.ts'
import { ipRules } from './ip-rules-param.ts'
import { optional, text } from './params.ts'

const doc = 'Something.'
const token = { token_name: text({ doc }), whitelist_ip: optional(ipRules({ doc })) }

test('I7: every spelling of the address list adds to the union, the misspelling with a dash included', () => {
  const queries = [
    'whitelist_ip=10.0.0.1&whitelist_ip=10.0.0.2',
    'whitelist_ip-0=10.0.0.1&whitelist_ip-7=10.0.0.2',
    'whitelist_ip-3=10.0.0.2&whitelist_ip=10.0.0.1',
    'whitelist-ip-3=10.0.0.2&whitelist_ip-0=10.0.0.1',
    'whitelist-ip=10.0.0.1&whitelist_ip-1=10.0.0.2',
  ]
  for (const query of queries) {
    const rules = parse(token, form(`token_name=x&${query}`)).whitelist_ip
    assert.deepEqual(rules?.any === false && rules.rules.map((rule) => rule.text), ['10.0.0.1', '10.0.0.2'], query)
  }
})

for (const name of [
  'whitelist_ips',
  'whitelist_ip[]',
  'whitelist-ips-1',
  'whitelist',
  'Whitelist_IP',
  'whitelist_ip_1',
  'whitelistip',
  'white_list_ip',
  'ip_whitelist',
  'ip_allowlist',
  'ip_rules',
]) {
  test(`I7: ${name} is refused as not understood`, () => {
    refuses(
      token,
      values({ token_name: 'x', [name]: '10.0.0.1' }),
      'argument-not-understood',
      /Did you mean “whitelist_ip”/,
    )
  })
}

test('I7: any or empty alone means any address, beside others both are refused', () => {
  for (const query of ['whitelist_ip=any', 'whitelist_ip=', 'whitelist_ip-1=any&whitelist-ip=any']) {
    assert.deepEqual(parse(token, form(`token_name=x&${query}`)).whitelist_ip, { any: true })
  }
  refuses(
    token,
    form('token_name=x&whitelist_ip=any&whitelist_ip-1=10.0.0.1'),
    'argument-invalid',
    /“any” cannot stand beside.*entry 1/,
  )
  refuses(
    token,
    form('token_name=x&whitelist_ip=10.0.0.1&whitelist_ip-1='),
    'argument-invalid',
    /“” is empty \(entry 2\)/,
  )
})

test('I2: an address that is not plain is refused with its place in the list', () => {
  for (const bad of [
    '10.1',
    '010.0.0.1',
    '0x0a000001',
    '10.0.0.0/',
    '10.0.0.0/33',
    'fe80::1%eth0',
    'example.com',
    'ANY',
    ' any',
  ]) {
    const args = values({ token_name: 'x', 'whitelist_ip-0': '10.0.0.1', 'whitelist_ip-5': bad })
    refuses(token, args, 'argument-invalid', /“whitelist_ip”.*\(entry 2\)/)
  }
})

test('I3: host bits are cut off and reported', () => {
  const { ip } = parse({ ip: ipRules({ doc }) }, form('ip=10.5.3.7/24&ip=10.0.0.1'))
  assert.ok(!ip.any)
  assert.deepEqual(
    ip.rules.map((rule) => rule.text),
    ['10.5.3.0/24', '10.0.0.1'],
  )
  assert.deepEqual(ip.hostBits, ['10.5.3.7/24'])
})

test('I6: 100 distinct entries are taken, also when 101 were sent, and 101 distinct ones are refused', () => {
  const entries = Array.from({ length: 101 }, (_, i) => `10.0.0.${i}`)
  const rules = (ips: readonly string[]) => parse({ ip: ipRules({ doc }) }, values({ ip: ips })).ip
  const taken = rules([...entries.slice(0, 100), '10.0.0.0/32'])
  assert.equal(taken.any === false && taken.rules.length, 100)
  refuses({ ip: ipRules({ doc }) }, values({ ip: entries }), 'argument-invalid', /“101 entries” are more than the 100/)
})
