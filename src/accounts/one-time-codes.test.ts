import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  FAILURES_MAX,
  isRecoveryCode,
  makeOneTimeSecret,
  makeRecoveryCode,
  ONE_TIME_SECRET,
  otpauthUri,
  recoveryDigests,
  stepOfCode,
  waitSecondsAfter,
} from './one-time-codes.ts'

const peppers = { current: 2, peppers: new Map([1, 2].map((version) => [version, new Uint8Array(32).fill(version)])) }

test('codes are those of RFC 6238, appendix B, in six digits', () => {
  const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
  for (const [seconds, code] of [
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
  ] as const) {
    assert.equal(stepOfCode(secret, code, seconds * 1000), Math.floor(seconds / 30))
    // One period early or late is forgiven, and the code keeps its own period.
    assert.equal(stepOfCode(secret, code, (seconds + 30) * 1000), Math.floor(seconds / 30))
    assert.equal(stepOfCode(secret, code, (seconds - 30) * 1000), Math.floor(seconds / 30))
    assert.equal(stepOfCode(secret, code, (seconds + 60) * 1000), undefined)
    assert.equal(stepOfCode(secret, code, (seconds - 60) * 1000), undefined)
  }
})

test('T8: a code is six digits and nothing beside them: no blank, sign, other digit or line end', () => {
  const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
  for (const code of [
    '287 082',
    ' 287082',
    '287082 ',
    '287082\n',
    '+287082',
    '87082',
    '0287082',
    '２８７０８２',
    '28708２',
    '287082\u0000',
    '',
  ])
    assert.equal(stepOfCode(secret, code, 59_000), undefined, JSON.stringify(code))
})

test('secrets are 160 random bits in base32, and apps find issuer and user beside them', () => {
  const secrets = Array.from({ length: 100 }, makeOneTimeSecret)
  assert.equal(new Set(secrets).size, 100)
  for (const secret of secrets) assert.match(secret, /^[A-Z2-7]{32}$/)
  assert.match(secrets[0] ?? '', ONE_TIME_SECRET)
  const uri = new URL(otpauthUri('GEZDGNBVGY3TQOJQ', 'Host & Söhne', 'anna'))
  assert.deepEqual(
    [uri.protocol, uri.host, decodeURIComponent(uri.pathname)],
    ['otpauth:', 'totp', '/Host & Söhne:anna'],
  )
  assert.deepEqual(
    [uri.searchParams.get('secret'), uri.searchParams.get('issuer'), uri.searchParams.get('digits')],
    ['GEZDGNBVGY3TQOJQ', 'Host & Söhne', '6'],
  )
})

test('recovery codes are told from one-time codes by their form alone, and kept as digests of user and code', () => {
  const codes = Array.from({ length: 100 }, makeRecoveryCode)
  assert.equal(new Set(codes).size, 100)
  assert.ok(codes.every(isRecoveryCode))
  const [code = ''] = codes
  for (const other of [
    code.toUpperCase(),
    ` ${code}`,
    `${code}\n`,
    code.replaceAll('-', ''),
    code.replace('-', ' '),
    '123456',
  ])
    assert.equal(isRecoveryCode(other), false, other)
  const digests = recoveryDigests(code, 7, peppers)
  assert.equal(digests.length, 2)
  for (const digest of digests) assert.match(digest, /^[0-9a-f]{64}$/)
  assert.equal(
    digests.some((digest) => recoveryDigests(code, 8, peppers).includes(digest)),
    false,
  )
})

test('the wait after wrong codes never shrinks, begins with the fifth, and leaves less than a thousandth of all codes in reach', () => {
  assert.deepEqual([1, 4, 5, 6, 7].map(waitSecondsAfter), [0, 0, 30, 60, 120])
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), (failures) => {
      assert.ok(waitSecondsAfter(failures + 1) >= waitSecondsAfter(failures))
      assert.ok(waitSecondsAfter(failures) <= 900)
    }),
  )
  // Three codes are right at any moment.
  assert.ok((FAILURES_MAX * 3) / 1_000_000 < 0.001)
})
