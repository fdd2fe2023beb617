/**
 * The lines that Fail2Ban reads: one a refused, barred or accepted attempt. The address stands straight after a word that only we write,
 * and what a stranger made comes last, quoted, escaped to ASCII and cut, so that no input can make a line that names somebody else.
 * `cli/fail2ban` writes the filter that matches them.
 */

export type AuthLine = {
  readonly atMs: number
  /** `barred`: nothing was checked, since the address or the user has failed too often. */
  readonly outcome: 'refused' | 'barred' | 'accepted'
  /** Canonical; empty where there is none. */
  readonly addressText: string
  readonly kind: string
  /** The code of the refusal, as in the trail. */
  readonly reason: string
  readonly service: string
  /** As the caller wrote it, secrets masked. */
  readonly user: string
}

const USER_MAX_LENGTH = 64

/** Ends with a line feed. ASCII. */
export function formatAuthLine({ atMs, outcome, addressText, kind, reason, service, user }: AuthLine): string {
  const ip = addressText === '' ? '-' : addressText
  return `${timeText(atMs)} postern: auth-${outcome} ip=${ip} kind=${kind} reason=${reason} service=${service} user="${asciiQuoted(user)}"\n`
}

/** Stands in the file where lines could not be written. */
export function formatAuthGap(lost: number, atMs: number): string {
  return `${timeText(atMs)} postern: auth-gap lost=${lost}\n`
}

/** UTC, with its offset written out: Fail2Ban need not know the machine's zone. */
function timeText(atMs: number): string {
  return new Date(atMs).toISOString().replace('Z', '+00:00')
}

/** As JSON escapes it, whatever is not printable ASCII too; at most 64 characters, with `...` where it was cut. */
function asciiQuoted(text: string): string {
  let quoted = ''
  for (const unit of text.slice(0, USER_MAX_LENGTH + 1).split('')) {
    const piece = /[ !#-[\]-~]/.test(unit) ? unit : escaped(unit)
    if (quoted.length + piece.length > USER_MAX_LENGTH)
      return `${quoted.slice(0, USER_MAX_LENGTH - 3).replace(/\\[^\\]*$/, '')}...`
    quoted += piece
  }
  return quoted
}

function escaped(unit: string): string {
  if (unit === '"' || unit === '\\') return `\\${unit}`
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
