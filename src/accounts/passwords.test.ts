import assert from 'node:assert/strict'
import { argon2Sync } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { test } from 'node:test'
import { Failure } from '../failures.ts'
import { assertPasswordPossible, makePasswordHasher } from './passwords.ts'

const hasher = makePasswordHasher()

test('K3: a password is kept as argon2id with at least 19 MiB and two passes, and a salt of its own', async () => {
  const [first, second] = [await hasher.hash('the same password'), await hasher.hash('the same password')]
  const parts = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$([A-Za-z0-9+/]{22})\$[A-Za-z0-9+/]{43}$/.exec(first)
  assert.ok(Number(parts?.[1]) >= 19 * 1024)
  assert.ok(Number(parts?.[2]) >= 2)
  assert.notEqual(first, second)
  assert.equal(await hasher.verify(first, 'the same password'), true)
  assert.equal(await hasher.verify(second, 'the same password'), true)
})

test('only the very password is right, to the last byte of a long one', async () => {
  const long = `${'x'.repeat(80)} é 🗝`
  const phc = await hasher.hash(long)
  assert.equal(await hasher.verify(phc, long), true)
  for (const other of [
    `${'x'.repeat(80)} é 🗝 `,
    `${'x'.repeat(80)} é`,
    long.normalize('NFD'),
    '',
    long.toUpperCase(),
  ]) {
    assert.equal(await hasher.verify(phc, other), false, other)
  }
})

test('nobody’s password is never right', async () => {
  assert.equal(await hasher.verify(undefined, 'whatever'), false)
})

test('a hash made with other parameters is read by its own, and is due for a new one', async () => {
  const [salt, message] = [Buffer.alloc(16, 7), 'a password']
  const tag = argon2Sync('argon2id', { memory: 8192, passes: 1, parallelism: 2, tagLength: 24, message, nonce: salt })
  const unpadded = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
  const older = `$argon2id$v=19$m=8192,t=1,p=2$${unpadded(salt)}$${unpadded(tag)}`
  assert.equal(await hasher.verify(older, message), true)
  assert.equal(await hasher.verify(older, 'another one'), false)
  assert.equal(hasher.needsRehash(older), true)
  assert.equal(hasher.needsRehash(await hasher.hash(message)), false)
  await assert.rejects(hasher.verify('$2y$10$abcdefghijklmnopqrstuv', message), /cannot be read/)
})

test('passwords that are too short, too long or hold control characters are refused before hashing', async () => {
  const allowed = ['8 blanks', '        ', 'ééééééé8', '🗝🗝🗝🗝🗝🗝🗝🗝', 'x'.repeat(1024)]
  for (const password of allowed) assertPasswordPossible(password)
  const refused = ['', '7 chars', '🗝🗝🗝🗝', 'x'.repeat(1025), 'é'.repeat(513), 'nul\0in the middle', 'line\nend here']
  for (const password of [...refused, 'next\u0085line', 'delete\x7f here']) {
    const isInvalid = (error: unknown) => error instanceof Failure && error.code === 'password-invalid'
    assert.throws(() => assertPasswordPossible(password), isInvalid)
    await assert.rejects(hasher.hash(password), isInvalid)
  }
})

test('a password of a mebibyte is wrong at once, without a hash', async () => {
  const phc = await hasher.hash('some password')
  const before = process.cpuUsage()
  assert.equal(await hasher.verify(phc, 'x'.repeat(1024 * 1024)), false)
  assert.ok(process.cpuUsage(before).user < 10_000)
})

test('N10: more sign-ins than can be hashed soon are turned away as overloaded, the others are done', async () => {
  const busy = makePasswordHasher()
  const phc = await busy.hash('some password')
  // Those at work, one a core, and 32 that wait.
  const room = availableParallelism() + 32
  const attempts = Array.from({ length: room + 20 }, () => busy.verify(phc, 'some password'))
  const results = await Promise.allSettled(attempts)
  const done = results.filter((result) => result.status === 'fulfilled')
  const refused = results.filter((result) => result.status === 'rejected')
  assert.deepEqual([done.length, refused.length], [room, 20])
  for (const { value } of done) assert.equal(value, true)
  for (const { reason } of refused) assert.equal(reason.code, 'overloaded')
  assert.equal(await busy.verify(phc, 'some password'), true, 'and then it works again')
})
