import 'reflect-metadata' // The certificate library needs it loaded first.
import { createPublicKey, type KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'

const DAY_MS = 86_400_000
// Browsers accept no longer life from an authority; a self-signed one gains nothing by more.
const LIFE_DAYS = 397
// Other machines' clocks may be behind.
const BACKDATED_MS = DAY_MS
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** A server certificate in PEM for the host, `localhost`, `127.0.0.1` and `::1`, signed with the P-256 key that is given. */
export async function makeSelfSigned(
  key: KeyObject,
  hostname: string,
  organization: string,
  nowMs: number,
): Promise<string> {
  const privateKey = key.toCryptoKey(ALGORITHM, true, ['sign'])
  const publicKey = createPublicKey(key).toCryptoKey(ALGORITHM, true, ['verify'])
  const names = subjectNames(hostname)
  const subject = [{ CN: [names[0]?.value ?? 'localhost'] }, { O: [organization] }]
  const made = await X509CertificateGenerator.createSelfSigned({
    name: subject,
    notBefore: new Date(nowMs - BACKDATED_MS),
    notAfter: new Date(nowMs + LIFE_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys: { privateKey, publicKey },
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(names),
      await SubjectKeyIdentifierExtension.create(publicKey),
    ],
  })
  return `${made.toString('pem')}\n`
}

/** The host first, if it can stand in a certificate at all. */
function subjectNames(hostname: string): JsonGeneralName[] {
  const own: JsonGeneralName[] = isIP(hostname)
    ? [{ type: 'ip', value: hostname }]
    : /^[A-Za-z0-9_.-]{1,253}$/.test(hostname)
      ? [{ type: 'dns', value: hostname }]
      : []
  const always: JsonGeneralName[] = [
    { type: 'dns', value: 'localhost' },
    { type: 'ip', value: '127.0.0.1' },
    { type: 'ip', value: '::1' },
  ]
  return [...own, ...always.filter(({ value }) => value !== hostname)]
}
