/**
 * Hashes of mailbox passwords as Dovecot 2.3 on Debian 12 reads them, with the scheme before them. What a caller brings is taken in
 * the salted, slow forms alone and within bounds, since each sign-in pays for them. No I/O.
 */
import { Failure } from '../../failures.ts'

type Form = { readonly scheme: string; readonly form: RegExp; isBearable?(groups: readonly string[]): boolean }

const SALTED = '[A-Za-z0-9./]'

const FORMS: readonly Form[] = [
  {
    scheme: 'ARGON2ID',
    form: /^\$argon2id\$v=19\$m=([1-9]\d{0,8}),t=([1-9]\d{0,2}),p=1\$[A-Za-z0-9+/]{11,64}\$[A-Za-z0-9+/]{22,128}$/,
    isBearable: ([memoryKib, passes]) => Number(memoryKib) <= 131_072 && Number(passes) <= 10,
  },
  {
    scheme: 'BLF-CRYPT',
    form: new RegExp(`^\\$2[aby]\\$(\\d\\d)\\$${SALTED}{53}$`),
    isBearable: ([cost]) => Number(cost) >= 4 && Number(cost) <= 14,
  },
  {
    scheme: 'SHA512-CRYPT',
    form: new RegExp(`^\\$6\\$(?:rounds=([1-9]\\d{3,8})\\$)?${SALTED}{1,16}\\$${SALTED}{86}$`),
    isBearable: ([rounds = '5000']) => Number(rounds) <= 1_000_000,
  },
  {
    scheme: 'SHA256-CRYPT',
    form: new RegExp(`^\\$5\\$(?:rounds=([1-9]\\d{3,8})\\$)?${SALTED}{1,16}\\$${SALTED}{43}$`),
    isBearable: ([rounds = '5000']) => Number(rounds) <= 1_000_000,
  },
  // What Debian keeps in /etc/shadow; Dovecot reads it through the system's crypt.
  { scheme: 'CRYPT', form: new RegExp(`^\\$y\\$j[5-9A]T\\$${SALTED}{1,86}\\$${SALTED}{43}$`) },
]

/** The PHC string of `PasswordHasher`, which Dovecot reads as it is. */
export function dovecotHashOf(phc: string): string {
  return `{ARGON2ID}${phc}`
}

/** With or without Dovecot's scheme before it. Throws `argument-invalid`, which never quotes it. */
export function parsePasswordHash(text: string, argument: string): string {
  const [, scheme, hash = ''] = /^(?:\{([A-Z0-9-]+)\})?(.*)$/s.exec(text) ?? []
  for (const { scheme: known, form, isBearable } of FORMS) {
    const match = form.exec(hash)
    if (match === null || (scheme !== undefined && scheme !== known && scheme !== 'CRYPT')) continue
    if (isBearable?.(match.slice(1)) === false) break
    return `{${known}}${hash}`
  }
  const problem =
    'is no salted hash of a form and cost that the mail server takes (argon2id, bcrypt, yescrypt, SHA-crypt)'
  throw new Failure('argument-invalid', { argument, value: '(not shown)', problem })
}
