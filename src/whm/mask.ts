/**
 * Text from outside, made fit for a log line or the audit trail: secrets masked, and nothing in it that could end the line, look
 * like the next one or hide what it says. The last guard, not the first: code that knows a value is secret does not log it. No I/O.
 */

const MARK = '[masked]'

/**
 * Letters of a token, plain or percent-encoded. The end is open downwards, because a token that lost a few characters in copying
 * gives the rest away just as well.
 */
const TOKEN = /(?:P|%[57]0)(?:S|%[57]3)(?:[WC]|%[57]7|%[46]3)(?:[0-9A-Z]|%[3-7][0-9A-F]){24,}/gi
/**
 * The same where it stands as a word and is about as long as a token. Within a longer run of base64, a certificate or a DKIM key, such letters
 * come up by chance: once in fifty certificates.
 */
const TOKEN_WORD = new RegExp(`(?<![\\w+/-])${TOKEN.source.replace('{24,}', '{24,37}')}(?![\\w+/-])`, 'i')
/** The random part of a session's cookie, plain or percent-encoded. */
const SESSION = /[\w-]{22}(?:,|%2c)[0-9a-f]{32}/gi
const SECURITY_TOKEN = /cpsess[0-9]+/gi

const BLANK = '(?:[ +]|%20)'
/** A private key in PEM, plain or percent-encoded, from its first line to its last, or to the end of what is left of it. */
const PRIVATE_KEY = new RegExp(
  `BEGIN${BLANK}(?:[A-Z]+${BLANK})*PRIVATE${BLANK}KEY(?:[^&]*?END${BLANK}(?:[A-Z]+${BLANK})*PRIVATE${BLANK}KEY|[^&]*)`,
  'g',
)

/** Masks whatever has the shape of an API token (any case), of a session's cookie or its security token, or of a private key. */
export function maskSecrets(text: string): string {
  const masked = text.replace(TOKEN, MARK).replace(SESSION, MARK).replace(SECURITY_TOKEN, `cpsess${MARK}`)
  return masked.includes('KEY') ? masked.replace(PRIVATE_KEY, MARK) : masked
}

/** Says whether the text holds what has the shape of an API token and stands by itself, of a session's cookie or of a private key. */
export function holdsSecret(text: string): boolean {
  return TOKEN_WORD.test(text) || text.search(SESSION) !== -1 || text.search(PRIVATE_KEY) !== -1
}

const SECRET_NAME = /pass|pwd|token|secret|key|hash|tfa/i
const PLAIN_NAME = /^(token_name|db_pass_update)(-[0-9]+)?$/

/** Masks, in a raw query, the values of arguments whose name speaks of a secret, however the name is encoded; then as `maskSecrets`. */
export function maskQuery(rawQuery: string): string {
  const parts = rawQuery.split('&').map((part) => {
    const equals = part.indexOf('=')
    if (equals === -1) return part
    const name = decodeLoosely(part.slice(0, equals))
    return SECRET_NAME.test(name) && !PLAIN_NAME.test(name) ? `${part.slice(0, equals)}=${MARK}` : part
  })
  return maskSecrets(parts.join('&'))
}

/** Ill-encoded names are looked at as well as they can be: byte by byte is enough to recognise ASCII words. */
function decodeLoosely(text: string): string {
  return text.replace(/%([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** Quotes and backslashes, and all that is invisible or moves the reader: controls, line ends, direction marks, lone surrogates. */
const UNSAFE = /["\\\p{C}\p{Zl}\p{Zp}]/u
const CUT = '…'

/**
 * Escapes text for use between double quotes within one line, as JSON does; JSON reads it back. At most `max` UTF-16 units (three
 * times as many bytes), with `…` where it was cut.
 */
export function escapeForLine(text: string, max: number): string {
  if (text.length <= max && !UNSAFE.test(text)) return text
  const pieces: string[] = []
  let length = 0
  for (const character of text.slice(0, max + 1)) {
    const piece = UNSAFE.test(character) ? escapeCharacter(character) : character
    pieces.push(piece)
    length += piece.length
    if (length > max) return cutPieces(pieces, length, max)
  }
  return pieces.join('')
}

function cutPieces(pieces: string[], length: number, max: number): string {
  let kept = length
  while (kept > max - CUT.length) {
    const piece = pieces.pop()
    if (piece === undefined) break
    kept -= piece.length
  }
  return pieces.join('') + CUT
}

function escapeCharacter(character: string): string {
  const asJson = JSON.stringify(character).slice(1, -1)
  if (asJson !== character) return asJson
  // JSON leaves DEL, U+0085, U+2028 and direction marks as they are; each UTF-16 unit is escaped by itself.
  return Array.from({ length: character.length }, (_, i) => unitEscape(character.charCodeAt(i))).join('')
}

function unitEscape(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`
}
