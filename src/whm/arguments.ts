/**
 * From a query string or a body to named values, before any function is known: what is decoded here is text, not yet checked
 * against a parameter. Decoding is strict (broken percent signs, invalid or overlong UTF-8 and surplus values refuse the whole
 * request), because two lenient readers that disagree are how restrictions get lost. Names come from outside, so they are only
 * ever keys of a Map. Nothing here knows one argument from another.
 */
import { isUtf8 } from 'node:buffer'
import { Failure } from '../failures.ts'
import { decodeJsonObject } from './json-body.ts'

/**
 * The arguments of one call. A name in `values` has at least one value, in the order sent; a name is in `values` or in
 * `unreadable`, never in both.
 */
export type Arguments = {
  readonly values: ReadonlyMap<string, readonly string[]>
  /** Names whose JSON value cannot be an argument, with what it was: 'null', 'an object'. Refused by whoever declares the name. */
  readonly unreadable: ReadonlyMap<string, string>
  /** What stands behind the unreadable names that are lists with objects. */
  readonly objects?: ReadonlyMap<string, readonly unknown[]>
  /** Names sent in the query and in the body; the body's values stand. For the audit trail. */
  readonly clashes: readonly string[]
}

/** Most values that one query or one body may hold; beyond it the request is refused. */
export const MAX_VALUES = 20_000

const NONE_UNREADABLE: ReadonlyMap<string, string> = new Map()
const NO_CLASHES: readonly string[] = []

/** A call without arguments. */
export const NO_ARGUMENTS: Arguments = { values: new Map(), unreadable: NONE_UNREADABLE, clashes: NO_CLASHES }

/**
 * Reads `a=1&b=x+y`: `+` and `%20` are blanks, a part without `=` has the empty value, empty parts are skipped. Throws
 * `request-malformed` for what is not strictly percent-encoded UTF-8.
 */
export function decodeForm(text: string): Arguments {
  if (text === '') return NO_ARGUMENTS
  const encoded = text.includes('%') || text.includes('+')
  const values = new Map<string, string[]>()
  let count = 0
  let start = 0
  while (start <= text.length) {
    let end = text.indexOf('&', start)
    if (end === -1) end = text.length
    if (end > start) {
      if (++count > MAX_VALUES) throw tooMany()
      let equals = text.indexOf('=', start)
      if (equals === -1 || equals > end) equals = end
      const name = text.slice(start, equals)
      const value = text.slice(equals + 1, end)
      if (encoded) add(values, decodePart(name), decodePart(value))
      else add(values, name, value)
    }
    start = end + 1
  }
  return { values, unreadable: NONE_UNREADABLE, clashes: NO_CLASHES }
}

/**
 * Reads the query of a request line as Node gives it, one character a byte: bytes beyond ASCII are the UTF-8 they were. (Node's own
 * parser refuses such a request line; another door need not.)
 */
export function decodeQuery(rawQuery: string): Arguments {
  for (let i = 0; i < rawQuery.length; i++) {
    if (rawQuery.charCodeAt(i) > 0x7f) return decodeForm(decodeUtf8(Buffer.from(rawQuery, 'latin1')))
  }
  return decodeForm(rawQuery)
}

/**
 * Reads a body by its content type: a form, JSON, and (clients in use send it so) `application/octet-stream` or no type at all,
 * both read as a form. Any other type or character set is `body-type-unsupported`.
 */
export function decodeBody(bytes: Buffer, contentType: string | undefined): Arguments {
  const kind = bodyKind(contentType ?? '')
  if (kind === undefined) throw new Failure('body-type-unsupported')
  const text = decodeUtf8(bytes)
  return kind === 'json' ? { ...decodeJsonObject(text, MAX_VALUES), clashes: NO_CLASHES } : decodeForm(text)
}

/**
 * Joins what came in the query with what came in the body. WHM is silent on a clash; our choice: the body wins, name by name, and `acl`,
 * `acl-0` and `acl-7` are spellings of one name.
 */
export function mergeArguments(query: Arguments, body: Arguments): Arguments {
  if (body.values.size === 0 && body.unreadable.size === 0) return query
  if (query.values.size === 0 && query.unreadable.size === 0) return body
  const inBody = new Set([...body.values.keys(), ...body.unreadable.keys()].map(withoutIndex))
  const isKept = ([name]: readonly [string, unknown]) => !inBody.has(withoutIndex(name))
  const clashes = [...query.values.keys(), ...query.unreadable.keys()].filter((name) => inBody.has(withoutIndex(name)))
  return {
    values: new Map([...[...query.values].filter(isKept), ...body.values]),
    unreadable: new Map([...[...query.unreadable].filter(isKept), ...body.unreadable]),
    clashes,
    ...(body.objects && { objects: body.objects }),
  }
}

/** `acl` of `acl-3`. Dashes count as `_`, as they do in WHM's own misspelling `whitelist-ip-3`. */
function withoutIndex(name: string): string {
  return name.replace(/-[0-9]+$/, '').replaceAll('-', '_')
}

/** Writes arguments as a form that `decodeForm` reads back unchanged. Lone surrogates, which UTF-8 cannot hold, become U+FFFD. */
export function encodeForm(args: Pick<Arguments, 'values'>): string {
  const parts: string[] = []
  for (const [name, list] of args.values) {
    for (const value of list) parts.push(`${encodePart(name)}=${encodePart(value)}`)
  }
  return parts.join('&')
}

function encodePart(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

function add(values: Map<string, string[]>, name: string, value: string): void {
  const list = values.get(name)
  if (list === undefined) values.set(name, [value])
  else list.push(value)
}

/** `decodeURIComponent` is strict: it throws on a broken `%`, and on overlong, surrogate and cut UTF-8. */
function decodePart(text: string): string {
  const blanks = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!blanks.includes('%')) return blanks
  try {
    return decodeURIComponent(blanks)
  } catch (error) {
    throw new Failure('request-malformed', { problem: 'an argument is not percent-encoded UTF-8' }, { cause: error })
  }
}

function decodeUtf8(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new Failure('request-malformed', { problem: 'the arguments are not valid UTF-8' })
  return bytes.toString('utf8')
}

function tooMany(): Failure {
  return new Failure('request-malformed', { problem: `there are more than ${MAX_VALUES} values` })
}

const CHARSETS: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii'])

function bodyKind(contentType: string): 'form' | 'json' | undefined {
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase())
  for (const parameter of parameters) {
    const [name, value = ''] = parameter.split('=', 2).map((part) => part.trim())
    if (name === 'charset' && !CHARSETS.has(value.replace(/^"([^"]*)"$/, '$1'))) return undefined
  }
  if (type === '' || type === 'application/x-www-form-urlencoded' || type === 'application/octet-stream') return 'form'
  return type === 'application/json' ? 'json' : undefined
}
