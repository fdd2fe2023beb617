import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../failures.ts'
import { assertUsernameAllowed, normaliseUsername } from './usernames.ts'

const codeOf = (user: string): string | undefined => {
  try {
    assertUsernameAllowed(user)
    return undefined
  } catch (error) {
    assert.ok(error instanceof Failure)
    return error.code
  }
}

test('capitals of ASCII are kept as small letters, and nothing else is changed', () => {
  assert.equal(normaliseUsername('MixedCase16'), 'mixedcase16')
  // Other alphabets have letters whose small form is ASCII: the Kelvin sign, the dotted capital I.
  assert.equal(normaliseUsername('\u212aelvin \u0130'), '\u212aelvin \u0130')
})

test('a name has at most 16 letters and digits, begins with a letter and not with “test”', () => {
  for (const user of ['a', 'a1', 'a'.repeat(16), 'atest', 'tes', 'root1']) assert.equal(codeOf(user), undefined, user)
  for (const user of ['', '1a', 'a'.repeat(17), 'test', 'tester', 'a-b', 'a_b', 'a.b', 'a b', 'a\n', 'é', 'A'])
    assert.equal(codeOf(user), 'username-invalid', user)
})

test('names of the machine and of WHM are reserved', () => {
  for (const user of ['root', 'nobody', 'mysql', 'cpanel', 'postern', 'all', 'www'])
    assert.equal(codeOf(user), 'username-reserved', user)
})

test('whatever is allowed is safe as the name of a folder', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
      const user = normaliseUsername(text)
      if (codeOf(user) === undefined) assert.match(user, /^[a-z][a-z0-9]{0,15}$/)
    }),
  )
})
