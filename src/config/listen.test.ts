import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatListen, parseListen } from './listen.ts'
import { SettingsError } from './problem.ts'

test('HOST:PORT and [IPV6]:PORT are read, and printed as they were', () => {
  const cases: readonly (readonly [string, string, number])[] = [
    ['127.0.0.1:2087', '127.0.0.1', 2087],
    ['localhost:0', 'localhost', 0],
    ['[::1]:2087', '::1', 2087],
    ['[::]:65535', '::', 65535],
  ]
  for (const [text, host, port] of cases) {
    assert.deepEqual(parseListen(text), { host, port })
    assert.equal(formatListen({ host, port }), text)
  }
})

test('anything else is refused, above all what could be taken for every address', () => {
  for (const text of [
    '',
    '2087',
    ':2087',
    '*:2087',
    '::1:2087',
    '[::1]',
    '127.0.0.1',
    'a:65536',
    'a:-1',
    'a:1x',
    'a b:1',
    '[a]:1',
    '[127.0.0.1]:1',
    '127.1:2087',
    '010.0.0.1:2087',
    '2087:2087',
    'https://a:1',
    'a:1\n',
  ]) {
    assert.throws(() => parseListen(text), SettingsError, text)
  }
})
