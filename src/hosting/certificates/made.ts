/**
 * Keys, signing requests and self-signed certificates, made by the library; and what of a certificate Node itself does not read. The library
 * takes a tenth of a second and ten megabytes, so load this file only where it is needed.
 */
import 'reflect-metadata' // The certificate library needs it loaded first.
import { createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import {
  BasicConstraintsExtension,
  CertificatePolicyExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { makeBoundedTurns } from '../hosts/turns.ts'

const DAY_MS = 86_400_000

/** UAPI's names of the kinds (documented), in its order. */
export const KEY_TYPES = ['rsa-2048', 'rsa-4096', 'ecdsa-prime256v1', 'ecdsa-secp384r1'] as const
export type KeyType = (typeof KEY_TYPES)[number]

/** What a signing request says about its holder, beside the domains; what is absent is left out. */
export type Holder = {
  readonly countryName?: string | undefined
  readonly stateOrProvinceName?: string | undefined
  readonly localityName?: string | undefined
  readonly organizationName?: string | undefined
  readonly organizationalUnitName?: string | undefined
  readonly emailAddress?: string | undefined
}

const generate = promisify(generateKeyPair)
// Node's few threads also read files and hash passwords; a long RSA key takes one for a second.
const turns = makeBoundedTurns({ atOnce: 1, inAll: 16, each: 2 })

/** Made off the event loop; RSA keys, which take long, one at a time. Throws `overloaded` when many wait for theirs, or two of this user. */
export function makeKey(type: KeyType, userId: number): Promise<KeyObject> {
  return type.startsWith('rsa') ? turns(userId, () => newKey(type)) : newKey(type)
}

async function newKey(type: KeyType): Promise<KeyObject> {
  switch (type) {
    case 'rsa-2048':
      return (await generate('rsa', { modulusLength: 2048 })).privateKey
    case 'rsa-4096':
      return (await generate('rsa', { modulusLength: 4096 })).privateKey
    case 'ecdsa-prime256v1':
      return (await generate('ec', { namedCurve: 'P-256' })).privateKey
    case 'ecdsa-secp384r1':
      return (await generate('ec', { namedCurve: 'P-384' })).privateKey
  }
}

/** A signing request (PKCS #10) in PEM. The first domain is the common name. */
export async function makeRequest(key: KeyObject, domains: readonly string[], holder: Holder): Promise<string> {
  const { algorithm, ...keys } = usable(key)
  const made = await Pkcs10CertificateRequestGenerator.create({
    name: nameOf(domains, holder),
    keys,
    signingAlgorithm: algorithm,
    extensions: [new SubjectAlternativeNameExtension(namesOf(domains))],
  })
  return `${made.toString('pem')}\n`
}

/** A self-signed certificate in PEM. */
export async function makeSelfSigned(
  key: KeyObject,
  domains: readonly string[],
  holder: Holder,
  now: Date,
  days: number,
): Promise<string> {
  const { algorithm, ...keys } = usable(key)
  const made = await X509CertificateGenerator.createSelfSigned({
    name: nameOf(domains, holder),
    notBefore: now,
    notAfter: new Date(now.getTime() + days * DAY_MS),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(namesOf(domains)),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return `${made.toString('pem')}\n`
}

/** The object identifiers of the certificate's policies. */
export function policiesOf(der: Uint8Array): readonly string[] {
  return new X509Certificate(new Uint8Array(der)).getExtension(CertificatePolicyExtension)?.policies ?? []
}

function usable(key: KeyObject) {
  const curve = key.asymmetricKeyDetails?.namedCurve
  const algorithm =
    key.asymmetricKeyType === 'rsa'
      ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
      : curve === 'secp384r1'
        ? { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' }
        : curve === 'secp521r1'
          ? { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' }
          : { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  return {
    algorithm,
    privateKey: key.toCryptoKey(algorithm, true, ['sign']),
    publicKey: createPublicKey(key).toCryptoKey(algorithm, true, ['verify']),
  }
}

/** By the letters that the library knows, or by the number of the attribute. */
function nameOf([first]: readonly string[], holder: Holder): Record<string, string[]>[] {
  const parts: readonly (readonly [string, string | undefined])[] = [
    ['C', holder.countryName],
    ['ST', holder.stateOrProvinceName],
    ['L', holder.localityName],
    ['O', holder.organizationName],
    ['OU', holder.organizationalUnitName],
    // A common name has at most 64 characters (RFC 5280, ub-common-name); the names that count are the alternative ones.
    ['CN', first !== undefined && first.length <= 64 ? first : undefined],
    ['E', holder.emailAddress],
  ]
  return parts.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [{ [name]: [value] }]))
}

function namesOf(domains: readonly string[]) {
  return domains.map((value) => ({ type: 'dns' as const, value }))
}
