import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { before, describe, test } from 'node:test'
import fc from 'fast-check'
import { type Authority, makeAuthority, makeNamesakes, makeSelfSigned } from '../../../test/made-certificates.ts'
import { checkPair } from './check.ts'
import { certificateFactsOf, keyFactsOf, keyIdOf } from './facts.ts'
import { KEY_TYPES, makeKey, makeSelfSigned as makeOwn, makeRequest } from './made.ts'
import { covers } from './names.ts'
import { parseCertificates, parseKey, pemOf, pemOfKey } from './pem.ts'

let authority: Authority
let other: Authority
const now = new Date()
before(async () => {
  authority = await makeAuthority('One')
  other = await makeAuthority('Two')
})
const refusedWith = (problem: RegExp) => (error: Error) => {
  assert.match(error.message, problem)
  assert.doesNotMatch(error.message, /BEGIN|MII/)
  return true
}

describe('a certificate with its key and chain', () => {
  test('is taken when they belong together, RSA and ECDSA, in whatever order the chain is given, and the root is left out', async () => {
    for (const kind of ['ec', 'rsa'] as const) {
      const { crt, key } = await authority.issue(['a.example.com'], { kind })
      const { between, root } = authority
      for (const cab of [`${between.crt}${root.crt}`, `${root.crt}\r\nsome text\r\n${between.crt}`, between.crt]) {
        const { chain, warnings, facts } = await checkPair(crt, key, cab, now)
        assert.equal(pemOf(chain), pemOf(parseCertificates(between.crt, 'x')))
        assert.deepEqual(warnings, [])
        assert.equal(facts.isSelfSigned, false)
      }
      const behind = await checkPair(`${crt}${between.crt}`, key, undefined, now)
      assert.equal(behind.chain.length, 1)
    }
  })

  test('is refused with the key of another', async () => {
    const { crt } = await authority.issue(['a.example.com'])
    for (const kind of ['ec', 'rsa'] as const) {
      const { key } = await authority.issue(['a.example.com'], { kind })
      await assert.rejects(
        checkPair(crt, key, undefined, now),
        refusedWith(/the key is not the key of the certificate/),
      )
    }
  })

  test('is refused with a chain that signed none of it, that ended, or that is no authority', async () => {
    const { crt, key } = await authority.issue(['a.example.com'])
    const stranger = /the chain does not belong to it: “CN=Two Between” signed none of it/
    await assert.rejects(checkPair(crt, key, other.between.crt, now), refusedWith(stranger))
    await assert.rejects(
      checkPair(crt, key, `${authority.between.crt}${other.between.crt}`, now),
      refusedWith(stranger),
    )
    const ended = await makeAuthority('Old', { from: -20, to: -1 })
    const old = await ended.issue(['a.example.com'])
    await assert.rejects(
      checkPair(old.crt, old.key, ended.between.crt, now),
      refusedWith(/“CN=Old Between” in the chain ended/),
    )
    await assert.rejects(
      checkPair(crt, key, 'no certificate', now),
      refusedWith(/the chain holds no certificate in PEM/),
    )
  })

  test('is refused when it ended, and taken with a warning when it has not begun, is self-signed, or comes without its chain', async () => {
    const ended = await authority.issue(['a.example.com'], { from: -10, to: -1 })
    await assert.rejects(
      checkPair(ended.crt, ended.key, undefined, now),
      refusedWith(/the certificate ended on \d{4}-/),
    )
    const warned = async ({ crt, key }: { crt: string; key: string }, cab?: string) =>
      (await checkPair(crt, key, cab, now)).warnings.join(' ')
    const later = await authority.issue(['a.example.com'], { from: 3 })
    assert.match(await warned(later, authority.between.crt), /^The certificate is not valid before \d{4}-\d\d-\d\d\.$/)
    assert.match(await warned(await makeSelfSigned(['a.example.com'])), /^The certificate is self-signed/)
    assert.match(await warned(await authority.issue(['a.example.com'])), /^No chain was given/)
  })

  test('is refused when text, key or kind cannot be used, and no failure holds any of the text', async () => {
    const { crt, key } = await authority.issue(['a.example.com'])
    const locked = createPrivateKey(key).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'x',
    })
    const ed25519 = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })
    for (const [badCrt, badKey, problem] of [
      ['', key, /the certificate holds no certificate in PEM/],
      [crt.replace(/MII./, 'AAAA'), key, /cannot be read/],
      [crt.repeat(11), key, /more than 10 certificates/],
      [crt, '', /not one private key/],
      [crt, crt, /not one private key/],
      [crt, `${key}${key}`, /not one private key/],
      [crt, key.replace(/MI.../, 'AAAAA'), /the key cannot be read/],
      [crt, String(locked), /locked with a passphrase/],
      [crt, String(ed25519), /not the key of the certificate/],
    ] as const)
      await assert.rejects(checkPair(badCrt, badKey, undefined, now), refusedWith(problem))
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
    assert.throws(() => keyFactsOf(short), refusedWith(/2048 to 8192 bits, and this one has 1024/))
    for (const { publicKey } of [
      generateKeyPairSync('ed25519'),
      generateKeyPairSync('rsa-pss', { modulusLength: 2048 }),
      generateKeyPairSync('ec', { namedCurve: 'brainpoolP256r1' }),
    ])
      assert.throws(() => keyFactsOf(publicKey), refusedWith(/neither RSA nor/))
  })

  test('text in any dress is taken, and what is kept is written anew', async () => {
    const { crt, key } = await authority.issue(['a.example.com'])
    const dressed = (text: string) => `Bag Attributes\r\n  x: y\r\n${text.replaceAll('\n', '\r\n  ')}`
    assert.equal(pemOf(parseCertificates(dressed(crt), 'x')), pemOf(parseCertificates(crt, 'x')))
    assert.equal(pemOfKey(parseKey(dressed(key))), pemOfKey(parseKey(key)))
    const sec1 = createPrivateKey(key).export({ type: 'sec1', format: 'pem' }).toString()
    assert.equal(pemOfKey(parseKey(sec1)), pemOfKey(parseKey(key)))
    assert.doesNotThrow(() => new X509Certificate(pemOf(parseCertificates(crt, 'x'))))
  })
})

describe('what checking a certificate costs is bounded', () => {
  const { n, d, e } = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })
  assert.ok(n !== undefined && d !== undefined && e !== undefined)
  const costly = createPublicKey({ format: 'jwk', key: { kty: 'RSA', n, e: d } })

  test('an RSA key with a long exponent is refused before any signature is checked with it', async (t) => {
    assert.throws(() => keyFactsOf(costly), refusedWith(/the exponent of an RSA key must have at most 32 bits/))
    keyFactsOf(
      createPublicKey({ format: 'jwk', key: { kty: 'RSA', n, e: Buffer.alloc(4, 255).toString('base64url') } }),
    )
    const { crt, key } = await authority.issue(['a.example.com'])
    const verify = t.mock.method(X509Certificate.prototype, 'verify')
    // The certificate reads well, and says that its key is the costly one.
    for (const isChain of [true, false]) {
      const certificates = isChain ? [crt, authority.between.crt] : [crt]
      const certificate = new X509Certificate(certificates.at(-1) ?? '')
      const isCostly = (one: X509Certificate) => one.fingerprint256 === certificate.fingerprint256
      const { get } = Object.getOwnPropertyDescriptor(X509Certificate.prototype, 'publicKey') ?? {}
      const publicKey = t.mock.getter(X509Certificate.prototype, 'publicKey', function (this: X509Certificate) {
        return isCostly(this) ? costly : get?.call(this)
      })
      await assert.rejects(checkPair(certificates.join(''), key, undefined, now), refusedWith(/exponent/))
      publicKey.mock.restore()
      assert.equal(verify.mock.callCount(), 0)
    }
  })

  test('a certificate has at most nine others in its chain, behind it and in “cab” together', async () => {
    const { crt, key } = await authority.issue(['a.example.com'])
    const { between } = authority
    assert.equal((await checkPair(`${crt}${between.crt.repeat(4)}`, key, between.crt.repeat(5), now)).chain.length, 1)
    await assert.rejects(
      checkPair(`${crt}${between.crt.repeat(4)}`, key, between.crt.repeat(6), now),
      refusedWith(/more than 9 certificates/),
    )
  })

  test('certificates of one name are not tried in every order', async (t) => {
    const [first, ...above] = await makeNamesakes('a.example.com', 10)
    assert.ok(first !== undefined)
    const verify = t.mock.method(X509Certificate.prototype, 'verify')
    const inOrder = await checkPair(first.crt, first.key, above.map(({ crt }) => crt).join(''), now)
    assert.equal(inOrder.chain.length, 9)
    verify.mock.resetCalls()
    const backwards = above.toReversed().map(({ crt }) => crt)
    await assert.rejects(checkPair(first.crt, first.key, backwards.join(''), now), refusedWith(/signed none of it/))
    assert.ok(verify.mock.callCount() <= 30, String(verify.mock.callCount()))
  })

  test('text that opens blocks and does not close them is read once: a block ends where the next begins', async () => {
    const { crt } = await authority.issue(['a.example.com'])
    assert.equal(parseCertificates(`-----BEGIN A-----\n${crt}-----END A-----\n`, 'x').length, 1)
    const opened = '-----BEGIN A-----\n'.repeat(3_000)
    assert.throws(() => parseCertificates(opened, 'x'), refusedWith(/x holds no certificate/))
    assert.throws(() => parseKey(opened), refusedWith(/not one private key/))
  })
})

describe('the facts of a certificate', () => {
  test('come from the certificate: names, dates, authority, what was verified, and its key', async () => {
    const { crt } = await authority.issue(['A.example.com', '*.b.example.com'], {
      kind: 'rsa',
      policies: ['2.23.140.1.2.2'],
    })
    const certificate = new X509Certificate(crt)
    const facts = await certificateFactsOf(certificate)
    assert.deepEqual(facts.domains, ['a.example.com', '*.b.example.com'])
    assert.equal(facts.issuer.commonName, 'One Between')
    assert.equal(facts.validationType, 'ov')
    assert.equal(facts.signatureAlgorithm, 'ecdsa-with-SHA256')
    assert.equal(facts.notAfter.getTime(), Date.parse(certificate.validTo))
    assert.equal(facts.key.algorithm, 'rsaEncryption')
    if (facts.key.algorithm === 'rsaEncryption') {
      assert.match(facts.key.modulus, /^[0-9a-f]{512}$/)
      assert.deepEqual([facts.key.modulusLength, facts.key.publicExponent], [2048, '010001'])
    }
    const curve = (await certificateFactsOf(new X509Certificate((await makeSelfSigned(['x.example.com'])).crt))).key
    assert.equal(curve.algorithm === 'id-ecPublicKey' && curve.curve, 'prime256v1')
    assert.match(curve.algorithm === 'id-ecPublicKey' ? curve.point : '', /^04[0-9a-f]{128}$/)
  })

  test('the id of a key is one for both halves, and tells no other user that they have it too', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    assert.equal(keyIdOf(createPublicKey(privateKey), 7), keyIdOf(publicKey, 7))
    assert.notEqual(keyIdOf(publicKey, 7), keyIdOf(publicKey, 8))
  })
})

describe('covers', () => {
  test('a star stands for one whole label and for nothing else', () => {
    assert.equal(covers(['*.example.com'], 'www.example.com'), true)
    for (const host of ['example.com', 'a.b.example.com', 'www.example.org', 'com', 'xexample.com'])
      assert.equal(covers(['*.example.com'], host), false, host)
    assert.equal(covers(['w*.example.com', '*', '*.*.com', 'a.*.com'], 'www.example.com'), false)
    assert.equal(covers(['example.com', 'www.example.com'], 'example.com'), true)
    assert.equal(covers(['*.com'], 'example.com'), true)
  })

  test('agrees with comparing label by label', () => {
    const label = fc.constantFrom('a', 'b', 'www', '*')
    const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'))
    fc.assert(
      fc.property(fc.array(name, { maxLength: 4 }), name, (names, host) => {
        const matches = (pattern: string): boolean => {
          const [first, ...rest] = pattern.split('.')
          const [hostFirst, ...hostRest] = host.split('.')
          const isStar = first === '*' && hostRest.length > 0
          return rest.join('.') === hostRest.join('.') && (first === hostFirst || isStar)
        }
        assert.equal(covers(names, host), names.some(matches))
      }),
    )
  })
})

describe('what is made here', () => {
  test('a user has at most two RSA keys in the making, so that others have their turn', async () => {
    const own = [makeKey('rsa-2048', 1), makeKey('rsa-2048', 1)]
    await assert.rejects(makeKey('rsa-2048', 1), { code: 'overloaded' })
    const other = makeKey('rsa-2048', 2)
    assert.equal((await makeKey('ecdsa-prime256v1', 1)).asymmetricKeyType, 'ec')
    for (const key of await Promise.all([...own, other])) assert.equal(key.asymmetricKeyType, 'rsa')
    await makeKey('rsa-2048', 1)
  })

  test('each kind of key signs a request and a certificate that name every domain', async () => {
    for (const type of KEY_TYPES) {
      const key = await makeKey(type, 1)
      const domains = ['a.example.com', '*.a.example.com']
      const holder = { countryName: 'DE', organizationName: 'An “Org”, with, commas', emailAddress: 'a@example.com' }
      assert.match(await makeRequest(key, domains, holder), /^-----BEGIN CERTIFICATE REQUEST-----\n/)
      const pem = await makeOwn(key, domains, holder, now, 10)
      const checked = await checkPair(pem, pemOfKey(key), undefined, new Date(now.getTime() + 1000))
      assert.deepEqual([checked.facts.domains, checked.facts.isSelfSigned], [domains, true], type)
      assert.equal(checked.facts.subject.organizationName, holder.organizationName)
    }
  })
})
