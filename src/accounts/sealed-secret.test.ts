import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { openSecret, sealSecret } from './sealed-secret.ts'

const pepper = (fill: number) => new Uint8Array(32).fill(fill)
const peppers = { current: 1, peppers: new Map([[1, pepper(1)]]) }

test('what was sealed opens for its user, also after a newer pepper came, and looks different each time', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), (secret, userId) => {
      const sealed = sealSecret(secret, userId, peppers)
      const newer = { current: 2, peppers: new Map([...peppers.peppers, [2, pepper(2)]]) }
      assert.equal(openSecret(sealed, userId, peppers), secret)
      assert.equal(openSecret(sealed, userId, newer), secret)
      assert.notEqual(sealSecret(secret, userId, peppers), sealed)
    }),
  )
})

test('K3: it does not open for another user, under another pepper, or changed anywhere', () => {
  const sealed = sealSecret('GEZDGNBVGY3TQOJQ', 7, peppers)
  assert.equal(sealed.includes('GEZDGNBVGY3TQOJQ'), false)
  assert.throws(() => openSecret(sealed, 8, peppers))
  assert.throws(() => openSecret(sealed, 7, { current: 1, peppers: new Map([[1, pepper(3)]]) }))
  assert.throws(
    () => openSecret(sealed, 7, { current: 2, peppers: new Map([[2, pepper(1)]]) }),
    /no pepper of version 1/,
  )
  assert.throws(() => openSecret(sealed, 7, peppers, 'private key'))
  const bytes = Buffer.from(sealed.slice(2), 'base64url')
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ 1
    assert.throws(() => openSecret(`1.${changed.toString('base64url')}`, 7, peppers), `byte ${at}`)
  }
})
