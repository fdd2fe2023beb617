import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { callBody, parseArguments } from './arguments.ts'
import { UsageProblem } from './command.ts'

test('values are percent-decoded, a plus stays, and only the first equals sign cuts', () => {
  const given = parseArguments(['password=p%3Da%26s+s%20%2541', 'reason=a=b', 'empty=', 'name=%C3%A9'])
  assert.deepEqual(given, { password: 'p=a&s+s %41', reason: 'a=b', empty: '', name: 'é' })
})

test('a repeated name is a list in the order given; other spellings of lists pass through', () => {
  const given = parseArguments(['acl=a', 'user=x', 'acl=b', 'acl-1=c', 'acl=a'])
  assert.deepEqual(given, { acl: ['a', 'b', 'a'], user: 'x', 'acl-1': 'c' })
})

test('what any program encodes arrives letter for letter', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      assert.deepEqual(parseArguments([`v=${encodeURIComponent(value)}`]), { v: value })
    }),
  )
})

test('a broken percent sign and a word without a name are usage errors that do not repeat the value', () => {
  for (const word of ['password=hunter2%', 'password=hunter2%zz', 'password=hunter2%ff', 'hunter2', '=hunter2']) {
    assert.throws(
      () => parseArguments(['user=x', word]),
      (error: unknown) => error instanceof UsageProblem && !`${error.message}${error.hint}`.includes('hunter2'),
      word,
    )
  }
})

test('N4: an argument named __proto__ is an argument', () => {
  assert.equal(callBody({ arguments: parseArguments(['__proto__=x']) }, {}), '{"__proto__":"x"}')
})

test('the body carries the version unless the caller gave one', () => {
  const version = { 'api.version': 1 }
  assert.equal(callBody({ arguments: { a: '1' } }, version), '{"api.version":1,"a":"1"}')
  assert.equal(callBody({ arguments: { 'api.version': '2' } }, version), '{"api.version":"2"}')
  assert.equal(callBody({ json: ' { } ' }, version), '{"api.version":1}')
  assert.equal(callBody({ json: '{"api.version":2}\n' }, version), '{"api.version":2}')
  assert.equal(callBody({ json: '{}' }, {}), '{}')
})

test('P4: doubled keys in JSON from standard input reach the server, which refuses them', () => {
  const body = callBody({ json: '{"acl":"list-accts","acl":"all"}\n' }, { 'api.version': 1 })
  assert.equal(body, '{"api.version":1,"acl":"list-accts","acl":"all"}')
})

test('standard input that is not a JSON object is a usage error that does not repeat it', () => {
  for (const json of ['', 'hunter2', '["hunter2"]', '"hunter2"', 'null', '{"password":"hunter2"']) {
    assert.throws(
      () => callBody({ json }, {}),
      (error: unknown) => error instanceof UsageProblem && !`${error.message}${error.hint}`.includes('hunter2'),
      json,
    )
  }
})
