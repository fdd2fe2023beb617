import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatAuthGap, formatAuthLine } from './auth-line.ts'

const line = (user: string): string =>
  formatAuthLine({
    atMs: Date.UTC(2026, 10, 25, 20, 0, 0, 5),
    outcome: 'refused',
    addressText: '192.0.2.7',
    kind: 'bad-token',
    reason: 'malformed',
    service: 'whostmgrd',
    user,
  })

const START =
  '2026-11-25T20:00:00.005+00:00 postern: auth-refused ip=192.0.2.7 kind=bad-token reason=malformed service=whostmgrd user="'

test('L3: time with its offset, a fixed word, the address right after it, and what a stranger made last and quoted', () => {
  assert.equal(line('root'), `${START}root"\n`)
  assert.equal(line('a "b" \\ c'), `${START}a \\"b\\" \\\\ c"\n`)
  assert.equal(line('é\n'), `${START}\\u00e9\\u000a"\n`)
  assert.equal(formatAuthGap(7, 0), '1970-01-01T00:00:00.000+00:00 postern: auth-gap lost=7\n')
})

test('L1: whatever the user is called, there is one line of printable ASCII, and at most 64 characters of the name', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ maxLength: 300 })), (user) => {
      const text = line(user)
      assert.match(text, /^[ -~]*\n$/)
      assert.ok(text.startsWith(START))
      const quoted = text.slice(START.length, -2)
      assert.ok(quoted.length <= 64)
      assert.doesNotMatch(quoted.replace(/\\["\\]|\\u[0-9a-f]{4}/g, ''), /["\\]/)
    }),
  )
})
