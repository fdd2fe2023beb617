/**
 * PEM as clients send it: with other text around, line ends of any kind, and several blocks in one text. What is kept is written anew, so that
 * no file depends on how somebody typed. No I/O.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { Failure } from '../../failures.ts'

/** In UTF-16 units; a key of 8192 bits and a chain of ten certificates stay far below. */
export const PEM_MAX = 64 * 1024
/** A certificate and all of its chain. */
export const CERTIFICATES_MAX = 10

/** The certificates in the text, in its order. Throws `certificate-refused` for text that holds none or something else. */
export function parseCertificates(text: string, what: string): readonly X509Certificate[] {
  const blocks = blocksIn(text).filter(({ label }) => label === 'CERTIFICATE')
  if (blocks.length === 0) throw refused(`${what} holds no certificate in PEM`)
  if (blocks.length > CERTIFICATES_MAX) throw refused(`${what} holds more than ${CERTIFICATES_MAX} certificates`)
  return blocks.map(({ body }) => {
    try {
      return new X509Certificate(Buffer.from(body.replaceAll(/\s+/g, ''), 'base64'))
    } catch (cause) {
      throw refused(`${what} holds a certificate that cannot be read`, cause)
    }
  })
}

/** The only key in the text. Throws `certificate-refused`, never with any of the text in it. */
export function parseKey(text: string): KeyObject {
  const [block, ...more] = blocksIn(text).filter(({ label }) => label.endsWith('PRIVATE KEY'))
  if (block === undefined || more.length > 0) throw refused('the key is not one private key in PEM')
  const { label, body } = block
  if (label.startsWith('ENCRYPTED') || body.includes('ENCRYPTED')) throw refused('the key is locked with a passphrase')
  try {
    return createPrivateKey(rewrapped(label, body))
  } catch {
    // What OpenSSL says of a key that it cannot read tells nothing that a caller could use.
    throw refused('the key cannot be read')
  }
}

type Block = { readonly label: string; readonly body: string }

/** A block ends where the next begins or ends: what is not closed by its own label is none (RFC 7468, 3). In one pass over the text. */
function blocksIn(text: string): readonly Block[] {
  const parts = text.split('-----')
  return parts.flatMap((part, index) => {
    const label = /^BEGIN ([A-Z0-9 ]+)$/.exec(part)?.[1]
    return label !== undefined && parts[index + 2] === `END ${label}` ? [{ label, body: parts[index + 1] ?? '' }] : []
  })
}

/** The key as it is kept: PKCS #8, with a line end. A secret. */
export function pemOfKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** Certificates as they are kept, one after the other. */
export function pemOf(certificates: readonly X509Certificate[]): string {
  return certificates.map(({ raw }) => rewrapped('CERTIFICATE', raw.toString('base64'))).join('')
}

function rewrapped(label: string, body: string): string {
  const lines = body.replaceAll(/\s+/g, '').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

function refused(problem: string, cause?: unknown): Failure {
  return new Failure('certificate-refused', { problem }, { cause })
}
