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

/** Why the text cannot be read, and the line, counted from 0. */
export type ZoneProblem = { readonly line: number; readonly problem: string }

// Blanks; a comment; a string in quotes; a parenthesis; a word.
const PIECE = /[ \t\r]+|;[^\n]*|"(?:[^"\\\n]|\\[^\n])*"|[()]|(?:[^ \t\r\n;()"\\]|\\[^\n])+/y

/**
 * Cuts the text into entries and hands them over one by one, so that those of thousands of records need not be there at once; without a last
 * line feed it reads as with one. Stops at the first problem, also one of the taker.
 */
export function lexZone(text: string, take: (entry: RawEntry) => string | undefined): ZoneProblem | undefined {
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
      if (!PIECE.test(text)) return { line: line + lines - 1, problem: 'a quotation mark or an escape is not closed' }
      if (character === '(') depth += 1
      else if (character === ')') depth -= 1
      else if (!isBlank(character)) tokens.push({ raw: text.slice(position, PIECE.lastIndex), start: position })
      if (depth < 0) return { line: line + lines - 1, problem: 'a parenthesis is closed that was not opened' }
      position = PIECE.lastIndex
    }
    if (depth > 0) return { line, problem: 'a parenthesis is not closed' }
    const problem = take({ line, lines, start, end: position, isIndented, tokens })
    if (problem !== undefined) return { line, problem }
    line += lines
    position += 1
  }
  return undefined
}

/** By its first character. A comment is as good as a blank. */
function isBlank(first: string): boolean {
  return first === ' ' || first === '\t' || first === ';' || first === '\r'
}
