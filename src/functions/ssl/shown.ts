/** Certificates and keys as WHM and UAPI show them. Keys with dots in them are literal names. No private key is ever in what these give. */
import { createPublicKey } from 'node:crypto'
import { type KeyFacts, keyFactsOf } from '../../hosting/certificates/facts.ts'
import type { StoredCertificate, StoredKey } from '../../hosting/certificates/store.ts'

export function toUnixSeconds(at: Date): number {
  return Math.floor(at.getTime() / 1000)
}

/** What UAPI's SSL functions tell of a certificate. */
export function uapiCertificate(certificate: StoredCertificate) {
  const { facts } = certificate
  const { public_exponent: _, ...key } = keyShown(facts.key)
  return {
    ...commonShown(certificate),
    ...key,
    is_autossl: certificate.provider === undefined ? 0 : 1,
    auto_ssl_provider: certificate.provider ?? null,
    auto_ssl_provider_display_name: certificate.provider ?? null,
    key_algorithm: facts.key.algorithm,
  }
}

/** What WHM's functions tell of one. */
export function whmCertificate(certificate: StoredCertificate) {
  const { facts } = certificate
  return {
    ...commonShown(certificate),
    ...keyShown(facts.key),
    encryption_algorithm: facts.key.algorithm,
    created: toUnixSeconds(certificate.createdAt),
  }
}

function commonShown({ id, facts }: StoredCertificate) {
  return {
    id,
    domains: facts.domains,
    'issuer.commonName': facts.issuer.commonName,
    'issuer.organizationName': facts.issuer.organizationName,
    issuer_text: facts.issuer.text,
    'subject.commonName': facts.subject.commonName,
    subject_text: facts.subject.text,
    not_before: toUnixSeconds(facts.notBefore),
    not_after: toUnixSeconds(facts.notAfter),
    is_self_signed: facts.isSelfSigned ? 1 : 0,
    signature_algorithm: facts.signatureAlgorithm,
    serial: facts.serial,
    validation_type: facts.validationType ?? null,
  }
}

/** Of the one kind of key what the other has not is null. */
function keyShown(key: KeyFacts) {
  const isRsa = key.algorithm === 'rsaEncryption'
  return {
    modulus: isRsa ? key.modulus : null,
    modulus_length: isRsa ? key.modulusLength : null,
    public_exponent: isRsa ? key.publicExponent : null,
    ecdsa_curve_name: isRsa ? null : key.curve,
    ecdsa_public: isRsa ? null : key.point,
  }
}

/** What UAPI's SSL functions tell of a key. */
export function uapiKey(key: StoredKey) {
  const facts = keyFactsOf(createPublicKey(key.publicPem))
  const { public_exponent: _, ...shown } = keyShown(facts)
  return {
    id: key.id,
    friendly_name: key.friendlyName,
    created: toUnixSeconds(key.createdAt),
    key_algorithm: facts.algorithm,
    ...shown,
  }
}
