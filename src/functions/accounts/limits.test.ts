import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Arguments } from '../../whm/arguments.ts'
import { parseArguments } from '../../whm/params.ts'
import { domainName, sizeOf, userName } from './forms.ts'
import { changeParams, limitParams, limitsGiven, ownSwitchesOf, switchParams } from './limits.ts'

const argumentsOf = (given: Readonly<Record<string, string>>): Arguments => ({
  values: new Map(Object.entries(given).map(([name, value]) => [name, [value]])),
  unreadable: new Map(),
  clashes: [],
})

const createParams = { ...limitParams, ...switchParams }

test('limits are taken in capitals and in lower case, by both functions', () => {
  const kept = { MAXPOP: '5', MAX_EMAIL_PER_HOUR: 'unlimited' }
  const lower = argumentsOf({ maxpop: '5', max_email_per_hour: 'unlimited' })
  for (const args of [lower, argumentsOf(kept)]) {
    assert.deepEqual(limitsGiven(parseArguments(createParams, args, 0)), kept)
    assert.deepEqual(limitsGiven(parseArguments(changeParams, args, 0)), kept)
  }
})

test('switches are 1 and 0, or y and n as old panels send them', () => {
  const sent = argumentsOf({ cgi: 'y', dkim: '0', spf: 'n', dmarc: '1' })
  assert.equal(parseArguments(createParams, sent, 0).cgi, true)
  assert.deepEqual(ownSwitchesOf(parseArguments(createParams, sent, 0)), {
    HASDKIM: '0',
    HASSPF: '0',
    HASDMARC: '1',
  })
})

test('what is empty or absent is not kept', () => {
  assert.deepEqual(limitsGiven(parseArguments(createParams, argumentsOf({ maxpop: '', cgi: '' }), 0)), {})
})

for (const value of ['-1', '1.5', '007', '1e3', 'many', ' 5', '99999999999', 'true'])
  test(`the limit ${value} is refused and named`, () => {
    assert.throws(() => parseArguments(limitParams, argumentsOf({ maxpop: value }), 0), {
      message: /argument “maxpop” is not valid/,
    })
  })

test('a size of 0 or “unlimited” takes the limit away, and an empty one is none', () => {
  const read = (value: string) => parseArguments({ quota: sizeOf({ doc: '' }) }, argumentsOf({ quota: value }), 0).quota
  assert.deepEqual(['0', 'unlimited', '500', ''].map(read), ['unlimited', 'unlimited', 500, undefined])
})

test('user names and domains arrive in the form in which they are kept', () => {
  const params = { user: userName({ doc: '' }), domain: domainName({ doc: '' }) }
  assert.deepEqual(parseArguments(params, argumentsOf({ user: 'MixedCase', domain: 'Example.COM' }), 0), {
    user: 'mixedcase',
    domain: 'example.com',
  })
})
