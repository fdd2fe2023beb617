/** Which names an account may have (WHM createacct, "username"). No I/O; whether a name is free is asked elsewhere. */
import { Failure } from '../failures.ts'

const MAX_LENGTH = 16

/** Names that the machine or WHM uses itself. */
const RESERVED = new Set(
  (
    'root toor admin administrator daemon bin sys sync games man lp mail mailman news uucp proxy backup list irc gnats nobody ' +
    'operator halt shutdown adm ftp sshd named mysql postgres postgresql apache nginx www httpd dovecot dovenull postfix exim ' +
    'cpanel cpaneleximfilter cpaneleximscanner cpanelhorde cpanelphpmyadmin cpanelphppgadmin cpanelroundcube whm postern reseller ' +
    'system systemd polkit dbus messagebus virtfs all default everyone owner wheel sudo users nogroup ssl dns bind localhost'
  ).split(/\s+/),
)

/** The name as it is kept: WHM takes capitals and keeps lower case (observed). */
export function normaliseUsername(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

/** Throws `username-invalid` or `username-reserved` for a name that no account may have. Takes the normalised name. */
export function assertUsernameAllowed(user: string): void {
  const problem = problemOf(user)
  if (problem !== undefined) throw new Failure('username-invalid', { user, problem })
  if (RESERVED.has(user)) throw new Failure('username-reserved', { user })
}

function problemOf(user: string): string | undefined {
  if (user.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`
  if (!/^[a-z]/.test(user)) return 'does not begin with a letter'
  if (!/^[a-z0-9]+$/.test(user)) return 'holds something other than letters and digits'
  if (user.startsWith('test')) return 'begins with “test”'
  return undefined
}
