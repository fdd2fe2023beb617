/** What a certificate and a key tell about themselves, read by libraries. No I/O. */
import { createHash, type KeyObject, type webcrypto, type X509Certificate } from 'node:crypto'
import { Failure } from '../../failures.ts'

/** Numbers in lower-case hex, as OpenSSL and WHM write them. */
export type KeyFacts =
  | {
      readonly algorithm: 'rsaEncryption'
      readonly modulus: string
      readonly modulusLength: number
      readonly publicExponent: string
    }
  | {
      readonly algorithm: 'id-ecPublicKey'
      readonly curve: string
      /** The uncompressed point. */
      readonly point: string
    }

export type NameFacts = { readonly commonName: string; readonly organizationName: string; readonly text: string }

export type CertificateFacts = {
  readonly domains: readonly string[]
  readonly subject: NameFacts
  readonly issuer: NameFacts
  readonly notBefore: Date
  readonly notAfter: Date
  readonly isSelfSigned: boolean
  /** Upper-case hex. */
  readonly serial: string
  readonly signatureAlgorithm: string
  /** What the authority says it verified; undefined where it says nothing. */
  readonly validationType: 'dv' | 'ov' | 'ev' | undefined
  readonly key: KeyFacts
}

const RSA_MIN_BITS = 2048
const RSA_MAX_BITS = 8192
/** Checking a signature takes as many steps as this has bits; every authority's has 17. */
const RSA_EXPONENT_MAX_BITS = 32
const CURVES: Readonly<Record<string, string>> = { 'P-256': 'prime256v1', 'P-384': 'secp384r1', 'P-521': 'secp521r1' }

/** Throws `certificate-refused` for kinds of keys that web servers and browsers do not take, and for RSA keys that are too short or too costly. */
export function keyFactsOf(publicKey: KeyObject): KeyFacts {
  const { kty, n, e, crv, x, y } = jwkOf(publicKey)
  if (kty === 'RSA' && n !== undefined && e !== undefined) {
    const modulusLength = publicKey.asymmetricKeyDetails?.modulusLength ?? 0
    if (modulusLength < RSA_MIN_BITS || modulusLength > RSA_MAX_BITS)
      throw refused(`an RSA key must have ${RSA_MIN_BITS} to ${RSA_MAX_BITS} bits, and this one has ${modulusLength}`)
    if (Buffer.from(e, 'base64url').length * 8 > RSA_EXPONENT_MAX_BITS)
      throw refused(`the exponent of an RSA key must have at most ${RSA_EXPONENT_MAX_BITS} bits`)
    return { algorithm: 'rsaEncryption', modulus: hexOf(n), modulusLength, publicExponent: hexOf(e) }
  }
  const curve = kty === 'EC' ? CURVES[crv ?? ''] : undefined
  if (curve === undefined || x === undefined || y === undefined)
    throw refused('its key is neither RSA nor on the curve P-256, P-384 or P-521')
  return { algorithm: 'id-ecPublicKey', curve, point: `04${hexOf(x)}${hexOf(y)}` }
}

/** Empty for a key of a kind that has no such form (DSA, RSA-PSS, some curves). */
function jwkOf(publicKey: KeyObject): webcrypto.JsonWebKey {
  try {
    return publicKey.export({ format: 'jwk' })
  } catch {
    return {}
  }
}

/** The same for every copy of a key that the user has; tells nobody that another user has it too. */
export function keyIdOf(publicKey: KeyObject, userId: number): string {
  return digestOf(publicKey.export({ type: 'spki', format: 'der' }), userId).slice(0, 40)
}

/** Begins with the name and the end of the certificate, so that people can tell several apart; fit for the name of a file. */
export function certificateIdOf(certificate: X509Certificate, userId: number): string {
  const name = (domainsOf(certificate)[0] ?? 'unnamed').replaceAll(/[^a-z0-9]+/g, '_').slice(0, 100)
  const end = Math.floor(certificate.validToDate.getTime() / 1000)
  return `${name}_${end}_${digestOf(certificate.raw, userId).slice(0, 32)}`
}

function digestOf(der: Uint8Array, userId: number): string {
  return createHash('sha256').update(`${userId} `).update(der).digest('hex')
}

/** Throws `certificate-refused` as `keyFactsOf` does. */
export async function certificateFactsOf(certificate: X509Certificate): Promise<CertificateFacts> {
  // First, since checking a signature by a key that is not taken may take long.
  const key = keyFactsOf(certificate.publicKey)
  const { subject, issuer } = certificate.toLegacyObject()
  return {
    domains: domainsOf(certificate),
    subject: nameFacts(subject, certificate.subject),
    issuer: nameFacts(issuer, certificate.issuer),
    notBefore: certificate.validFromDate,
    notAfter: certificate.validToDate,
    isSelfSigned: isSelfSigned(certificate),
    serial: certificate.serialNumber,
    signatureAlgorithm: certificate.signatureAlgorithm ?? certificate.signatureAlgorithmOid,
    validationType: await validationTypeOf(certificate),
    key,
  }
}

export function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey)
}

/** Host names in order and in lower case: those of subjectAltName, or else the common name (RFC 6125 6.4.4). */
export function domainsOf(certificate: X509Certificate): readonly string[] {
  // Node quotes a name that holds a comma or a quote, and no host name does.
  const names = (certificate.subjectAltName ?? '').split(', ').filter((name) => name.startsWith('DNS:'))
  if (certificate.subjectAltName !== undefined) return [...new Set(names.map((name) => name.slice(4).toLowerCase()))]
  const { commonName } = nameFacts(certificate.toLegacyObject().subject, '')
  return commonName === '' ? [] : [commonName.toLowerCase()]
}

/** A name part that stands several times is a list; the last is the most specific. */
function nameFacts(name: unknown, text: string): NameFacts {
  const parts = (name ?? {}) as Readonly<Record<string, string | readonly string[] | undefined>> // as Node documents it
  const last = (part: string | readonly string[] | undefined): string =>
    typeof part === 'string' ? part : (part?.at(-1) ?? '')
  return { commonName: last(parts.CN), organizationName: last(parts.O), text }
}

/** CA/Browser Forum, Baseline Requirements 7.1.6.1: reserved policies. */
const VALIDATION_TYPES = { '2.23.140.1.2.1': 'dv', '2.23.140.1.2.2': 'ov', '2.23.140.1.1': 'ev' } as const

async function validationTypeOf(certificate: X509Certificate): Promise<'dv' | 'ov' | 'ev' | undefined> {
  const { policiesOf } = await import('./made.ts')
  const policies = policiesOf(certificate.raw)
  const found = Object.entries(VALIDATION_TYPES).find(([policy]) => policies.includes(policy))
  return found?.[1]
}

function hexOf(base64url: string): string {
  return Buffer.from(base64url, 'base64url').toString('hex')
}

function refused(problem: string): Failure {
  return new Failure('certificate-refused', { problem })
}
