/**
 * Which passwords are accepted when one is set. People who sign in to the pages get the length that stands alone without a second
 * factor; passwords of hosting accounts, which billing systems make up, the shorter one that WHM's clients expect. What guessers try
 * first is refused for everybody: common passwords, and the names of the user, the server and the product, also with figures and signs
 * around them, or repeated. Nothing is trimmed, cut or rewritten: blanks and emoji count as they were typed.
 */
import { Failure } from '../failures.ts'
import { assertPasswordPossible } from './passwords.ts'

/** NIST SP 800-63B-4 and OWASP ASVS 5.0, 6.2.1: 15 where the password is the only factor. */
const ALONE_MIN_LENGTH = 15
const PRODUCT_NAMES = ['postern', 'whm', 'cpanel', 'webhostmanager']

export type PasswordUse = {
  readonly user: string
  readonly hostname: string
  /** It is all that a person proves who signs in to the pages. */
  readonly standsAlone: boolean
}

/** Throws `password-invalid`, before anything is hashed. */
export async function assertPasswordAllowed(password: string, use: PasswordUse): Promise<void> {
  assertPasswordPossible(password)
  if (use.standsAlone && [...password].length < ALONE_MIN_LENGTH)
    throw new Failure('password-invalid', {
      problem: `has fewer than ${ALONE_MIN_LENGTH} characters, the least for a password without a second factor`,
    })
  const text = password.normalize('NFKC').toLowerCase()
  const names = [use.user, use.hostname, use.hostname.split('.')[0] ?? '', ...PRODUCT_NAMES]
  if (names.some((name) => repeatedPartOf(lettersOf(text)) === lettersOf(name)))
    throw new Failure('password-invalid', {
      problem: 'is little more than the name of the user, the server or Postern',
    })
  const common = await commonPasswords()
  if (common.has(repeatedPartOf(text)) || common.has(onlyWordOf(text)))
    throw new Failure('password-invalid', { problem: 'is a common one, or a common word with figures or signs added' })
}

const WORD_MIN_LENGTH = 3

/** The one word that the password consists of beside figures and signs, in lower case; empty when there are several, or next to none. */
function onlyWordOf(text: string): string {
  const words = new Set(text.match(/\p{L}+/gu))
  const [word = ''] = words
  return words.size === 1 && word.length >= WORD_MIN_LENGTH ? repeatedPartOf(word) : ''
}

function lettersOf(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}]/gu, '')
}

/** `abcabcabc` is `abc`; what does not repeat is itself. */
function repeatedPartOf(text: string): string {
  const period = (text + text).indexOf(text, 1)
  return period <= 0 ? text : text.slice(0, period)
}

let loaded: Promise<ReadonlySet<string>> | undefined

/** Some ten thousands, read when the first password is set. */
function commonPasswords(): Promise<ReadonlySet<string>> {
  loaded ??= import('@zxcvbn-ts/language-common').then(
    ({ dictionary }) => new Set(dictionary['passwords-common'].filter((word) => word.length >= WORD_MIN_LENGTH)),
  )
  return loaded
}
