/** Certificates for tests, made by the library as an authority makes them: a root, one in between, and what that signs. */
import 'reflect-metadata'
import { KeyObject, webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  CertificatePolicyExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'

const DAY_MS = 86_400_000
const ALGORITHMS = {
  ec: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  rsa: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
} as const

export type Made = { readonly crt: string; readonly key: string }
type Signer = Made & { readonly name: string; readonly keys: webcrypto.CryptoKeyPair; readonly kind: 'ec' | 'rsa' }

export type Wanted = {
  readonly domains?: readonly string[]
  readonly kind?: 'ec' | 'rsa'
  /** From today, in days. */
  readonly from?: number
  readonly to?: number
  /** Object identifiers. */
  readonly policies?: readonly string[]
}

async function sign(name: string, by: Signer | undefined, isAuthority: boolean, wanted: Wanted = {}): Promise<Signer> {
  const { kind = 'ec', from = -1, to = 90, domains = [], policies = [] } = wanted
  // Either kind makes a pair.
  const keys = (await webcrypto.subtle.generateKey(ALGORITHMS[kind], true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair
  const made = await X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: `CN=${by?.name ?? name}`,
    notBefore: new Date(Date.now() + from * DAY_MS),
    notAfter: new Date(Date.now() + to * DAY_MS),
    publicKey: keys.publicKey,
    signingKey: by?.keys.privateKey ?? keys.privateKey,
    signingAlgorithm: ALGORITHMS[by?.kind ?? kind],
    extensions: [
      new BasicConstraintsExtension(isAuthority, undefined, true),
      ...(isAuthority ? [new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true)] : []),
      ...(domains.length > 0
        ? [new SubjectAlternativeNameExtension(domains.map((value) => ({ type: 'dns' as const, value })))]
        : []),
      ...(policies.length > 0 ? [new CertificatePolicyExtension([...policies])] : []),
    ],
  })
  const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString()
  return { name, keys, kind, crt: `${made.toString('pem')}\n`, key }
}

export type Authority = {
  readonly root: Made
  readonly between: Made
  /** A server's certificate, signed by the one in between. */
  issue(domains: readonly string[], wanted?: Omit<Wanted, 'domains'>): Promise<Made>
}

/** A chain of authorities, each signed by the one after it, that all have one name; the last is signed by another of that name. */
export async function makeNamesakes(name: string, count: number): Promise<readonly Made[]> {
  const made = [await sign(name, undefined, true)]
  while (made.length <= count) made.push(await sign(name, made.at(-1), true))
  return made.slice(1).reverse()
}

/** With an authority in between that ends as `wanted` says. */
export async function makeAuthority(name: string, wanted: Wanted = {}): Promise<Authority> {
  const root = await sign(`${name} Root`, undefined, true, { to: 3650 })
  const between = await sign(`${name} Between`, root, true, wanted)
  return {
    root,
    between,
    issue: (domains, more = {}) => sign(domains[0] ?? 'nobody', between, false, { domains, ...more }),
  }
}

export function makeSelfSigned(domains: readonly string[], wanted: Omit<Wanted, 'domains'> = {}): Promise<Made> {
  return sign(domains[0] ?? 'nobody', undefined, false, { domains, ...wanted })
}
