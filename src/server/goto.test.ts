import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { pathAfterSignIn } from './goto.ts'

test('S8: a page of ours is gone to, without the old security token', () => {
  for (const [asked, path] of [
    ['/', '/'],
    ['/audit?who=bob&outcome=refused', '/audit?who=bob&outcome=refused'],
    ['/cpsess1234567890/tokens/new?template=backup#review', '/tokens/new?template=backup#review'],
    ['/cpsess1234567890', '/'],
  ] as const) {
    assert.equal(pathAfterSignIn(asked), path, asked)
  }
})

test('S8: another host, a script, a function and the sign-in itself lead home', () => {
  for (const asked of [
    '',
    'evil',
    '//evil',
    '///evil',
    'https://evil',
    'https:/evil',
    '/\\evil',
    '\\\\evil',
    'javascript:alert(1)',
    ' /audit',
    '/audit\r\nset-cookie: a=b',
    '/audit\nx',
    '/a\u0000b',
    '/ä',
    '/cpsess1//evil',
    '/..//evil',
    '/json-api/removeacct?username=bob',
    '/cpsess1234567890/json-api/removeacct?username=bob',
    '/cpsess1/cpsess2/json-api/removeacct',
    '/x/../json-api/removeacct',
    '/execute/Email/add_pop',
    '/xml-api/version',
    '/login/',
    '/logout',
    `/${'a'.repeat(2000)}`,
  ]) {
    assert.equal(pathAfterSignIn(asked), '/', JSON.stringify(asked))
  }
})

test('S8: whatever is asked for, a browser stays on this host and below the security token', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl({ withQueryParameters: true }), fc.webPath()),
      (asked) => {
        const url = new URL(`/cpsess1234567890${pathAfterSignIn(asked)}`, 'https://panel.example.com:2087')
        assert.equal(url.origin, 'https://panel.example.com:2087')
        assert.match(url.pathname, /^\/cpsess1234567890\//)
      },
    ),
  )
})
