/**
 * The `Authorization` header: what was presented, not whether it is right. Bytes are checked before and, for Basic, again after
 * decoding, because control characters that reach a line-based file are how a sign-in was forged elsewhere (CVE-2026-41940). A
 * header that is not understood is refused and never tried in another way. No I/O.
 */
import { isUtf8 } from 'node:buffer'

/**
 * What the header holds. `whm` is for WHM's service and `cpanel` for that of accounts; whoever reads it knows which service it is.
 * `missing`: it is empty, as good as none. `wrong-scheme`: a scheme that exists elsewhere, in `sentScheme`. `claimedUser` is only a claim, for the audit trail, and may hold anything printable.
 */
export type Authorization =
  | { readonly scheme: 'whm' | 'cpanel'; readonly user: string; readonly secret: string }
  | { readonly scheme: 'basic'; readonly user: string; readonly password: string }
  | {
      readonly refusal: 'missing' | 'malformed' | 'wrong-scheme'
      readonly sentScheme?: string
      readonly claimedUser?: string
    }

const MAX_LENGTH = 8 * 1024
const OTHER_SCHEMES: ReadonlySet<string> = new Set(['bearer', 'digest', 'negotiate', 'ntlm', 'token'])
const MALFORMED: Authorization = { refusal: 'malformed' }

/**
 * Reads the header's value as Node gives it, one character a byte. The scheme is taken in any case (WHM's pages write `whm` and
 * `WHM`); user and secret are split at the first colon and not changed in any way.
 */
export function parseAuthorization(value: string): Authorization {
  if (value.length > MAX_LENGTH || /[^\t\x20-\x7e]/.test(value)) return MALFORMED
  const line = trimBlanks(value)
  if (line === '') return { refusal: 'missing' }
  const end = line.search(/[ \t]/)
  // Without a blank the word may be a bare secret, so nothing of it is reported.
  const sent = (end === -1 ? line : line.slice(0, end)).toLowerCase()
  const rest = end === -1 ? '' : trimBlanks(line.slice(end))
  if (rest.includes('\t')) return MALFORMED
  if (sent === 'whm' || sent === 'cpanel') return parseToken(sent, rest)
  if (sent === 'basic') return parseBasic(rest)
  if (!OTHER_SCHEMES.has(sent)) return MALFORMED
  return { refusal: 'wrong-scheme', sentScheme: sent }
}

function parseToken(scheme: 'whm' | 'cpanel', rest: string): Authorization {
  const [user, secret] = splitAtColon(rest)
  if (user === '' || secret === '') return { ...MALFORMED, ...claim(rest) }
  return { scheme, user, secret }
}

/** RFC 4648 section 4 to the letter: the standard alphabet, whole padding, no stray bits, since `Buffer` alone takes nearly anything. */
function parseBasic(rest: string): Authorization {
  const bytes = Buffer.from(rest, 'base64')
  if (bytes.length === 0 || bytes.toString('base64') !== rest || !isUtf8(bytes)) return MALFORMED
  const credentials = bytes.toString('utf8')
  if (/[\x00-\x1f\x7f-\x9f]/.test(credentials)) return MALFORMED
  const [user, password] = splitAtColon(credentials)
  if (user === '' || password === '') return { ...MALFORMED, ...claim(credentials) }
  return { scheme: 'basic', user, password }
}

function splitAtColon(text: string): readonly [before: string, after: string] {
  const colon = text.indexOf(':')
  return colon === -1 ? ['', ''] : [text.slice(0, colon), text.slice(colon + 1)]
}

/** Only what stands before a colon is a user; without a colon it could be the secret. */
function claim(text: string): { readonly claimedUser?: string } {
  const [user] = splitAtColon(text)
  return user === '' ? {} : { claimedUser: user }
}

function trimBlanks(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function isBlank(character: number): boolean {
  return character === 0x20 || character === 0x09
}
