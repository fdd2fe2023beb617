/**
 * JSON bodies as arguments. `JSON.parse` silently takes the last of two equal keys and recurses in its reviver, so a scan without
 * recursion goes first: it bounds depth and size and refuses doubled keys. The scan does not validate; `JSON.parse` does that
 * after it. Numbers keep the text they were written with, so that `1e10` or a 400-digit number is judged by the parameter that
 * takes it and not rounded on the way.
 */
import { Failure } from '../failures.ts'

/** Deepest nesting that is read. No argument of WHM nests at all; deeper bodies are only ever attacks. */
const MAX_DEPTH = 32

export type JsonArguments = {
  readonly values: ReadonlyMap<string, readonly string[]>
  readonly unreadable: ReadonlyMap<string, string>
  /** Of the unreadable ones, those that are lists with objects, for the few parameters that take such. */
  readonly objects?: ReadonlyMap<string, readonly unknown[]>
}

/**
 * Reads one JSON object: text and numbers as they stand, true and false as 1 and 0, a list of these as several values. Null,
 * objects, empty and nested lists are `unreadable`. Throws `request-malformed` for anything else, and never quotes the input.
 */
export function decodeJsonObject(text: string, maxValues: number): JsonArguments {
  scan(text, maxValues)
  const parsed = parseKeepingNumbers(text)
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw malformed('it is not a JSON object')
  return argumentsIn(parsed)
}

const CALL_MAX_VALUES = 20_000

/** Reads `["word", …, {"argument": "value"}]`, where the object may be left out, as strictly. Throws `request-malformed`. */
export function decodeJsonCall(text: string): JsonArguments & { readonly words: readonly string[] } {
  scan(text, CALL_MAX_VALUES)
  const parsed = parseKeepingNumbers(text)
  if (!Array.isArray(parsed)) throw malformed('it is not a JSON array')
  const last: unknown = parsed.at(-1)
  const hasObject = typeof last === 'object' && last !== null && !Array.isArray(last)
  const words: readonly unknown[] = hasObject ? parsed.slice(0, -1) : parsed
  if (!words.every((word) => typeof word === 'string')) throw malformed('it is not an array of names and one object')
  return { words, ...argumentsIn(hasObject ? last : {}) }
}

function argumentsIn(parsed: object): JsonArguments {
  const values = new Map<string, readonly string[]>()
  const unreadable = new Map<string, string>()
  const objects = new Map<string, readonly unknown[]>()
  for (const [name, value] of Object.entries(parsed)) {
    const problem = whyUnreadable(value)
    if (Array.isArray(value) && problem === LIST_WITH_OBJECT) objects.set(name, value)
    if (problem !== undefined) unreadable.set(name, problem)
    else values.set(name, Array.isArray(value) ? value : [value])
  }
  return { values, unreadable, ...(objects.size > 0 && { objects }) }
}

const LIST_WITH_OBJECT = 'a list with an object'

/** After this only strings, nulls, lists and objects are left. */
function parseKeepingNumbers(text: string): unknown {
  try {
    return JSON.parse(text, (_key: string, value: unknown, context?: { readonly source?: string }) => {
      if (typeof value === 'number') return context?.source ?? String(value)
      if (typeof value === 'boolean') return value ? '1' : '0'
      return value
    })
  } catch (error) {
    // The parser's own message quotes the body, so it is not passed on, not even as a cause.
    if (error instanceof SyntaxError) throw malformed('it is not valid JSON')
    throw error
  }
}

function whyUnreadable(value: unknown): string | undefined {
  if (typeof value === 'string') return undefined
  if (!Array.isArray(value)) return value === null ? 'null' : 'an object'
  if (value.length === 0) return 'an empty list'
  for (const item of value) {
    if (typeof item === 'string') continue
    if (Array.isArray(item)) return 'a list within a list'
    return item === null ? 'a list with null' : LIST_WITH_OBJECT
  }
  return undefined
}

/** Walks the text once with a stack of its own: `undefined` stands for a list, a Set for an object and the keys it has so far. */
function scan(text: string, maxValues: number): void {
  const open: (Set<string> | undefined)[] = []
  let values = 0
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i)
    if (character === QUOTE) {
      const end = endOfString(text, i)
      const keys = open.at(-1)
      if (keys !== undefined && text.charCodeAt(skipBlanks(text, end + 1)) === COLON)
        addKey(keys, text.slice(i, end + 1))
      i = end
    } else if (character === OPEN_BRACE || character === OPEN_BRACKET) {
      if (open.length === MAX_DEPTH) throw malformed(`it nests deeper than ${MAX_DEPTH} levels`)
      open.push(character === OPEN_BRACE ? new Set() : undefined)
      values++
    } else if (character === CLOSE_BRACE || character === CLOSE_BRACKET) open.pop()
    else if (character === COMMA) values++
    if (values > maxValues) throw malformed(`it has more than ${maxValues} values`)
  }
}

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const character = text.charCodeAt(i)
    if (character === QUOTE) return i
    if (character === BACKSLASH) i++
  }
  throw malformed('it is not valid JSON')
}

function skipBlanks(text: string, start: number): number {
  let i = start
  while (i < text.length && BLANKS.has(text.charCodeAt(i))) i++
  return i
}

const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d])

/** Keys are compared as they read: `"\u0061cl"` is `"acl"`. */
function addKey(keys: Set<string>, quotedKey: string): void {
  const key = quotedKey.includes('\\') ? String(parseKeepingNumbers(quotedKey)) : quotedKey.slice(1, -1)
  if (keys.has(key)) throw malformed('a key stands in it twice')
  keys.add(key)
}

function malformed(problem: string): Failure {
  return new Failure('request-malformed', { problem: `the body cannot be used: ${problem}` })
}
