import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseTarget } from './request-target.ts'

test('a WHM function is found by its exact path, with the query as sent', () => {
  assert.deepEqual(parseTarget('/json-api/version?api.version=1&a=?b'), {
    surface: 'json-api',
    functionName: 'version',
    shownName: 'version',
    securityToken: undefined,
    rawQuery: 'api.version=1&a=?b',
  })
  assert.equal(parseTarget('/xml-api/version').surface, 'xml-api')
  assert.equal(parseTarget('/json-api/version').rawQuery, '')
})

test('a UAPI function is a module and a name', () => {
  assert.deepEqual(parseTarget('/execute/Email/add_pop?domain=a'), {
    surface: 'execute',
    module: 'Email',
    function: 'add_pop',
    shownName: 'Email::add_pop',
    securityToken: undefined,
    rawQuery: 'domain=a',
  })
})

test('the security token of a session stands before the path and is given as sent', () => {
  const target = parseTarget('/cpsess1234567890/json-api/listaccts?x=1')
  assert.equal(target.securityToken, '/cpsess1234567890')
  assert.ok(target.surface === 'json-api' && target.functionName === 'listaccts')
  assert.deepEqual(parseTarget('/cpsess1234567890'), {
    surface: 'other',
    path: '/',
    securityToken: '/cpsess1234567890',
    rawQuery: '',
  })
})

test('what only resembles a security token is a path like any other', () => {
  for (const path of ['/cpsess/json-api/version', '/cpsess12x/json-api/version', '/CPSESS1/json-api/version']) {
    assert.deepEqual(parseTarget(path), { surface: 'other', path, securityToken: undefined, rawQuery: '' })
  }
  assert.equal(parseTarget('/cpsess1/cpsess2/json-api/version').surface, 'other')
  assert.equal(parseTarget(`/cpsess${'1'.repeat(21)}/json-api/version`).surface, 'other')
})

const noFunction = [
  '/json-api',
  '/json-api/',
  '/json-api/version/',
  '/json-api/version.',
  '/json-api/version;x',
  '/json-api//version',
  '/json-api/./version',
  '/json-api/../json-api/version',
  '/json-api/..%2fetc',
  '/json-api/versio%6e',
  '/json-api/version%00',
  '/json-api/version\\',
  '/json-api/version#x',
  '/json-api/a\0b',
  '/json-api/x/version',
  `/json-api/${'a'.repeat(101)}`,
  `/json-api/${'a'.repeat(10_000)}`,
]
for (const url of noFunction) {
  test(`R7: ${JSON.stringify(url.slice(0, 60))} names no function`, () => {
    const target = parseTarget(url)
    assert.ok(target.surface === 'json-api')
    assert.equal(target.functionName, undefined)
    assert.ok(target.shownName.length <= 101)
  })
}

const elsewhere = [
  '//json-api/version',
  '/x/../json-api/version',
  '/%6ason-api/version',
  '/%2e%2e/json-api/version',
  '/JSON-API/version',
  '/json-apix/version',
  '/json-api;x/version',
  '\\json-api\\version',
  'json-api/version',
  'https://other.example/json-api/version',
  '*',
  '',
  '/cpsess1234567890//json-api/version',
]
for (const url of elsewhere) {
  test(`R7: ${JSON.stringify(url)} is no call of a function`, () => assert.equal(parseTarget(url).surface, 'other'))
}

test('R7: another case is another name', () => {
  const target = parseTarget('/json-api/VERSION')
  assert.ok(target.surface === 'json-api' && target.functionName === 'VERSION')
})

test('a UAPI path with more or less than two names has no function', () => {
  for (const path of [
    '',
    '/',
    '/Email',
    '/Email/',
    '/Email/add_pop/',
    '/Email/add_pop/x',
    '//add_pop',
    '/Email//x',
    '/E%6D/x',
  ]) {
    const target = parseTarget(`/execute${path}`)
    assert.ok(target.surface === 'execute' && target.module === undefined && target.function === undefined, path)
  }
})

test('a function is named only by a path that is its name, whatever is sent', () => {
  const piece = fc.constantFrom(
    '/',
    'json-api',
    'execute',
    'version',
    'cpsess1',
    '%2e',
    '..',
    '\\',
    ';',
    '?',
    '#',
    '\0',
    'é',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const url = pieces.join('')
      const target = parseTarget(url)
      const path = (target.securityToken ?? '') + (target.surface === 'other' ? target.path : '')
      if (target.surface === 'json-api' && target.functionName !== undefined) {
        assert.equal(url.split('?', 1)[0], `${path}/json-api/${target.functionName}`)
      }
      if (target.surface === 'execute' && target.function !== undefined) {
        assert.equal(url.split('?', 1)[0], `${path}/execute/${target.module}/${target.function}`)
      }
    }),
    { numRuns: 2_000 },
  )
})
