import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../failures.ts'
import { MYSQL_PRIVILEGES, nativePasswordHash, parsePrivileges, patternOf, prefixFor, problemOfName } from './mysql.ts'

test('whatever a name holds, one that an account may give begins with its prefix and can end no quotation', () => {
  const sign = fc.oneof(fc.constantFrom(...'aZ09_-`\'"\\%;. /*#\0\n'), fc.string({ unit: 'binary', maxLength: 2 }))
  const name = fc.array(sign, { maxLength: 70 }).map((signs) => signs.join(''))
  const given = fc.oneof(
    name,
    name.map((rest) => `anna_${rest}`),
    fc.stringMatching(/^anna_[A-Za-z0-9_-]{1,60}$/),
  )
  let allowed = 0
  fc.assert(
    fc.property(given, fc.constantFrom('database', 'user'), (text, kind) => {
      if (problemOfName(text, kind, 'anna_') !== undefined) return
      allowed += 1
      assert.match(text, /^anna_[A-Za-z0-9_-]+$/)
      if (kind === 'user') assert.ok(text.length <= 32)
      // What the server's table of grants has room for.
      else assert.ok(patternOf(text).length <= 64)
    }),
    { numRuns: 1000 },
  )
  assert.ok(allowed > 50, String(allowed))
})

test('the prefix is the first eight or sixteen letters, and nothing else may stand in front', () => {
  assert.deepEqual(
    [prefixFor('annabellelarsen', 8), prefixFor('annabellelarsen', 16)],
    ['annabell_', 'annabellelarsen_'],
  )
  for (const name of ['anna', 'anna_', 'Anna_x', 'ann_x', 'annab_x', ' anna_x', 'x_anna_y', ''])
    assert.equal(typeof problemOfName(name, 'database', 'anna_'), 'string', name)
  assert.equal(problemOfName('anna_x', 'user', 'anna_'), undefined)
})

test('in a grant “_” and “%” stand for themselves', () => {
  assert.equal(patternOf('anna_a_b'), 'anna\\_a\\_b')
  assert.equal(patternOf('a%b\\c'), 'a\\%b\\\\c')
})

test('privileges are those of the list, each once and in its order; anything else is refused', () => {
  assert.deepEqual(parsePrivileges('update, SELECT ,create  temporary tables,SELECT'), [
    'CREATE TEMPORARY TABLES',
    'SELECT',
    'UPDATE',
  ])
  assert.deepEqual(parsePrivileges('ALL PRIVILEGES'), MYSQL_PRIVILEGES)
  for (const text of [
    '',
    ',',
    'SELECT,',
    'ALL PRIVILEGES, SELECT',
    'SUPER',
    'GRANT OPTION',
    'SELECT; DROP',
    'SELECT ON *.*',
  ])
    assert.throws(
      () => parsePrivileges(text),
      (error) => error instanceof Failure && error.code === 'argument-invalid',
      text,
    )
})

test('the hash is the one that mysql_native_password keeps', () => {
  // MariaDB's manual, PASSWORD().
  assert.equal(nativePasswordHash('mariadb'), '*54958E764CE10E50764C2EECBB71D01F08549980')
})
