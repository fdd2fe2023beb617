import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import {
  currentPepper,
  digestOf,
  digestsOf,
  isWellFormedSecret,
  makeSecret,
  makeTokenId,
  markOf,
  type Peppers,
} from './secret.ts'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** A secret as product.md describes its form, written down a second time; seeded, so that runs repeat. */
const secrets = fc
  .tuple(fc.constantFrom('PSW', 'PSC'), fc.string({ unit: fc.constantFrom(...ALPHABET), minLength: 25, maxLength: 25 }))
  .map(([mark, random]) => {
    const check = crc32(Buffer.from(mark + random)) % 36 ** 4
    return mark + random + check.toString(36).toUpperCase().padStart(4, '0')
  })
const SEEDED = { seed: 20261123, numRuns: 300 }

test('a secret that was made has the form, its mark and no other', () => {
  for (const mark of ['PSW', 'PSC'] as const) {
    for (let count = 0; count < 200; count += 1) {
      const secret = makeSecret(mark)
      assert.match(secret, /^PS[WC][0-9A-Z]{29}$/)
      assert.equal(isWellFormedSecret(secret), true)
      assert.equal(markOf(secret), mark)
    }
  }
})

test('made secrets use every character about equally and do not repeat', () => {
  const counts = new Map<string, number>()
  const made = new Set<string>()
  for (let count = 0; count < 4000; count += 1) {
    const secret = makeSecret('PSW')
    made.add(secret)
    for (const character of secret.slice(3, 28)) counts.set(character, (counts.get(character) ?? 0) + 1)
  }
  assert.equal(made.size, 4000)
  assert.equal(counts.size, 36)
  // 100,000 characters: 2,778 of each expected, with a standard deviation of 52.
  for (const [character, count] of counts) assert.ok(Math.abs(count - 2778) < 400, `${character}: ${count}`)
})

test('what is written by the description of the form is well-formed', () => {
  fc.assert(
    fc.property(secrets, (secret) => {
      assert.equal(isWellFormedSecret(secret), true)
      assert.equal(markOf(secret), secret.slice(0, 3))
    }),
    SEEDED,
  )
})

test('T1: any one character changed, removed, added or swapped with its neighbour is refused', () => {
  const characters = fc.constantFrom(...ALPHABET, 'a', ' ', '-', '\n', 'É', '０')
  fc.assert(
    fc.property(secrets, fc.nat(31), characters, (secret, at, character) => {
      const [before, here, after] = [secret.slice(0, at), secret[at], secret.slice(at + 1)]
      fc.pre(here !== character)
      assert.equal(isWellFormedSecret(before + character + after), false)
      assert.equal(isWellFormedSecret(before + after), false)
      assert.equal(isWellFormedSecret(before + character + here + after), false)
      const next = after[0]
      if (next !== undefined && next !== here)
        assert.equal(isWellFormedSecret(before + next + here + after.slice(1)), false)
      assert.equal(isWellFormedSecret(secret.toLowerCase()), false)
    }),
    { ...SEEDED, numRuns: 3000 },
  )
})

test('text that is no secret is refused', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => assert.equal(isWellFormedSecret(text), false)),
    SEEDED,
  )
  for (const text of ['', 'PSW', '0'.repeat(32), ' '.repeat(32)]) assert.equal(isWellFormedSecret(text), false)
})

const peppers: Peppers = {
  current: 2,
  peppers: new Map([
    [1, Buffer.alloc(32, 1)],
    [2, Buffer.alloc(32, 2)],
    [3, Buffer.alloc(32, 3)],
  ]),
}

test('a digest is the HMAC-SHA-256 under the pepper, and holds nothing of the secret', () => {
  const secret = makeSecret('PSW')
  const digest = digestOf(secret, currentPepper(peppers))
  assert.equal(digest, createHmac('sha256', Buffer.alloc(32, 2)).update(secret).digest('hex'))
  assert.notEqual(digest, digestOf(secret, Buffer.alloc(32, 1)))
})

test('K3: a secret is looked up under every pepper, the current one first, and without one there is no digest', () => {
  const secret = makeSecret('PSW')
  const under = (value: number) => digestOf(secret, Buffer.alloc(32, value))
  assert.deepEqual(digestsOf(secret, peppers), [under(2), under(1), under(3)])
  assert.deepEqual(digestsOf(secret, { current: 1, peppers: new Map() }), [])
  assert.throws(() => currentPepper({ current: 1, peppers: new Map() }), /no pepper of version 1/)
})

test('a public id has another form than a secret', () => {
  const id = makeTokenId()
  assert.match(id, /^tok_[0-9a-z]{16}$/)
  assert.equal(isWellFormedSecret(id), false)
  assert.notEqual(makeTokenId(), id)
})
