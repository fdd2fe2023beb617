/**
 * The few forms that arguments of WHM functions take. Each is a small wrapper over a zod schema, and turns the text that was sent
 * into a checked value or throws a failure that names the argument and quotes the value (unless it is secret). A parameter also
 * describes itself (`doc`, `schema`), so that the reference, the command line and the check are one thing. Forms are strict: a
 * value that two readers could take differently is refused. No I/O, and the time is an argument.
 */
import { z } from 'zod'
import { Failure } from '../failures.ts'
import type { Arguments } from './arguments.ts'
import { findMany, findSingle, indexIn, looksLike } from './given.ts'

export type Param<T> = {
  readonly kind: string
  readonly doc: string
  readonly optional: boolean
  readonly multiple: boolean
  /** The value is never quoted in a failure, and must not be logged. */
  readonly secret: boolean
  /** Other names for the same argument. */
  readonly aliases: readonly string[]
  /** One value as a client may send it in JSON, with `doc` as its description: for the reference. */
  readonly schema: z.ZodType
  /** Unknown arguments that look like this one are refused instead of ignored, since ignoring them could widen a token. */
  readonly guarded: boolean
  /** Says whether the argument `sentAs` belongs to this parameter when it is declared as `name`. */
  claims(name: string, sentAs: string): boolean
  /** Throws a Failure for a missing or bad value. `nowMs` is needed by forms that hold a moment. */
  read(args: Arguments, name: string, nowMs?: number): T
}

export type Params = { readonly [name: string]: Param<unknown> }
export type Values<P extends Params> = { readonly [K in keyof P]: P[K] extends Param<infer T> ? T : never }

/** A form of one value, which `list` can repeat. */
export type SingleParam<T> = Param<T> & { parse(value: string, argument: string, nowMs?: number): T }

/** Reads every declared parameter. Arguments that nobody declares are ignored, unless they resemble a guarded one. */
export function parseArguments<P extends Params>(params: P, args: Arguments, nowMs: number): Values<P> {
  const declared = Object.entries(params)
  if (declared.some(([, param]) => param.guarded)) refuseLookAlikes(declared, args)
  const values: Record<string, unknown> = {}
  for (const [name, param] of declared) values[name] = param.read(args, name, nowMs)
  // Each value was made by the param of the same name.
  return values as Values<P>
}

function refuseLookAlikes(declared: readonly [string, Param<unknown>][], args: Arguments): void {
  const guarded = declared.filter(([, param]) => param.guarded)
  for (const sentAs of [...args.values.keys(), ...args.unreadable.keys()]) {
    if (declared.some(([name, param]) => param.claims(name, sentAs))) continue
    const like = guarded.find(([name]) => looksLike(name, sentAs))
    if (like) throw new Failure('argument-not-understood', { argument: sentAs, like: like[0] })
  }
}

/** Makes a parameter whose misspellings are refused. For whatever makes the call do less, and would do more if it were ignored. */
export function guarded<T>(param: Param<T>): Param<T> {
  return { ...param, guarded: true }
}

/** Makes a parameter that may be absent: then it reads as undefined. An empty value is a value. */
export function optional<T>(param: Param<T>): Param<T | undefined> {
  return {
    ...param,
    optional: true,
    read: (args, name, nowMs) => (isGiven(param, args, name) ? param.read(args, name, nowMs) : undefined),
  }
}

function isGiven(param: Param<unknown>, args: Arguments, name: string): boolean {
  if (args.values.has(name) || args.unreadable.has(name)) return true
  if (!param.multiple && param.aliases.length === 0) return false
  for (const sentAs of args.values.keys()) if (param.claims(name, sentAs)) return true
  for (const sentAs of args.unreadable.keys()) if (param.claims(name, sentAs)) return true
  return false
}

type TextOptions = {
  readonly doc: string
  readonly min?: number
  /** In UTF-16 units. */
  readonly max?: number
  /** The whole value must match: anchor it with `^` and `$`. */
  readonly only?: RegExp
  /** What `only` asks for, completing `“value” …`: 'may hold only letters, digits, “-” and “_”'. */
  readonly onlyProblem?: string
  readonly secret?: boolean
  readonly aliases?: readonly string[]
}

/** Free text. Tabs and line ends are allowed; NUL, other control characters and lone surrogates never are. */
export function text(options: TextOptions): SingleParam<string> {
  const {
    doc,
    min = 0,
    max,
    only,
    onlyProblem = 'does not have the form that is asked for here',
    secret = false,
  } = options
  // A value that is too long is not tried against the pattern.
  let schema = min === 0 ? z.string() : z.string().min(min)
  if (max !== undefined) schema = schema.max(max, { abort: true })
  if (only !== undefined) schema = schema.regex(only)
  return single(
    { kind: 'text', doc, secret, aliases: options.aliases ?? [], schema: schema.describe(doc) },
    (value) => {
      const characters = problemOfCharacters(value)
      if (characters !== undefined) return { problem: characters }
      const issue = schema.safeParse(value).error?.issues[0]
      if (issue === undefined) return { value }
      if (issue.code === 'too_big') return { problem: `is longer than ${max} characters` }
      if (issue.code === 'too_small') return { problem: min === 1 ? 'is empty' : `is shorter than ${min} characters` }
      return { problem: onlyProblem }
    },
  )
}

/** The name of a privilege; whether there is one of that name, and who may give it, is checked where privileges are known. */
export function privilegeName({ doc }: { readonly doc: string }): SingleParam<string> {
  const schema = z.string().min(1).max(100).describe(doc)
  return single({ kind: 'privilege', doc, schema }, (value) => {
    if (value === '') return { problem: 'is empty, where the name of a privilege belongs' }
    if (value.length > 100) return { problem: 'is too long for the name of a privilege' }
    return /[\x00-\x1f\x7f]/.test(value) || !value.isWellFormed()
      ? { problem: 'holds a character that no name has' }
      : { value }
  })
}

/** WHM's booleans: `1` or `0`, never `true` or `false` (documented; JSON's true and false arrive here as 1 and 0). */
export function flag({ doc }: { readonly doc: string }): SingleParam<boolean> {
  return single({ kind: 'flag', doc, schema: FLAG.describe(doc) }, parseFlag)
}

/** A flag in JSON. */
export const FLAG = z.literal([0, 1])

export function parseFlag(value: string): Parsed<boolean> {
  if (value === '1' || value === '0') return { value: value === '1' }
  return { problem: 'is neither 1 nor 0' }
}

/** A whole number in plain decimal digits, without leading zeros, plus sign or exponent; at least 0 unless `min` says otherwise. */
export function wholeNumber(options: {
  readonly doc: string
  readonly min?: number
  readonly max?: number
  readonly aliases?: readonly string[]
}): SingleParam<number> {
  const { doc, min = 0, max = Number.MAX_SAFE_INTEGER, aliases = [] } = options
  const schema = z.int().min(min).max(max)
  const range = options.max === undefined ? `at least ${min}` : `from ${min} to ${max}`
  return single({ kind: 'whole number', doc, aliases, schema: schema.describe(doc) }, (value) => {
    const number = /^(0|-?[1-9][0-9]*)$/.test(value) ? schema.safeParse(Number(value)) : undefined
    return number?.success ? { value: number.data } : { problem: `is not a whole number ${range}` }
  })
}

const HUNDRED_YEARS_SECONDS = 100 * 365.25 * 86_400

/**
 * A moment in Unix seconds. Empty and `0` mean never (WHM api_token_create, "expires_at": 0 does not expire). More than 100 years
 * ahead is refused (our choice), since it is nearly always a time in milliseconds. With `future`, a moment that has come is refused.
 */
export function unixSeconds(options: { readonly doc: string; readonly future?: boolean }): SingleParam<Date | 'never'> {
  const { doc, future = false } = options
  const schema = z.int().min(0).describe(doc)
  return single<Date | 'never'>({ kind: 'Unix seconds', doc, schema }, (value, nowMs) => {
    if (value === '' || value === '0') return { value: 'never' }
    if (!/^[1-9][0-9]*$/.test(value)) return { problem: 'is not a time in whole Unix seconds' }
    if (nowMs === undefined) throw new Error('a time cannot be read without knowing what time it is')
    const seconds = Number(value)
    const latest = nowMs / 1000 + HUNDRED_YEARS_SECONDS
    if (seconds > latest) {
      const isMilliseconds = seconds / 1000 >= 1e9 && seconds / 1000 <= latest
      return { problem: `is more than 100 years ahead${isMilliseconds ? ' (is it in milliseconds?)' : ''}` }
    }
    if (future && seconds * 1000 <= nowMs) return { problem: 'is not in the future' }
    return { value: new Date(seconds * 1000) }
  })
}

type ListOptions = {
  readonly guarded?: boolean
  /** Most values, after equal ones have collapsed. */
  readonly max?: number
  /** Equal values stay, as in a list of commands; otherwise the list is a set. */
  readonly keepsDoubles?: boolean
}

/** Several values in all spellings of WHM: repeated, `name-0` …, bare and then `name-1`. At least one, unless it is optional. */
export function list<T>(item: SingleParam<T>, options: ListOptions = {}): Param<readonly T[]> {
  const { guarded = false, max, keepsDoubles = false } = options
  const schema = max === undefined ? z.array(item.schema) : z.array(item.schema).max(max)
  return {
    ...manyOf(guarded),
    kind: `list of ${item.kind}`,
    doc: item.doc,
    secret: item.secret,
    schema: schema.describe(item.doc),
    read(args, name, nowMs) {
      const sent = findMany(args, name, guarded)
      if (sent.length === 0) throw new Failure('argument-missing', { argument: name })
      const values = keepsDoubles ? sent : [...new Set(sent)]
      refuseSurplus(values.length, max, name)
      return values.map((value) => item.parse(value, name, nowMs))
    },
  }
}

/** Problems complete the sentence `“value” …` and have no full stop. */
type Parsed<T> = { readonly value: T } | { readonly problem: string }

type SingleBase = Pick<Param<unknown>, 'kind' | 'doc' | 'schema'> & Partial<Pick<Param<unknown>, 'secret' | 'aliases'>>

function single<T>(base: SingleBase, parseText: (value: string, nowMs?: number) => Parsed<T>): SingleParam<T> {
  const { secret = false, aliases = [] } = base
  const parse = (value: string, argument: string, nowMs?: number) =>
    accept(parseText(value, nowMs), value, argument, secret)
  return {
    ...base,
    secret,
    aliases,
    optional: false,
    multiple: false,
    guarded: false,
    claims: (name, sentAs) => sentAs === name || aliases.includes(sentAs),
    parse,
    read(args, name, nowMs) {
      const value = findSingle(args, name, aliases)
      if (value === undefined) throw new Failure('argument-missing', { argument: name })
      return parse(value, name, nowMs)
    },
  }
}

/** What a parameter of several values has in common with the others. */
export function manyOf(
  guarded: boolean,
): Pick<Param<unknown>, 'optional' | 'multiple' | 'aliases' | 'guarded' | 'claims'> {
  return {
    optional: false,
    multiple: true,
    aliases: [],
    guarded,
    claims: (name, sentAs) => indexIn(name, sentAs, guarded) !== undefined,
  }
}

/** The value, or a failure that quotes it unless it is secret. */
export function accept<T>(parsed: Parsed<T>, value: string, argument: string, isSecret: boolean): T {
  if ('value' in parsed) return parsed.value
  throw new Failure('argument-invalid', { argument, value: isSecret ? '(not shown)' : value, problem: parsed.problem })
}

/** Throws when there are more than `max` entries. */
export function refuseSurplus(count: number, max: number | undefined, argument: string): void {
  if (max === undefined || count <= max) return
  throw new Failure('argument-invalid', {
    argument,
    value: `${count} entries`,
    problem: `are more than the ${max} that are allowed`,
  })
}

/** Why this is no text for anybody, completing the sentence `“value” …`; undefined: it is one. */
export function problemOfCharacters(value: string): string | undefined {
  if (/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(value)) return 'holds a control character'
  return value.isWellFormed() ? undefined : 'holds half of a character'
}
