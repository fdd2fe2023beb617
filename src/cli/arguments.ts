/**
 * `key=value …` of whmapi1 and uapi. WHM, "Introduction to WHM API 1": values are URI-encoded (documented). So `%41` is decoded, and a
 * broken `%` is refused rather than passed on as something else. `+` stays a plus: it is a blank in forms only (our choice).
 * A name given twice is a list. Values are never repeated in a message: one may be a password.
 */
import { UsageProblem } from './command.ts'

export type CallArguments = Readonly<Record<string, string | readonly string[]>>

/** Throws a UsageProblem that tells a bad argument by its place or its name. */
export function parseArguments(words: readonly string[]): CallArguments {
  const values = new Map<string, string[]>()
  words.forEach((word, index) => {
    const cut = word.indexOf('=')
    if (cut < 1)
      throw new UsageProblem(`argument ${index + 1} is not KEY=VALUE`, 'put quotes around a value with blanks')
    const name = word.slice(0, cut)
    values.set(name, [...(values.get(name) ?? []), decode(name, word.slice(cut + 1))])
  })
  const pairs = [...values].map(([name, given]) => [name, given.length === 1 ? given[0] : given] as const)
  // fromEntries defines own properties, so that `__proto__=x` is an argument like any other.
  return Object.fromEntries(pairs) as CallArguments
}

function decode(name: string, value: string): string {
  try {
    return decodeURIComponent(value)
  } catch (error) {
    if (!(error instanceof URIError)) throw error
    throw new UsageProblem(
      `the value of ${name} has a “%” that is not followed by the code of a character`,
      'write %25 for a percent sign',
    )
  }
}

/**
 * The body of a call. Arguments read from standard input pass through as they were written, so that a doubled key reaches the server's
 * own check instead of being settled here.
 */
export function callBody(
  given: { arguments: CallArguments } | { json: string },
  added: CallArguments | { 'api.version': number },
): string {
  if ('arguments' in given) return JSON.stringify({ ...added, ...given.arguments })
  const names = Object.keys(parseObject(given.json))
  const extra = Object.entries(added).filter(([name]) => !names.includes(name))
  const head = extra.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
  const rest = given.json.trim().slice(1, -1)
  return `{${[...head, ...(names.length === 0 ? [] : [rest])].join(',')}}`
}

function parseObject(json: string): object {
  const hint = 'send an object like {"user":"alice"}'
  try {
    const value: unknown = JSON.parse(json)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    // The parser's own message quotes the text.
    throw new UsageProblem('standard input is not JSON', hint)
  }
  throw new UsageProblem('standard input is not a JSON object', hint)
}
