import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { Problem } from '../config/problem.ts'
import { ensureCertificate, presentCertificate } from './certificate.ts'

const NOW = Date.UTC(2026, 10, 22, 12)
const DAY = 86_400_000
let data = ''
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'postern-tls-'))
})
afterEach(() => rmSync(data, { recursive: true }))

const ensure = (nowMs = NOW) => ensureCertificate(data, 'box.example.com', nowMs)
const path = (name: string): string => join(data, 'tls', name)
const mode = (file: string): number => statSync(file).mode & 0o777

async function refusal(): Promise<Problem> {
  const error = await ensure().then(
    () => assert.fail('it was accepted'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof Problem, String(error))
  return error
}

test('the first start makes a self-signed P-256 certificate for the host and this machine, valid for 397 days', async () => {
  const made = await ensure()
  const x509 = new X509Certificate(made.cert)
  assert.equal(
    x509.subjectAltName,
    'DNS:box.example.com, DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
  )
  assert.equal(x509.ca, false)
  assert.deepEqual(x509.keyUsage, ['1.3.6.1.5.5.7.3.1'])
  assert.equal(x509.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1')
  assert.ok(x509.checkHost('box.example.com') && x509.checkHost('localhost'))
  assert.ok(x509.checkIP('127.0.0.1') && x509.checkIP('::1'))
  assert.ok(x509.verify(x509.publicKey) && x509.checkPrivateKey(createPrivateKey(made.key)))
  assert.equal(made.selfSigned, true)
  assert.equal(made.fingerprint256, x509.fingerprint256)
  assert.equal(made.notAfter.getTime(), NOW + 397 * DAY)
  assert.ok(Date.parse(x509.validFrom) < NOW)
})

test('K5: with umask 000 the folder is 0700 and both files are 0600, and nothing else is left', async () => {
  const before = process.umask(0)
  try {
    await ensure()
  } finally {
    process.umask(before)
  }
  assert.equal(mode(join(data, 'tls')), 0o700)
  assert.equal(mode(path('key.pem')), 0o600)
  assert.equal(mode(path('cert.pem')), 0o600)
  assert.deepEqual(readdirSync(data), ['tls'])
  assert.deepEqual(readdirSync(join(data, 'tls')).sort(), ['cert.pem', 'key.pem'])
})

test('a second start uses the same pair', async () => {
  const first = await ensure()
  assert.deepEqual(await ensure(NOW + 300 * DAY), first)
})

test('a self-signed certificate with less than 30 days to go is made anew with the same key', async () => {
  const first = await ensure()
  const second = await ensure(NOW + 368 * DAY)
  assert.equal(second.key, first.key)
  assert.notEqual(second.fingerprint256, first.fingerprint256)
  assert.equal(second.notAfter.getTime(), NOW + (368 + 397) * DAY)
  assert.equal(readFileSync(path('cert.pem'), 'utf8'), second.cert)
})

test('a given certificate is used as it is, even one that ends soon', async () => {
  mkdirSync(join(data, 'tls'), { mode: 0o700 })
  const subject = ['-subj', '/CN=given.example.com', '-days', '3', '-nodes', '-newkey', 'rsa:2048']
  execFileSync('openssl', ['req', '-x509', ...subject, '-keyout', path('key.pem'), '-out', path('cert.pem')], {
    stdio: 'ignore',
  })
  chmodSync(path('key.pem'), 0o600)
  const given = readFileSync(path('cert.pem'), 'utf8')
  const used = await ensure(Date.now())
  assert.equal(used.cert, given)
  assert.equal(used.selfSigned, true)
  assert.equal(readFileSync(path('cert.pem'), 'utf8'), given)
})

test('a folder that holds other files gets the pair beside them', async () => {
  mkdirSync(join(data, 'tls'), { mode: 0o700 })
  writeFileSync(path('notes'), 'mine')
  await ensure()
  assert.deepEqual(readdirSync(join(data, 'tls')).sort(), ['cert.pem', 'key.pem', 'notes'])
  assert.ok(!existsSync(join(data, 'tls.new')))
})

test('D3: a pair of which one is missing is refused with its path, and nothing is made in its place', async () => {
  await ensure()
  renameSync(path('key.pem'), join(data, 'kept'))
  assert.match((await refusal()).message, /key .*key\.pem is missing/)
  assert.ok(!existsSync(path('key.pem')))
  renameSync(path('cert.pem'), join(data, 'kept-cert'))
  renameSync(join(data, 'kept'), path('key.pem'))
  assert.match((await refusal()).message, /certificate .*cert\.pem is missing/)
  assert.ok(!existsSync(path('cert.pem')))
})

test('D3: a key that does not belong to the certificate, and files that are no PEM, are refused', async () => {
  await ensure()
  const key = readFileSync(path('key.pem'))
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  writeFileSync(path('key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
  assert.match((await refusal()).message, /key\.pem is not the key of .*cert\.pem/)
  writeFileSync(path('key.pem'), 'junk')
  assert.match((await refusal()).message, /key\.pem is not a PEM private key/)
  writeFileSync(path('key.pem'), key)
  writeFileSync(path('cert.pem'), '')
  assert.match((await refusal()).message, /cert\.pem is not a PEM certificate/)
})

test('D3: a key that others can read, that is a link, or a folder others can change, is refused with the remedy', async () => {
  await ensure()
  chmodSync(path('key.pem'), 0o640)
  assert.equal((await refusal()).hint, `chmod 600 ${path('key.pem')}`)
  chmodSync(path('key.pem'), 0o600)
  chmodSync(join(data, 'tls'), 0o777)
  assert.equal((await refusal()).hint, `chmod 700 ${join(data, 'tls')}`)
  chmodSync(join(data, 'tls'), 0o700)
  renameSync(path('key.pem'), join(data, 'elsewhere.pem'))
  symlinkSync(join(data, 'elsewhere.pem'), path('key.pem'))
  assert.match((await refusal()).message, /key\.pem is a symbolic link/)
})

test('a host name that no certificate can hold is left out', async () => {
  const made = await ensureCertificate(data, 'ünïcode host', NOW)
  const names = 'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1'
  assert.equal(new X509Certificate(made.cert).subjectAltName, names)
})

test('doctor refuses what a start would refuse, makes nothing, and finds the pair of a start', async () => {
  assert.equal(await presentCertificate(data), undefined)
  assert.deepEqual(readdirSync(data), [])
  const { fingerprint256, key } = await ensure()
  assert.equal((await presentCertificate(data))?.fingerprint256, fingerprint256)
  for (const content of [
    'garbage',
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
  ]) {
    writeFileSync(path('key.pem'), content)
    await assert.rejects(presentCertificate(data), Problem)
  }
  writeFileSync(path('key.pem'), key, { mode: 0o600 })
  rmSync(path('cert.pem'))
  await assert.rejects(presentCertificate(data), Problem)
})
