/**
 * The text of a master file in its entries (RFC 1035, 5.1): an entry is a line, or several where parentheses join them. What is read keeps
 * its place in the text, so that an entry that nobody changes keeps its bytes. No I/O.
 */

export type Token = {
  /** As it is written, with quotes and escapes. */
  readonly raw: string
  /** Where it begins in the whole text. */
  readonly start: number
}

export type RawEntry = {
  /** Counted from 0. */
  readonly line: number
  readonly lines: number
  readonly start: number
  /** Behind its last character, before the line feed. */
  readonly end: number
  /** It begins with a blank: it belongs to the name before. */
  readonly isIndented: boolean
  readonly tokens: readonly Token[]
}

export type Lexed =
  | { readonly ok: true; readonly entries: readonly RawEntry[] }
  | { readonly ok: false; readonly line: number; readonly problem: string }

// Blanks; a comment; a string in quotes; a parenthesis; a word.
const PIECE = /[ \t\r]+|;[^\n]*|"(?:[^"\\\n]|\\[^\n])*"|[()]|(?:[^ \t\r\n;()"\\]|\\[^\n])+/y

/** Cuts the text into entries; without a last line feed it reads as with one. */
export function lexZone(text: string): Lexed {
  const entries: RawEntry[] = []
  let position = 0
  let line = 0
  while (position < text.length) {
    const start = position
    const isIndented = text[start] === ' ' || text[start] === '\t'
    const tokens: Token[] = []
    let depth = 0
    let lines = 1
    for (;;) {
      const character = text[position]
      if (character === undefined || (character === '\n' && depth === 0)) break
      if (character === '\n') {
        lines += 1
        position += 1
        continue
      }
      PIECE.lastIndex = position
      const piece = PIECE.exec(text)?.[0]
      if (piece === undefined)
        return { ok: false, line: line + lines - 1, problem: 'a quotation mark or an escape is not closed' }
      if (piece === '(') depth += 1
      else if (piece === ')') depth -= 1
      else if (!isBlank(piece)) tokens.push({ raw: piece, start: position })
      if (depth < 0)
        return { ok: false, line: line + lines - 1, problem: 'a parenthesis is closed that was not opened' }
      position += piece.length
    }
    if (depth > 0) return { ok: false, line, problem: 'a parenthesis is not closed' }
    entries.push({ line, lines, start, end: position, isIndented, tokens })
    line += lines
    position += 1
  }
  return { ok: true, entries }
}

function isBlank(piece: string): boolean {
  const first = piece[0]
  return first === ' ' || first === '\t' || first === ';' || first === '\r'
}
