/**
 * The secret of an API token: its form, how it is made, told apart from noise, and turned into the digest that is stored.
 *
 * 32 characters of `0-9A-Z`, as WHM's documented examples: a fixed mark of three (so that scanners find a leaked one), 25 random
 * characters (129.2 bits) and four check characters (so that a mistyped or invented one is refused without a look-up). Our choice;
 * see docs/decisions/0006-token-form-and-digest.md. No I/O.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** `PSW` marks a token for WHM functions, `PSC` one of a hosting account. */
export type TokenMark = 'PSW' | 'PSC'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const RANDOM_LENGTH = 25
const CHECKED_LENGTH = 28
const CHECK_MODULUS = 36 ** 4
const FORM = /^PS[WC][0-9A-Z]{29}$/

/** Peppers by version; the current one makes new digests, all of them are tried when a secret is looked up. */
export type Peppers = { readonly current: number; readonly peppers: ReadonlyMap<number, Uint8Array> }

/** Makes a secret from the system's random source; every character is equally likely. */
export function makeSecret(mark: TokenMark): string {
  const body = mark + randomCharacters(RANDOM_LENGTH)
  return body + checkCharacters(body)
}

/** Says whether the text has a token's form and check characters; true says nothing about whether it was ever issued. */
export function isWellFormedSecret(text: string): boolean {
  return FORM.test(text) && checkCharacters(text.slice(0, CHECKED_LENGTH)) === text.slice(CHECKED_LENGTH)
}

/** The mark of a well-formed secret. */
export function markOf(secret: string): TokenMark {
  return secret.startsWith('PSC') ? 'PSC' : 'PSW'
}

/** HMAC-SHA-256 under the pepper, lower-case hex: what is stored instead of the secret, and what a secret is looked up by. */
export function digestOf(secret: string, pepper: Uint8Array): string {
  return createHmac('sha256', pepper).update(secret).digest('hex')
}

/** The digest under each pepper, the current one first. */
export function digestsOf(secret: string, peppers: Peppers): readonly string[] {
  const versions = [...peppers.peppers.keys()].sort(
    (a, b) => Number(b === peppers.current) - Number(a === peppers.current),
  )
  return versions.map((version) => digestOf(secret, loadPepper(peppers, version)))
}

/** The pepper that new digests are made with. */
export function currentPepper(peppers: Peppers): Uint8Array {
  return loadPepper(peppers, peppers.current)
}

/** A public id: names a token in lists, the trail and logs; it has another form than a secret and cannot log in. */
export function makeTokenId(): string {
  return `tok_${randomCharacters(16).toLowerCase()}`
}

function loadPepper(peppers: Peppers, version: number): Uint8Array {
  const pepper = peppers.peppers.get(version)
  if (pepper === undefined) throw new Error(`there is no pepper of version ${version}`)
  return pepper
}

function randomCharacters(length: number): string {
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      // 252 is the largest multiple of 36 in a byte: above it the first characters would come up more often.
      if (byte < 252 && text.length < length) text += ALPHABET[byte % 36]
    }
  }
  return text
}

function checkCharacters(body: string): string {
  return (crc32(body) % CHECK_MODULUS).toString(36).toUpperCase().padStart(4, '0')
}
