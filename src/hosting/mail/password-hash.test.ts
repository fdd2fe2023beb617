import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makePasswordHasher } from '../../accounts/passwords.ts'
import { Failure } from '../../failures.ts'
import { dovecotHashOf, parsePasswordHash } from './password-hash.ts'

// All of “pw 1 test”; `test/machine/mail.test.ts` signs in with some of them.
const BCRYPT = '$2b$12$ieqAqX7hTfhmtfQ472IVWOoxmQGw5axZlJe8CJi.6AhdYqz7xPgXq'
const SHA512 =
  '$6$lwW/g2waKM1q7j4L$S0fPEYWx9mt6wde7q8IFPKQiaQh/bKG5eSkGD61HyaUVTMrNoBBz6ehPJkz/EcBFUQxL8Ptoh.UPpdFIb0XYI/'
const SHA256 = '$5$P9iyq527DQeXJYiT$XyE/gh/ZTtskmr2dUtb3ZZuTTjdDdXk3GW4bnbO3RVD'
const YESCRYPT = '$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X9Rth8XX8wO9m9qeM.N.DvaryideLmVzonr2S7IsLoB'

test('salted slow hashes are taken, with Dovecot’s scheme or without', async () => {
  const argon = await makePasswordHasher().hash('pw 1 test')
  for (const [scheme, hash] of [
    ['ARGON2ID', argon],
    ['BLF-CRYPT', BCRYPT],
    ['SHA512-CRYPT', SHA512],
    ['SHA256-CRYPT', SHA256],
    ['CRYPT', YESCRYPT],
  ] as const) {
    assert.equal(parsePasswordHash(hash, 'password_hash'), `{${scheme}}${hash}`)
    assert.equal(parsePasswordHash(`{${scheme}}${hash}`, 'password_hash'), `{${scheme}}${hash}`)
  }
  assert.equal(parsePasswordHash(`{CRYPT}${BCRYPT}`, 'password_hash'), `{BLF-CRYPT}${BCRYPT}`)
  assert.equal(dovecotHashOf(argon), parsePasswordHash(argon, 'password_hash'))
})

test('plain, fast, unsalted and dear hashes are refused, and never quoted', () => {
  const refused = [
    ...['', 'secret', '{PLAIN}secret', '{SHA512}x', '$1$sQ3iAtc/$s3QHiwRJ1gHyhoSzegpc91', '{CRYPT}!', '!', '*', '$6$'],
    ...[`{PLAIN}${SHA512}`, `{SHA256-CRYPT}${SHA512}`, `${SHA512}:0:0::/:`, `${SHA512}\n`, `${SHA512} nopassword=y`],
    ...[BCRYPT.replace('$12$', '$31$'), SHA512.replace('$6$', '$6$rounds=999999999$')],
    '$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$9vNHaiMQtZAds2ruLUFWqnNAcqx2GJvecv5rZnansgY',
    '$argon2id$v=19$m=19456,t=2,p=4$c29tZXNhbHRzb21lc2FsdA$9vNHaiMQtZAds2ruLUFWqnNAcqx2GJvecv5rZnansgY',
  ]
  for (const hash of refused)
    assert.throws(
      () => parsePasswordHash(hash, 'password_hash'),
      (error) =>
        error instanceof Failure &&
        error.code === 'argument-invalid' &&
        (hash.length < 8 || !error.message.includes(hash.slice(0, 8))),
      hash,
    )
})
