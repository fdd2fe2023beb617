/**
 * Whether a certificate, its key and its chain belong together, and whether a web server should be given them at that moment. No I/O.
 */
import type { KeyObject, X509Certificate } from 'node:crypto'
import { Failure } from '../../failures.ts'
import { type CertificateFacts, certificateFactsOf, isSelfSigned, keyFactsOf } from './facts.ts'
import { CERTIFICATES_MAX, parseCertificates, parseKey } from './pem.ts'

export type CheckedPair = {
  readonly certificate: X509Certificate
  readonly key: KeyObject
  /** From the one that signed the certificate upwards; without a root, which every client has or does not trust. */
  readonly chain: readonly X509Certificate[]
  readonly facts: CertificateFacts
  /** What holds but may surprise, each a sentence. */
  readonly warnings: readonly string[]
}

/**
 * Reads and checks what a caller sends. Certificates that stand behind the first in `crt`, and those in `cab`, make the chain, in whatever order.
 * Throws `certificate-refused` with what is wrong.
 */
export async function checkPair(crt: string, key: string, cab: string | undefined, now: Date): Promise<CheckedPair> {
  const [certificate, ...behind] = parseCertificates(crt, 'the certificate')
  if (certificate === undefined) throw new Error('there is at least one')
  const given = cab === undefined || cab.trim() === '' ? [] : parseCertificates(cab, 'the chain')
  const above = [...behind, ...given]
  if (above.length >= CERTIFICATES_MAX)
    throw refused(`it has a chain of more than ${CERTIFICATES_MAX - 1} certificates`)
  const facts = await certificateFactsOf(certificate)
  for (const one of above) keyFactsOf(one.publicKey)
  const privateKey = parseKey(key)
  if (!certificate.checkPrivateKey(privateKey)) throw refused('the key is not the key of the certificate')
  if (facts.notAfter <= now) throw refused(`the certificate ended on ${dayOf(facts.notAfter)}`)
  const chain = orderChain(certificate, facts.isSelfSigned, above, now)
  return { certificate, key: privateKey, chain, facts, warnings: warningsFor(certificate, chain, facts, now) }
}

/** A certificate that several of the same name may have signed is tried with each; a real chain needs hardly more than one try a link. */
const TRIES_MAX = 2 * CERTIFICATES_MAX

/**
 * The certificates that lead from the first one upwards. Throws `certificate-refused` for one that does not belong to it, and for
 * an authority that has ended.
 */
function orderChain(
  certificate: X509Certificate,
  isTop: boolean,
  given: readonly X509Certificate[],
  now: Date,
): readonly X509Certificate[] {
  const left = new Map(given.map((one) => [one.fingerprint256, one]))
  left.delete(certificate.fingerprint256)
  const chain: X509Certificate[] = []
  let tries = 0
  let below = certificate
  let isAtTop = isTop
  while (left.size > 0 && !isAtTop) {
    const signer = [...left.values()].find(
      (one) => below.checkIssued(one) && ++tries <= TRIES_MAX && below.verify(one.publicKey),
    )
    if (signer === undefined) break
    left.delete(signer.fingerprint256)
    if (!signer.ca) throw refused(`“${nameOf(signer)}” in the chain is no certificate of an authority`)
    if (signer.validToDate <= now)
      throw refused(`“${nameOf(signer)}” in the chain ended on ${dayOf(signer.validToDate)}`)
    isAtTop = isSelfSigned(signer)
    if (!isAtTop) chain.push(signer)
    below = signer
  }
  const [stranger] = left.values()
  if (stranger !== undefined) throw refused(`the chain does not belong to it: “${nameOf(stranger)}” signed none of it`)
  return chain
}

function warningsFor(
  certificate: X509Certificate,
  chain: readonly X509Certificate[],
  facts: CertificateFacts,
  now: Date,
): readonly string[] {
  const warnings: string[] = []
  if (facts.isSelfSigned) warnings.push('The certificate is self-signed: browsers warn of it.')
  else if (chain.length === 0 && !certificate.ca)
    warnings.push(
      'No chain was given: clients that do not know the authority in between will not trust the certificate.',
    )
  if (facts.notBefore > now) warnings.push(`The certificate is not valid before ${dayOf(facts.notBefore)}.`)
  return warnings
}

function nameOf({ subject }: X509Certificate): string {
  return subject.split('\n').at(-1) ?? subject
}

function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10)
}

function refused(problem: string): Failure {
  return new Failure('certificate-refused', { problem })
}
