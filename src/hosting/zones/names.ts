/**
 * Domain names as master files write them (RFC 1035, 5.1): `\DDD` and `\X` stand for single bytes, a last dot says that nothing is to be
 * added. A name inside is its labels, each a text of one character a byte. No I/O.
 */

export type Labels = readonly string[]

/** Why a name or a value is none; completes the sentence `“value” …`. */
export type Problem = { readonly problem: string }

const MAX_LABEL_BYTES = 63
const MAX_NAME_BYTES = 255

/** The byte that each `\X` or `\DDD` stands for, in a text of one character a byte. Undefined where an escape is broken. */
export function readEscapes(text: string): string | undefined {
  if (!text.includes('\\')) return bytesOf(text)
  let value = ''
  for (const [piece] of text.matchAll(/\\[0-9]{3}|\\[^0-9]|\\|[^\\]+/gs)) {
    if (piece === '\\') return undefined
    if (!piece.startsWith('\\')) value += bytesOf(piece)
    else if (piece.length < 4) value += bytesOf(piece.slice(1))
    else if (Number(piece.slice(1)) > 255) return undefined
    else value += String.fromCharCode(Number(piece.slice(1)))
  }
  return value
}

/** UTF-8, one character a byte. */
export function bytesOf(text: string): string {
  return /^[\x00-\x7f]*$/.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1')
}

export type ParsedName = { readonly labels: Labels; readonly isAbsolute: boolean }

/** Nearly every name: without escapes, and without characters that need one. */
const PLAIN_NAME = /^[A-Za-z0-9_*-]{1,63}(?:\.[A-Za-z0-9_*-]{1,63})*\.?$/

/** Reads a name as it is written; `@` is no name here. Whether it fits into 255 bytes is known when it is absolute. */
export function parseName(text: string): ParsedName | Problem {
  if (text === '.') return { labels: [], isAbsolute: true }
  if (text === '' || text.length > 4 * MAX_NAME_BYTES) return { problem: 'is not a domain name' }
  if (PLAIN_NAME.test(text)) {
    const isAbsolute = text.endsWith('.')
    return { labels: (isAbsolute ? text.slice(0, -1) : text).split('.'), isAbsolute }
  }
  // Everything that a name may hold beyond this is written as an escape.
  if (!/^[\x21-\x7e]+$/.test(text)) return { problem: 'holds characters that a domain name in ASCII has not' }
  const parts = text.match(/(?:\\.|[^.\\])+|\.|\\/g) ?? []
  const labels: string[] = []
  let isAfterDot = true
  for (const part of parts) {
    if (part === '.') {
      if (isAfterDot) return { problem: 'has an empty part' }
      isAfterDot = true
      continue
    }
    const label = readEscapes(part)
    if (label === undefined) return { problem: 'holds a broken escape' }
    if (label.length > MAX_LABEL_BYTES) return { problem: `has a part of more than ${MAX_LABEL_BYTES} bytes` }
    labels.push(label)
    isAfterDot = false
  }
  return { labels, isAbsolute: isAfterDot }
}

/** The labels with those of the origin behind them, unless the name is absolute. */
export function qualify({ labels, isAbsolute }: ParsedName, origin: Labels): Labels | Problem {
  const all = isAbsolute ? labels : [...labels, ...origin]
  let bytes = 1
  for (const label of all) bytes += label.length + 1
  return bytes > MAX_NAME_BYTES ? { problem: `is longer than ${MAX_NAME_BYTES} bytes` } : all
}

/** The name with a last dot. Nothing in it ends the field that it stands in. */
export function formatName(labels: Labels): string {
  return labels.length === 0 ? '.' : `${formatRelative(labels)}.`
}

/** The same without the last dot. */
export function formatRelative(labels: Labels): string {
  let name = ''
  for (const label of labels) name += name === '' ? formatLabel(label) : `.${formatLabel(label)}`
  return name
}

function formatLabel(label: string): string {
  if (/^[A-Za-z0-9_*-]+$/.test(label)) return label
  return label.replace(/[^A-Za-z0-9_*/+:=,~!#%&'?^`{|}[\]<>-]/g, escaped)
}

/** A byte as an escape: by its number where it is not printable. */
export function escaped(byte: string): string {
  return byte >= '!' && byte <= '~' ? `\\${byte}` : `\\${String(byte.charCodeAt(0)).padStart(3, '0')}`
}

/** Equal names have equal keys: in lower case, with a last dot. */
export function keyOf(labels: Labels): string {
  const name = formatName(labels)
  return /[A-Z]/.test(name) ? name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : name
}

/** Whether a name lies in the zone, or is its own. */
export function isWithin(key: string, zone: string): boolean {
  if (key === zone || zone === '.') return true
  const dot = key.length - zone.length - 1
  return dot >= 0 && key[dot] === '.' && key.endsWith(zone) && isBorder(key, dot)
}

/** The key of the name above, cut from the key, since writing each anew is what takes long; the root is above itself. */
export function keyAbove(key: string): string {
  let dot = key.indexOf('.')
  while (!isBorder(key, dot)) dot = key.indexOf('.', dot + 1)
  return dot === key.length - 1 ? '.' : key.slice(dot + 1)
}

/** A dot that is part of a label is no border. */
function isBorder(key: string, dot: number): boolean {
  let escapes = 0
  while (key[dot - 1 - escapes] === '\\') escapes += 1
  return escapes % 2 === 0
}

/** What a host may be called (RFC 1123); name servers refuse zones where others have addresses. */
export function isHostName(labels: Labels, options: { readonly mayBeWildcard?: boolean } = {}): boolean {
  const checked = options.mayBeWildcard && labels[0] === '*' ? labels.slice(1) : labels
  return checked.every((label) => /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/.test(label))
}
